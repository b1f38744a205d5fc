#include "tests/eventstore/log_fixture.h"

#include <rocksdb/db.h>

#include "eventstore/log_row.h"

namespace daybook::test {
namespace {

rocksdb::Slice key_slice(const RowKey& key) {
  return {key.data(), key.size()};
}

}  // namespace

LogFixture::LogFixture() {
  options.directory = folder_.path() / "log";
}

EventLog& LogFixture::open() {
  log_.reset();
  log_ = EventLog::open(options);
  return *log_;
}

EventLog& LogFixture::restart() {
  close();
  return open();
}

Position LogFixture::append(const std::vector<std::string>& envelopes, ShardNumber shard) {
  const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
  const auto first = log().head(shard) + 1;
  log().append(shard, first, views);
  return first;
}

void LogFixture::append_numbered(std::size_t count, std::size_t bytes, ShardNumber shard) {
  std::vector<std::string> envelopes;
  for (std::size_t i = 1; i <= count; ++i) envelopes.push_back(numbered(log().head(shard) + i, bytes));
  append(envelopes, shard);
}

std::string LogFixture::numbered(Position position, std::size_t bytes) {
  auto text = "event " + std::to_string(position) + " ";
  text.resize(std::max(text.size(), bytes), '.');
  return text;
}

std::vector<std::string> LogFixture::read_forward(Position from, ShardNumber shard) {
  std::vector<std::string> envelopes;
  const auto reader = log().read_forward(shard, from);
  for (StoredEvent event; reader->next(event);) envelopes.emplace_back(event.envelope);
  return envelopes;
}

std::vector<std::string> LogFixture::read_backward(Position from, ShardNumber shard) {
  std::vector<std::string> envelopes;
  const auto reader = log().read_backward(shard, from);
  for (StoredEvent event; reader->next(event);) envelopes.emplace_back(event.envelope);
  return envelopes;
}

std::vector<std::pair<Position, std::string>> LogFixture::rows(ShardNumber shard) {
  std::vector<std::pair<Position, std::string>> found;
  log().for_each_row(shard, 1, [&](Position first, std::string_view bytes) {
    found.emplace_back(first, bytes);
    return true;
  });
  return found;
}

void LogFixture::plant_row(ShardNumber shard, Position first, std::string_view bytes) {
  const auto opened = open_rocks(common_rocks_options(nullptr), options.directory, false);
  const auto key = make_row_key(shard, first);
  require_ok(opened.db->Put({}, key_slice(key), {bytes.data(), bytes.size()}), "planting a row");
}

void LogFixture::delete_row(ShardNumber shard, Position first) {
  const auto opened = open_rocks(common_rocks_options(nullptr), options.directory, false);
  require_ok(opened.db->Delete({}, key_slice(make_row_key(shard, first))), "deleting a row");
}

std::string LogFixture::stored_row(ShardNumber shard, Position first) {
  const auto opened = open_rocks(common_rocks_options(nullptr), options.directory, false);
  std::string bytes;
  require_ok(opened.db->Get({}, key_slice(make_row_key(shard, first)), &bytes), "reading a row");
  return bytes;
}

}  // namespace daybook::test
