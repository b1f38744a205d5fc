#include "eventstore/table_check.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "eventstore/fault.h"
#include "eventstore/rocks_open.h"

namespace daybook {
namespace {

constexpr std::size_t read_bytes = 1 << 20;

/// The file's checksum; empty if it is not there any more.
std::string checksum_of(rocksdb::Env& env, const std::string& path, const std::string& function) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  const auto opened = env.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (!opened.ok() && env.FileExists(path).IsNotFound()) return {};
  require_ok(opened, "checking " + path);
  const auto generator = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({path, function});
  std::string buffer(read_bytes, '\0');
  rocksdb::Slice bytes;
  do {
    require_ok(file->Read(read_bytes, &bytes, buffer.data()), "checking " + path);
    generator->Update(bytes.data(), bytes.size());
  } while (!bytes.empty());
  generator->Finalize();
  return generator->GetChecksum();
}

/// What is known of the tables, by name. A table never changes, and no other one ever has its name.
struct SeenTables {
  std::set<std::string> checked, gone;
};

/// Checks those that were not checked before. False: some of them have gone meanwhile.
bool check_new_tables(const rocksdb::Options& options, const std::filesystem::path& directory, SeenTables& seen) {
  const OpenedRocks opened = open_rocks(options, directory, true);
  std::vector<rocksdb::LiveFileMetaData> tables;
  opened.db->GetLiveFilesMetaData(&tables);
  bool all_there = true;
  for (const rocksdb::LiveFileMetaData& table : tables) {
    if (seen.checked.contains(table.name) || table.file_checksum == rocksdb::kUnknownFileChecksum) continue;
    const std::string path = directory.string() + table.name;  // It begins with a slash.
    const std::string found = checksum_of(*options.env, path, table.file_checksum_func_name);
    if (found.empty()) {
      // Who deletes one has said in the manifest before that it does not belong to the database any more.
      if (!seen.gone.insert(table.name).second) {
        throw CorruptLog(0, 0, fmt::format("checking the files of {}: {} is missing", directory.string(), path));
      }
      all_there = false;
      continue;
    }
    if (found != table.file_checksum) {
      throw CorruptLog(0, 0,
                       fmt::format("checking the files of {}: {} is not what was written", directory.string(), path));
    }
    seen.checked.insert(table.name);
  }
  return all_there;
}

}  // namespace

void check_tables(const rocksdb::Options& options, const std::filesystem::path& directory) {
  SeenTables seen;
  while (!check_new_tables(options, directory, seen)) {
  }
}

}  // namespace daybook
