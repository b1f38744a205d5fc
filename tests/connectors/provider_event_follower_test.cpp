// What providers post, over a real engine: each message is processed once, wherever the process ends meanwhile, and the
// payment's own state decides, not the order of arrival.
#include "connectors/provider_event_follower.h"

#include <algorithm>
#include <random>
#include <vector>

#include "connectors/payment_collector.h"
#include "connectors/simulated_provider.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"
#include "schemas/events/plans_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

constexpr auto long_time = std::chrono::seconds(60);

/// What became of an event.
struct Fate {
  schema::Event type = schema::Event::NONE;
  std::string reason;
  bool changed = false;
};

class Posting : public EngineFixture {
 public:
  Posting() { open_payer("acme"); }
  ~Posting() {
    follower.reset();
    collector.reset();
  }

  void open_payer(const std::string& account) {
    open_account(account);
    attach("tok_requires_action", account);
  }
  void attach(const std::string& token, const std::string& account = "acme") {
    AttachPaymentMethod command;
    command.account_id = account;
    command.token = {token, {}};
    command.is_default = true;
    command.found = simulated_method(token);
    REQUIRE(run(command).accepted());
  }
  /// An invoice that is collected; its payment.
  EntityRef owe(std::int64_t amount = 1'900, const std::string& account = "acme") {
    DraftInvoice draft;
    draft.account_id = account;
    draft.collection = InvoiceCollection::automatic;
    draft.lines.emplace_back().unit_amount = std::to_string(amount);
    return run(FinalizeInvoice{shown<InvoiceShown>(run(draft)).invoice.id}).payment.value().id;
  }
  Payment payment(EntityRef id) {
    std::optional<Payment> found;
    Work read;
    read.context.principal.book = book;
    read.entity = id;
    read.read_account = [&](const AccountState* account, LogPosition, Instant) { found = *account->find_payment(id); };
    run(std::move(read));
    return found.value();
  }
  static std::string message(const std::string& id, const std::string& type, EntityRef about,
                             std::int64_t amount = 1'900) {
    StripeCharge charge;
    charge.payment = format_id("pay", about);
    charge.transaction_id = "pi_1";
    charge.amount = amount;
    charge.currency = "USD";
    charge.code = "card_declined";
    charge.action_url = "https://bank.test/confirm";
    return stripe_message(id, type, charge, Instant{0});
  }
  /// A paid invoice's payment.
  EntityRef paid(std::int64_t amount = 1'900) {
    const EntityRef id = owe(amount);
    RecordPaymentResult result;
    result.payment = id;
    result.transaction_id = "pi_1";
    REQUIRE(run(result).accepted());
    return id;
  }
  EntityRef give_back(EntityRef payment, std::int64_t amount) {
    IssueRefund command;
    command.payment = payment;
    command.amount = amount;
    return shown<RefundShown>(run(command)).refund.id;
  }
  static std::string refund_message(const std::string& id, EntityRef refund, const std::string& status,
                                    std::int64_t amount = 900, const std::string& type = "refund.updated") {
    const StripeToldRefund told{format_id("re", refund), "re_1", "pi_1", amount, "USD", status, "lost_or_stolen_card"};
    return stripe_message(id, type, told, Instant{0});
  }
  /// As the gateway hands it on, which has found the payment by the charge.
  Position post_dispute(const std::string& id, const std::string& type, EntityRef payment, const std::string& status,
                        std::int64_t amount = 1'900) {
    const StripeToldDispute told{"dp_1", "pi_1", amount, "USD", "fraudulent", status};
    Work work = posted(stripe_message(id, type, told, Instant{0}));
    std::get<ReceiveProviderEvent>(*work.command).payment = payment;
    const Answer answer = run(std::move(work));
    REQUIRE(answer.accepted());
    return answer.position.position;
  }
  Work posted(const std::string& body, const std::string& provider = "stripe") const {
    const ProviderNotice notice = read_stripe_message(body);
    ReceiveProviderEvent command;
    command.provider = provider;
    command.external_id = notice.message.id;
    command.type = notice.message.type;
    command.payment = notice.message.payment;
    command.checkout = notice.message.checkout;
    command.subscription = notice.message.subscription;
    command.refund = notice.message.refund;
    command.body.clear = body;
    Work one = work(std::move(command), notice.message.id);
    one.context.principal.name = "webhook:" + provider;
    one.context.principal.role = Role::system;
    one.context.keeps_key = true;
    return one;
  }
  /// Its position.
  Position post(const std::string& body, const std::string& provider = "stripe") {
    const Answer answer = run(posted(body, provider));
    REQUIRE(answer.accepted());
    return answer.position.position;
  }
  static std::string checkout_message(const std::string& id, const std::string& type, EntityRef session,
                                      const std::string& token = "tok_ok") {
    StripeCheckout checkout;
    checkout.session = format_id("cs", session);
    checkout.provider_id = "sim_" + checkout.session;
    checkout.payment_method = token;
    return stripe_message(id, type, checkout, Instant{0});
  }
  void offer() {
    auto terms = std::make_shared<schema::PlanTermsT>();
    terms->name = "Monthly";
    auto price = std::make_unique<schema::PlanPriceT>();
    price->currency = currency_of("USD").packed;
    price->unit_amount = "1900";
    terms->prices.push_back(std::move(price));
    REQUIRE(run(CreatePlan{"monthly", {}, terms}).accepted());
  }
  EntityRef check_out(const std::string& account = "acme") {
    StartCheckout start;
    start.account_id = account;
    start.plan_id = "monthly";
    start.provider = simulated_provider_name;
    return shown<CheckoutSessionShown>(run(start)).session.id;
  }
  CheckoutSession session(EntityRef id) {
    std::optional<CheckoutSession> found;
    Work read;
    read.context.principal.book = book;
    read.entity = id;
    read.read_account = [&](const AccountState* account, LogPosition, Instant) {
      found = *account->find_checkout_session(id);
    };
    run(std::move(read));
    return found.value();
  }
  void follow() {
    ProviderEventFollower::Options options;
    options.engine = &engine();
    options.provider = [this](std::string_view name) { return name == "stripe" ? &simulator : nullptr; };
    follower = std::make_unique<ProviderEventFollower>(std::move(options));
    follower->start();
  }
  void process() {
    if (!follower) follow();
    REQUIRE(follower->wait_processed(long_time));
  }
  void collect() {
    PaymentCollector::Options options;
    options.engine = &engine();
    options.provider = [this](std::string_view name, const std::string&) {
      return name == simulated_provider_name ? &simulator : nullptr;
    };
    collector = std::make_unique<PaymentCollector>(std::move(options));
    collector->start();
  }
  void restart(bool with_views = true) {
    follower.reset();
    collector.reset();
    with_views ? reopen() : reopen_without_views();
  }
  /// What became of the event that was received at that position; once, or it fails.
  Fate fate(Position position) {
    const std::string bytes = engine().log().read_one(0, position);
    const EntityRef id = entity(schema::GetEnvelope(bytes.data())->event_as_ProviderEventReceived()->provider_event());
    std::vector<Fate> fates;
    for_each([&](const schema::Envelope& envelope) {
      if (const auto* done = envelope.event_as_ProviderEventProcessed(); done && entity(done->provider_event()) == id)
        fates.push_back({envelope.event_type(), {}, done->changed()});
      if (const auto* done = envelope.event_as_ProviderEventIgnored(); done && entity(done->provider_event()) == id)
        fates.push_back({envelope.event_type(), text(done->reason()), false});
      if (const auto* done = envelope.event_as_ProviderEventFailed(); done && entity(done->provider_event()) == id)
        fates.push_back({envelope.event_type(), text(done->reason()), false});
    });
    REQUIRE(fates.size() == 1);
    return fates.front();
  }
  template <class Call>
  void for_each(Call call) {
    const auto reader = engine().log().read_forward(0, 1);
    StoredEvent event;
    while (reader->next(event)) call(*schema::GetEnvelope(event.envelope.data()));
  }
  std::size_t count(schema::Event type) {
    std::size_t found = 0;
    for_each([&](const schema::Envelope& envelope) { found += envelope.event_type() == type ? 1U : 0U; });
    return found;
  }

