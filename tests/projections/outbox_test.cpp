// Messages: what each type of event gives, by name, and the list of them against a fold of the log.
#include <sstream>

#include "domain/native.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"
#include "tests/projections/event_samples.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

using Names = std::vector<std::string>;

Names names_of(const std::vector<Message>& messages) {
  Names names;
  for (const Message& message : messages) {
    names.push_back(std::string(to_text(message.channel)) + ":" + std::string(message.name));
  }
  return names;
}

/// Of an event whose payload is that.
template <class Payload>
Names given_by(const Payload& payload) {
  using Table = typename Payload::TableType;
  constexpr auto type = schema::EventTraits<Table>::enum_value;
  const std::string envelope = envelope_of(static_cast<std::uint8_t>(type), [&](auto& builder) {
    return flatbuffers::uoffset_t{Table::Pack(builder, &payload).o};
  });
  return names_of(messages_of(*schema::GetEnvelope(envelope.data())));
}

/// A type of event a line, with all that its events can give; the types that give nothing are in the last lines.
constexpr std::string_view told_of = R"(
AccountOpened webhook:account.created
AccountDetailsChanged webhook:account.updated
CreditIssued email:credit_issued webhook:credit.issued
CreditExpired webhook:credit.expired
CreditVoided webhook:credit.voided
UnitCreditsAllocated webhook:unit_credits.allocated
AccountDeletionScheduled email:account_deletion_scheduled webhook:tenant.deletion_scheduled
AccountRestored email:account_restored
PlanCreated webhook:plan.created
PlanVersionPublished webhook:plan.updated
PlanRetired webhook:plan.retired
PlanRestored webhook:plan.updated
PlanImported webhook:plan.created
PaymentMethodAttached email:payment_method_updated webhook:payment_method.attached
DefaultPaymentMethodChanged webhook:payment_method.default_changed
PaymentMethodDetached email:payment_method_updated webhook:payment_method.detached
DiscountApplied email:coupon_redeemed webhook:coupon.redeemed
InvoiceDrafted webhook:invoice.created
InvoiceFinalized email:invoice_generated webhook:invoice.finalized
InvoicePaid webhook:invoice.paid
InvoiceVoided webhook:invoice.voided
InvoiceMarkedUncollectible webhook:invoice.uncollectible
InvoiceBecameOverdue webhook:invoice.overdue
CreditApplied webhook:credit.applied
SubscriptionCreated email:subscription_created webhook:subscription.created
SubscriptionTrialStarted webhook:trial.started
TrialConverted email:trial_converted webhook:trial.converted
SubscriptionRenewed email:subscription_renewed webhook:subscription.renewed
SubscriptionCancellationScheduled email:subscription_canceled webhook:subscription.cancel_scheduled
SubscriptionCanceled email:subscription_canceled webhook:subscription.cancelled
SubscriptionReactivated email:subscription_reactivated webhook:subscription.reactivated
InvoiceAdjusted webhook:invoice.adjusted
PlanChanged email:plan_changed webhook:subscription.changed in_app:plan_changed email:subscription_upgraded webhook:subscription.upgraded email:subscription_downgraded webhook:subscription.downgraded
SubscriptionQuantityChanged email:plan_changed webhook:subscription.quantity_changed in_app:plan_changed
PlanChangeScheduled webhook:subscription.changed email:subscription_downgraded webhook:subscription.downgrade_scheduled
ScheduledPlanChangeCanceled webhook:subscription.change_canceled
SubscriptionDetailsChanged webhook:subscription.changed
SubscriptionPaused email:subscription_paused webhook:subscription.paused
SubscriptionResumed email:subscription_resumed webhook:subscription.resumed
TrialEndedEarly email:trial_converted webhook:trial.converted
PaymentAttempted webhook:payment.attempted
PaymentSucceeded email:payment_succeeded webhook:payment.succeeded
PaymentFailed email:payment_failed webhook:payment.failed in_app:payment_failed
PaymentActionRequired email:payment_action_required webhook:payment.action_required
InvoiceSent email:invoice_generated
AccountTrialStarted webhook:trial.started
TrialReminderIssued email:trial_ending_3_days webhook:trial.will_end email:trial_ending_1_day
TrialExpired email:trial_expired webhook:trial.expired
SubscriptionBecamePastDue webhook:subscription.past_due
SubscriptionRecovered webhook:subscription.changed
CheckoutSessionCompleted webhook:subscription.changed
OfflinePaymentRecorded email:payment_succeeded webhook:payment.succeeded
RefundIssued email:refund_issued webhook:refund.issued
RefundSucceeded webhook:refund.succeeded
RefundFailed webhook:refund.failed
RefundCanceled webhook:refund.failed
DisputeOpened webhook:dispute.opened
DisputeWon webhook:dispute.won
DisputeLost webhook:dispute.lost
)";
constexpr std::string_view told_nothing_of = R"(
CreditConsumed UnitCreditsDeducted UnitCreditsAdjusted UnitCreditsExpired UnitCreditsReserved UnitReservationCaptured
UnitReservationReleased UnitReservationExpired SandboxClockAdvanced ApiKeyCreated ApiKeyRevoked CommandAnswered
AccountPurged LegalHoldPlaced LegalHoldReleased DiscountCreated DiscountChanged DiscountRetired CouponCreated
CouponRetired CouponRedeemed InvoiceLineAdded InvoiceLineRemoved InvoiceNumberAssigned CreditReturned PolicyChanged
SubscriptionActivated AccountParked AccountUnparked TaxRateSet CreditNoteIssued CreditNoteNumberAssigned
CreditNoteVoided ProrationCalculated TestClockCreated TestClockAdvanced TestClockBecameReady DiscountRemoved
ProviderEventReceived ProviderEventProcessed ProviderEventIgnored ProviderEventFailed BookCreated BookChanged BookClosed
CheckoutSessionOpened CheckoutSessionExpired ProviderSubscriptionMirrored CatalogueSyncCompleted
)";

