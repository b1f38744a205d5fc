// A row store over the simulated disk, with the promises of the one over RocksDB (eventstore/row_store.h), which one
// conformance suite asks of both: a batch is there whole or not at all, and what a crash leaves is a prefix of them.
#pragma once

#include "eventstore/row_store.h"
#include "tests/simulation/simulated_disk.h"

namespace daybook::test {

/// Opens the table that the disk holds under options.directory; a new one if there is none. The disk must outlive it.
/// Makes the directory, empty, for those who look there which stores exist; where it is gone, so is the table.
std::unique_ptr<RowStore> open_simulated_rows(SimulatedDisk& disk, const RowStore::Options& options);

}  // namespace daybook::test
