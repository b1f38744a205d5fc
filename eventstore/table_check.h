// Whether every byte of a database's table files is what was written, also beside the process that writes the database
// and deletes files whose content it has merged into others. (RocksDB's own check fails when a file goes.)
#pragma once

#include <filesystem>

namespace rocksdb {
struct Options;
}

namespace daybook {

/// Reads every table file as of now, and compares it with the checksum that was kept when it was written. A file that
/// goes meanwhile is passed over, for those that have taken its content. Throws CorruptLog that names the file,
/// StorageFault.
void check_tables(const rocksdb::Options& options, const std::filesystem::path& directory);

}  // namespace daybook