/// All messages of the book that match, newest first, by a scan of the log.
std::vector<MessagePlace> scanned(ViewsFixture& fixture, const std::string& book, const MessageFilter& filter) {
  std::vector<MessagePlace> places;
  fixture.book.scan(book, [&](const schema::Envelope& envelope) {
    const std::string id = filter.correlation_id.value_or("");
    const std::string_view stream = view(envelope.stream());
    if (filter.account_id && stream != book + "/" + *filter.account_id) return false;
    if (filter.correlation_id && view(envelope.correlation_id()) != id && view(envelope.request_id()) != id) {
      return false;
    }
    for (const Message& message : messages_of(envelope)) {
      const std::string name(message.name);
      const bool is_webhook = message.channel == Channel::webhook;
      if (filter.channel && message.channel != *filter.channel) continue;
      if (filter.template_name && (is_webhook || name != *filter.template_name)) continue;
      if (filter.webhook_event && (!is_webhook || name != *filter.webhook_event)) continue;
      places.push_back({envelope.position(), message.channel});
    }
    return false;
  });
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) {
    return a.position != b.position ? a.position > b.position : a.channel < b.channel;
  });
  return places;
}

}  // namespace

TEST_CASE("each type of event says what is told of it") {
  std::map<std::string, Names> expected;
  std::istringstream told{std::string(told_of)}, nothing{std::string(told_nothing_of)};
  for (std::string line; std::getline(told, line);) {
    std::istringstream words(line);
    std::string type;
    words >> type;
    for (std::string word; words >> word;) expected[type].push_back(word);
  }
  for (std::string type; nothing >> type;) CHECK_MESSAGE(expected.emplace(type, Names()).second, type);
  for (const schema::Event type : schema::EnumValuesEvent()) {
    if (type == schema::Event::NONE) continue;
    const std::string name = schema::EnumNameEvent(type);
    CAPTURE(name);
    REQUIRE(expected.contains(name));
    CHECK(names_of(messages_of(type)) == expected[name]);
    expected.erase(name);
  }
  CHECK(expected.empty());
  CHECK(messages_of(schema::Event::NONE).empty());
}

TEST_CASE("an event gives one message a channel at most, and none that its type does not name") {
  for (const schema::Event type : schema::EnumValuesEvent()) {
    if (type == schema::Event::NONE) continue;
    CAPTURE(schema::EnumNameEvent(type));
    const std::vector<Message> possible = messages_of(type);
    for (const std::string& bytes :
         {full_envelope(static_cast<std::uint8_t>(type)), empty_envelope(static_cast<std::uint8_t>(type))}) {
      const std::vector<Message> given = messages_of(*schema::GetEnvelope(bytes.data()));
      for (std::size_t i = 0; i < given.size(); ++i) {
        CHECK(std::find(possible.begin(), possible.end(), given[i]) != possible.end());
        if (i > 0) CHECK(given[i - 1].channel < given[i].channel);
      }
    }
  }
}

TEST_CASE("a cancellation is confirmed when it is scheduled, and not again when it comes") {
  schema::SubscriptionCanceledT event;
  CHECK(given_by(event) == Names{"email:subscription_canceled", "webhook:subscription.cancelled"});
  event.cause = schema::CancellationCause::scheduled;
  CHECK(given_by(event) == Names{"webhook:subscription.cancelled"});
}

