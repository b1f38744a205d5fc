// Hosted checkouts: nothing happens until the provider says so, and then what CreateSubscription would do, once.
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

using Happened = schema::Event;

const Sealed sealed_text{1, "123456789012", "ciphertext and tag"};

class CheckingOut : public Paying {
 public:
  CheckingOut() {
    role = Role::account_owner;
    plan(flat_terms("1900"));
    auto terms = std::make_shared<schema::DiscountTermsT>();
    terms->name = "A tenth";
    terms->percent = "10";
    terms->starts_at = terms->ends_at = never;
    CreateDiscount discount{"tenth", std::move(terms)};
    REQUIRE(when(discount).accepted());
    CreateCoupon coupon;
    coupon.code = "ONCE";
    coupon.discount_id = "tenth";
    coupon.max_redemptions = 1;
    coupon.max_per_account = {Change<std::int64_t>::Kind::set, 5};
    REQUIRE(when(coupon).accepted());
  }
  static StartCheckout start() {
    StartCheckout command;
    command.account_id = "acme";
    command.plan_id = "plan";
    command.provider = "simulator";
    command.opened_by = "key:key_1";
    return command;
  }
  /// As the provider says.
  Decision complete(EntityRef session) {
    CompleteCheckout command;
    command.checkout_session = session;
    command.payment_method = {"", sealed_text};
    command.found.fault = RejectionCode::none;
    command.found.provider = "simulator";
    command.found.status = PaymentMethodStatus::verified;
    role = Role::system;
    Decision decision = when(command);
    role = Role::account_owner;
    return decision;
  }
  const CheckoutSession& session(EntityRef id) const { return *account.find_checkout_session(id); }
};

}  // namespace

TEST_CASE("SUB-02, SUB-03: opening a checkout changes no billing state and redeems nothing") {
  CheckingOut given;
  StartCheckout start = CheckingOut::start();
  start.coupon = "once";
  start.user_id = "ann";
  start.quantity = 3;
  const EntityRef id = given.accept(start);
  CHECK(given.types.back() == static_cast<std::uint8_t>(Happened::CheckoutSessionOpened));
  const CheckoutSession& session = given.session(id);
  CHECK(session.is_open());
  CHECK(session.provider_session_id == "sim_" + format_id("cs", id));
  CHECK(session.price->unit_amount == "1900");
  CHECK(session.quantity == 3);
  CHECK(session.opened_by == "key:key_1");
  CHECK(session.expires_at == at("2027-01-16T08:00:00Z"));
  CHECK(given.account.subscriptions().empty());
  CHECK(given.account.invoices().empty());
  CHECK(given.account.discounts.empty());
  CHECK(given.book.redemptions.of_coupon("ONCE").redemptions == 0);
}

TEST_CASE("SUB-02, CPN-05: what could not be subscribed to opens no session") {
  CheckingOut given;
  const std::size_t before = given.types.size();
  StartCheckout start = CheckingOut::start();
  start.coupon = "nobody";
  const Decision unknown = given.when(start);
  CHECK(unknown.rejection.code == RejectionCode::coupon_invalid);
  CHECK(unknown.rejection.pointer == "/coupon");
  start.coupon.clear();
  start.plan_id = "other";
  CHECK(given.refused(start) == RejectionCode::not_found);
  start.plan_id = "plan";
  start.interval = BillingInterval::year;
  CHECK(given.refused(start) == RejectionCode::price_not_available);
  start.interval.reset();
  start.provider.clear();
  CHECK(given.refused(start) == RejectionCode::provider_not_configured);
  start.provider = "simulator";
  start.expires_at = given.now;
  CHECK(given.refused(start) == RejectionCode::validation_failed);
  start.expires_at = Instant{micros(given.now) + checkout_seconds_max * micros_per_second + 1};
  CHECK(given.refused(start) == RejectionCode::validation_failed);
  given.role = Role::billing_admin;
  start.expires_at.reset();
  start.trial_days = 30;
  CHECK(given.refused(start) == RejectionCode::forbidden);  // the plan has no trial, whoever asks
  CHECK(given.types.size() == before);
  start.trial_days.reset();
  start.expires_at = Instant{micros(given.now) + checkout_seconds_max * micros_per_second};
  given.accept(start);
}

TEST_CASE("a dry run of a checkout has no id of the provider, and a session that is none does not expire") {
  CheckingOut given;
  DecisionContext context = given.context();
  context.dry_run = true;
  const Decision decision = decide(given.account, CheckingOut::start(), context);
  REQUIRE(decision.events.size() == 1);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(flatbuffers::Offset<schema::CheckoutSessionOpened>(decision.events.front().pack(builder).o));
  schema::CheckoutSessionOpenedT opened;
  flatbuffers::GetRoot<schema::CheckoutSessionOpened>(builder.GetBufferPointer())->UnPackTo(&opened);
  CHECK(opened.provider == "simulator");
  CHECK(opened.provider_session_id.empty());
  CHECK(given.refused(ExpireCheckout{{2, 99, 0, 0}}) == RejectionCode::not_found);
}

