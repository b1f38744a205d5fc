#include "domain/civil.h"
#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

std::vector<EntityRef> list_subscriptions(Projections& views, const SubscriptionFilter& filter) {
  std::vector<EntityRef> all;
  const PageRequest<EntityRef> request{.limit = 200, .starting_after = {}, .ending_before = {}};
  for (const SubscriptionRow& row : views.subscriptions().list("default", filter, request).data) {
    all.push_back(row.subscription.id);
  }
  return all;
}

SubscriptionFilter of_status(SubscriptionStatus status) {
  SubscriptionFilter filter;
  filter.status = status;
  return filter;
}

}  // namespace

TEST_CASE("a subscription's row is what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  const auto accounts = {"default/a1", "default/a2", "second/a0", "second/a3"};
  for (const char* account : accounts) fixture.book.open_account(account);  // in the currency that the plan has
  std::size_t compared = 0;
  fixture.compare_rounds(random, [&] {
    const auto subscriptions = fixture.views().subscriptions();
    for (const char* account : accounts) {
      for (const auto& [id, subscription] : fixture.book.state(account).subscriptions()) {
        const auto row = subscriptions.find(account[0] == 's' ? "second" : "default", id);
        REQUIRE(row);
        CHECK(encode_row(row->subscription) == encode_row(subscription));
        ++compared;
      }
    }
    return compared > 50;
  });
  CHECK(fixture.views().check_view(ViewName::subscriptions).passed());
  CHECK(fixture.views().reconcile().passed());
}

TEST_CASE("a subscription moves from list to list with its status, and each transition is found in order") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.offer_plan("default");
  const EntityRef id = fixture.book.subscribe("a", 3);
  const std::vector<EntityRef> one{id}, none;
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::trialing)) == one);
  fixture.book.advance(3 * seconds_per_day);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::trialing)) == none);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::active)) == one);
  fixture.book.advance(70 * seconds_per_day);  // renewals are no transitions
  fixture.book.cancel(id, CancellationMode::period_end);
  fixture.book.advance(40 * seconds_per_day);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::active)) == none);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::canceled)) == one);
  CHECK(list_subscriptions(fixture.views(), {}) == one);

  const auto reader = fixture.views().subscriptions();
  const auto row = reader.find("default", id);
  REQUIRE(row);
  CHECK(row->account_id == "a");
  CHECK(row->stream == "default/a");
  using S = SubscriptionStatus;
  const auto whole = reader.history("default", *row, {});
  REQUIRE(whole.data.size() == 4);
  CHECK_FALSE(whole.data[0].from);
  CHECK(whole.data[0].to == S::trialing);
  CHECK((whole.data[1].from == S::trialing && whole.data[1].to == S::active));
  CHECK((whole.data[2].from == S::active && whole.data[2].to == S::active));
  CHECK((whole.data[3].from == S::active && whole.data[3].to == S::canceled));
  PageRequest<Position> request;
  request.limit = 2;
  request.starting_after = whole.data[0].position;
  const auto page = reader.history("default", *row, request);
  REQUIRE(page.data.size() == 2);
  CHECK(page.data[0].position == whole.data[1].position);
  CHECK(page.has_more);
  request.starting_after = whole.data[1].position + 1;  // of its first invoice
  CHECK_FALSE(reader.history("default", *row, request).cursor_found);
}

