// GET /v1/accounts/{id}/timeline: what happened to an account, newest first, in plain words. Read from the log through
// the engine's index of the stream; nothing is copied.
#include "domain/tables.h"
#include "gateway/account_read.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// Versions looked up in the index at a time.
constexpr std::uint64_t window_versions = 256;

std::string money_text(const schema::Money* amount) {
  if (amount == nullptr) return {};
  return format(Money{amount->minor(), Currency{amount->currency()}});
}

std::string units_text(std::int64_t amount, const flatbuffers::String* unit) {
  return std::to_string(amount) + " " + (unit ? unit->str() : std::string("units"));
}

/// One sentence without personal data; empty for what is no news to a reader.
std::string sentence_of(const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::AccountOpened:
      return "Account opened";
    case schema::Event::AccountDetailsChanged: {
      std::string text = "Details changed";
      if (const auto* changed = envelope.event_as_AccountDetailsChanged()->changed()) {
        for (flatbuffers::uoffset_t i = 0; i < changed->size(); ++i) text += (i ? ", " : ": ") + changed->Get(i)->str();
      }
      return text;
    }
    case schema::Event::AccountDeletionScheduled:
      return "Deletion scheduled";
    case schema::Event::AccountRestored:
      return "Account restored";
    case schema::Event::AccountPurged:
      return "Personal data purged";
    case schema::Event::LegalHoldPlaced:
      return "Legal hold placed";
    case schema::Event::LegalHoldReleased:
      return "Legal hold released";
    case schema::Event::AccountParked:
      return "Account parked: its next invoice is out of bounds";
    case schema::Event::AccountUnparked:
      return "Account released: its subscriptions go on";
    case schema::Event::CreditIssued:
      return "Credit of " + money_text(envelope.event_as_CreditIssued()->amount()) + " issued";
    case schema::Event::CreditConsumed:
      return money_text(envelope.event_as_CreditConsumed()->amount()) + " of a credit consumed";
    case schema::Event::CreditExpired:
      return money_text(envelope.event_as_CreditExpired()->amount()) + " of a credit expired";
    case schema::Event::CreditVoided:
      return "Credit of " + money_text(envelope.event_as_CreditVoided()->amount()) + " voided";
    case schema::Event::UnitCreditsAllocated: {
      const auto& event = *envelope.event_as_UnitCreditsAllocated();
      return units_text(event.amount(), event.unit()) + " allocated";
    }
    case schema::Event::UnitCreditsDeducted: {
      const auto& event = *envelope.event_as_UnitCreditsDeducted();
      return units_text(event.amount(), event.unit()) + " deducted";
    }
    case schema::Event::UnitCreditsAdjusted: {
      const auto& event = *envelope.event_as_UnitCreditsAdjusted();
      return "Balance adjusted by " + units_text(event.amount(), event.unit());
    }
    case schema::Event::UnitCreditsExpired: {
      const auto& event = *envelope.event_as_UnitCreditsExpired();
      return units_text(event.amount(), event.unit()) + " expired";
    }
    case schema::Event::UnitCreditsReserved: {
      const auto& event = *envelope.event_as_UnitCreditsReserved();
      return units_text(event.amount(), event.unit()) + " reserved";
    }
    case schema::Event::UnitReservationCaptured: {
      const auto& event = *envelope.event_as_UnitReservationCaptured();
      return "Reservation captured: " + units_text(event.amount(), event.unit()) + " used, " +
             std::to_string(event.released()) + " given back";
    }
    case schema::Event::UnitReservationReleased: {
      const auto& event = *envelope.event_as_UnitReservationReleased();
      return "Reservation released: " + units_text(event.amount(), event.unit()) + " given back";
    }
    case schema::Event::UnitReservationExpired: {
      const auto& event = *envelope.event_as_UnitReservationExpired();
      return "Reservation expired: " + units_text(event.amount(), event.unit()) + " given back";
    }
    case schema::Event::PaymentMethodAttached:
      return "Payment method attached";
    case schema::Event::DefaultPaymentMethodChanged:
      return "Default payment method changed";
    case schema::Event::PaymentMethodDetached:
      return "Payment method detached";
    case schema::Event::DiscountApplied: {
      const auto& event = *envelope.event_as_DiscountApplied();
      const std::string code = text(event.code());
      return "Discount " + text(event.discount_id()) + (code.empty() ? " given" : " applied, for the coupon " + code);
    }
    case schema::Event::DiscountRemoved:
      return "Discount " + text(envelope.event_as_DiscountRemoved()->discount_id()) + " removed";
    case schema::Event::InvoiceDrafted:
      return "Invoice drafted";
    case schema::Event::InvoiceLineAdded:
      return "Line added to an invoice";
    case schema::Event::InvoiceLineRemoved:
      return "Line removed from an invoice";
    case schema::Event::InvoiceFinalized: {
      const auto& event = *envelope.event_as_InvoiceFinalized();
      const std::int64_t total = event.figures() ? event.figures()->total() : 0;
      return "Invoice " + text(event.number()) + " of " + format(Money{total, Currency{event.currency()}}) +
             " finalized";
    }
    case schema::Event::InvoicePaid:
      return "Invoice paid";
    case schema::Event::InvoiceVoided:
      return "Invoice voided";
    case schema::Event::InvoiceMarkedUncollectible:
      return "Invoice written off: " + money_text(envelope.event_as_InvoiceMarkedUncollectible()->amount());
    case schema::Event::InvoiceBecameOverdue:
      return "Invoice overdue: " + money_text(envelope.event_as_InvoiceBecameOverdue()->amount());
    case schema::Event::InvoiceSent:
      return "Invoice sent";
    case schema::Event::SubscriptionCreated:
      return "Subscribed to " + text(envelope.event_as_SubscriptionCreated()->plan_name());
    case schema::Event::CheckoutSessionOpened:
      return "Checkout of " + text(envelope.event_as_CheckoutSessionOpened()->plan_id()) + " opened";
    case schema::Event::CheckoutSessionCompleted:
      return "Checkout completed";
    case schema::Event::CheckoutSessionExpired:
      return "Checkout expired";
    case schema::Event::ProviderSubscriptionMirrored: {
      const auto& event = *envelope.event_as_ProviderSubscriptionMirrored();
      return "Subscription of " + text(event.provider()) + " " + text(event.provider_subscription_id()) + ": " +
             text(event.provider_status());
    }
    case schema::Event::SubscriptionTrialStarted:
      return "Trial of " + std::to_string(envelope.event_as_SubscriptionTrialStarted()->days()) + " days started";
    case schema::Event::TrialConverted:
      return "Trial ended, subscription active";
    case schema::Event::SubscriptionRenewed:
      return "Subscription renewed";
    case schema::Event::SubscriptionCancellationScheduled:
      return "Subscription set to end with its period";
    case schema::Event::SubscriptionCanceled:
      return envelope.event_as_SubscriptionCanceled()->cause() == schema::CancellationCause::pause_limit
                 ? "Subscription canceled: paused for too long"
                 : "Subscription canceled";
    case schema::Event::SubscriptionReactivated:
      return envelope.event_as_SubscriptionReactivated()->period() ? "Subscription begun again"
                                                                   : "Cancellation of a subscription taken back";
    case schema::Event::CreditNoteIssued: {
      const auto& event = *envelope.event_as_CreditNoteIssued();
      return "Credit note " + text(event.number()) + " of " + format(Money{event.total(), Currency{event.currency()}}) +
             " for invoice " + text(event.invoice_number());
    }
    case schema::Event::CreditNoteVoided:
      return "Credit note voided";
    case schema::Event::InvoiceAdjusted: {
      const auto& event = *envelope.event_as_InvoiceAdjusted();
      return "Invoice adjusted: " + std::string(to_text(static_cast<AdjustmentType>(event.type()))) + " of " +
             format(Money{event.total(), Currency{event.currency()}});
    }
    case schema::Event::PlanChanged: {
      const auto& event = *envelope.event_as_PlanChanged();
      const std::string name = event.plan() ? text(event.plan()->plan_name()) : std::string();
      return "Subscription changed from " + text(event.from_plan_id()) + " to " + name;
    }
    case schema::Event::SubscriptionQuantityChanged: {
      const auto& event = *envelope.event_as_SubscriptionQuantityChanged();
      return "Quantity of a subscription changed from " + std::to_string(event.from_quantity()) + " to " +
             std::to_string(event.quantity());
    }
    case schema::Event::PlanChangeScheduled: {
      const auto* plan = envelope.event_as_PlanChangeScheduled()->plan();
      return "Subscription set to change with its next period, to " + (plan ? text(plan->plan_name()) : std::string());
    }
    case schema::Event::ScheduledPlanChangeCanceled:
      return "Change of a subscription with its next period taken back";
    case schema::Event::SubscriptionDetailsChanged:
      return "Details of a subscription changed";
    case schema::Event::SubscriptionPaused:
      return "Subscription paused";
    case schema::Event::SubscriptionResumed:
      return envelope.event_as_SubscriptionResumed()->mode() == schema::ResumeMode::auto_
                 ? "Subscription resumed on its date"
                 : "Subscription resumed";
    case schema::Event::SubscriptionBecamePastDue:
      return "Subscription past due: a payment failed";
    case schema::Event::SubscriptionRecovered:
      return "Subscription active again: what was owed is settled";
    case schema::Event::TrialEndedEarly:
      return envelope.event_as_TrialEndedEarly()->period() ? "Trial ended early, subscription active"
                                                           : "Trial of the account ended: it has subscribed";
    case schema::Event::AccountTrialStarted:
      return "Trial of the account started: " + text(envelope.event_as_AccountTrialStarted()->plan_id()) + ", " +
             std::to_string(envelope.event_as_AccountTrialStarted()->days()) + " days";
    case schema::Event::TrialReminderIssued: {
      const int days = envelope.event_as_TrialReminderIssued()->days_before();
      return "Reminded that the trial ends in " + std::to_string(days) + (days == 1 ? " day" : " days");
    }
    case schema::Event::TrialExpired:
      switch (envelope.event_as_TrialExpired()->outcome()) {
        case schema::TrialOutcome::downgraded:
          return "Trial expired, moved to the free plan";
        case schema::TrialOutcome::blocked:
          return "Trial expired, service blocked";
        case schema::TrialOutcome::canceled:
        case schema::TrialOutcome::ended:
          break;
      }
      return "Trial expired";
    case schema::Event::PaymentAttempted:
      return "Payment of " + money_text(envelope.event_as_PaymentAttempted()->amount()) + " attempted";
    case schema::Event::PaymentSucceeded:
      return "Payment of " + money_text(envelope.event_as_PaymentSucceeded()->amount()) + " succeeded";
    case schema::Event::PaymentFailed: {
      const auto& event = *envelope.event_as_PaymentFailed();
      return "Payment of " + money_text(event.amount()) + " failed: " + text(event.code());
    }
    case schema::Event::PaymentActionRequired:
      return "Payment waits for the customer to confirm it";
    case schema::Event::OfflinePaymentRecorded:
      return "Payment of " + money_text(envelope.event_as_OfflinePaymentRecorded()->amount()) + " received";
    case schema::Event::RefundIssued:
      return "Refund of " + money_text(envelope.event_as_RefundIssued()->amount()) + " issued";
    case schema::Event::RefundSucceeded:
      return "Refund of " + money_text(envelope.event_as_RefundSucceeded()->amount()) + " succeeded";
    case schema::Event::RefundFailed: {
      const auto& event = *envelope.event_as_RefundFailed();
      return "Refund of " + money_text(event.amount()) + " failed: " + text(event.code());
    }
    case schema::Event::RefundCanceled:
      return "Refund of " + money_text(envelope.event_as_RefundCanceled()->amount()) + " canceled";
    case schema::Event::DisputeOpened:
      return "Payment disputed: " + money_text(envelope.event_as_DisputeOpened()->amount()) + " taken back";
    case schema::Event::DisputeWon:
      return "Dispute over " + money_text(envelope.event_as_DisputeWon()->amount()) + " won";
    case schema::Event::DisputeLost:
      return "Dispute over " + money_text(envelope.event_as_DisputeLost()->amount()) + " lost";
    case schema::Event::CreditApplied:
      return money_text(envelope.event_as_CreditApplied()->amount()) + " of a credit applied to an invoice";
    case schema::Event::CreditReturned:
      return money_text(envelope.event_as_CreditReturned()->amount()) + " returned to a credit";
    default:
      return {};
  }
}