TEST_CASE("K14, SUB-03: a checkout that is completed twice while its payment is pending charges once") {
  CheckingOut given;
  StartCheckout start = CheckingOut::start();
  start.coupon = "ONCE";
  start.metadata.sealed = sealed_text;
  const EntityRef id = given.accept(start);
  const Decision completed = given.complete(id);
  REQUIRE(completed.accepted());
  CHECK(completed.subject.id == id);
  REQUIRE(given.account.subscriptions().size() == 1);
  const Subscription& subscription = given.account.subscriptions().begin()->second;
  CHECK(given.session(id).subscription == subscription.id);
  CHECK(subscription.status == SubscriptionStatus::active);
  CHECK(subscription.metadata == sealed_text);
  CHECK(given.account.details.payment_methods.size() == 1);
  CHECK(given.book.redemptions.of_coupon("ONCE").redemptions == 1);
  CHECK(given.last_payment().status == PaymentStatus::pending);
  CHECK(given.last_payment().amount == 1'710);
  CHECK(given.last_payment().payment_method == given.account.details.default_payment_method);
  const std::size_t before = given.types.size();
  for (int times = 0; times < 2; ++times) {
    const Decision again = given.complete(id);
    CHECK(again.accepted());
    CHECK(again.size() == 0);
  }
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.complete(id).size() == 0);
  CHECK(given.count(Happened::PaymentAttempted) == 1);
  CHECK(given.count(Happened::SubscriptionCreated) == 1);
  CHECK(given.types.size() == before + 2);  // PaymentSucceeded, InvoicePaid
}

TEST_CASE("SUB-03: what cannot be subscribed to any more when the customer is done leaves the session as it was") {
  CheckingOut given;
  StartCheckout start = CheckingOut::start();
  start.coupon = "ONCE";
  const EntityRef first = given.accept(start), second = given.accept(start);
  start.coupon.clear();
  const EntityRef third = given.accept(start);
  REQUIRE(given.complete(first).accepted());
  const std::size_t before = given.types.size();
  CHECK(given.complete(second).rejection.code == RejectionCode::coupon_invalid);
  CHECK(given.complete({2, 99, 0, 0}).rejection.code == RejectionCode::not_found);
  CHECK(given.types.size() == before);
  CHECK(given.session(second).is_open());
  // At the price that the page has shown, or not at all.
  REQUIRE(given.when(RevisePlan{"plan", flat_terms("2900"), {}}).accepted());
  CHECK(given.complete(third).rejection.code == RejectionCode::price_not_available);
  REQUIRE(given.when(RevisePlan{"plan", flat_terms("1900"), {}}).accepted());
  REQUIRE(given.when(RetirePlan{"plan"}).accepted());
  CHECK(given.complete(third).rejection.code == RejectionCode::plan_retired);
  REQUIRE(given.when(RestorePlan{"plan"}).accepted());
  CHECK(given.complete(third).accepted());
  CompleteCheckout without_token;
  without_token.checkout_session = second;
  CHECK(given.refused(without_token) == RejectionCode::validation_failed);
}

TEST_CASE("SUB-04: a free plan is subscribed to at once, without a provider, a session there or an invoice") {
  CheckingOut given;
  given.plan(flat_terms("0"), "free");
  StartCheckout start = CheckingOut::start();
  start.plan_id = "free";
  start.provider.clear();
  const EntityRef id = given.accept(start);
  const CheckoutSession& session = given.session(id);
  CHECK(session.status == CheckoutStatus::completed);
  CHECK(session.provider.empty());
  CHECK(session.provider_session_id.empty());
  CHECK(given.subscription(session.subscription).status == SubscriptionStatus::active);
  CHECK(given.subscription(session.subscription).plan_id == "free");
  CHECK(given.account.invoices().empty());
  CHECK(given.account.payments().empty());
  CHECK(given.account.open_checkout_sessions() == 0);
}

TEST_CASE("a checkout session expires at its instant, also one of an account that is deleted") {
  CheckingOut given;
  const EntityRef id = given.accept(CheckingOut::start());
  given.role = Role::billing_admin;
  given.accept([] {
    ScheduleAccountDeletion command;
    command.account_id = "acme";
    return command;
  }());
  CHECK(given.complete(id).rejection.code == RejectionCode::account_deleted);
  given.pass_seconds(checkout_seconds - 1);
  given.run_due();
  CHECK(given.session(id).is_open());
  given.pass_seconds(1);
  given.run_due();
  CHECK(given.session(id).status == CheckoutStatus::expired);
  CHECK(given.session(id).updated_at == given.now);
}
