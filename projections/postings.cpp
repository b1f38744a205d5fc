#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "projections/postings.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

const Postings* find_postings(const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::CreditIssued:
      return envelope.event_as_CreditIssued()->postings();
    case schema::Event::CreditConsumed:
      return envelope.event_as_CreditConsumed()->postings();
    case schema::Event::CreditExpired:
      return envelope.event_as_CreditExpired()->postings();
    case schema::Event::CreditVoided:
      return envelope.event_as_CreditVoided()->postings();
    case schema::Event::InvoiceFinalized:
      return envelope.event_as_InvoiceFinalized()->postings();
    case schema::Event::InvoiceVoided:
      return envelope.event_as_InvoiceVoided()->postings();
    case schema::Event::InvoiceMarkedUncollectible:
      return envelope.event_as_InvoiceMarkedUncollectible()->postings();
    case schema::Event::CreditApplied:
      return envelope.event_as_CreditApplied()->postings();
    case schema::Event::CreditReturned:
      return envelope.event_as_CreditReturned()->postings();
    case schema::Event::CreditNoteIssued:
      return envelope.event_as_CreditNoteIssued()->postings();
    case schema::Event::CreditNoteVoided:
      return envelope.event_as_CreditNoteVoided()->postings();
    case schema::Event::InvoiceAdjusted:
      return envelope.event_as_InvoiceAdjusted()->postings();
    case schema::Event::PaymentSucceeded:
      return envelope.event_as_PaymentSucceeded()->postings();
    case schema::Event::OfflinePaymentRecorded:
      return envelope.event_as_OfflinePaymentRecorded()->postings();
    case schema::Event::RefundSucceeded:
      return envelope.event_as_RefundSucceeded()->postings();
    case schema::Event::DisputeOpened:
      return envelope.event_as_DisputeOpened()->postings();
    case schema::Event::DisputeWon:
      return envelope.event_as_DisputeWon()->postings();
    case schema::Event::DisputeLost:
      return envelope.event_as_DisputeLost()->postings();
    case schema::Event::NONE:
    case schema::Event::AccountOpened:
    case schema::Event::AccountDetailsChanged:
    case schema::Event::UnitCreditsAllocated:
    case schema::Event::UnitCreditsDeducted:
    case schema::Event::UnitCreditsAdjusted:
    case schema::Event::UnitCreditsExpired:
    case schema::Event::UnitCreditsReserved:
    case schema::Event::UnitReservationCaptured:
    case schema::Event::UnitReservationReleased:
    case schema::Event::UnitReservationExpired:
    case schema::Event::SandboxClockAdvanced:
    case schema::Event::ApiKeyCreated:
    case schema::Event::ApiKeyRevoked:
    case schema::Event::CommandAnswered:
    case schema::Event::AccountDeletionScheduled:
    case schema::Event::AccountRestored:
    case schema::Event::AccountPurged:
    case schema::Event::LegalHoldPlaced:
    case schema::Event::LegalHoldReleased:
    case schema::Event::AccountParked:
    case schema::Event::AccountUnparked:
    case schema::Event::AccountTrialStarted:
    case schema::Event::PlanCreated:
    case schema::Event::PlanVersionPublished:
    case schema::Event::PlanRetired:
    case schema::Event::PlanRestored:
    case schema::Event::PlanImported:
    case schema::Event::CatalogueSyncCompleted:
    case schema::Event::PaymentMethodAttached:
    case schema::Event::DefaultPaymentMethodChanged:
    case schema::Event::PaymentMethodDetached:
    case schema::Event::InvoiceDrafted:
    case schema::Event::InvoiceLineAdded:
    case schema::Event::InvoiceLineRemoved:
    case schema::Event::InvoiceNumberAssigned:
    case schema::Event::InvoicePaid:
    case schema::Event::InvoiceBecameOverdue:
    case schema::Event::InvoiceSent:
    case schema::Event::PolicyChanged:
    case schema::Event::TaxRateSet:
    case schema::Event::SubscriptionCreated:
    case schema::Event::SubscriptionTrialStarted:
    case schema::Event::SubscriptionActivated:
    case schema::Event::TrialConverted:
    case schema::Event::SubscriptionRenewed:
    case schema::Event::SubscriptionCancellationScheduled:
    case schema::Event::SubscriptionCanceled:
    case schema::Event::SubscriptionReactivated:
    case schema::Event::PlanChanged:
    case schema::Event::SubscriptionQuantityChanged:
    case schema::Event::ProrationCalculated:
    case schema::Event::PlanChangeScheduled:
    case schema::Event::ScheduledPlanChangeCanceled:
    case schema::Event::SubscriptionDetailsChanged:
    case schema::Event::SubscriptionPaused:
    case schema::Event::SubscriptionResumed:
    case schema::Event::TrialEndedEarly:
    case schema::Event::TrialReminderIssued:
    case schema::Event::TrialExpired:
    case schema::Event::SubscriptionBecamePastDue:
    case schema::Event::SubscriptionRecovered:
    case schema::Event::ProviderSubscriptionMirrored:
    case schema::Event::CheckoutSessionOpened:
    case schema::Event::CheckoutSessionCompleted:
    case schema::Event::CheckoutSessionExpired:
    case schema::Event::RefundIssued:
    case schema::Event::RefundFailed:
    case schema::Event::RefundCanceled:
    case schema::Event::PaymentAttempted:
    case schema::Event::PaymentFailed:
    case schema::Event::PaymentActionRequired:
    case schema::Event::DiscountCreated:
    case schema::Event::DiscountChanged:
    case schema::Event::DiscountRetired:
    case schema::Event::CouponCreated:
    case schema::Event::CouponRetired:
    case schema::Event::CouponRedeemed:
    case schema::Event::DiscountApplied:
    case schema::Event::DiscountRemoved:
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
      return nullptr;
  }
  return nullptr;
}

}  // namespace

bool has_postings(const FoldEvent& event) {
  if (event.envelope->event() == nullptr) return false;
  const Postings* postings = find_postings(*event.envelope);
  return postings != nullptr && postings->size() > 0;
}

const Postings* postings_of(const FoldEvent& event) {
  if (event.envelope->event() == nullptr) return nullptr;
  const Postings* postings = find_postings(*event.envelope);
  if (postings == nullptr) return nullptr;
  for (const schema::Posting* posting : *postings) {
    if (posting->amount() == nullptr || posting->amount()->minor() <= 0) refuse(event, "a posting without an amount");
    if (posting->side() != schema::Side::debit && posting->side() != schema::Side::credit) {
      refuse(event, "a posting without a side");
    }
  }
  return postings;
}

}  // namespace daybook
