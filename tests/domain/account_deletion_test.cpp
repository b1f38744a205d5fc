// Deletion: scheduled, restored, purged when its window has ended, and what a legal hold keeps.
#include "domain/state_codec.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::int64_t day_seconds = 24 * 3600;

template <class T>
T about() {
  T command;
  command.account_id = "acme";
  return command;
}

AccountStatus status_of(const Given& given) {
  return given.account.details.status;
}

std::uint8_t last_type(const Given& given) {
  return given.types.back();
}

}  // namespace

TEST_CASE("ACC-14: a deletion is scheduled for 30 days later, once") {
  Given given;
  given.accept(about<ScheduleAccountDeletion>());
  CHECK(status_of(given) == AccountStatus::deletion_scheduled);
  CHECK(micros(given.account.details.purge_at) == micros(given.now) + soft_delete_window_us);
  CHECK(given.account.next_due() == given.account.details.purge_at);
  const std::size_t events = given.types.size();
  given.pass_seconds(day_seconds);
  CHECK(given.when(about<ScheduleAccountDeletion>()).events.empty());
  CHECK(given.types.size() == events);
}

TEST_CASE("ACC-14: inside the window the account is restored, and nothing is due any more") {
  Given given;
  given.accept(about<ScheduleAccountDeletion>());
  given.accept(about<RestoreAccount>());
  CHECK(status_of(given) == AccountStatus::active);
  CHECK(given.account.details.purge_at == never);
  CHECK(given.account.next_due() == never);
  CHECK(given.refused(about<RestoreAccount>()) == RejectionCode::invalid_transition);
  given.accept(allocate(5));
}

TEST_CASE("RET-02: present on day 29, purged on day 30, by the passage of time") {
  Given given;
  given.accept(about<ScheduleAccountDeletion>());
  given.pass_seconds(30 * day_seconds - 1);
  given.run_due();
  CHECK(status_of(given) == AccountStatus::deletion_scheduled);
  given.pass_seconds(1);
  given.run_due();
  CHECK(status_of(given) == AccountStatus::deleted);
  CHECK(last_type(given) == static_cast<std::uint8_t>(schema::Event::AccountPurged));
  CHECK(schema::GetEnvelope(given.envelopes.back().data())->event_as_AccountPurged()->was_due());
  CHECK(given.account.next_due() == never);
}

TEST_CASE("a deleted account takes nothing but what brings it back or ends it") {
  Given given;
  given.accept(allocate(10));
  const EntityRef credit = given.accept(issue(100));
  given.accept(about<ScheduleAccountDeletion>());
  CHECK(given.refused(allocate(1)) == RejectionCode::account_deleted);
  CHECK(given.refused(deduct(1)) == RejectionCode::account_deleted);
  CHECK(given.refused(consume(credit, 1)) == RejectionCode::account_deleted);
  CHECK(given.refused(about<UpdateAccount>()) == RejectionCode::account_deleted);
  given.accept(about<PurgeAccount>());
  CHECK_FALSE(schema::GetEnvelope(given.envelopes.back().data())->event_as_AccountPurged()->was_due());
  CHECK(given.refused(about<RestoreAccount>()) == RejectionCode::account_deleted);
  CHECK(given.refused(about<ScheduleAccountDeletion>()) == RejectionCode::account_deleted);
  CHECK(given.refused(about<PlaceLegalHold>()) == RejectionCode::account_deleted);
  CHECK(given.available() == 10);
  CHECK(given.money() == 100);
}

TEST_CASE("only an account whose deletion is scheduled is purged") {
  Given given;
  CHECK(given.refused(about<PurgeAccount>()) == RejectionCode::invalid_transition);
}

TEST_CASE("RET-04: a legal hold keeps an account from being purged, whoever asks and however late it is") {
  Given given;
  given.accept(about<PlaceLegalHold>());
  CHECK(given.when(about<PlaceLegalHold>()).events.empty());
  given.accept(about<ScheduleAccountDeletion>());
  CHECK(given.refused(about<PurgeAccount>()) == RejectionCode::purge_blocked);
  CHECK(given.account.next_due() == never);
  given.pass_seconds(100 * day_seconds);
  given.run_due();
  CHECK(status_of(given) == AccountStatus::deletion_scheduled);
  given.accept(about<ReleaseLegalHold>());
  CHECK(given.when(about<ReleaseLegalHold>()).events.empty());
  given.run_due();
  CHECK(status_of(given) == AccountStatus::deleted);
}

TEST_CASE("a hold placed while the deletion is scheduled takes the purge off the agenda") {
  Given given;
  given.accept(about<ScheduleAccountDeletion>());
  given.accept(about<PlaceLegalHold>());
  CHECK(given.account.next_due() == never);
  given.accept(about<ReleaseLegalHold>());
  CHECK(given.account.next_due() == given.account.details.purge_at);
}

TEST_CASE("the purge that is due survives in the state's row") {
  Given given;
  given.accept(about<ScheduleAccountDeletion>());
  const auto stored = decode_account(encode_state(given.account));
  REQUIRE(stored);
  CHECK(stored->next_due() == given.account.next_due());
  CHECK(encode_state(*stored) == encode_state(given.account));
}
