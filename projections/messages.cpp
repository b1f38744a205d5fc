#include "projections/messages.h"

#include <algorithm>
#include <array>

#include "domain/flat_string.h"
#include "domain/id.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::string_view event_id_prefix = "evt_", message_id_prefix = "msg_";

/// What is told, by channel; an empty name: nothing.
struct Notice {
  std::string_view email, webhook, in_app;
};
/// Of a type whose events differ in what is told of them, all that there are; see choice_of.
using Notices = std::array<Notice, 5>;

constexpr Notices told(std::string_view email, std::string_view webhook, std::string_view in_app = {}) {
  return {{{email, webhook, in_app}}};
}
constexpr Notices told_webhooks(std::string_view webhook) {
  return told({}, webhook);
}
constexpr Notices told_nobody() {
  return {};
}

Notices notices_of(schema::Event type) {
  switch (type) {
    case schema::Event::AccountOpened:
      return told_webhooks("account.created");
    case schema::Event::AccountDetailsChanged:
      return told_webhooks("account.updated");
    case schema::Event::AccountDeletionScheduled:
      return told("account_deletion_scheduled", "tenant.deletion_scheduled");
    case schema::Event::AccountRestored:
      return told("account_restored", {});

    case schema::Event::PlanCreated:
    case schema::Event::PlanImported:
      return told_webhooks("plan.created");
    case schema::Event::PlanVersionPublished:
    case schema::Event::PlanRestored:
      return told_webhooks("plan.updated");
    case schema::Event::PlanRetired:
      return told_webhooks("plan.retired");

    case schema::Event::CreditIssued:
      return told("credit_issued", "credit.issued");
    case schema::Event::CreditApplied:
      return told_webhooks("credit.applied");
    case schema::Event::CreditExpired:
      return told_webhooks("credit.expired");
    case schema::Event::CreditVoided:
      return told_webhooks("credit.voided");
    case schema::Event::UnitCreditsAllocated:
      return told_webhooks("unit_credits.allocated");
    case schema::Event::DiscountApplied:
      return {{{"coupon_redeemed", "coupon.redeemed", {}}, {}}};

    case schema::Event::SubscriptionCreated:
      return told("subscription_created", "subscription.created");
    case schema::Event::AccountTrialStarted:
    case schema::Event::SubscriptionTrialStarted:
      return told_webhooks("trial.started");
    case schema::Event::TrialReminderIssued:
      return {{{"trial_ending_3_days", "trial.will_end", {}}, {"trial_ending_1_day", "trial.will_end", {}}}};
    case schema::Event::TrialExpired:
      return told("trial_expired", "trial.expired");
    case schema::Event::TrialConverted:
    case schema::Event::TrialEndedEarly:
      return told("trial_converted", "trial.converted");
    case schema::Event::SubscriptionRenewed:
      return told("subscription_renewed", "subscription.renewed");
    case schema::Event::PlanChanged:
      return {{{"plan_changed", "subscription.changed", "plan_changed"},
               {"subscription_upgraded", "subscription.upgraded", "plan_changed"},
               {"subscription_downgraded", "subscription.downgraded", "plan_changed"},
               {"plan_changed", "subscription.upgraded", "plan_changed"},
               {"plan_changed", "subscription.downgraded", "plan_changed"}}};
    case schema::Event::SubscriptionQuantityChanged:
      return told("plan_changed", "subscription.quantity_changed", "plan_changed");
    case schema::Event::PlanChangeScheduled:
      return {{{{}, "subscription.changed", {}}, {"subscription_downgraded", "subscription.downgrade_scheduled", {}}}};
    case schema::Event::SubscriptionDetailsChanged:
      return told_webhooks("subscription.changed");
    case schema::Event::ScheduledPlanChangeCanceled:
      return told_webhooks("subscription.change_canceled");
    case schema::Event::SubscriptionPaused:
      return told("subscription_paused", "subscription.paused");
    case schema::Event::SubscriptionResumed:
      return told("subscription_resumed", "subscription.resumed");
    case schema::Event::SubscriptionBecamePastDue:  // the mail is that of the failed payment
      return told_webhooks("subscription.past_due");
    case schema::Event::SubscriptionRecovered:
      return told_webhooks("subscription.changed");
    case schema::Event::CheckoutSessionCompleted:
      return told_webhooks("subscription.changed");
    case schema::Event::SubscriptionCancellationScheduled:
      return told("subscription_canceled", "subscription.cancel_scheduled");
    case schema::Event::SubscriptionCanceled:
      return {{{"subscription_canceled", "subscription.cancelled", {}}, {{}, "subscription.cancelled", {}}}};
    case schema::Event::SubscriptionReactivated:
      return told("subscription_reactivated", "subscription.reactivated");

    case schema::Event::InvoiceDrafted:
      return told_webhooks("invoice.created");
    case schema::Event::InvoiceFinalized:
      return told("invoice_generated", "invoice.finalized");
    case schema::Event::InvoiceSent:
      return told("invoice_generated", {});
    case schema::Event::InvoicePaid:
      return told_webhooks("invoice.paid");
    case schema::Event::InvoiceVoided:
      return told_webhooks("invoice.voided");
    case schema::Event::InvoiceMarkedUncollectible:
      return told_webhooks("invoice.uncollectible");
    case schema::Event::InvoiceBecameOverdue:
      return told_webhooks("invoice.overdue");
    case schema::Event::InvoiceAdjusted:
      return told_webhooks("invoice.adjusted");

    case schema::Event::PaymentMethodAttached:
      return told("payment_method_updated", "payment_method.attached");
    case schema::Event::DefaultPaymentMethodChanged:
      return told_webhooks("payment_method.default_changed");
    case schema::Event::PaymentMethodDetached:
      return told("payment_method_updated", "payment_method.detached");
    case schema::Event::PaymentAttempted:
      return told_webhooks("payment.attempted");
    case schema::Event::PaymentSucceeded:
    case schema::Event::OfflinePaymentRecorded:
      return told("payment_succeeded", "payment.succeeded");
    case schema::Event::PaymentFailed:
      return told("payment_failed", "payment.failed", "payment_failed");
    case schema::Event::PaymentActionRequired:
      return told("payment_action_required", "payment.action_required");

    case schema::Event::RefundIssued:
      return told("refund_issued", "refund.issued");
    case schema::Event::RefundSucceeded:
      return told_webhooks("refund.succeeded");
    case schema::Event::RefundFailed:
    case schema::Event::RefundCanceled:
      return told_webhooks("refund.failed");
    case schema::Event::DisputeOpened:
      return told_webhooks("dispute.opened");
    case schema::Event::DisputeWon:
      return told_webhooks("dispute.won");
    case schema::Event::DisputeLost:
      return told_webhooks("dispute.lost");

    // Told by another event of the same command, or by the first of their kind.
    case schema::Event::SubscriptionActivated:
    case schema::Event::ProrationCalculated:
    case schema::Event::InvoiceNumberAssigned:
    case schema::Event::CouponRedeemed:
    case schema::Event::CreditNoteNumberAssigned:
    case schema::Event::CreditNoteIssued:
    case schema::Event::CreditNoteVoided:
    case schema::Event::CreditReturned:
    case schema::Event::CreditConsumed:
    // Work in progress, and what an account's own units do.
    case schema::Event::CheckoutSessionOpened:
    case schema::Event::CheckoutSessionExpired:
    case schema::Event::ProviderSubscriptionMirrored:
    case schema::Event::InvoiceLineAdded:
    case schema::Event::InvoiceLineRemoved:
    case schema::Event::UnitCreditsDeducted:
    case schema::Event::UnitCreditsAdjusted:
    case schema::Event::UnitCreditsExpired:
    case schema::Event::UnitCreditsReserved:
    case schema::Event::UnitReservationCaptured:
    case schema::Event::UnitReservationReleased:
    case schema::Event::UnitReservationExpired:
    // The seller's own business; of a purged account nobody is left.
    case schema::Event::AccountPurged:
    case schema::Event::LegalHoldPlaced:
    case schema::Event::LegalHoldReleased:
    case schema::Event::AccountParked:
    case schema::Event::AccountUnparked:
    case schema::Event::DiscountCreated:
    case schema::Event::DiscountChanged:
    case schema::Event::DiscountRetired:
    case schema::Event::CouponCreated:
    case schema::Event::CouponRetired:
    case schema::Event::DiscountRemoved:
    case schema::Event::ProviderEventReceived:
    case schema::Event::ProviderEventProcessed:
    case schema::Event::ProviderEventIgnored:
    case schema::Event::ProviderEventFailed:
    case schema::Event::PolicyChanged:
    case schema::Event::TaxRateSet:
    case schema::Event::ApiKeyCreated:
    case schema::Event::ApiKeyRevoked:
    case schema::Event::SandboxClockAdvanced:
    case schema::Event::CatalogueSyncCompleted:
    case schema::Event::TestClockCreated:
    case schema::Event::TestClockAdvanced:
    case schema::Event::TestClockBecameReady:
    case schema::Event::BookCreated:
    case schema::Event::BookChanged:
    case schema::Event::BookClosed:
    case schema::Event::CommandAnswered:
    case schema::Event::NONE:
      return told_nobody();
  }
  return told_nobody();  // of a later release
}