  SimulatedProvider simulator;
  std::unique_ptr<PaymentCollector> collector;
  std::unique_ptr<ProviderEventFollower> follower;
};

}  // namespace

TEST_CASE_FIXTURE(Posting, "PMT-09, WHI-10: a payment that waits for its customer is paid by the provider's word") {
  collect();
  const EntityRef id = owe();
  REQUIRE(collector->wait_answered(long_time));
  REQUIRE(payment(id).status == PaymentStatus::requires_action);
  const Position first = post(message("evt_1", "payment_intent.succeeded", id));
  const Position second = post(message("evt_2", "invoice.payment_succeeded", id));
  process();
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(payment(id).transaction_id == "pi_1");
  CHECK(state("acme").receivable() == 0);
  CHECK(fate(first).type == schema::Event::ProviderEventProcessed);
  CHECK(fate(first).changed);
  CHECK_FALSE(fate(second).changed);
  CHECK(count(schema::Event::PaymentSucceeded) == 1);
  CHECK(count(schema::Event::InvoicePaid) == 1);
  CHECK(follower->unprocessed() == 0);
}

TEST_CASE_FIXTURE(Posting, "K14, WHI-09: a checkout that is completed by two messages subscribes and charges once") {
  collect();
  offer();
  const EntityRef id = check_out();
  const Position first = post(checkout_message("evt_1", "checkout.session.completed", id, "tok_requires_action"));
  const Position second = post(checkout_message("evt_2", "checkout.session.completed", id));
  process();
  CHECK(session(id).status == CheckoutStatus::completed);
  CHECK(fate(first).changed);
  CHECK(fate(second).type == schema::Event::ProviderEventProcessed);
  CHECK_FALSE(fate(second).changed);
  // Also after the rows of what has ended were stored.
  restart();
  collect();
  const Position third = post(checkout_message("evt_3", "checkout.session.completed", id));
  process();
  CHECK_FALSE(fate(third).changed);
  CHECK(count(schema::Event::SubscriptionCreated) == 1);
  CHECK(count(schema::Event::PaymentAttempted) == 1);
  CHECK(count(schema::Event::CheckoutSessionCompleted) == 1);
  CHECK(state("acme").find_subscription(session(id).subscription)->status == SubscriptionStatus::active);
}

