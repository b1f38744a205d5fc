// Unit credits: the draw-down order, holds, expiry, and that no path takes a balance below zero.
#include <random>

#include "domain/state_codec.h"
#include "domain/unit_movement.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

Instant in(const Given& given, std::int64_t seconds) {
  return Instant{micros(given.now) + seconds * micros_per_second};
}

std::int64_t free_of(const Given& given, EntityRef grant) {
  const Grant* found = given.account.find_grant(grant);
  return found == nullptr ? -1 : found->free();
}

}  // namespace

TEST_CASE("G01: the lower priority number goes first") {
  Given given;
  const EntityRef b = given.accept(allocate(100, UnitSource::promotion, {}, 2));
  const EntityRef a = given.accept(allocate(100, UnitSource::promotion, {}, 1));
  given.accept(deduct(120));
  CHECK(free_of(given, a) == 0);
  CHECK(free_of(given, b) == 80);
}

TEST_CASE("G02, G07: then the earlier expiry, none last, promotional before purchased, then log order") {
  Given given;
  const EntityRef pack = given.accept(allocate(10, UnitSource::pack));
  const EntityRef first_gift = given.accept(allocate(10, UnitSource::promotion));
  const EntityRef second_gift = given.accept(allocate(10, UnitSource::promotion));
  const EntityRef late = given.accept(allocate(10, UnitSource::pack, in(given, 200)));
  const EntityRef soon = given.accept(allocate(10, UnitSource::pack, in(given, 100)));
  std::vector<EntityRef> order;
  for (int i = 0; i < 5; ++i) {
    const Decision decision = given.when(deduct(10));
    REQUIRE(decision.accepted());
    for (const EntityRef grant : {pack, first_gift, second_gift, late, soon}) {
      if (free_of(given, grant) == 0 && std::find(order.begin(), order.end(), grant) == order.end()) {
        order.push_back(grant);
      }
    }
  }
  CHECK(order == std::vector<EntityRef>{soon, late, first_gift, second_gift, pack});
}

TEST_CASE("UNI-07: cycle units go before packs: 110 of 100 and 50 leaves 0 and 40") {
  Given given;
  const EntityRef pack = given.accept(allocate(50, UnitSource::pack, in(given, 10)));
  const EntityRef cycle = given.accept(allocate(100, UnitSource::cycle));
  given.accept(deduct(110));
  CHECK(free_of(given, cycle) == 0);
  CHECK(free_of(given, pack) == 40);
  CHECK(given.account.wallet({"credits", false}).cycle_granted == 0);
}

TEST_CASE("G03: of a hundred thousand grants only the one that expires first is touched") {
  Given given;
  const int count = 100'000;
  EntityRef early;
  for (int i = 0; i < count; ++i) {
    const EntityRef id = given.accept(allocate(100, UnitSource::pack, in(given, i == count / 2 ? 86'400 : 172'800)));
    if (i == count / 2) early = id;
  }
  given.accept(deduct(99));
  CHECK(free_of(given, early) == 1);
  CHECK(given.available() == 100 * count - 99);
}

TEST_CASE("UNI-02, UNI-05: more than is available is refused with both numbers and changes nothing") {
  Given given;
  given.accept(allocate(5));
  const Decision decision = given.when(deduct(6));
  CHECK(decision.rejection.code == RejectionCode::insufficient_credits);
  CHECK(std::get<std::int64_t>(decision.rejection.details.at(1).value) == 5);
  CHECK(std::get<std::int64_t>(decision.rejection.details.at(2).value) == 6);
  CHECK(given.available() == 5);
  given.accept(deduct(5));
  CHECK(given.refused(deduct(1)) == RejectionCode::insufficient_credits);
}

