// The one list of events in C++: each instantiation ties a payload type to its member of the union.
#include "domain/event.h"
#include "schemas/envelope_generated.h"

namespace daybook {

template <class Payload>
PendingEvent PendingEvent::of(Payload payload) {
  using Table = typename Payload::TableType;
  static constexpr Operations operations{static_cast<std::uint8_t>(schema::EventTraits<Table>::enum_value),
                                         [](flatbuffers::FlatBufferBuilder& builder, const void* object) {
                                           return Table::Pack(builder, static_cast<const Payload*>(object)).Union();
                                         }};
  return PendingEvent(&operations, std::make_shared<Payload>(std::move(payload)));
}

template <class Payload>
const Payload* PendingEvent::as() const {
  constexpr auto type = static_cast<std::uint8_t>(schema::EventTraits<typename Payload::TableType>::enum_value);
  return operations_->type == type ? static_cast<const Payload*>(payload_.get()) : nullptr;
}

template PendingEvent PendingEvent::of(schema::AccountOpenedT);
template PendingEvent PendingEvent::of(schema::AccountDetailsChangedT);
template PendingEvent PendingEvent::of(schema::CreditIssuedT);
template PendingEvent PendingEvent::of(schema::CreditConsumedT);
template PendingEvent PendingEvent::of(schema::CreditExpiredT);
template PendingEvent PendingEvent::of(schema::CreditVoidedT);
template PendingEvent PendingEvent::of(schema::UnitCreditsAllocatedT);
template PendingEvent PendingEvent::of(schema::UnitCreditsDeductedT);
template PendingEvent PendingEvent::of(schema::UnitCreditsAdjustedT);
template PendingEvent PendingEvent::of(schema::UnitCreditsExpiredT);
template PendingEvent PendingEvent::of(schema::UnitCreditsReservedT);
template PendingEvent PendingEvent::of(schema::UnitReservationCapturedT);
template PendingEvent PendingEvent::of(schema::UnitReservationReleasedT);
template PendingEvent PendingEvent::of(schema::UnitReservationExpiredT);
template PendingEvent PendingEvent::of(schema::SandboxClockAdvancedT);
template PendingEvent PendingEvent::of(schema::ApiKeyCreatedT);
template PendingEvent PendingEvent::of(schema::ApiKeyRevokedT);
template PendingEvent PendingEvent::of(schema::CommandAnsweredT);
template PendingEvent PendingEvent::of(schema::AccountDeletionScheduledT);
template PendingEvent PendingEvent::of(schema::AccountRestoredT);
template PendingEvent PendingEvent::of(schema::AccountPurgedT);
template PendingEvent PendingEvent::of(schema::LegalHoldPlacedT);
template PendingEvent PendingEvent::of(schema::LegalHoldReleasedT);
template PendingEvent PendingEvent::of(schema::AccountParkedT);
template PendingEvent PendingEvent::of(schema::AccountUnparkedT);
template PendingEvent PendingEvent::of(schema::TaxRateSetT);
template PendingEvent PendingEvent::of(schema::PlanCreatedT);
template PendingEvent PendingEvent::of(schema::PlanVersionPublishedT);
template PendingEvent PendingEvent::of(schema::PlanRetiredT);
template PendingEvent PendingEvent::of(schema::PlanRestoredT);
template PendingEvent PendingEvent::of(schema::PlanImportedT);
template PendingEvent PendingEvent::of(schema::CatalogueSyncCompletedT);
template PendingEvent PendingEvent::of(schema::PaymentMethodAttachedT);
template PendingEvent PendingEvent::of(schema::DefaultPaymentMethodChangedT);
template PendingEvent PendingEvent::of(schema::PaymentMethodDetachedT);
template PendingEvent PendingEvent::of(schema::DiscountCreatedT);
template PendingEvent PendingEvent::of(schema::DiscountChangedT);
template PendingEvent PendingEvent::of(schema::DiscountRetiredT);
template PendingEvent PendingEvent::of(schema::CouponCreatedT);
template PendingEvent PendingEvent::of(schema::CouponRetiredT);
template PendingEvent PendingEvent::of(schema::CouponRedeemedT);
template PendingEvent PendingEvent::of(schema::DiscountAppliedT);
template PendingEvent PendingEvent::of(schema::DiscountRemovedT);
template PendingEvent PendingEvent::of(schema::InvoiceDraftedT);
template PendingEvent PendingEvent::of(schema::InvoiceLineAddedT);
template PendingEvent PendingEvent::of(schema::InvoiceLineRemovedT);
template PendingEvent PendingEvent::of(schema::InvoiceFinalizedT);
template PendingEvent PendingEvent::of(schema::InvoiceNumberAssignedT);
template PendingEvent PendingEvent::of(schema::InvoicePaidT);
template PendingEvent PendingEvent::of(schema::InvoiceVoidedT);
template PendingEvent PendingEvent::of(schema::InvoiceMarkedUncollectibleT);
template PendingEvent PendingEvent::of(schema::InvoiceBecameOverdueT);
template PendingEvent PendingEvent::of(schema::InvoiceSentT);
template PendingEvent PendingEvent::of(schema::CreditAppliedT);
template PendingEvent PendingEvent::of(schema::CreditReturnedT);
template PendingEvent PendingEvent::of(schema::PolicyChangedT);
template PendingEvent PendingEvent::of(schema::SubscriptionCreatedT);
template PendingEvent PendingEvent::of(schema::SubscriptionTrialStartedT);
template PendingEvent PendingEvent::of(schema::SubscriptionActivatedT);
template PendingEvent PendingEvent::of(schema::TrialConvertedT);
template PendingEvent PendingEvent::of(schema::SubscriptionRenewedT);
template PendingEvent PendingEvent::of(schema::SubscriptionCancellationScheduledT);
template PendingEvent PendingEvent::of(schema::SubscriptionCanceledT);
template PendingEvent PendingEvent::of(schema::SubscriptionReactivatedT);
template PendingEvent PendingEvent::of(schema::CreditNoteIssuedT);
template PendingEvent PendingEvent::of(schema::CreditNoteNumberAssignedT);
template PendingEvent PendingEvent::of(schema::CreditNoteVoidedT);
template PendingEvent PendingEvent::of(schema::InvoiceAdjustedT);
template PendingEvent PendingEvent::of(schema::PlanChangedT);
template PendingEvent PendingEvent::of(schema::SubscriptionQuantityChangedT);
template PendingEvent PendingEvent::of(schema::ProrationCalculatedT);
template PendingEvent PendingEvent::of(schema::PlanChangeScheduledT);
template PendingEvent PendingEvent::of(schema::ScheduledPlanChangeCanceledT);
template PendingEvent PendingEvent::of(schema::SubscriptionDetailsChangedT);
template PendingEvent PendingEvent::of(schema::SubscriptionPausedT);
template PendingEvent PendingEvent::of(schema::SubscriptionResumedT);
template PendingEvent PendingEvent::of(schema::TrialEndedEarlyT);
template PendingEvent PendingEvent::of(schema::TestClockCreatedT);
template PendingEvent PendingEvent::of(schema::TestClockAdvancedT);
template PendingEvent PendingEvent::of(schema::TestClockBecameReadyT);
template PendingEvent PendingEvent::of(schema::PaymentAttemptedT);
template PendingEvent PendingEvent::of(schema::PaymentSucceededT);
template PendingEvent PendingEvent::of(schema::PaymentFailedT);
template PendingEvent PendingEvent::of(schema::PaymentActionRequiredT);
template PendingEvent PendingEvent::of(schema::OfflinePaymentRecordedT);
template PendingEvent PendingEvent::of(schema::ProviderEventReceivedT);
template PendingEvent PendingEvent::of(schema::ProviderEventProcessedT);
template PendingEvent PendingEvent::of(schema::ProviderEventIgnoredT);
template PendingEvent PendingEvent::of(schema::ProviderEventFailedT);
template PendingEvent PendingEvent::of(schema::AccountTrialStartedT);
template PendingEvent PendingEvent::of(schema::TrialReminderIssuedT);
template PendingEvent PendingEvent::of(schema::TrialExpiredT);
template PendingEvent PendingEvent::of(schema::BookCreatedT);
template PendingEvent PendingEvent::of(schema::BookChangedT);
template PendingEvent PendingEvent::of(schema::BookClosedT);
template PendingEvent PendingEvent::of(schema::SubscriptionBecamePastDueT);
template PendingEvent PendingEvent::of(schema::SubscriptionRecoveredT);
template PendingEvent PendingEvent::of(schema::ProviderSubscriptionMirroredT);
template PendingEvent PendingEvent::of(schema::CheckoutSessionOpenedT);
template PendingEvent PendingEvent::of(schema::CheckoutSessionCompletedT);
template PendingEvent PendingEvent::of(schema::CheckoutSessionExpiredT);
template PendingEvent PendingEvent::of(schema::RefundIssuedT);
template PendingEvent PendingEvent::of(schema::RefundSucceededT);
template PendingEvent PendingEvent::of(schema::RefundFailedT);
template PendingEvent PendingEvent::of(schema::RefundCanceledT);
template PendingEvent PendingEvent::of(schema::DisputeOpenedT);
template PendingEvent PendingEvent::of(schema::DisputeWonT);
template PendingEvent PendingEvent::of(schema::DisputeLostT);

template const schema::PaymentFailedT* PendingEvent::as() const;
template const schema::InvoicePaidT* PendingEvent::as() const;
template const schema::InvoiceVoidedT* PendingEvent::as() const;
template const schema::InvoiceMarkedUncollectibleT* PendingEvent::as() const;
template const schema::SubscriptionCanceledT* PendingEvent::as() const;
template const schema::SubscriptionCreatedT* PendingEvent::as() const;

}  // namespace daybook
