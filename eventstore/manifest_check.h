// Whether RocksDB's MANIFEST is whole. RocksDB itself takes a damaged length near its end for an append that a crash
// has cut off, and leaves out what follows without a word; a secondary instance of 7.8.3 then reads it for ever.
#pragma once

#include <filesystem>

namespace daybook {

/// Reads the MANIFEST that CURRENT names, record by record. Throws CorruptLog naming file and byte if a record's
/// checksum is wrong, or if the file does not end where a record ends. May run beside the process that appends to it.
void check_manifest(const std::filesystem::path& directory);

}  // namespace daybook
