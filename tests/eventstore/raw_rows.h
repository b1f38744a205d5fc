// A closed row store as RocksDB has it, checksums included: for damage that no checksum of a file shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace rocksdb {
class DB;
}

namespace daybook::test {

class RawRows {
 public:
  explicit RawRows(const std::filesystem::path& folder);
  ~RawRows();
  RawRows(const RawRows&) = delete;
  RawRows& operator=(const RawRows&) = delete;

  std::vector<std::pair<std::string, std::string>> all() const;
  void put(const std::string& key, const std::string& stored);

 private:
  std::unique_ptr<rocksdb::DB> rows_;
};

/// The bytes with one bit flipped, or cut short.
std::string damaged(std::string bytes, std::mt19937_64& random);

}  // namespace daybook::test