void append_entry(std::string& out, const EventRenderer& renderer, std::string_view bytes, std::string_view sentence) {
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  std::string at;
  append_rfc3339(at, Instant{envelope.decided_at()->us()});
  JsonText json(out);
  json.begin_object().member("object", "timeline_entry");
  json.member("id", format_event_id(envelope.shard(), envelope.position()));
  json.member("type", renderer.type_name(bytes)).member("at", at).member("summary", sentence);
  const auto* actor = envelope.actor();
  json.member("actor", actor && actor->principal() ? actor->principal()->string_view() : std::string_view("system"));
  json.end_object();
}

/// The version before which the page begins, from the cursor; nothing if it names no event of the stream.
std::optional<std::uint64_t> version_before(const Exchange& exchange, const AccountCopy& copy,
                                            const std::optional<LogRef>& after) {
  if (!after) return copy.version;
  const EventLog& log = exchange.services.engine.log();
  if (after->shard != copy.position.shard || after->position > log.head(after->shard)) return std::nullopt;
  const std::string bytes = log.read_one(after->shard, after->position);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  if (!envelope.stream() || envelope.stream()->string_view() != copy.stream) return std::nullopt;
  return std::min(envelope.stream_version() - 1, copy.version);
}

void answer_timeline(const ExchangePtr& exchange, const AccountCopy& copy, std::size_t limit,
                     const std::optional<LogRef>& after) {
  const Engine& engine = exchange->services.engine;
  const std::optional<std::uint64_t> start = version_before(*exchange, copy, after);
  if (!start) return refuse_cursor(exchange);
  Page<std::string> page;
  std::uint64_t to = *start;
  while (to > 0 && !page.has_more) {
    const std::uint64_t from = to > window_versions ? to - window_versions + 1 : 1;
    const std::vector<Position> positions = engine.stream_positions(copy.stream, from, to);
    for (auto position = positions.rbegin(); position != positions.rend() && !page.has_more; ++position) {
      const std::string bytes = engine.log().read_one(copy.position.shard, *position);
      const std::string sentence = sentence_of(*schema::GetEnvelope(bytes.data()));
      if (sentence.empty()) continue;
      page.has_more = page.data.size() == limit;
      if (page.has_more) break;
      append_entry(page.data.emplace_back(), exchange->services.renderer, bytes, sentence);
    }
    to = from - 1;
  }
  std::string body;
  begin_list(body, page, [&](const std::string& entry) { body += entry; });
  exchange->send(200, std::move(body += '}'));
}

}  // namespace

void get_timeline(ExchangePtr exchange) {
  Faults faults;
  const std::size_t limit = query_limit(exchange->request, faults);
  std::optional<LogRef> after;
  if (const auto text = exchange->request.query_value("starting_after")) {
    after = parse_event_id(*text);
    if (!after) faults.invalid("?starting_after", fault_codes::invalid, "must be an event's id");
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt},
               [limit, after](const ExchangePtr& answered, const AccountCopy& copy) {
                 on_reader_thread(answered, [=] { answer_timeline(answered, copy, limit, after); });
               });
}

}  // namespace daybook
