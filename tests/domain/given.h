// Given events, when a command, then events or a rejection: one account and one book folded in memory from the bytes
// that a decision packs to.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "domain/deciders/decision.h"
#include "domain/evolve.h"

namespace daybook::test {

class Given {
 public:
  /// An open account in USD.
  Given();

  /// Decides and, if accepted, folds the events.
  Decision when(const Command& command);
  /// when() that must be accepted.
  EntityRef accept(const Command& command);
  RejectionCode refused(const Command& command);
  /// Runs what is due up to now.
  void run_due();
  /// The test clock, which is advancing, has come to where it was sent.
  void arrive(EntityRef test_clock);
  /// What the account's next decision gets.
  DecisionContext context() const { return context_for(false); }
  void pass_seconds(std::int64_t seconds) { now = Instant{micros(now) + seconds * micros_per_second}; }

  std::int64_t available(const std::string& unit = "credits") const { return account.wallet({unit, false}).available; }
  std::int64_t reserved(const std::string& unit = "credits") const { return account.wallet({unit, false}).reserved; }
  std::int64_t money() const { return account.wallet({"USD", true}).available; }

  AccountState account;
  BookState book;
  Instant now{1'800'000'000'000'000};
  Role role = Role::billing_admin;
  bool is_test_book = true;
  const TimeZones* zones = nullptr;    ///< Null: every zone is UTC.
  std::vector<std::uint8_t> types;     ///< Of every event folded, in order.
  std::vector<std::string> envelopes;  ///< Their bytes.

 private:
  DecisionContext context_for(bool on_book) const;
  void fold(const std::vector<PendingEvent>& events, bool on_book);
};

AllocateUnitCredits allocate(std::int64_t amount, UnitSource source = UnitSource::promotion,
                             std::optional<Instant> expires_at = {}, std::optional<std::int32_t> priority = {});
DeductUnitCredits deduct(std::int64_t amount);
ReserveUnitCredits reserve(std::int64_t amount, std::int64_t ttl_seconds = 600);
CaptureReservation capture(EntityRef hold, std::optional<std::int64_t> amount = {});
ReleaseReservation release(EntityRef hold);
IssueCredit issue(std::int64_t amount, CreditType type = CreditType::goodwill, std::optional<Instant> expires_at = {});
ConsumeCredit consume(EntityRef credit, std::int64_t amount);

}  // namespace daybook::test
