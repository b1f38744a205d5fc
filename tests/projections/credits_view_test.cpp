#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

std::vector<EntityRef> ids(const Page<CreditRow>& page) {
  std::vector<EntityRef> all;
  for (const CreditRow& row : page.data) all.push_back(row.grant.id);
  return all;
}

std::vector<EntityRef> list_credits(Projections& views, const CreditFilter& filter) {
  return ids(views.credits().list("default", filter, {.limit = 200, .starting_after = {}, .ending_before = {}}));
}

}  // namespace

TEST_CASE("a credit's row is what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  for (int round = 0; round < 30; ++round) {
    fixture.book.random_commands(random, 20, 4);
    const auto credits = fixture.views().credits();
    for (const char* account : {"a1", "a2", "second/a0", "second/a3"}) {
      for (const auto& [id, grant] : fixture.book.state(account).grants()) {
        if (!grant.asset.is_money) continue;
        const auto row = credits.find(account[0] == 's' ? "second" : "default", id);
        REQUIRE(row);
        CHECK(encode_row(row->grant) == encode_row(grant));
      }
    }
  }
}

TEST_CASE("a credit knows its account, its stream and the event that issued it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 500);
  const auto row = fixture.views().credits().find("default", credit);
  REQUIRE(row);
  CHECK(row->account_id == "a");
  CHECK(row->stream == "default/a");
  CHECK(row->issued_at == LogPosition{0, 2});
  CHECK_FALSE(fixture.views().credits().find("other", credit));
  CHECK_FALSE(fixture.views().credits().find("default", EntityRef{1, 3, 0, 0}));
  CHECK_FALSE(fixture.views().credits().find("default", EntityRef{9, 2, 0, 0}));
}

TEST_CASE("a credit moves from list to list with its status and stays there when it has ended") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 10, CreditType::refund);
  const auto of_status = [](GrantStatus status) {
    CreditFilter filter;
    filter.status = status;
    return filter;
  };
  const std::vector<EntityRef> one{credit}, none;
  CHECK(list_credits(fixture.views(), of_status(GrantStatus::available)) == one);
  fixture.book.consume(credit, 4);
  CHECK(list_credits(fixture.views(), of_status(GrantStatus::available)) == none);
  CHECK(list_credits(fixture.views(), of_status(GrantStatus::partially_applied)) == one);
  fixture.book.consume(credit, 6);
  CHECK(list_credits(fixture.views(), of_status(GrantStatus::partially_applied)) == none);
  CHECK(list_credits(fixture.views(), of_status(GrantStatus::consumed)) == one);
  CHECK(list_credits(fixture.views(), {}) == one);
}

TEST_CASE("credits are listed newest first by every combination of filters, whichever way one pages") {
  ViewsFixture fixture;
  std::mt19937_64 random(5);
  fixture.book.random_commands(random, 3'000, 12);
  auto& views = fixture.views();
  std::vector<CreditRow> all;
  views.credits().for_each("default", [&](const CreditRow& row) {
    all.push_back(row);
    return true;
  });
  REQUIRE(all.size() > 100);
  std::sort(all.begin(), all.end(), [](const CreditRow& a, const CreditRow& b) { return b.issued_at < a.issued_at; });

  std::vector<CreditFilter> filters(6);
  filters[1].status = GrantStatus::consumed;
  filters[2].type = CreditType::dispute;
  filters[3].status = GrantStatus::available;
  filters[3].type = CreditType::goodwill;
  filters[4].account_id = "a1";
  filters[5].account_id = "a1";
  filters[5].status = GrantStatus::consumed;
  for (const CreditFilter& filter : filters) {
    std::vector<EntityRef> expected;
    for (const CreditRow& row : all) {
      if (filter.account_id.value_or(row.account_id) != row.account_id) continue;
      if (filter.status.value_or(row.grant.status) != row.grant.status) continue;
      if (filter.type && static_cast<std::uint8_t>(*filter.type) != row.grant.type) continue;
      expected.push_back(row.grant.id);
    }
    REQUIRE(!expected.empty());
    for (const std::size_t limit : {1U, 7U, 200U}) {
      check_walks<EntityRef>(
          expected, limit, [&](const auto& request) { return views.credits().list("default", filter, request); },
          [](const CreditRow& row) { return row.grant.id; });
    }
  }
}

TEST_CASE("a cursor that names no credit of the list is said to be unknown") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("b");
  const EntityRef credit = fixture.book.issue_credit("b", 10);
  CreditFilter of_a;
  of_a.account_id = "a";
  const PageRequest<EntityRef> after_b{.limit = 5, .starting_after = credit, .ending_before = {}};
  CHECK_FALSE(fixture.views().credits().list("default", of_a, after_b).cursor_found);
  CHECK_FALSE(fixture.views().credits().list("other", {}, after_b).cursor_found);
  CHECK(fixture.views().credits().list("default", {}, after_b).cursor_found);
}

}  // namespace daybook::test