/// A mail about a change that was scheduled says that it has come; about another one, which way it goes.
std::size_t choice_of(const schema::PlanChanged& changed) {
  switch (changed.direction()) {
    case schema::ChangeDirection::upgrade:
      return changed.scheduled() ? 3 : 1;
    case schema::ChangeDirection::downgrade:
      return changed.scheduled() ? 4 : 2;
    case schema::ChangeDirection::none:
      break;
  }
  return 0;
}

/// Which of its type's notices the event gives.
std::size_t choice_of(const schema::Envelope& envelope) {
  if (const auto* changed = envelope.event_as_PlanChanged()) return choice_of(*changed);
  if (const auto* scheduled = envelope.event_as_PlanChangeScheduled()) {
    return scheduled->direction() == schema::ChangeDirection::downgrade ? 1 : 0;
  }
  if (const auto* applied = envelope.event_as_DiscountApplied()) return view(applied->code()).empty() ? 1 : 0;
  if (const auto* reminder = envelope.event_as_TrialReminderIssued()) return reminder->days_before() <= 1 ? 1 : 0;
  if (const auto* canceled = envelope.event_as_SubscriptionCanceled()) {
    return canceled->cause() == schema::CancellationCause::scheduled ? 1 : 0;  // the mail went when it was scheduled
  }
  return 0;
}

