// An engine on a disk that fails on demand, and a client that remembers every answer.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"
#include "tests/eventstore/faulty_file_system.h"

namespace daybook::test {

class FaultyLedger : public FaultyFileSystem, public EngineFixture {
 public:
  /// With an account "acme" that has a million units.
  explicit FaultyLedger(ShardNumber shards = 1);
  ~FaultyLedger();

  /// Sends so many deductions of one unit, each with a new key, so that they are one group of the writer. All of them
  /// are accepted, or all are refused with `told`; true if they are accepted.
  bool send_group(std::size_t commands, RejectionCode told = RejectionCode::not_ready);
  /// Repeats what was refused until it is accepted, then checks that everything acknowledged is there once, with the
  /// same answer, that nothing else is, and that the log is sound.
  void settle_and_check();
  /// Power loss: closes, cuts what was not synced, opens again on a disk that works.
  void crash();
  std::size_t refused() const { return refused_.size(); }

 private:
  struct Remembered {
    LogPosition position;
    std::int64_t balance_after = 0;
  };
  void remember(const std::string& key, const Answer& answer);

  std::uint64_t keys_ = 0;
  std::map<std::string, Remembered> acknowledged_;
  std::set<std::string> refused_;
};

/// Waits until the condition holds; fails the test after a minute.
void wait_until(const std::function<bool()>& condition);

}  // namespace daybook::test