TEST_CASE("a change of plan is told of as it goes, up or down, and one that was scheduled as one that has come") {
  schema::PlanChangedT event;
  using Direction = schema::ChangeDirection;
  CHECK(given_by(event) == Names{"email:plan_changed", "webhook:subscription.changed", "in_app:plan_changed"});
  event.direction = Direction::upgrade;
  CHECK(given_by(event) ==
        Names{"email:subscription_upgraded", "webhook:subscription.upgraded", "in_app:plan_changed"});
  event.scheduled = true;
  CHECK(given_by(event) == Names{"email:plan_changed", "webhook:subscription.upgraded", "in_app:plan_changed"});
  event.direction = Direction::downgrade;
  CHECK(given_by(event) == Names{"email:plan_changed", "webhook:subscription.downgraded", "in_app:plan_changed"});
  event.scheduled = false;
  CHECK(given_by(event) ==
        Names{"email:subscription_downgraded", "webhook:subscription.downgraded", "in_app:plan_changed"});

  schema::PlanChangeScheduledT scheduled;
  CHECK(given_by(scheduled) == Names{"webhook:subscription.changed"});
  scheduled.direction = Direction::upgrade;
  CHECK(given_by(scheduled) == Names{"webhook:subscription.changed"});
  scheduled.direction = Direction::downgrade;
  CHECK(given_by(scheduled) == Names{"email:subscription_downgraded", "webhook:subscription.downgrade_scheduled"});
}

TEST_CASE("a discount is told of as a coupon only if a coupon gave it") {
  schema::DiscountAppliedT event;
  CHECK(given_by(event).empty());
  event.code = "SAVE10";
  CHECK(given_by(event) == Names{"email:coupon_redeemed", "webhook:coupon.redeemed"});
}

TEST_CASE("a trial's reminder is the mail of its day") {
  schema::TrialReminderIssuedT event;
  event.days_before = 3;
  CHECK(given_by(event) == Names{"email:trial_ending_3_days", "webhook:trial.will_end"});
  event.days_before = 1;
  CHECK(given_by(event) == Names{"email:trial_ending_1_day", "webhook:trial.will_end"});
}

TEST_CASE("a message's id says where it is, and nothing else is one") {
  const MessagePlace place{77, Channel::webhook};
  const std::string id = format_message_id(3, place);
  CHECK(id == "msg_03000000002d2");
  REQUIRE(parse_message_id(id).has_value());
  CHECK(parse_message_id(id)->first == 3);
  CHECK(parse_message_id(id)->second == place);
  for (const char* text : {"", "msg_", "msg_2", "msg_03000000002d", "msg_03000000002d0", "msg_03000000002d4",
                           "msg_03000000002D2", "evt_03000000002d2", "msg_0300000000002", "msg_003000000002d2"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_message_id(text).has_value());
  }
}

TEST_CASE("the list of messages is what the events in the log give, by every filter, paged both ways") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  fixture.book.random_commands(random, 1'500, 9);
  std::vector<MessageFilter> filters(11);
  filters[1].account_id = "a1";
  filters[2].channel = Channel::email;
  filters[3].channel = Channel::in_app;
  filters[3].account_id = "a2";
  filters[4].template_name = "invoice_generated";
  filters[5].webhook_event = "subscription.cancelled";
  filters[6].template_name = "subscription_canceled";
  filters[6].account_id = "a1";
  filters[7].correlation_id = "req_77";
  filters[8].template_name = "plan_changed";
  filters[9].channel = Channel::webhook;
  filters[9].template_name = "invoice_generated";
  filters[10].webhook_event = "no.such";
  std::size_t most = 0;
  for (const bool is_rebuilt : {false, true}) {
    if (is_rebuilt) fixture.views().rebuild(ViewName::audit);
    for (const char* book : {"default", "second"}) {
      for (std::size_t i = 0; i < filters.size(); ++i) {
        CAPTURE(i);
        const std::vector<MessagePlace> expected = scanned(fixture, book, filters[i]);
        if (i >= 9) CHECK(expected.empty());
        most = std::max(most, expected.size());
        const OutboxReader outbox = fixture.views().outbox();
        for (const std::size_t limit : {3U, 200U}) {
          check_walks<MessagePlace>(
              expected, limit,
              [&](const auto& request) { return outbox.messages(book, filters[i], request, 0, fixture.book.head()); },
              [](const MessageRow& row) { return row.place; });
        }
      }
    }
  }
  CHECK(most > page_limit_max);
}

TEST_CASE("a row has the message and its event, and nothing of later positions or other books") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const Position opened = fixture.book.head();
  fixture.book.issue_credit("a", 100);
  fixture.book.open_account("other/b");
  const OutboxReader outbox = fixture.views().outbox();
  const auto page = outbox.messages("default", {}, {}, 0, fixture.book.head());
  REQUIRE(page.data.size() == 3);
  CHECK_FALSE(page.has_more);
  CHECK(page.data[0].message == Message{Channel::email, "credit_issued"});
  CHECK(page.data[1].message == Message{Channel::webhook, "credit.issued"});
  CHECK(page.data[2].message == Message{Channel::webhook, "account.created"});
  CHECK(page.data[2].place == MessagePlace{opened, Channel::webhook});
  CHECK(page.data[0].envelope == fixture.book.log().read_one(0, page.data[0].place.position));
  CHECK(outbox.messages("default", {}, {}, 0, opened).data.size() == 1);
  CHECK(outbox.messages("other", {}, {}, 0, fixture.book.head()).data.size() == 1);
  CHECK(outbox.messages("none", {}, {}, 0, fixture.book.head()).data.empty());
}

}  // namespace daybook::test
