// The log over the simulated disk: the same rows (eventstore/log_row.h) and the same promises as the one over RocksDB,
// which one conformance suite asks of both. A group is one record of one file, written and synced before append
// returns; what a crash tore is cut off when the log is opened.
//
//   record := checksum:u64 row_entry...        a write of the file; one that is torn does not have its checksum
//   row_entry := key:byte[10] size:u32 row     key and row as in log.h
#pragma once

#include "eventstore/log.h"
#include "tests/simulation/simulated_disk.h"

namespace daybook::test {

/// Opens the log that the disk holds under options.directory; a new one if there is none. Ignores what is RocksDB's of
/// the options. The disk must outlive it. Throws as EventLog::open.
std::unique_ptr<EventLog> open_simulated_log(SimulatedDisk& disk, const EventLog::Options& options);

}  // namespace daybook::test