TEST_CASE("SUB-18: a subscription is found by what a provider calls it, through every change of either") {
  ViewsFixture fixture;
  for (const char* account : {"a", "b"}) fixture.book.open_account(account);
  fixture.book.offer_plan("default");
  const EntityRef first = fixture.book.subscribe("a"), second = fixture.book.subscribe("b");
  const auto named = [&](const std::string& id, const std::optional<std::string>& account = {}) {
    SubscriptionFilter filter;
    filter.provider_subscription_id = id;
    filter.account_id = account;
    return list_subscriptions(fixture.views(), filter);
  };
  const std::vector<EntityRef> none, one{first}, other{second};
  CHECK(named("sub_1") == none);
  fixture.book.mirror(first, "sub_1");
  fixture.book.mirror(second, "sub_2");
  CHECK(named("sub_1") == one);
  CHECK(named("sub_1", "a") == one);
  CHECK(named("sub_1", "b") == none);
  fixture.book.change_quantity(first, 3, ChangeEffect::now, ProrationBehavior::none);
  fixture.book.mirror(first, "sub_1", true);
  CHECK(fixture.views().subscriptions().find("default", first)->subscription.status == SubscriptionStatus::canceled);
  CHECK(named("sub_1") == one);
  fixture.book.mirror(second, "sub_1");
  CHECK(named("sub_2") == none);
  CHECK(named("sub_1").size() == 2);
  CHECK(named("sub_1", "b") == other);
}

TEST_CASE("a change of plan or quantity, now or scheduled, is in the history, and what it prorates is not") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.offer_plan("default");
  const EntityRef id = fixture.book.subscribe("a");
  const auto now = ProrationBehavior::create_prorations;
  fixture.book.advance(10 * seconds_per_day);
  fixture.book.change_plan(id, BillingInterval::year, now);
  fixture.book.change_quantity(id, 3, ChangeEffect::now, ProrationBehavior::next_invoice);
  fixture.book.change_quantity(id, 4, ChangeEffect::period_end, now);
  fixture.book.cancel_scheduled_change(id);
  fixture.book.change_quantity(id, 5, ChangeEffect::period_end, now);
  fixture.book.advance(366 * seconds_per_day);
  const auto reader = fixture.views().subscriptions();
  const auto row = reader.find("default", id);
  REQUIRE(row);
  CHECK(row->subscription.quantity == 5);
  CHECK(reader.history("default", *row, {.limit = 50, .starting_after = {}, .ending_before = {}}).data.size() == 7);
}

TEST_CASE("a pause and its end are in the history, and a paused subscription is in the list of those") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.offer_plan("default");
  const EntityRef id = fixture.book.subscribe("a");
  const EntityRef trial = fixture.book.subscribe("a", 9);
  fixture.book.pause(id, 3 * seconds_per_day);
  fixture.book.pause(trial);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::paused)) ==
        std::vector<EntityRef>{trial, id});
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::active)).empty());
  fixture.book.advance(3 * seconds_per_day);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::active)) == std::vector<EntityRef>{id});
  fixture.book.resume(trial);
  CHECK(list_subscriptions(fixture.views(), of_status(SubscriptionStatus::trialing)) == std::vector<EntityRef>{trial});
  const auto reader = fixture.views().subscriptions();
  const auto row = reader.find("default", id);
  REQUIRE(row);
  const auto page = reader.history("default", *row, {.limit = 50, .starting_after = {}, .ending_before = {}});
  REQUIRE(page.data.size() == 3);
  CHECK(page.data[1].to == SubscriptionStatus::paused);
  CHECK(page.data[2].from == SubscriptionStatus::paused);
  CHECK(page.data[2].to == SubscriptionStatus::active);
}

TEST_CASE("a subscription is found in its own book, and lists are of one account or of all") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("b");
  fixture.book.offer_plan("default");
  const EntityRef of_a = fixture.book.subscribe("a"), of_b = fixture.book.subscribe("b");
  CHECK(list_subscriptions(fixture.views(), {}) == std::vector<EntityRef>{of_b, of_a});
  SubscriptionFilter filter;
  filter.account_id = "a";
  CHECK(list_subscriptions(fixture.views(), filter) == std::vector<EntityRef>{of_a});
  const auto reader = fixture.views().subscriptions();
  CHECK_FALSE(reader.find("other", of_a));
  CHECK_FALSE(reader.find("default", EntityRef{1, 1, 0, 0}));
  const PageRequest<EntityRef> after_b{.limit = 5, .starting_after = of_b, .ending_before = {}};
  CHECK_FALSE(reader.list("default", filter, after_b).cursor_found);
  CHECK(reader.list("default", {}, after_b).data.size() == 1);
}

}  // namespace daybook::test