TEST_CASE("amounts that are no amounts are refused") {
  Given given;
  given.accept(allocate(10));
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}}) {
    CHECK(given.refused(allocate(amount)) == RejectionCode::validation_failed);
    CHECK(given.refused(deduct(amount)) == RejectionCode::validation_failed);
    CHECK(given.refused(reserve(amount)) == RejectionCode::validation_failed);
  }
  CHECK(given.refused(allocate(amount_max + 1)) == RejectionCode::amount_out_of_range);
  CHECK(given.refused(deduct(amount_max + 1)) == RejectionCode::amount_out_of_range);
  CHECK(given.refused(allocate(amount_max)) == RejectionCode::amount_out_of_range);  // with the 10 that are there
  CHECK(given.refused(allocate(5, UnitSource::pack, given.now)) == RejectionCode::validation_failed);
  CHECK(given.refused(reserve(1, 0)) == RejectionCode::validation_failed);
  CHECK(given.refused(reserve(1, hold_ttl_seconds_max + 1)) == RejectionCode::validation_failed);
  given.accept(reserve(1, hold_ttl_seconds_max));
}

TEST_CASE("UNI-03: a hold is captured in part, the rest is back, and it ends once") {
  Given given;
  given.accept(allocate(10));
  const EntityRef hold = given.accept(reserve(10));
  CHECK(given.available() == 0);
  CHECK(given.reserved() == 10);
  CHECK(given.refused(deduct(1)) == RejectionCode::insufficient_credits);
  given.accept(capture(hold, 7));
  CHECK(given.available() == 3);
  CHECK(given.reserved() == 0);
  CHECK(given.refused(capture(hold, 1)) == RejectionCode::invalid_transition);
  CHECK(given.refused(release(hold)) == RejectionCode::invalid_transition);
  CHECK(given.account.find_hold(hold)->status == HoldStatus::captured);
  const EntityRef other = given.accept(reserve(3));
  CHECK(given.refused(capture(other, 4)) == RejectionCode::validation_failed);
  CHECK(given.refused(capture(other, 0)) == RejectionCode::validation_failed);
  given.accept(release(other));
  CHECK(given.available() == 3);
}

