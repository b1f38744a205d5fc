// A real engine on a real directory with a clock that tests move, and verbs for what callers do.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>

#include "domain/currency.h"
#include "engine/engine.h"
#include "engine/index_check.h"
#include "engine/keyring.h"

namespace daybook::test {

class TurnedClock final : public Clock {
 public:
  Instant now() override { return Instant{now_us_.load()}; }
  void advance_seconds(std::int64_t seconds) { now_us_ += seconds * micros_per_second; }

 private:
  std::atomic<std::int64_t> now_us_{1'800'000'000'000'000};  // 2027-01-15T08:00:00Z
};

class EngineFixture {
 public:
  explicit EngineFixture(ShardNumber shards = 1, rocksdb::Env* env = nullptr);
  ~EngineFixture();

  void open();
  void close() { engine_.reset(); }
  void reopen();
  /// What it is opened with; a change counts from the next open.
  Engine::Options& options() { return options_; }
  /// Deletes views/ while closed.
  void reopen_without_views();
  Engine& engine() { return *engine_; }
  TurnedClock& clock() { return clock_; }
  const std::filesystem::path& data() const { return data_; }

  Answer run(Command command, std::string key = {}, std::string fingerprint = "f");
  Answer run(Work work);
  std::future<Answer> start(Work work);
  Work work(Command command, std::string key = {}, std::string fingerprint = "f") const;

  void open_account(const std::string& id);
  EntityRef issue(const std::string& account, std::int64_t amount, std::optional<Instant> expires_at = {});
  Answer allocate(const std::string& account, std::int64_t amount, UnitSource source = UnitSource::promotion,
                  std::optional<Instant> expires_at = {});
  Answer deduct(const std::string& account, std::int64_t amount, std::string key = {});
  Answer reserve(const std::string& account, std::int64_t amount, std::int64_t ttl_seconds = 600);
  /// The account's state as the engine has it, after due work; copied.
  AccountState state(const std::string& account);
  Position head();
  /// Closes; what the check of shard 0's index finds.
  IndexCheck check_closed_index();
  /// Likewise, where it is to find nothing.
  IndexCheck sound_closed_index();

  std::string book = "default";

 private:
  std::filesystem::path data_;
  TurnedClock clock_;
  Engine::Options options_;
  std::unique_ptr<Engine> engine_;
};

template <class T>
const T& shown(const Answer& answer) {
  REQUIRE(answer.accepted());
  REQUIRE(std::holds_alternative<T>(answer.shown));
  return std::get<T>(answer.shown);
}

}  // namespace daybook::test