TEST_CASE_FIXTURE(Posting, "SUB-18: what a provider has for a subscription is mirrored, and its end there ends ours") {
  offer();
  CreateSubscription create;
  create.account_id = "acme";
  create.plan_id = "monthly";
  const EntityRef id = shown<SubscriptionShown>(run(create)).subscription.id;
  const auto message = [](const std::string& event, const std::string& type, EntityRef subscription,
                          const std::string& provider_id, const std::string& status) {
    return stripe_message(event, "customer.subscription." + type,
                          StripeSubscription{format_id("sub", subscription), provider_id, status}, Instant{0});
  };
  const Position created = post(message("evt_1", "created", id, "sub_1", "active"));
  const Position again = post(message("evt_2", "updated", id, "sub_1", "active"));
  const Position nobodys = post(message("evt_3", "updated", {9, 9, 0, 0}, "sub_1", "active"));
  const Position nameless = post(message("evt_4", "updated", id, "", "active"));
  const Position deleted = post(message("evt_5", "deleted", id, "sub_1", "canceled"));
  const Position late = post(message("evt_6", "updated", id, "sub_1", "active"));
  process();
  CHECK(fate(created).changed);
  CHECK_FALSE(fate(again).changed);
  CHECK(fate(nobodys).reason == "unknown_object");
  CHECK(fate(nameless).reason == "unreadable");
  CHECK(fate(deleted).changed);
  CHECK(fate(late).type == schema::Event::ProviderEventProcessed);
  CHECK_FALSE(fate(late).changed);
  const AccountState account = state("acme");
  CHECK(account.find_subscription(id)->status == SubscriptionStatus::canceled);
  CHECK(account.find_subscription(id)->mirrored == ProviderSubscription{"stripe", "sub_1", "canceled", true});
  CHECK(count(schema::Event::SubscriptionCanceled) == 1);
}

