// What a provider has for a subscription: mirrored, whatever order its messages come in, and what its end there means.
#include "schemas/events/subscriptions_generated.h"
#include "tests/domain/changing.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Happened = schema::Event;

MirrorProviderSubscription told(EntityRef subscription, const std::string& status, bool has_ended = false,
                                const std::string& id = "sub_at_stripe") {
  return {subscription, "stripe", id, status, has_ended};
}

}  // namespace

TEST_CASE("SUB-18: what a provider has for a subscription is mirrored, and a repeat changes nothing") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  CHECK(given.subscription(id).mirrored == ProviderSubscription());
  given.accept(told(id, "active"));
  CHECK(given.subscription(id).mirrored == ProviderSubscription{"stripe", "sub_at_stripe", "active", false});
  const std::uint64_t version = given.subscription(id).version;
  CHECK(given.when(told(id, "active")).events.empty());
  CHECK(given.subscription(id).version == version);
  given.accept(told(id, "past_due"));
  CHECK(given.subscription(id).mirrored.status == "past_due");
  CHECK(given.subscription(id).status == SubscriptionStatus::active);
  CHECK(given.count(Happened::ProviderSubscriptionMirrored) == 2);
  CHECK(given.refused(told(EntityRef{9, 9, 0, 0}, "active")) == RejectionCode::not_found);
}

TEST_CASE("SUB-18: what is deleted at the provider ends here, once, and no late message brings it back") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.settle();
  given.accept(told(id, "active"));
  given.wait_until("2027-04-16T00:00:00Z");
  given.accept(told(id, "canceled", true));
  const Subscription& ended = given.subscription(id);
  CHECK(ended.status == SubscriptionStatus::canceled);
  CHECK(ended.cancellation_cause == static_cast<std::uint8_t>(schema::CancellationCause::provider));
  CHECK(ended.canceled_at == given.now);
  CHECK(given.account.invoices().size() == 1);
  CHECK(given.when(told(id, "canceled", true)).events.empty());
  CHECK(given.when(told(id, "active")).events.empty());
  CHECK(ended.mirrored == ProviderSubscription{"stripe", "sub_at_stripe", "canceled", true});
  // It begins again here, which the provider's old one says nothing of; a new one may.
  given.accept(ReactivateSubscription{{}, id});
  CHECK(given.when(told(id, "canceled", true)).events.empty());
  CHECK(given.subscription(id).is_live());
  given.accept(told(id, "active", false, "sub_another"));
  CHECK(given.subscription(id).mirrored.id == "sub_another");
  CHECK(given.count(Happened::SubscriptionCanceled) == 1);
}

TEST_CASE("SUB-18: an end at one provider is no end of what another one has under the same id") {
  Changing given("2027-04-01T00:00:00Z");
  const EntityRef id = given.subscribe("3000");
  given.settle();
  given.accept(told(id, "canceled", true));
  given.accept(ReactivateSubscription{{}, id});
  MirrorProviderSubscription other = told(id, "active");
  other.provider = "paystack";
  given.accept(other);
  CHECK(given.subscription(id).mirrored == ProviderSubscription{"paystack", "sub_at_stripe", "active", false});
  CHECK(given.subscription(id).is_live());
}

TEST_CASE("SUB-18: an end at the provider gives back what the policy says, and is noted of what has ended before") {
  Changing given("2027-04-01T00:00:00Z");
  ChangePolicy policy;
  policy.policy = "cancel.unused_time";
  policy.unused_time = UnusedTime::prorated_credit;
  REQUIRE(given.when(policy).accepted());
  const EntityRef id = given.subscribe("3000");
  given.settle();
  given.wait_until("2027-04-16T00:00:00Z");
  given.accept(told(id, "canceled", true));
  CHECK(given.last_amounts() == Amounts{-1'500});
  CHECK(given.money() == 1'500);
  const EntityRef gone = given.subscribe_to("plan");
  given.cancel(gone, CancellationMode::immediate);
  const std::size_t ends = given.count(Happened::SubscriptionCanceled);
  given.accept(told(gone, "canceled", true, "sub_third"));
  CHECK(given.subscription(gone).mirrored.has_ended);
  CHECK(given.count(Happened::SubscriptionCanceled) == ends);
}

TEST_CASE("SUB-18: an end whose last invoice is out of bounds is refused, and nothing is mirrored") {
  Changing given("2027-04-01T00:00:00Z");
  given.plan(seat_terms("400000000000000"), "seats");
  const EntityRef id = given.subscribe_to("seats");
  given.accept(given.seats(id, 2, next_invoice));
  given.finalized({"500000000000000"});
  const Decision refused = given.when(told(id, "canceled", true));
  CHECK(refused.rejection.code == RejectionCode::amount_out_of_range);
  CHECK(given.subscription(id).is_live());
  CHECK(given.subscription(id).mirrored == ProviderSubscription());
}
