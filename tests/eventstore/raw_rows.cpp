#include "tests/eventstore/raw_rows.h"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

namespace daybook::test {

RawRows::RawRows(const std::filesystem::path& folder) {
  rocksdb::DB* opened = nullptr;
  rocksdb::Options options;
  options.create_if_missing = true;
  REQUIRE(rocksdb::DB::Open(options, folder.string(), &opened).ok());
  rows_.reset(opened);
}

RawRows::~RawRows() = default;

std::vector<std::pair<std::string, std::string>> RawRows::all() const {
  std::vector<std::pair<std::string, std::string>> all;
  const std::unique_ptr<rocksdb::Iterator> row(rows_->NewIterator(rocksdb::ReadOptions()));
  for (row->SeekToFirst(); row->Valid(); row->Next()) all.emplace_back(row->key().ToString(), row->value().ToString());
  REQUIRE(row->status().ok());
  return all;
}

void RawRows::put(const std::string& key, const std::string& stored) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  REQUIRE(rows_->Put(options, key, stored).ok());
  REQUIRE(rows_->Flush(rocksdb::FlushOptions()).ok());
}

std::string damaged(std::string bytes, std::mt19937_64& random) {
  if (random() % 4 == 0) {
    bytes.resize(random() % bytes.size());
  } else {
    const std::size_t bit = random() % (bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
  return bytes;
}

}  // namespace daybook::test
