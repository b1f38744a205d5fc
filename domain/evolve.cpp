// The dispatcher of folds: each event to its apply.
#include "domain/evolve.h"

#include "domain/assert.h"
#include "domain/folds.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

EventMoment moment(const schema::Envelope& envelope) {
  const Instant at = envelope.decided_at() ? Instant{envelope.decided_at()->us()} : Instant{};
  const Instant effective = envelope.effective_at() ? Instant{envelope.effective_at()->us()} : at;
  return {envelope.stream_version(), at, effective};
}

template <class State>
EventMoment enter(State& state, const schema::Envelope& envelope) {
  ensure(envelope.stream_version() == state.version + 1, "a fold that skips or repeats an event of its stream");
  if (state.version == 0) state.ordinal = envelope.stream_ordinal();
  ensure(envelope.stream_ordinal() == state.ordinal, "an event folded into another stream's state");
  const EventMoment at = moment(envelope);
  state.version = at.version;
  state.decided_at = at.at;
  return at;
}

}  // namespace

void evolve(AccountState& account, const schema::Envelope& envelope) {
  const EventMoment at = enter(account, envelope);
  account.details.sealing_key = envelope.sealing_key();
  switch (envelope.event_type()) {
    case schema::Event::AccountOpened:
      return apply(account, *envelope.event_as_AccountOpened(), at);
    case schema::Event::AccountDetailsChanged:
      return apply(account, *envelope.event_as_AccountDetailsChanged(), at);
    case schema::Event::CreditIssued:
      return apply(account, *envelope.event_as_CreditIssued(), at);
    case schema::Event::CreditConsumed:
      return apply(account, *envelope.event_as_CreditConsumed(), at);
    case schema::Event::CreditExpired:
      return apply(account, *envelope.event_as_CreditExpired(), at);
    case schema::Event::CreditVoided:
      return apply(account, *envelope.event_as_CreditVoided(), at);
    case schema::Event::UnitCreditsAllocated:
      return apply(account, *envelope.event_as_UnitCreditsAllocated(), at);
    case schema::Event::UnitCreditsDeducted:
      return apply(account, *envelope.event_as_UnitCreditsDeducted(), at);
    case schema::Event::UnitCreditsAdjusted:
      return apply(account, *envelope.event_as_UnitCreditsAdjusted(), at);
    case schema::Event::UnitCreditsExpired:
      return apply(account, *envelope.event_as_UnitCreditsExpired(), at);
    case schema::Event::UnitCreditsReserved:
      return apply(account, *envelope.event_as_UnitCreditsReserved(), at);
    case schema::Event::UnitReservationCaptured:
      return apply(account, *envelope.event_as_UnitReservationCaptured(), at);
    case schema::Event::UnitReservationReleased:
      return apply(account, *envelope.event_as_UnitReservationReleased(), at);
    case schema::Event::UnitReservationExpired:
      return apply(account, *envelope.event_as_UnitReservationExpired(), at);
    case schema::Event::AccountDeletionScheduled:
      return apply(account, *envelope.event_as_AccountDeletionScheduled(), at);
    case schema::Event::AccountRestored:
      return apply(account, *envelope.event_as_AccountRestored(), at);
    case schema::Event::AccountPurged:
      return apply(account, *envelope.event_as_AccountPurged(), at);
    case schema::Event::LegalHoldPlaced:
      return apply(account, *envelope.event_as_LegalHoldPlaced(), at);
    case schema::Event::LegalHoldReleased:
      return apply(account, *envelope.event_as_LegalHoldReleased(), at);
    case schema::Event::AccountParked:
      return apply(account, *envelope.event_as_AccountParked(), at);
    case schema::Event::AccountUnparked:
      return apply(account, *envelope.event_as_AccountUnparked(), at);
    case schema::Event::PaymentMethodAttached:
      return apply(account, *envelope.event_as_PaymentMethodAttached(), at);
    case schema::Event::DefaultPaymentMethodChanged:
      return apply(account, *envelope.event_as_DefaultPaymentMethodChanged(), at);
    case schema::Event::PaymentMethodDetached:
      return apply(account, *envelope.event_as_PaymentMethodDetached(), at);
    case schema::Event::DiscountApplied:
      return apply(account, *envelope.event_as_DiscountApplied(), at);
    case schema::Event::DiscountRemoved:
      return apply(account, *envelope.event_as_DiscountRemoved(), at);
    case schema::Event::InvoiceDrafted:
      return apply(account, *envelope.event_as_InvoiceDrafted(), at);
    case schema::Event::InvoiceLineAdded:
      return apply(account, *envelope.event_as_InvoiceLineAdded(), at);
    case schema::Event::InvoiceLineRemoved:
      return apply(account, *envelope.event_as_InvoiceLineRemoved(), at);
    case schema::Event::InvoiceFinalized:
      return apply(account, *envelope.event_as_InvoiceFinalized(), at);
    case schema::Event::InvoicePaid:
      return apply(account, *envelope.event_as_InvoicePaid(), at);
    case schema::Event::InvoiceVoided:
      return apply(account, *envelope.event_as_InvoiceVoided(), at);
    case schema::Event::InvoiceMarkedUncollectible:
      return apply(account, *envelope.event_as_InvoiceMarkedUncollectible(), at);
    case schema::Event::InvoiceBecameOverdue:
      return apply(account, *envelope.event_as_InvoiceBecameOverdue(), at);
    case schema::Event::InvoiceSent:  // a copy: the invoice stays as it is
      return;
    case schema::Event::CreditApplied:
      return apply(account, *envelope.event_as_CreditApplied(), at);
    case schema::Event::CreditReturned:
      return apply(account, *envelope.event_as_CreditReturned(), at);
    case schema::Event::SubscriptionCreated:
      return apply(account, *envelope.event_as_SubscriptionCreated(), at);
    case schema::Event::SubscriptionTrialStarted:
      return apply(account, *envelope.event_as_SubscriptionTrialStarted(), at);
    case schema::Event::SubscriptionActivated:
      return apply(account, *envelope.event_as_SubscriptionActivated(), at);
    case schema::Event::TrialConverted:
      return apply(account, *envelope.event_as_TrialConverted(), at);
    case schema::Event::SubscriptionRenewed:
      return apply(account, *envelope.event_as_SubscriptionRenewed(), at);
    case schema::Event::SubscriptionCancellationScheduled:
      return apply(account, *envelope.event_as_SubscriptionCancellationScheduled(), at);
    case schema::Event::SubscriptionCanceled:
      return apply(account, *envelope.event_as_SubscriptionCanceled(), at);
    case schema::Event::SubscriptionReactivated:
      return apply(account, *envelope.event_as_SubscriptionReactivated(), at);
    case schema::Event::CreditNoteIssued:
      return apply(account, *envelope.event_as_CreditNoteIssued(), at);
    case schema::Event::CreditNoteVoided:
      return apply(account, *envelope.event_as_CreditNoteVoided(), at);
    case schema::Event::InvoiceAdjusted:
      return apply(account, *envelope.event_as_InvoiceAdjusted(), at);
    case schema::Event::PlanChanged:
      return apply(account, *envelope.event_as_PlanChanged(), at);
    case schema::Event::SubscriptionQuantityChanged:
      return apply(account, *envelope.event_as_SubscriptionQuantityChanged(), at);
    case schema::Event::ProrationCalculated:
      return apply(account, *envelope.event_as_ProrationCalculated(), at);
    case schema::Event::PlanChangeScheduled:
      return apply(account, *envelope.event_as_PlanChangeScheduled(), at);
    case schema::Event::ScheduledPlanChangeCanceled:
      return apply(account, *envelope.event_as_ScheduledPlanChangeCanceled(), at);
    case schema::Event::SubscriptionDetailsChanged:
      return apply(account, *envelope.event_as_SubscriptionDetailsChanged(), at);
    case schema::Event::SubscriptionPaused:
      return apply(account, *envelope.event_as_SubscriptionPaused(), at);
    case schema::Event::SubscriptionResumed:
      return apply(account, *envelope.event_as_SubscriptionResumed(), at);
    case schema::Event::SubscriptionBecamePastDue:
      return apply(account, *envelope.event_as_SubscriptionBecamePastDue(), at);
    case schema::Event::SubscriptionRecovered:
      return apply(account, *envelope.event_as_SubscriptionRecovered(), at);
    case schema::Event::ProviderSubscriptionMirrored:
      return apply(account, *envelope.event_as_ProviderSubscriptionMirrored(), at);
    case schema::Event::TrialEndedEarly:
      return apply(account, *envelope.event_as_TrialEndedEarly(), at);
    case schema::Event::PaymentAttempted:
      return apply(account, *envelope.event_as_PaymentAttempted(), at);
    case schema::Event::PaymentSucceeded:
      return apply(account, *envelope.event_as_PaymentSucceeded(), at);
    case schema::Event::PaymentFailed:
      return apply(account, *envelope.event_as_PaymentFailed(), at);
    case schema::Event::PaymentActionRequired:
      return apply(account, *envelope.event_as_PaymentActionRequired(), at);
    case schema::Event::OfflinePaymentRecorded:
      return apply(account, *envelope.event_as_OfflinePaymentRecorded(), at);
    case schema::Event::AccountTrialStarted:
      return apply(account, *envelope.event_as_AccountTrialStarted(), at);
    case schema::Event::TrialReminderIssued:
      return apply(account, *envelope.event_as_TrialReminderIssued(), at);
    case schema::Event::TrialExpired:
      return apply(account, *envelope.event_as_TrialExpired(), at);
    case schema::Event::CheckoutSessionOpened:
      return apply(account, *envelope.event_as_CheckoutSessionOpened(), at);
    case schema::Event::CheckoutSessionCompleted:
      return apply(account, *envelope.event_as_CheckoutSessionCompleted(), at);
    case schema::Event::CheckoutSessionExpired:
      return apply(account, *envelope.event_as_CheckoutSessionExpired(), at);
    case schema::Event::RefundIssued:
      return apply(account, *envelope.event_as_RefundIssued(), at);
    case schema::Event::RefundSucceeded:
      return apply(account, *envelope.event_as_RefundSucceeded(), at);
    case schema::Event::RefundFailed:
      return apply(account, *envelope.event_as_RefundFailed(), at);
    case schema::Event::RefundCanceled:
      return apply(account, *envelope.event_as_RefundCanceled(), at);
    case schema::Event::DisputeOpened:
      return apply(account, *envelope.event_as_DisputeOpened(), at);
    case schema::Event::DisputeWon:
      return apply(account, *envelope.event_as_DisputeWon(), at);
    case schema::Event::DisputeLost:
      return apply(account, *envelope.event_as_DisputeLost(), at);
    case schema::Event::CommandAnswered:
      return;                                  // changes nothing but the stream's version
    case schema::Event::SandboxClockAdvanced:  // GCOVR_EXCL_LINE: only a bug
    case schema::Event::ApiKeyCreated:
    case schema::Event::ApiKeyRevoked:
    case schema::Event::PlanCreated:
    case schema::Event::PlanVersionPublished:
    case schema::Event::PlanRetired:
    case schema::Event::PlanRestored:
    case schema::Event::PlanImported:
    case schema::Event::CatalogueSyncCompleted:
    case schema::Event::DiscountCreated:
    case schema::Event::DiscountChanged:
    case schema::Event::DiscountRetired:
    case schema::Event::CouponCreated:
    case schema::Event::CouponRetired:
    case schema::Event::CouponRedeemed:
    case schema::Event::InvoiceNumberAssigned:
    case schema::Event::PolicyChanged:
    case schema::Event::TaxRateSet:
    case schema::Event::CreditNoteNumberAssigned:
    case schema::Event::TestClockCreated:
    case schema::Event::TestClockAdvanced:
    case schema::Event::TestClockBecameReady:
    case schema::Event::ProviderEventReceived:
    case schema::Event::ProviderEventProcessed:
    case schema::Event::ProviderEventIgnored:
    case schema::Event::ProviderEventFailed:
    case schema::Event::BookCreated:
    case schema::Event::BookChanged:
    case schema::Event::BookClosed:
    case schema::Event::NONE:
      bug("an event of another kind of stream in an account's stream");
  }
  bug("an event that this build does not know");
}