TEST_CASE_FIXTURE(Posting, "WHI-09: what a provider says of a checkout that cannot be so is kept with the reason") {
  offer();
  const EntityRef given_up = check_out(), refused = check_out(), open = check_out();
  const Position expired = post(checkout_message("evt_1", "checkout.session.expired", given_up));
  const Position again = post(checkout_message("evt_2", "checkout.session.expired", given_up));
  const Position late = post(checkout_message("evt_3", "checkout.session.completed", given_up));
  const Position unknown_token = post(checkout_message("evt_4", "checkout.session.completed", refused, "tok_nobody"));
  const Position no_token = post(checkout_message("evt_5", "checkout.session.completed", refused, ""));
  const Position nobodys = post(checkout_message("evt_6", "checkout.session.completed", {9, 9, 0, 0}));
  process();
  REQUIRE(run(RetirePlan{"monthly"}).accepted());
  const Position retired = post(checkout_message("evt_7", "checkout.session.completed", open));
  process();
  CHECK(fate(expired).changed);
  CHECK_FALSE(fate(again).changed);
  CHECK(fate(late).reason == "invalid_transition");
  CHECK(fate(unknown_token).reason == "payment_method_refused");
  CHECK(fate(no_token).reason == "unreadable");
  CHECK(fate(nobodys).type == schema::Event::ProviderEventIgnored);
  CHECK(fate(nobodys).reason == "unknown_object");
  CHECK(fate(retired).type == schema::Event::ProviderEventFailed);
  CHECK(fate(retired).reason == "plan_retired");
  CHECK(session(given_up).status == CheckoutStatus::expired);
  CHECK(session(refused).is_open());
  CHECK(session(open).is_open());
  CHECK(count(schema::Event::SubscriptionCreated) == 0);
  // It is not lost: what stood in the way is gone, and the provider says it once more.
  REQUIRE(run(RestorePlan{"monthly"}).accepted());
  const Position restored = post(checkout_message("evt_8", "checkout.session.completed", open));
  process();
  CHECK(fate(restored).changed);
}

TEST_CASE_FIXTURE(Posting, "TS-091: each outcome of a charge, and its twins, become the payment's result") {
  struct Row {
    const char* type;
    PaymentStatus status;
  };
  int number = 0;
  for (const Row& row : {Row{"payment_intent.succeeded", PaymentStatus::succeeded},
                         {"charge.succeeded", PaymentStatus::succeeded},
                         {"invoice.paid", PaymentStatus::succeeded},
                         {"invoice.payment_succeeded", PaymentStatus::succeeded},
                         {"payment_intent.payment_failed", PaymentStatus::failed},
                         {"charge.failed", PaymentStatus::failed},
                         {"invoice.payment_failed", PaymentStatus::failed},
                         {"payment_intent.requires_action", PaymentStatus::requires_action},
                         {"invoice.payment_action_required", PaymentStatus::requires_action}}) {
    CAPTURE(row.type);
    const EntityRef id = owe();
    const Position position = post(message("evt_" + std::to_string(++number), row.type, id));
    process();
    const Payment found = payment(id);
    CHECK(found.status == row.status);
    CHECK(found.failure_code == (row.status == PaymentStatus::failed ? "card_declined" : ""));
    CHECK(found.action_url == (row.status == PaymentStatus::requires_action ? "https://bank.test/confirm" : ""));
    CHECK(fate(position).changed);
  }
}

