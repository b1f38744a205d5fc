// A real log in a temporary directory, with commands of one to several events over all topics. The same seed gives the
// same bytes at the same positions, so that a log which lost its end is one with the same seed and fewer commands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "connectors/kafka_format.h"
#include "eventstore/log.h"
#include "projections/event_json.h"

namespace daybook::test {

class TestLog {
 public:
  /// In a directory of its own, deleted at the end.
  explicit TestLog(std::uint64_t seed = 1, ShardNumber shards = 1);
  /// In `directory`, which stays; goes on with what is there.
  TestLog(std::uint64_t seed, std::filesystem::path directory);
  ~TestLog();

  EventLog& log() { return *log_; }
  const std::filesystem::path& directory() const { return directory_; }
  /// Appends that many commands, a few in each group. Returns the head.
  Position append(int commands, ShardNumber shard = 0);

 private:
  bool temporary_;
  std::filesystem::path directory_;
  std::uint64_t seed_;
  std::unique_ptr<EventLog> log_;
};

/// The format that the product uses.
EventFormat event_format(const std::string& log_id);
std::vector<std::string> all_topics();

}  // namespace daybook::test
