// The folds that the dispatcher (evolve.cpp) visits, one file a capability.
#pragma once

#include "domain/evolve.h"

namespace daybook::schema {
struct AccountOpened;
struct AccountDetailsChanged;
struct AccountDeletionScheduled;
struct AccountRestored;
struct AccountPurged;
struct LegalHoldPlaced;
struct LegalHoldReleased;
struct AccountParked;
struct AccountUnparked;
struct TaxRateSet;
struct CreditIssued;
struct CreditConsumed;
struct CreditExpired;
struct CreditVoided;
struct UnitCreditsAllocated;
struct UnitCreditsDeducted;
struct UnitCreditsAdjusted;
struct UnitCreditsExpired;
struct UnitCreditsReserved;
struct UnitReservationCaptured;
struct UnitReservationReleased;
struct UnitReservationExpired;
struct BookCreated;
struct BookChanged;
struct BookClosed;
struct SandboxClockAdvanced;
struct ApiKeyCreated;
struct ApiKeyRevoked;
struct TestClockCreated;
struct TestClockAdvanced;
struct TestClockBecameReady;
struct PlanCreated;
struct PlanVersionPublished;
struct PlanRetired;
struct PlanRestored;
struct PlanImported;
struct CatalogueSyncCompleted;
struct PaymentMethodAttached;
struct DefaultPaymentMethodChanged;
struct PaymentMethodDetached;
struct DiscountCreated;
struct DiscountChanged;
struct DiscountRetired;
struct CouponCreated;
struct CouponRetired;
struct CouponRedeemed;
struct DiscountApplied;
struct DiscountRemoved;
struct InvoiceDrafted;
struct InvoiceLineAdded;
struct InvoiceLineRemoved;
struct InvoiceFinalized;
struct InvoiceNumberAssigned;
struct InvoicePaid;
struct InvoiceVoided;
struct InvoiceMarkedUncollectible;
struct InvoiceBecameOverdue;
struct CreditApplied;
struct CreditReturned;
struct PolicyChanged;
struct SubscriptionCreated;
struct SubscriptionTrialStarted;
struct SubscriptionActivated;
struct TrialConverted;
struct SubscriptionRenewed;
struct SubscriptionCancellationScheduled;
struct SubscriptionCanceled;
struct SubscriptionReactivated;
struct CreditNoteIssued;
struct CreditNoteNumberAssigned;
struct CreditNoteVoided;
struct InvoiceAdjusted;
struct PlanChanged;
struct SubscriptionQuantityChanged;
struct ProrationCalculated;
struct PlanChangeScheduled;
struct ScheduledPlanChangeCanceled;
struct SubscriptionDetailsChanged;
struct SubscriptionPaused;
struct SubscriptionResumed;
struct TrialEndedEarly;
struct PaymentAttempted;
struct PaymentSucceeded;
struct PaymentFailed;
struct PaymentActionRequired;
struct OfflinePaymentRecorded;
struct AccountTrialStarted;
struct TrialReminderIssued;
struct TrialExpired;
struct SubscriptionBecamePastDue;
struct SubscriptionRecovered;
struct ProviderSubscriptionMirrored;
struct CheckoutSessionOpened;
struct CheckoutSessionCompleted;
struct CheckoutSessionExpired;
struct RefundIssued;
struct RefundSucceeded;
struct RefundFailed;
struct RefundCanceled;
struct DisputeOpened;
struct DisputeWon;
struct DisputeLost;
}  // namespace daybook::schema