TEST_CASE_FIXTURE(Posting, "WHI-07: what is not understood or not about anything known is ignored, with the reason") {
  const EntityRef id = owe();
  EntityRef unknown = id;
  unknown.stream_version += 100;
  const Position other = post(message("evt_1", "customer.deleted", id));
  const Position nobody = post(message("evt_2", "payment_intent.succeeded", unknown));
  const Position unknown_type = post(message("evt_3", "planet.rises", unknown));
  process();
  for (const Position position : {other, nobody, unknown_type}) {
    CHECK(fate(position).type == schema::Event::ProviderEventIgnored);
  }
  CHECK(fate(other).reason == "not_supported");
  CHECK(fate(nobody).reason == "unknown_object");
  CHECK(fate(unknown_type).reason == "not_supported");
  CHECK(payment(id).status == PaymentStatus::pending);
}

TEST_CASE_FIXTURE(Posting, "what contradicts the ledger changes nothing and is kept as failed") {
  const EntityRef id = owe();
  const Position wrong_amount = post(message("evt_1", "payment_intent.succeeded", id, 1'899));
  process();
  CHECK(fate(wrong_amount).type == schema::Event::ProviderEventFailed);
  CHECK(fate(wrong_amount).reason == "amount_differs");
  CHECK(payment(id).status == PaymentStatus::pending);
  const Position failed = post(message("evt_2", "payment_intent.payment_failed", id));
  const Position succeeded = post(message("evt_3", "payment_intent.succeeded", id));
  const Position not_configured = post(message("evt_4", "payment_intent.succeeded", id), "paystack");
  process();
  CHECK(fate(failed).changed);
  CHECK(fate(succeeded).reason == "result_differs");
  CHECK(fate(not_configured).reason == "provider_not_configured");
  CHECK(payment(id).status == PaymentStatus::failed);
  CHECK(count(schema::Event::PaymentSucceeded) == 0);
}

TEST_CASE_FIXTURE(Posting, "TS-095: what is older than the result changes nothing") {
  const EntityRef id = owe();
  const Position success = post(message("evt_3", "payment_intent.succeeded", id));
  const Position action = post(message("evt_1", "payment_intent.requires_action", id));
  const Position failure = post(message("evt_2", "payment_intent.payment_failed", id));
  process();
  CHECK(fate(success).changed);
  for (const Position position : {action, failure}) {
    CHECK(fate(position).type == schema::Event::ProviderEventProcessed);
    CHECK_FALSE(fate(position).changed);
  }
  CHECK(payment(id).status == PaymentStatus::succeeded);
}

TEST_CASE_FIXTURE(Posting,
                  "wherever the process ends between received and processed, there is one result and one fate") {
  const EntityRef id = owe();
  const Position position = post(message("evt_1", "payment_intent.succeeded", id));
  bool is_recorded = false;
  SUBCASE("before anything is done") {
    restart();
  }
  SUBCASE("before anything is done, and views/ is lost") {
    restart(false);
  }
  SUBCASE("when the result is recorded") {
    RecordPaymentResult result;
    result.payment = id;
    result.transaction_id = "pi_1";
    REQUIRE(run(result).accepted());
    is_recorded = true;
    restart();
  }
  SUBCASE("when it is processed") {
    process();
    restart();
  }
  SUBCASE("when it is processed, and views/ is lost") {
    process();
    restart(false);
  }
  const Position before = head();
  const bool was_processed = count(schema::Event::ProviderEventProcessed) == 1;
  process();
  CHECK(fate(position).changed == !is_recorded);
  CHECK(count(schema::Event::PaymentSucceeded) == 1);
  CHECK(count(schema::Event::InvoicePaid) == 1);
  if (was_processed) CHECK(head() == before);
}

TEST_CASE_FIXTURE(Posting, "PRV-06: a charge whose answer is lost has one result, whoever tells of it first") {
  attach("tok_timeout");
  const EntityRef id = owe();
  bool webhook_first = true;
  SUBCASE("the provider's message") {}
  SUBCASE("the answer to our question") {
    webhook_first = false;
    collect();
    REQUIRE(collector->wait_answered(long_time));
  }
  const Position position = post(message("evt_1", "payment_intent.succeeded", id));
  process();
  CHECK(fate(position).changed == webhook_first);
  if (webhook_first) {
    collect();
    REQUIRE(collector->wait_answered(long_time));
    CHECK(collector->status().calls == 0);
  }
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(count(schema::Event::PaymentAttempted) == 1);
  CHECK(count(schema::Event::PaymentSucceeded) == 1);
  CHECK(count(schema::Event::InvoicePaid) == 1);
}

TEST_CASE_FIXTURE(Posting, "WHI-12: what becomes of a refund is the provider's word, once, and amounts must agree") {
  const EntityRef payment = paid();
  const EntityRef first = give_back(payment, 900), second = give_back(payment, 900);
  const Position pending = post(refund_message("evt_1", first, "pending"));
  const Position wrong = post(refund_message("evt_2", first, "succeeded", 901));
  const Position done = post(refund_message("evt_3", first, "succeeded"));
  const Position again = post(refund_message("evt_4", first, "succeeded", 900, "charge.refunded"));
  const Position late = post(refund_message("evt_5", first, "failed"));
  const Position failed = post(refund_message("evt_6", second, "failed", 900, "refund.failed"));
  const Position odd = post(refund_message("evt_7", second, "unheard of"));
  const Position unknown = post(refund_message("evt_8", payment, "succeeded"));
  process();
  CHECK(fate(pending).type == schema::Event::ProviderEventProcessed);
  CHECK_FALSE(fate(pending).changed);
  CHECK(fate(wrong).reason == "amount_differs");
  CHECK(fate(done).changed);
  CHECK(fate(again).type == schema::Event::ProviderEventProcessed);
  CHECK_FALSE(fate(again).changed);
  CHECK(fate(late).reason == "result_differs");
  CHECK(fate(failed).changed);
  CHECK(fate(odd).reason == "unreadable");
  CHECK(fate(unknown).reason == "unknown_object");
  CHECK(count(schema::Event::RefundSucceeded) == 1);
  CHECK(count(schema::Event::RefundFailed) == 1);
  CHECK(count(schema::Event::CreditNoteIssued) == 1);
}

TEST_CASE_FIXTURE(Posting, "WHI-08, REF-07: a dispute is opened and decided once, in whatever order it is told") {
  const EntityRef payment = paid();
  std::string status = "won";
  Position opened = 0, closed = 0;
  SUBCASE("in order") {
    opened = post_dispute("evt_1", "charge.dispute.created", payment, "needs_response");
    process();
    CHECK(count(schema::Event::DisputeOpened) == 1);
    closed = post_dispute("evt_2", "charge.dispute.closed", payment, status);
    process();
    CHECK(fate(opened).changed);
    CHECK(fate(closed).changed);
  }
  SUBCASE("the end first") {
    status = "lost";
    closed = post_dispute("evt_2", "charge.dispute.closed", payment, status);
    opened = post_dispute("evt_1", "charge.dispute.created", payment, "needs_response");
    process();
    CHECK(fate(closed).changed);
    CHECK_FALSE(fate(opened).changed);
  }
  const Position again = post_dispute("evt_3", "charge.dispute.closed", payment, status);
  const Position updated = post_dispute("evt_4", "charge.dispute.updated", payment, "under_review");
  process();
  CHECK_FALSE(fate(again).changed);
  CHECK_FALSE(fate(updated).changed);
  CHECK(count(schema::Event::DisputeOpened) == 1);
  CHECK(count(schema::Event::DisputeWon) == (status == "won" ? 1 : 0));
  CHECK(count(schema::Event::DisputeLost) == (status == "lost" ? 1 : 0));
}

TEST_CASE_FIXTURE(Posting, "what is told of a dispute that cannot be is not believed") {
  const EntityRef payment = paid();
  const EntityRef unpaid = owe();
  const Position more = post_dispute("evt_1", "charge.dispute.created", payment, "needs_response", 1'901);
  const Position early = post_dispute("evt_2", "charge.dispute.created", unpaid, "needs_response");
  const Position nobody = post(stripe_message("evt_3", "charge.dispute.created",
                                              StripeToldDispute{"dp_1", "pi_9", 1, "USD", "fraudulent", "lost"}, {}));
  const StripeToldDispute in_euro{"dp_2", "pi_1", 1'900, "EUR", "fraudulent", "lost"};
  Work work = posted(stripe_message("evt_4", "charge.dispute.closed", in_euro, Instant{0}));
  std::get<ReceiveProviderEvent>(*work.command).payment = payment;
  const Position euro = run(std::move(work)).position.position;
  process();
  CHECK(fate(more).reason == "validation_failed");
  CHECK(fate(early).reason == "invalid_transition");
  CHECK(fate(nobody).reason == "unknown_object");
  CHECK(fate(euro).reason == "amount_differs");
  CHECK(count(schema::Event::DisputeOpened) == 0);
}

TEST_CASE_FIXTURE(Posting, "what is about a purged account cannot be read any more, and says so") {
  const EntityRef id = owe();
  const Position position = post(message("evt_1", "payment_intent.succeeded", id));
  REQUIRE(run(ScheduleAccountDeletion{"acme", {}}).accepted());
  REQUIRE(run(PurgeAccount{"acme"}).accepted());
  process();
  CHECK(fate(position).reason == "body_gone");
}

TEST_CASE_FIXTURE(Posting, "TS-093, TS-095: a storm of shuffled and repeated messages ends as the ordered ones do") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  open_payer("calm");
  constexpr int payments = 100;
  std::vector<EntityRef> stormy, calm;
  std::vector<std::string> ordered, storm;
  for (int i = 0; i < payments; ++i) {
    stormy.push_back(owe(1'000 + i));
    calm.push_back(owe(1'000 + i, "calm"));
    // Each payment's own: asked for, then one result, told twice in other words.
    const bool fails = i % 3 == 0;
    const std::vector<std::string> types =
        fails ? std::vector<std::string>{"payment_intent.requires_action", "payment_intent.payment_failed",
                                         "invoice.payment_failed"}
              : std::vector<std::string>{"payment_intent.requires_action", "payment_intent.succeeded", "invoice.paid"};
    for (std::size_t n = 0; n < types.size(); ++n) {
      const std::string id = std::to_string(i) + "_" + std::to_string(n);
      ordered.push_back(message("evt_c" + id, types[n], calm.back(), 1'000 + i));
      storm.push_back(message("evt_s" + id, types[n], stormy.back(), 1'000 + i));
    }
  }
  REQUIRE(storm.size() == 300);
  for (std::size_t i = 0; i < 100; ++i) storm.push_back(storm[i * 3 + random() % 3]);
  std::shuffle(storm.begin(), storm.end(), random);
  for (const std::string& body : ordered) post(body);
  follow();
  std::vector<std::future<Answer>> answers;
  for (const std::string& body : storm) answers.push_back(start(posted(body)));
  std::size_t repeats = 0;
  for (auto& answer : answers) repeats += answer.get().is_replay ? 1U : 0U;
  CHECK(repeats == 100);
  process();
  for (int i = 0; i < payments; ++i) {
    const Payment left = payment(stormy[static_cast<std::size_t>(i)]);
    const Payment right = payment(calm[static_cast<std::size_t>(i)]);
    CHECK(left.status == right.status);
    CHECK(left.failure_code == right.failure_code);
    CHECK(left.transaction_id == right.transaction_id);
  }
  CHECK(state("acme").receivable() == state("calm").receivable());
  CHECK(count(schema::Event::ProviderEventReceived) == 600);
  CHECK(count(schema::Event::ProviderEventProcessed) == 600);
  CHECK(count(schema::Event::ProviderEventIgnored) + count(schema::Event::ProviderEventFailed) == 0);
}

}  // namespace daybook::test