void append_messages(std::vector<Message>& messages, const Notice& notice) {
  const auto append = [&](Channel channel, std::string_view name) {
    const Message message{channel, name};
    const bool is_there = std::find(messages.begin(), messages.end(), message) != messages.end();
    if (!name.empty() && !is_there) messages.push_back(message);
  };
  append(Channel::email, notice.email);
  append(Channel::webhook, notice.webhook);
  append(Channel::in_app, notice.in_app);
}

}  // namespace

std::string_view to_text(Channel channel) {
  return channel_names[static_cast<std::size_t>(channel) - 1];
}

std::vector<Message> messages_of(const schema::Envelope& envelope) {
  std::vector<Message> messages;
  if (envelope.event() != nullptr) append_messages(messages, notices_of(envelope.event_type())[choice_of(envelope)]);
  return messages;
}

std::vector<Message> messages_of(schema::Event type) {
  std::vector<Message> messages;
  for (const Notice& notice : notices_of(type)) append_messages(messages, notice);
  return messages;
}

std::vector<schema::Event> types_that_give(const std::function<bool(const Message&)>& is_wanted) {
  std::vector<schema::Event> types;
  for (const schema::Event type : schema::EnumValuesEvent()) {
    const std::vector<Message> messages = messages_of(type);
    if (std::any_of(messages.begin(), messages.end(), is_wanted)) types.push_back(type);
  }
  return types;
}

std::string format_message_id(ShardNumber shard, const MessagePlace& place) {
  std::string text = format_event_id(shard, place.position);
  text.replace(0, event_id_prefix.size(), message_id_prefix);
  return text += static_cast<char>('0' + static_cast<char>(place.channel));
}

std::optional<std::pair<ShardNumber, MessagePlace>> parse_message_id(std::string_view text) {
  if (!text.starts_with(message_id_prefix)) return std::nullopt;
  const std::size_t number = static_cast<std::size_t>(text.back() - '0');
  if (number < 1 || number > std::size(channel_names)) return std::nullopt;
  text = text.substr(message_id_prefix.size(), text.size() - message_id_prefix.size() - 1);
  const std::optional<LogRef> event = parse_event_id(std::string(event_id_prefix).append(text));
  if (!event) return std::nullopt;
  return std::pair(event->shard, MessagePlace{event->position, static_cast<Channel>(number)});
}

}  // namespace daybook