void evolve(BookState& book, const schema::Envelope& envelope) {
  const EventMoment at = enter(book, envelope);
  switch (envelope.event_type()) {
    case schema::Event::SandboxClockAdvanced:
      return apply(book, *envelope.event_as_SandboxClockAdvanced(), at);
    case schema::Event::ApiKeyCreated:
      return apply(book, *envelope.event_as_ApiKeyCreated(), at);
    case schema::Event::ApiKeyRevoked:
      return apply(book, *envelope.event_as_ApiKeyRevoked(), at);
    case schema::Event::PlanCreated:
      return apply(book, *envelope.event_as_PlanCreated(), at);
    case schema::Event::PlanVersionPublished:
      return apply(book, *envelope.event_as_PlanVersionPublished(), at);
    case schema::Event::PlanRetired:
      return apply(book, *envelope.event_as_PlanRetired(), at);
    case schema::Event::PlanRestored:
      return apply(book, *envelope.event_as_PlanRestored(), at);
    case schema::Event::PlanImported:
      return apply(book, *envelope.event_as_PlanImported(), at);
    case schema::Event::CatalogueSyncCompleted:
      return apply(book, *envelope.event_as_CatalogueSyncCompleted(), at);
    case schema::Event::DiscountCreated:
      return apply(book, *envelope.event_as_DiscountCreated(), at);
    case schema::Event::DiscountChanged:
      return apply(book, *envelope.event_as_DiscountChanged(), at);
    case schema::Event::DiscountRetired:
      return apply(book, *envelope.event_as_DiscountRetired(), at);
    case schema::Event::CouponCreated:
      return apply(book, *envelope.event_as_CouponCreated(), at);
    case schema::Event::CouponRetired:
      return apply(book, *envelope.event_as_CouponRetired(), at);
    case schema::Event::CouponRedeemed:
      return apply(book, *envelope.event_as_CouponRedeemed(), at);
    case schema::Event::InvoiceNumberAssigned:
      return apply(book, *envelope.event_as_InvoiceNumberAssigned(), at);
    case schema::Event::TaxRateSet:
      return apply(book, *envelope.event_as_TaxRateSet(), at);
    case schema::Event::TestClockCreated:
      return apply(book, *envelope.event_as_TestClockCreated(), at);
    case schema::Event::TestClockAdvanced:
      return apply(book, *envelope.event_as_TestClockAdvanced(), at);
    case schema::Event::TestClockBecameReady:
      return apply(book, *envelope.event_as_TestClockBecameReady(), at);
    case schema::Event::PolicyChanged:
      return apply(book, *envelope.event_as_PolicyChanged(), at);
    case schema::Event::BookCreated:
      return apply(book, *envelope.event_as_BookCreated(), at);
    case schema::Event::BookChanged:
      return apply(book, *envelope.event_as_BookChanged(), at);
    case schema::Event::BookClosed:
      return apply(book, *envelope.event_as_BookClosed(), at);
    case schema::Event::CreditNoteNumberAssigned:
      return apply(book, *envelope.event_as_CreditNoteNumberAssigned(), at);
    case schema::Event::CommandAnswered:
    case schema::Event::ProviderEventReceived:
    case schema::Event::ProviderEventProcessed:
    case schema::Event::ProviderEventIgnored:
    case schema::Event::ProviderEventFailed:
      return;  // change nothing but the stream's version
    default:   // GCOVR_EXCL_LINE: only a bug
      bug("an event of another kind of stream in a book's stream");
  }
}

}  // namespace daybook
