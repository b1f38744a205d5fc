#include "projections/unit_chunk.h"
#include "schemas/envelope_generated.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {

TEST_CASE("the history's running balances are those of the account after each movement") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.allocate("a", 100);
  const EntityRef hold = fixture.book.reserve("a", 30);
  fixture.book.issue_credit("a", 5);  // No movement of units: its version is skipped.
  fixture.book.capture("a", hold, 20);
  fixture.book.deduct("a", 7);
  fixture.book.allocate("a", 9, "tokens");
  const auto page = fixture.views().units().history("default", "a", "credits", {});
  const std::vector<UnitLine> expected{{6, 6, 73, 0}, {5, 5, 80, 0}, {3, 3, 70, 30}, {2, 2, 100, 0}};
  CHECK(page.data == expected);
  CHECK_FALSE(page.has_more);
  const auto totals = fixture.views().units().totals("default", "a", "credits");
  REQUIRE(totals);
  CHECK(totals->available == 73);
  CHECK(totals->reserved == 0);
  CHECK(totals->movements == 4);
  CHECK(totals->version == 6);
  CHECK(totals->position == 6);
  CHECK(totals->of(UnitMovementType::deduct).count == 1);
  CHECK(totals->of(UnitMovementType::deduct).amount == -7);
  CHECK(totals->of(UnitMovementType::capture).reserved_amount == -30);
}

TEST_CASE("every unit that an account ever had is listed") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("ab");
  fixture.book.allocate("a", 1, "tokens");
  fixture.book.allocate("a", 2, "credits");
  fixture.book.allocate("ab", 3, "minutes");
  for (int i = 0; i < 100; ++i) fixture.book.allocate("a", 1, "sms");
  const auto units = fixture.views().units().units("default", "a");
  REQUIRE(units.size() == 3);
  CHECK(units[0].unit == "sms");
  CHECK(units[0].available == 100);
  CHECK(units[1].unit == "tokens");
  CHECK(units[2].unit == "credits");
  CHECK(fixture.views().units().units("default", "b").empty());
  CHECK_FALSE(fixture.views().units().totals("default", "a", "token"));
}

TEST_CASE("the history is paged newest first, whichever way, over full chunks and the one being filled") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  for (const std::size_t movements : {1UL, unit_movements_per_chunk, 3 * unit_movements_per_chunk + 5}) {
    const std::string unit = "u" + std::to_string(movements);
    fixture.book.hold();
    std::vector<std::uint64_t> expected;
    for (std::size_t i = 0; i < movements; ++i) {
      fixture.book.allocate("a", 3, unit);
      expected.insert(expected.begin(), fixture.book.state("a").version);
      if (i % 3 == 0) fixture.book.issue_credit("a", 1);
    }
    fixture.book.commit();
    for (const std::size_t limit : {1U, 10U, 32U, 200U}) {
      check_walks<std::uint64_t>(
          expected, limit,
          [&](const auto& request) { return fixture.views().units().history("default", "a", unit, request); },
          [](const UnitLine& line) { return line.version; });
    }
  }
}

TEST_CASE("a cursor that is no movement of the unit is said to be unknown") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.allocate("a", 3);
  const auto page = [&](std::uint64_t cursor) {
    return fixture.views().units().history("default", "a", "credits",
                                           {.limit = 5, .starting_after = cursor, .ending_before = {}});
  };
  CHECK(page(2).cursor_found);
  CHECK_FALSE(page(1).cursor_found);
  CHECK_FALSE(page(3).cursor_found);
}

TEST_CASE("what an event changes is what the domain's movement says") {
  ViewsFixture fixture;
  std::mt19937_64 random(3);
  fixture.book.random_commands(random, 1'000, 6);
  std::size_t movements = 0;
  for (const char* book : {"default", "second"}) {
    fixture.book.scan(book, [&](const schema::Envelope& envelope) {
      const auto movement = unit_movement(envelope);
      const auto change = unit_change(envelope);
      REQUIRE(movement.has_value() == change.has_value());
      if (!movement) return false;
      ++movements;
      CHECK(movement->type == change->type);
      CHECK(movement->unit == change->unit);
      CHECK(movement->amount == change->amount);
      CHECK(movement->reserved_amount == change->reserved_amount);
      return false;
    });
  }
  CHECK(movements > 200);
}

TEST_CASE("the view's balances are the account's wallets after any commands") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  fixture.book.random_commands(random, 2'000, 6);
  const auto units = fixture.views().units();
  for (const char* account : {"a1", "a2", "a4"}) {
    for (const auto& [asset, wallet] : fixture.book.state(account).wallets()) {
      if (asset.is_money) continue;
      const auto totals = units.totals("default", account, asset.code);
      REQUIRE(totals);
      CHECK(totals->available == wallet.available);
      CHECK(totals->reserved == wallet.reserved);
    }
  }
}

}  // namespace daybook::test