namespace daybook {

/// What every event that touches the account's own resource does to it.
inline void touch(AccountState& account, const EventMoment& moment) {
  touch(account.details, moment);
}

// accounts.cpp
void apply(AccountState&, const schema::AccountOpened&, const EventMoment&);
void apply(AccountState&, const schema::AccountDetailsChanged&, const EventMoment&);

// account_deletion.cpp
void apply(AccountState&, const schema::AccountDeletionScheduled&, const EventMoment&);
void apply(AccountState&, const schema::AccountRestored&, const EventMoment&);
void apply(AccountState&, const schema::AccountPurged&, const EventMoment&);
void apply(AccountState&, const schema::LegalHoldPlaced&, const EventMoment&);
void apply(AccountState&, const schema::LegalHoldReleased&, const EventMoment&);
void apply(AccountState&, const schema::AccountParked&, const EventMoment&);
void apply(AccountState&, const schema::AccountUnparked&, const EventMoment&);

// credits.cpp
void apply(AccountState&, const schema::CreditIssued&, const EventMoment&);
void apply(AccountState&, const schema::CreditConsumed&, const EventMoment&);
void apply(AccountState&, const schema::CreditExpired&, const EventMoment&);
void apply(AccountState&, const schema::CreditVoided&, const EventMoment&);
void apply(AccountState&, const schema::CreditApplied&, const EventMoment&);
void apply(AccountState&, const schema::CreditReturned&, const EventMoment&);

// units.cpp
void apply(AccountState&, const schema::UnitCreditsAllocated&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsDeducted&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsAdjusted&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsExpired&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsReserved&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationCaptured&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationReleased&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationExpired&, const EventMoment&);

// payment_methods.cpp
void apply(AccountState&, const schema::PaymentMethodAttached&, const EventMoment&);
void apply(AccountState&, const schema::DefaultPaymentMethodChanged&, const EventMoment&);
void apply(AccountState&, const schema::PaymentMethodDetached&, const EventMoment&);

// book.cpp
void apply(BookState&, const schema::BookCreated&, const EventMoment&);
void apply(BookState&, const schema::BookChanged&, const EventMoment&);
void apply(BookState&, const schema::BookClosed&, const EventMoment&);
void apply(BookState&, const schema::SandboxClockAdvanced&, const EventMoment&);
void apply(BookState&, const schema::ApiKeyCreated&, const EventMoment&);
void apply(BookState&, const schema::ApiKeyRevoked&, const EventMoment&);

// test_clocks.cpp
void apply(BookState&, const schema::TestClockCreated&, const EventMoment&);
void apply(BookState&, const schema::TestClockAdvanced&, const EventMoment&);
void apply(BookState&, const schema::TestClockBecameReady&, const EventMoment&);

// plans.cpp
void apply(BookState&, const schema::PlanCreated&, const EventMoment&);
void apply(BookState&, const schema::PlanVersionPublished&, const EventMoment&);
void apply(BookState&, const schema::PlanRetired&, const EventMoment&);
void apply(BookState&, const schema::PlanRestored&, const EventMoment&);
void apply(BookState&, const schema::PlanImported&, const EventMoment&);
void apply(BookState&, const schema::CatalogueSyncCompleted&, const EventMoment&);

// coupons.cpp
void apply(BookState&, const schema::DiscountCreated&, const EventMoment&);
void apply(BookState&, const schema::DiscountChanged&, const EventMoment&);
void apply(BookState&, const schema::DiscountRetired&, const EventMoment&);
void apply(BookState&, const schema::CouponCreated&, const EventMoment&);
void apply(BookState&, const schema::CouponRetired&, const EventMoment&);
void apply(BookState&, const schema::CouponRedeemed&, const EventMoment&);
void apply(AccountState&, const schema::DiscountApplied&, const EventMoment&);
void apply(AccountState&, const schema::DiscountRemoved&, const EventMoment&);

// invoices.cpp
void apply(AccountState&, const schema::InvoiceDrafted&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceLineAdded&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceLineRemoved&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceFinalized&, const EventMoment&);
void apply(AccountState&, const schema::InvoicePaid&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceVoided&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceMarkedUncollectible&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceBecameOverdue&, const EventMoment&);
void apply(BookState&, const schema::InvoiceNumberAssigned&, const EventMoment&);

// policies.cpp
void apply(BookState&, const schema::PolicyChanged&, const EventMoment&);
void apply(BookState&, const schema::TaxRateSet&, const EventMoment&);

// subscriptions.cpp
void apply(AccountState&, const schema::SubscriptionCreated&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionTrialStarted&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionActivated&, const EventMoment&);
void apply(AccountState&, const schema::TrialConverted&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionRenewed&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionCancellationScheduled&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionCanceled&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionReactivated&, const EventMoment&);
void apply(AccountState&, const schema::PlanChanged&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionQuantityChanged&, const EventMoment&);
void apply(AccountState&, const schema::ProrationCalculated&, const EventMoment&);
void apply(AccountState&, const schema::PlanChangeScheduled&, const EventMoment&);
void apply(AccountState&, const schema::ScheduledPlanChangeCanceled&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionDetailsChanged&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionPaused&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionResumed&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionBecamePastDue&, const EventMoment&);
void apply(AccountState&, const schema::SubscriptionRecovered&, const EventMoment&);
void apply(AccountState&, const schema::ProviderSubscriptionMirrored&, const EventMoment&);

// checkouts.cpp
void apply(AccountState&, const schema::CheckoutSessionOpened&, const EventMoment&);
void apply(AccountState&, const schema::CheckoutSessionCompleted&, const EventMoment&);
void apply(AccountState&, const schema::CheckoutSessionExpired&, const EventMoment&);

// refunds.cpp
void apply(AccountState&, const schema::RefundIssued&, const EventMoment&);
void apply(AccountState&, const schema::RefundSucceeded&, const EventMoment&);
void apply(AccountState&, const schema::RefundFailed&, const EventMoment&);
void apply(AccountState&, const schema::RefundCanceled&, const EventMoment&);
void apply(AccountState&, const schema::DisputeOpened&, const EventMoment&);
void apply(AccountState&, const schema::DisputeWon&, const EventMoment&);
void apply(AccountState&, const schema::DisputeLost&, const EventMoment&);

// trials.cpp
void apply(AccountState&, const schema::AccountTrialStarted&, const EventMoment&);
void apply(AccountState&, const schema::TrialReminderIssued&, const EventMoment&);
void apply(AccountState&, const schema::TrialExpired&, const EventMoment&);
void apply(AccountState&, const schema::TrialEndedEarly&, const EventMoment&);

// credit_notes.cpp
void apply(AccountState&, const schema::CreditNoteIssued&, const EventMoment&);
void apply(AccountState&, const schema::CreditNoteVoided&, const EventMoment&);
void apply(AccountState&, const schema::InvoiceAdjusted&, const EventMoment&);
void apply(BookState&, const schema::CreditNoteNumberAssigned&, const EventMoment&);

// payments.cpp
void apply(AccountState&, const schema::PaymentAttempted&, const EventMoment&);
void apply(AccountState&, const schema::PaymentSucceeded&, const EventMoment&);
void apply(AccountState&, const schema::PaymentFailed&, const EventMoment&);
void apply(AccountState&, const schema::PaymentActionRequired&, const EventMoment&);
void apply(AccountState&, const schema::OfflinePaymentRecorded&, const EventMoment&);

}  // namespace daybook