TEST_CASE("UNI-04, K21: a hold that nobody ends expires once and gives everything back") {
  Given given;
  given.accept(allocate(10));
  const EntityRef hold = given.accept(reserve(4, 60));
  given.pass_seconds(59);
  given.run_due();
  CHECK(given.available() == 6);
  given.pass_seconds(1);
  given.run_due();
  CHECK(given.available() == 10);
  CHECK(given.account.find_hold(hold)->status == HoldStatus::expired);
  CHECK(given.refused(capture(hold)) == RejectionCode::invalid_transition);
  const std::size_t events = given.types.size();
  given.pass_seconds(1'000);
  given.run_due();
  CHECK(given.types.size() == events);
}

TEST_CASE("units that are held outlive their grant's expiry, and what comes back expires at once") {
  Given given;
  const EntityRef grant = given.accept(allocate(10, UnitSource::pack, in(given, 100)));
  const EntityRef hold = given.accept(reserve(6, 1'000));
  given.pass_seconds(100);
  given.run_due();
  CHECK(given.available() == 0);
  CHECK(given.reserved() == 6);
  CHECK(given.account.find_grant(grant)->is_open());
  given.accept(capture(hold, 2));
  CHECK(given.available() == 0);
  CHECK(given.account.find_grant(grant)->status == GrantStatus::expired);
  CHECK(given.account.wallet({"credits", false}).consumed == 2);
  CHECK(given.account.wallet({"credits", false}).expired == 8);
}

TEST_CASE("UNI-08: an adjustment goes up or down, never below zero, and needs an amount") {
  Given given;
  AdjustUnitCredits adjust;
  adjust.account_id = "acme";
  adjust.amount = 20;
  given.accept(adjust);
  adjust.amount = -15;
  given.accept(adjust);
  CHECK(given.available() == 5);
  adjust.amount = -6;
  CHECK(given.refused(adjust) == RejectionCode::insufficient_credits);
  adjust.amount = 0;
  CHECK(given.refused(adjust) == RejectionCode::validation_failed);
  for (const std::int64_t beyond : {amount_max + 1, -amount_max - 1, amount_max - 4}) {  // the last with the 5
    adjust.amount = beyond;
    CHECK(given.refused(adjust) == RejectionCode::amount_out_of_range);
  }
  adjust.amount = amount_max - 5;
  given.accept(adjust);
  CHECK(given.available() == amount_max);
}

TEST_CASE("UNI-17: units of different kinds do not mix") {
  Given given;
  AllocateUnitCredits minutes = allocate(10);
  minutes.unit = "minutes";
  given.accept(minutes);
  given.accept(allocate(5));
  given.accept(deduct(5));
  CHECK(given.available("minutes") == 10);
  CHECK(given.refused(deduct(1)) == RejectionCode::insufficient_credits);
}

TEST_CASE("a command on an account that is not there is refused") {
  AccountState nobody;
  CHECK(decide(nobody, Command(deduct(1)), {}).rejection.code == RejectionCode::not_found);
}

TEST_CASE("UNI: after random commands sums hold, histories add up, and a stored row folds on alike") {
  always("a wallet is what its grants and its history add up to, live and stored", [] {
    std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
    Given given;
    std::vector<EntityRef> holds;
    for (int step = 0; step < 60; ++step) {
      const auto amount = static_cast<std::int64_t>(random() % 50);
      switch (random() % 7) {
        case 0: {
          const auto source = static_cast<UnitSource>(1 + random() % 3);
          given.when(
              allocate(amount, source, random() % 2 ? std::optional(in(given, 1 + random() % 50)) : std::nullopt));
          break;
        }
        case 1:
        case 2:
          given.when(deduct(amount));
          break;
        case 3: {
          const Decision decision = given.when(reserve(amount, 1 + random() % 40));
          if (decision.accepted()) holds.push_back(decision.subject.id);
          break;
        }
        case 4:
          if (!holds.empty()) given.when(capture(holds[random() % holds.size()], 1 + amount));
          break;
        case 5:
          if (!holds.empty()) given.when(release(holds[random() % holds.size()]));
          break;
        default:
          given.pass_seconds(random() % 20);
          given.run_due();
          break;
      }
      const Wallet wallet = given.account.wallet({"credits", false});
      RC_ASSERT(wallet.available >= 0);
      RC_ASSERT(wallet.granted == wallet.available + wallet.reserved + wallet.consumed + wallet.expired);
      std::int64_t free = 0;
      for (const auto& [id, grant] : given.account.grants()) free += grant.is_open() ? grant.free() : 0;
      RC_ASSERT(free == wallet.available);
      if (random() % 10 != 0) continue;
      AccountState ended = given.account;
      const AccountState::Ended rows = ended.take_ended();
      for (const Grant& grant : rows.grants) RC_ASSERT((decode_grant(encode_row(grant)) == grant));
      for (const Hold& hold : rows.holds) RC_ASSERT((decode_hold(encode_row(hold)) == hold));
      const auto decoded = decode_account(encode_state(given.account));
      RC_ASSERT(decoded.has_value());
      RC_ASSERT(encode_state(*decoded) == encode_state(given.account));
      RC_ASSERT(decoded->wallets().size() == given.account.wallets().size());
      RC_ASSERT((decoded->wallet({"credits", false}) == wallet));
      RC_ASSERT(decoded->due() == given.account.due());
    }
    std::int64_t available = 0, reserved = 0;
    for (const std::string& bytes : given.envelopes) {
      const auto line = unit_movement(*schema::GetEnvelope(bytes.data()));
      if (!line) continue;
      available += line->amount;
      reserved += line->reserved_amount;
    }
    RC_ASSERT(available == given.available());
    RC_ASSERT(reserved == given.reserved());
  });
}
