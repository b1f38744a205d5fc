// The deciders that the dispatcher (decide.cpp) visits, one file a capability.
#pragma once

#include "domain/deciders/decision.h"
#include "domain/journal.h"

namespace daybook {

// accounts.cpp
Decision handle(const AccountState&, const OpenAccount&, const DecisionContext&);
Decision handle(const AccountState&, const UpdateAccount&, const DecisionContext&);

// account_deletion.cpp
Decision handle(const AccountState&, const ScheduleAccountDeletion&, const DecisionContext&);
Decision handle(const AccountState&, const RestoreAccount&, const DecisionContext&);
Decision handle(const AccountState&, const PurgeAccount&, const DecisionContext&);
Decision handle(const AccountState&, const PlaceLegalHold&, const DecisionContext&);
Decision handle(const AccountState&, const ReleaseLegalHold&, const DecisionContext&);
Decision handle(const AccountState&, const UnparkAccount&, const DecisionContext&);
/// `was_due`: the window has ended, nobody asked.
PendingEvent account_purged(bool was_due);

// credits.cpp
Decision handle(const AccountState&, const IssueCredit&, const DecisionContext&);
Decision handle(const AccountState&, const ApplyCredit&, const DecisionContext&);
Decision handle(const AccountState&, const ConsumeCredit&, const DecisionContext&);
Decision handle(const AccountState&, const ExpireCredit&, const DecisionContext&);
Decision handle(const AccountState&, const VoidCredit&, const DecisionContext&);
/// So much of an expired money credit is gone.
PendingEvent credit_expired(const AccountState&, const Grant&, std::int64_t amount);
/// Whether the role may give that much: the code `none` if it may.
Rejection check_ceiling(Role, std::int64_t amount, std::string_view pointer);
/// Whether the account can get a credit of that amount: the code `none` if it can.
Rejection check_room(const AccountState&, Currency, std::int64_t amount);
/// Requires what IssueCredit checks. It comes from the ledger account of its type, or from that one.
PendingEvent credit_issued(const AccountState&, const IssueCredit&, EntityRef id, Instant now,
                           std::optional<LedgerAccount> origin = {});
/// Of one that nothing was taken of.
PendingEvent credit_voided(const AccountState&, const Grant&, const Sensitive& reason);

// units.cpp
Decision handle(const AccountState&, const AllocateUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const DeductUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const AdjustUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const ReserveUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const CaptureReservation&, const DecisionContext&);
Decision handle(const AccountState&, const ReleaseReservation&, const DecisionContext&);
/// What is free of an expired grant of units is gone.
PendingEvent units_expired(const AccountState&, const Grant&, std::int64_t amount);
/// A reservation's time is over: its units are back, and those of grants that expired meanwhile expire with it.
std::vector<PendingEvent> reservation_expired(const AccountState&, const Hold&, const DecisionContext&);

// payment_methods.cpp
struct NewPaymentMethod {
  const ProviderMethod& found;
  const Sensitive& token;
  const Sensitive& metadata;
  bool becomes_default = false;
  EntityRef previous_default{};
};
/// Adds the events that attach it; its id is that of the first.
void attach_method(Decision&, const std::string& account_id, const NewPaymentMethod&, const DecisionContext&);
/// What a new subscription is to be paid by becomes the account's default: adds the events that attach it, or say so.
/// `chosen` stays empty if the command names none. The code `none`, or why it cannot be.
Rejection choose_method(Decision&, std::optional<PaymentMethod>& chosen, const AccountState&, const CreateSubscription&,
                        const DecisionContext&);
Decision handle(const AccountState&, const AttachPaymentMethod&, const DecisionContext&);
Decision handle(const AccountState&, const SetDefaultPaymentMethod&, const DecisionContext&);
Decision handle(const AccountState&, const DetachPaymentMethod&, const DecisionContext&);

// books.cpp
Decision handle(const BookState&, const CreateBook&, const DecisionContext&);
Decision handle(const BookState&, const ChangeBook&, const DecisionContext&);
Decision handle(const BookState&, const CloseBook&, const DecisionContext&);

// book.cpp
Decision handle(const BookState&, const AdvanceSandboxClock&, const DecisionContext&);
Decision handle(const BookState&, const CreateApiKey&, const DecisionContext&);
Decision handle(const BookState&, const RevokeApiKey&, const DecisionContext&);

// test_clocks.cpp
Decision handle(const BookState&, const CreateTestClock&, const DecisionContext&);
Decision handle(const BookState&, const AdvanceTestClock&, const DecisionContext&);

// plans.cpp
Decision handle(const BookState&, const CreatePlan&, const DecisionContext&);
Decision handle(const BookState&, const RevisePlan&, const DecisionContext&);
Decision handle(const BookState&, const RetirePlan&, const DecisionContext&);
Decision handle(const BookState&, const RestorePlan&, const DecisionContext&);
Decision handle(const BookState&, const SyncCatalogue&, const DecisionContext&);

// discounts.cpp
Decision handle(const BookState&, const CreateDiscount&, const DecisionContext&);
Decision handle(const BookState&, const ChangeDiscount&, const DecisionContext&);
Decision handle(const BookState&, const RetireDiscount&, const DecisionContext&);

// coupons.cpp
Decision handle(const BookState&, const CreateCoupon&, const DecisionContext&);
Decision handle(const BookState&, const RetireCoupon&, const DecisionContext&);
Decision handle(const AccountState&, const RedeemCoupon&, const DecisionContext&);
/// Adds the events that redeem it for the invoices of one subscription; `got` is what the account has then. The code
/// `none` if it may, `coupon_invalid` for a code that there is not; pointers are those of a `coupon`.
Rejection redeem_for_subscription(Decision&, AccountDiscount& got, const AccountState&, const RedeemCoupon&,
                                  EntityRef subscription, const DecisionContext&);
/// The account has that discount from now on.
PendingEvent discount_applied(const AccountState&, const AccountDiscount& got);

// subscription_discounts.cpp
Decision handle(const AccountState&, const ApplyDiscount&, const DecisionContext&);
Decision handle(const AccountState&, const RemoveDiscount&, const DecisionContext&);

// invoices.cpp
Decision handle(const AccountState&, const DraftInvoice&, const DecisionContext&);
Decision handle(const AccountState&, const AddInvoiceLine&, const DecisionContext&);
Decision handle(const AccountState&, const RemoveInvoiceLine&, const DecisionContext&);
Decision handle(const AccountState&, const FinalizeInvoice&, const DecisionContext&);
Decision handle(const AccountState&, const VoidInvoice&, const DecisionContext&);
Decision handle(const AccountState&, const MarkInvoiceUncollectible&, const DecisionContext&);
Decision handle(const AccountState&, const SendInvoice&, const DecisionContext&);
/// It was due and is not paid.
PendingEvent invoice_became_overdue(const AccountState&, const Invoice&);

// payments.cpp
Decision handle(const AccountState&, const AttemptPayment&, const DecisionContext&);
Decision handle(const AccountState&, const RetryPayment&, const DecisionContext&);
Decision handle(const AccountState&, const RecordPaymentResult&, const DecisionContext&);
Decision handle(const AccountState&, const RecordOfflinePayment&, const DecisionContext&);
// refunds.cpp
Decision handle(const AccountState&, const IssueRefund&, const DecisionContext&);
Decision handle(const AccountState&, const RecordRefundResult&, const DecisionContext&);
Decision handle(const AccountState&, const OpenDispute&, const DecisionContext&);
Decision handle(const AccountState&, const CloseDispute&, const DecisionContext&);

// payments.cpp
/// What is owed for an invoice stays what it is while a payment of it is in flight: the code `none` if none is.
Rejection check_no_payment(const Invoice&);

// credit_notes.cpp
Decision handle(const AccountState&, const IssueCreditNote&, const DecisionContext&);
Decision handle(const AccountState&, const VoidCreditNote&, const DecisionContext&);

// invoice_adjustments.cpp
Decision handle(const AccountState&, const AdjustInvoice&, const DecisionContext&);

// subscriptions.cpp
Decision handle(const AccountState&, const CreateSubscription&, const DecisionContext&);
Decision handle(const AccountState&, const CancelSubscription&, const DecisionContext&);
Decision handle(const AccountState&, const ReactivateSubscription&, const DecisionContext&);
/// Its period is over: it is renewed, converted from its trial or, if that was asked for, changed or cancelled. Or its
/// pause is over: it is resumed, or cancelled because it has been paused for too long.
Decision subscription_due(const AccountState&, const Subscription&, const DecisionContext&);
/// What lives of the account's subscriptions ends with the account.
void cancel_subscriptions(Decision&, const AccountState&);

// checkouts.cpp
Decision handle(const AccountState&, const StartCheckout&, const DecisionContext&);
Decision handle(const AccountState&, const CompleteCheckout&, const DecisionContext&);
Decision handle(const AccountState&, const ExpireCheckout&, const DecisionContext&);
Decision handle(const AccountState&, const MirrorProviderSubscription&, const DecisionContext&);
/// Nobody completed it in time.
PendingEvent checkout_expired(const AccountState&, const CheckoutSession&);

// subscription_pause.cpp
Decision handle(const AccountState&, const PauseSubscription&, const DecisionContext&);
Decision handle(const AccountState&, const ResumeSubscription&, const DecisionContext&);

// subscription_changes.cpp
Decision handle(const AccountState&, const ChangePlan&, const DecisionContext&);
Decision handle(const AccountState&, const ChangeQuantity&, const DecisionContext&);
Decision handle(const AccountState&, const CancelScheduledPlanChange&, const DecisionContext&);
Decision handle(const AccountState&, const UpdateSubscription&, const DecisionContext&);
/// Adds what was scheduled for the subscription's next period; what it is from then on.
Subscription change_as_scheduled(Decision&, const AccountState&, const Subscription&);

// provider_events.cpp
Decision handle(const BookState&, const ReceiveProviderEvent&, const DecisionContext&);
Decision handle(const BookState&, const ProcessProviderEvent&, const DecisionContext&);

// policies.cpp
Decision handle(const BookState&, const ChangePolicy&, const DecisionContext&);
Decision handle(const BookState&, const SetTaxRate&, const DecisionContext&);

}  // namespace daybook
