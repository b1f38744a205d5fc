// The commands, as plain aggregates. The gateway fills them from JSON, the engine seals what is personal, the domain
// decides. A command names its account or the entity it is about; who acts and when comes beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/credit_note.h"
#include "domain/currency.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/payment.h"
#include "domain/payment_method.h"
#include "domain/policies.h"
#include "domain/refund.h"
#include "domain/sealed.h"

namespace daybook::schema {
struct PlanPriceT;
struct PlanTermsT;
struct DiscountTermsT;
struct BookTermsT;
}  // namespace daybook::schema

namespace daybook {

/// A member of a partial update: left alone, cleared, or set.
template <class T>
struct Change {
  enum class Kind : std::uint8_t { none, clear, set };
  Kind kind = Kind::none;
  T value{};
  bool is_set() const { return kind == Kind::set; }
  bool is_none() const { return kind == Kind::none; }
};

struct AddressInput {
  std::string country, region, postal_code;
  Sensitive line1, line2, city;
};

struct OpenAccount {
  static constexpr std::string_view name_of_command = "OpenAccount";
  std::string account_id;  ///< Chosen by the client or made by the gateway; never empty here.
  Sensitive name, email, billing_email, company, tax_id, vat_id, metadata;
  std::optional<Currency> currency;
  std::string vat_id_country;  ///< What the engine saw when it sealed the VAT id: whose it is, if it is valid.
  std::string time_zone, locale, provider;
  AddressInput address;
  bool tax_exempt = false;
  Sensitive payment_method_token;       ///< Of the first payment method; empty: none yet.
  ProviderMethod payment_method;        ///< What the provider says of it.
  std::optional<EntityRef> test_clock;  ///< Absent: it lives by its book's clock.
};

struct UpdateAccount {
  static constexpr std::string_view name_of_command = "UpdateAccount";
  std::string account_id;
  Change<Sensitive> name, email, billing_email, company, tax_id, vat_id, metadata, line1, line2, city;
  Change<std::string> time_zone, locale, provider, country, region, postal_code;
  Change<bool> tax_exempt;
  Change<Currency> currency;   ///< As long as nothing of the account is in one.
  std::string vat_id_country;  ///< As of OpenAccount, of a VAT id that is set.
};

/// Closes the account to its owner, and purges it when the window has ended.
struct ScheduleAccountDeletion {
  static constexpr std::string_view name_of_command = "ScheduleAccountDeletion";
  std::string account_id;
  Sensitive reason;
};

/// Takes a scheduled deletion back.
struct RestoreAccount {
  static constexpr std::string_view name_of_command = "RestoreAccount";
  std::string account_id;
  Sensitive reason;
};

/// Purges an account whose deletion is scheduled, before its window has ended.
struct PurgeAccount {
  static constexpr std::string_view name_of_command = "PurgeAccount";
  std::string account_id;
};

struct PlaceLegalHold {
  static constexpr std::string_view name_of_command = "PlaceLegalHold";
  std::string account_id;
  Sensitive reason;
};

struct ReleaseLegalHold {
  static constexpr std::string_view name_of_command = "ReleaseLegalHold";
  std::string account_id;
  Sensitive reason;
};

/// Lets the subscriptions of a parked account go on.
struct UnparkAccount {
  static constexpr std::string_view name_of_command = "UnparkAccount";
  std::string account_id;
  Sensitive reason;
};

enum class CreditType : std::uint8_t {
  goodwill = 1,
  promotion = 2,
  proration = 3,
  refund = 4,
  invoice_void = 5,
  overpayment = 6,
  dispute = 7,
  adjustment = 8  ///< Of an invoice; never issued by hand.
};

struct IssueCredit {
  static constexpr std::string_view name_of_command = "IssueCredit";
  std::string account_id;
  std::int64_t amount = 0;
  Currency currency{};
  CreditType type = CreditType::goodwill;
  Sensitive reason, metadata;
  std::optional<Instant> expires_at;
  std::optional<std::int32_t> priority;
  std::optional<EntityRef> invoice;  ///< An open one, which is paid with it as far as it goes.
};

/// An open invoice is paid with it, as far as it goes.
struct ApplyCredit {
  static constexpr std::string_view name_of_command = "ApplyCredit";
  EntityRef credit, invoice;
  std::optional<std::int64_t> amount;  ///< Minor units; absent: as much as there is and is due.
};

struct ConsumeCredit {
  static constexpr std::string_view name_of_command = "ConsumeCredit";
  EntityRef credit;
  std::int64_t amount = 0;
  Sensitive reason;
  std::string reference;
};

struct ExpireCredit {
  static constexpr std::string_view name_of_command = "ExpireCredit";
  EntityRef credit;
  Sensitive reason;
};

struct VoidCredit {
  static constexpr std::string_view name_of_command = "VoidCredit";
  EntityRef credit;
  Sensitive reason;
};

enum class UnitSource : std::uint8_t { cycle = 1, pack = 2, promotion = 3, adjustment = 4 };

struct AllocateUnitCredits {
  static constexpr std::string_view name_of_command = "AllocateUnitCredits";
  std::string account_id;
  std::string unit = "credits";
  std::int64_t amount = 0;
  UnitSource source = UnitSource::promotion;
  std::optional<std::int32_t> priority;
  std::optional<Instant> expires_at;
  Sensitive reason;
  std::string reference;
};

struct DeductUnitCredits {
  static constexpr std::string_view name_of_command = "DeductUnitCredits";
  std::string account_id;
  std::string unit = "credits";
  std::int64_t amount = 0;
  std::string reference;
  Sensitive reason;
};

struct AdjustUnitCredits {
  static constexpr std::string_view name_of_command = "AdjustUnitCredits";
  std::string account_id;
  std::string unit = "credits";
  std::int64_t amount = 0;  ///< Up or down, never zero.
  Sensitive reason;
  std::string reference;
};

struct ReserveUnitCredits {
  static constexpr std::string_view name_of_command = "ReserveUnitCredits";
  std::string account_id;
  std::string unit = "credits";
  std::int64_t amount = 0;
  std::int64_t ttl_seconds = 0;
  std::string reference;
};

struct CaptureReservation {
  static constexpr std::string_view name_of_command = "CaptureReservation";
  std::string account_id;
  EntityRef reservation;
  std::optional<std::int64_t> amount;  ///< Absent: all of it.
  std::string reference;
};

struct ReleaseReservation {
  static constexpr std::string_view name_of_command = "ReleaseReservation";
  std::string account_id;
  EntityRef reservation;
};

struct AttachPaymentMethod {
  static constexpr std::string_view name_of_command = "AttachPaymentMethod";
  std::string account_id;
  Sensitive token, metadata;
  bool is_default = false;  ///< Takes the default's place; an account's first method does so anyway.
  ProviderMethod found;     ///< What the provider says of it.
};

struct SetDefaultPaymentMethod {
  static constexpr std::string_view name_of_command = "SetDefaultPaymentMethod";
  std::string account_id;
  EntityRef payment_method;
};

struct DetachPaymentMethod {
  static constexpr std::string_view name_of_command = "DetachPaymentMethod";
  std::string account_id;
  EntityRef payment_method;
};

/// Moves the book's sandbox clock forward, by a duration or to an instant (exactly one is given).
struct AdvanceSandboxClock {
  static constexpr std::string_view name_of_command = "AdvanceSandboxClock";
  std::optional<Duration> advance;
  std::optional<Instant> to;
};

/// Makes a clock of a test book that stands at an instant, for accounts that name it when they are opened.
struct CreateTestClock {
  static constexpr std::string_view name_of_command = "CreateTestClock";
  std::string name;  ///< May be empty.
  Instant frozen_time{};
};

/// Sends a test clock forward, by a duration or to an instant (exactly one is given).
struct AdvanceTestClock {
  static constexpr std::string_view name_of_command = "AdvanceTestClock";
  EntityRef test_clock;
  std::optional<Duration> advance;
  std::optional<Instant> to;
};

enum class Role : std::uint8_t {
  super_admin = 1,
  billing_admin = 2,
  support_rep = 3,
  finance_viewer = 4,
  auditor = 5,
  account_owner = 6,
  account_member = 7,
  api_key = 8,
  system = 9
};

enum class BookMode : std::uint8_t { test = 1, live = 2 };

/// As a plan's terms: the event's own (schemas/events/governance.fbs), never null in a command that is decided.
using BookTermsPointer = std::shared_ptr<schema::BookTermsT>;

/// The three commands about a book are decided in its own stream, whichever book their principal belongs to.
struct CreateBook {
  static constexpr std::string_view name_of_command = "CreateBook";
  std::string book_id;  ///< Chosen by the client or made by the gateway; never empty here.
  BookMode mode = BookMode::test;
  BookTermsPointer terms;
  std::string key_digest, key_prefix;  ///< Of its first API key, a super admin's: as of CreateApiKey.
};

struct ChangeBook {
  static constexpr std::string_view name_of_command = "ChangeBook";
  std::string book_id;
  BookTermsPointer terms;
  std::optional<std::vector<std::string>> members;  ///< The members of `terms` that change; absent: none.
};

/// For good.
struct CloseBook {
  static constexpr std::string_view name_of_command = "CloseBook";
  std::string book_id;
};

struct CreateApiKey {
  static constexpr std::string_view name_of_command = "CreateApiKey";
  std::string name;
  std::string digest;  ///< SHA-256 of the key's text, 32 bytes.
  std::string prefix;
  Role role = Role::api_key;
  std::vector<std::string> scopes;
  std::string account_id;
};

struct RevokeApiKey {
  static constexpr std::string_view name_of_command = "RevokeApiKey";
  EntityRef key;
};

/// A plan's terms are one definition, the event's own (schemas/events/plans.fbs). Never null in a command that is
/// decided; copies of a command share it.
using PlanTermsPointer = std::shared_ptr<schema::PlanTermsT>;

struct CreatePlan {
  static constexpr std::string_view name_of_command = "CreatePlan";
  std::string plan_id;     ///< Empty: the plan gets one.
  std::string account_id;  ///< The only account that sees it; empty: a public plan.
  PlanTermsPointer terms;
};

/// A product of a provider's catalogue, as a plan.
struct ProviderProduct {
  std::string product_id;
  std::string plan_id;               ///< What the plan is to be called; empty: as the product.
  bool is_offered = true;            ///< False: it is kept there for those who have it.
  PlanTermsPointer terms;            ///< Null: it can be none; `fault` says why.
  std::vector<std::string> members;  ///< The members of `terms` that the provider tells of.
  Rejection fault = {};
};

/// What a provider offers, read when it was asked for.
struct ProviderCatalogue {
  RejectionCode fault = RejectionCode::none;  ///< It could not be read.
  std::string provider;
  std::vector<ProviderProduct> products;
};

/// Makes the book's imported plans what the provider's catalogue says.
struct SyncCatalogue {
  static constexpr std::string_view name_of_command = "SyncCatalogue";
  std::string provider;  ///< Empty: the book's own.
  ProviderCatalogue found;
};

/// Publishes a new version.
struct RevisePlan {
  static constexpr std::string_view name_of_command = "RevisePlan";
  std::string plan_id;
  PlanTermsPointer terms;
  std::optional<std::vector<std::string>> members;  ///< The members of `terms` that change; absent: all of them.
};

struct RetirePlan {
  static constexpr std::string_view name_of_command = "RetirePlan";
  std::string plan_id;
};

struct RestorePlan {
  static constexpr std::string_view name_of_command = "RestorePlan";
  std::string plan_id;
};

/// As a plan's terms: the event's own (schemas/events/coupons.fbs), never null in a command that is decided.
using DiscountTermsPointer = std::shared_ptr<schema::DiscountTermsT>;

struct CreateDiscount {
  static constexpr std::string_view name_of_command = "CreateDiscount";
  std::string discount_id;  ///< Empty: the discount gets one.
  DiscountTermsPointer terms;
};

/// For those who get it from then on.
struct ChangeDiscount {
  static constexpr std::string_view name_of_command = "ChangeDiscount";
  std::string discount_id;
  DiscountTermsPointer terms;
  std::optional<std::vector<std::string>> members;  ///< The members of `terms` that change; absent: none.
};

struct RetireDiscount {
  static constexpr std::string_view name_of_command = "RetireDiscount";
  std::string discount_id;
};

struct CreateCoupon {
  static constexpr std::string_view name_of_command = "CreateCoupon";
  std::string code;  ///< In any case.
  std::string discount_id;
  std::optional<std::int64_t> max_redemptions;  ///< Absent: no limit.
  Change<std::int64_t> max_per_account;         ///< Left alone: once. Cleared: no limit.
  std::optional<std::int64_t> max_per_user;     ///< Absent: no limit.
  bool first_purchase_only = false;
};

struct RetireCoupon {
  static constexpr std::string_view name_of_command = "RetireCoupon";
  std::string code;
};

/// Gives the account the coupon's discount.
struct RedeemCoupon {
  static constexpr std::string_view name_of_command = "RedeemCoupon";
  std::string code;
  std::string account_id;
  std::string user_id;  ///< Who redeems it, in the client's own words; needed where each user has a limit.
  std::string plan_id;  ///< What is about to be bought; the discount must be for it.
};

/// A line as it is entered by hand; its amount is quantity times unit amount, rounded once.
struct InvoiceLineInput {
  Sensitive description;
  std::string quantity = "1";  ///< Decimals.
  std::string unit_amount;     ///< In minor units; negative for a credit line.
  std::optional<Instant> period_start, period_end;
};

enum class InvoiceCollection : std::uint8_t { automatic = 1, manual = 2 };

struct DraftInvoice {
  static constexpr std::string_view name_of_command = "DraftInvoice";
  std::string account_id;
  std::vector<InvoiceLineInput> lines;
  std::optional<std::int32_t> net_days;  ///< Absent: the book's policy.
  Sensitive metadata;
  std::optional<InvoiceCollection> collection;  ///< Absent: manual.
};

struct AddInvoiceLine {
  static constexpr std::string_view name_of_command = "AddInvoiceLine";
  EntityRef invoice;
  InvoiceLineInput line;
};

struct RemoveInvoiceLine {
  static constexpr std::string_view name_of_command = "RemoveInvoiceLine";
  EntityRef invoice;
  std::int64_t number = 0;  ///< Of the line.
};

struct FinalizeInvoice {
  static constexpr std::string_view name_of_command = "FinalizeInvoice";
  EntityRef invoice;
};

struct VoidInvoice {
  static constexpr std::string_view name_of_command = "VoidInvoice";
  EntityRef invoice;
  Sensitive reason;
};

struct MarkInvoiceUncollectible {
  static constexpr std::string_view name_of_command = "MarkInvoiceUncollectible";
  EntityRef invoice;
  Sensitive reason;
};

/// The document, once more.
struct SendInvoice {
  static constexpr std::string_view name_of_command = "SendInvoice";
  std::string account_id;
  EntityRef invoice;
};

/// Charges a method for what is owed for the invoice.
struct AttemptPayment {
  static constexpr std::string_view name_of_command = "AttemptPayment";
  std::string account_id;
  EntityRef invoice;
  std::optional<EntityRef> method;  ///< Absent: the default one.
};

/// The same for the account's invoice that has been due for longest.
struct RetryPayment {
  static constexpr std::string_view name_of_command = "RetryPayment";
  std::string account_id;
  std::optional<EntityRef> method;  ///< As of AttemptPayment.
};

enum class PaymentOutcome : std::uint8_t { succeeded = 1, failed = 2, action_required = 3 };

/// What the provider says became of a payment.
struct RecordPaymentResult {
  static constexpr std::string_view name_of_command = "RecordPaymentResult";
  EntityRef payment;
  PaymentOutcome outcome = PaymentOutcome::succeeded;
  std::string transaction_id;  ///< The provider's.
  std::string code, message;   ///< Of a failure; the code is not empty then.
  std::string action_url;      ///< Where the customer acts.
};

/// Money for an open invoice that came in without a provider: a part of what is owed, all of it, or more.
struct RecordOfflinePayment {
  static constexpr std::string_view name_of_command = "RecordOfflinePayment";
  EntityRef invoice;
  std::int64_t amount = 0;  ///< Minor units of the invoice's currency.
  OfflineMethod method = OfflineMethod::bank_transfer;
  Sensitive reference;
  std::optional<Instant> received_at;
};

/// Gives back what was paid, or a part of it.
struct IssueRefund {
  static constexpr std::string_view name_of_command = "IssueRefund";
  EntityRef payment;
  std::optional<std::int64_t> amount;  ///< Minor units; absent: all that can be refunded.
  RefundReason reason = RefundReason::requested_by_customer;
  RefundDestination destination = RefundDestination::payment_method;
  Sensitive description;
};

enum class RefundOutcome : std::uint8_t { succeeded = 1, failed = 2, canceled = 3 };

/// What the provider says became of a refund.
struct RecordRefundResult {
  static constexpr std::string_view name_of_command = "RecordRefundResult";
  EntityRef refund;
  RefundOutcome outcome = RefundOutcome::succeeded;
  std::string provider_refund_id;
  std::string code, message;  ///< Of a failure; the code is not empty then.
};

/// The customer's bank has taken a payment, or a part of it, back. Told again it changes nothing.
struct OpenDispute {
  static constexpr std::string_view name_of_command = "OpenDispute";
  EntityRef payment;
  std::int64_t amount = 0;  ///< Minor units of the payment's currency.
  std::string reason;       ///< The bank's.
  std::string provider_dispute_id;
  std::optional<Instant> due_by;  ///< Until when evidence is taken.
};

enum class DisputeOutcome : std::uint8_t { won = 1, lost = 2 };

/// The bank has decided it.
struct CloseDispute {
  static constexpr std::string_view name_of_command = "CloseDispute";
  EntityRef payment;
  std::string provider_dispute_id;
  DisputeOutcome outcome = DisputeOutcome::lost;  ///< Won: the amount came back.
};

/// What a provider told by itself. Its idempotency key is the provider's own name of the event, kept for ever: told
/// again it changes nothing.
struct ReceiveProviderEvent {
  static constexpr std::string_view name_of_command = "ReceiveProviderEvent";
  std::string provider, external_id, type;
  std::optional<EntityRef> payment;  ///< That it is about. Where the book does not have it the engine takes it away.
  std::string owner;                 ///< The account of what it is about; the engine fills it in.
  Sensitive body;
  std::optional<EntityRef> checkout = {};  ///< A session that it is about, as of `payment`; a subscription; a refund.
  std::optional<EntityRef> subscription = {};
  std::optional<EntityRef> refund = {};
};

enum class ProviderEventOutcome : std::uint8_t { processed = 1, ignored = 2, failed = 3 };

/// What became of it.
struct ProcessProviderEvent {
  static constexpr std::string_view name_of_command = "ProcessProviderEvent";
  EntityRef provider_event;
  ProviderEventOutcome outcome = ProviderEventOutcome::processed;
  bool changed = false;  ///< Of one that was processed.
  std::string reason;    ///< Of the others, not empty.
};

enum class BillingInterval : std::uint8_t { day = 1, week = 2, month = 3, year = 4 };

/// From now on; the first invoice, or the trial, comes with it.
struct CreateSubscription {
  static constexpr std::string_view name_of_command = "CreateSubscription";
  std::string account_id, plan_id;
  std::int64_t quantity = 1;
  std::optional<Currency> currency;  ///< Absent: the account's, which it must be.
  std::optional<BillingInterval> interval;
  std::optional<std::int32_t> interval_count;  ///< Absent: 1 of a given interval, else the plan's.
  std::string coupon, user_id;                 ///< A coupon's code, and who redeems it, as of RedeemCoupon.
  std::optional<std::int32_t> trial_days;      ///< Absent: the plan's.
  Sensitive metadata;
  /// A provider's token, or in clear the id of a method of the account, until the edge has told them apart: it becomes
  /// the account's default, and the first invoice is collected by it. Empty: by what is the default.
  Sensitive payment_method = {};
  std::optional<EntityRef> own_method = {};  ///< That it names; absent: it is a token.
  ProviderMethod found = {};                 ///< What the provider says of the token.
};

/// Sends the customer to the provider's own page; the subscription comes when the provider says that it has a payment
/// method. On a free plan it comes at once.
struct StartCheckout {
  static constexpr std::string_view name_of_command = "StartCheckout";
  std::string account_id, plan_id;  ///< These and the next ones as of CreateSubscription.
  std::int64_t quantity = 1;
  std::optional<Currency> currency;
  std::optional<BillingInterval> interval;
  std::optional<std::int32_t> interval_count;
  std::string coupon, user_id;
  std::optional<std::int32_t> trial_days;  ///< Never more than the plan's, whoever asks.
  Sensitive metadata;
  Sensitive success_url, cancel_url;          ///< Where the customer is sent from the page; both may be empty.
  std::optional<Instant> expires_at;          ///< Absent: after `checkout_seconds`.
  std::string provider = {}, opened_by = {};  ///< Whose page, and the principal; the edge fills them in.
};

/// The provider says that the customer has given that method. A session that is completed stays so.
struct CompleteCheckout {
  static constexpr std::string_view name_of_command = "CompleteCheckout";
  EntityRef checkout_session;
  Sensitive payment_method;   ///< The provider's token.
  ProviderMethod found = {};  ///< What the provider says of it.
};

/// One that has expired stays so.
struct ExpireCheckout {
  static constexpr std::string_view name_of_command = "ExpireCheckout";
  EntityRef checkout_session;
};

/// A provider has a subscription of its own for this one. If that ends, this one ends with it, at once.
struct MirrorProviderSubscription {
  static constexpr std::string_view name_of_command = "MirrorProviderSubscription";
  EntityRef subscription;
  std::string provider, provider_subscription_id;
  std::string provider_status;  ///< In the provider's words.
  bool has_ended = false;       ///< What that means.
};

struct CancelSubscription {
  static constexpr std::string_view name_of_command = "CancelSubscription";
  std::string account_id;
  EntityRef subscription;
  std::optional<CancellationMode> mode;  ///< Absent: the book's policy.
  Sensitive reason, comment;
  std::optional<UnusedTime> unused_time = {};  ///< Of an immediate one; absent: the book's policy.
};

/// No period of it ends and nothing is billed until it is resumed.
struct PauseSubscription {
  static constexpr std::string_view name_of_command = "PauseSubscription";
  std::string account_id;
  EntityRef subscription;
  std::optional<Instant> resumes_at;  ///< Absent: when somebody resumes it.
  Sensitive reason;
};

/// Ends a pause, or takes a cancellation that is scheduled back.
struct ResumeSubscription {
  static constexpr std::string_view name_of_command = "ResumeSubscription";
  std::string account_id;
  EntityRef subscription;
};

/// Takes a cancellation that is scheduled back, or begins again after the end, with a new period.
struct ReactivateSubscription {
  static constexpr std::string_view name_of_command = "ReactivateSubscription";
  std::string account_id;
  EntityRef subscription;
};

/// To another plan, price or quantity. What is left out stays.
struct ChangePlan {
  static constexpr std::string_view name_of_command = "ChangePlan";
  std::string account_id;
  EntityRef subscription;
  std::string plan_id;
  std::optional<std::int64_t> quantity;
  std::optional<Currency> currency;            ///< Absent: the account's, which it must be.
  std::optional<BillingInterval> interval;     ///< Absent: its own if the plan has it, else the plan's.
  std::optional<std::int32_t> interval_count;  ///< Absent: 1 of a given interval.
  /// Absent: of another quantity alone now; else as the book's policy of upgrades or, if it costs less, downgrades.
  std::optional<ChangeEffect> effective;
  bool is_downgrade = false;  ///< As the policy of downgrades has it, whatever it costs, if `effective` is absent.
  std::optional<ProrationBehavior> proration_behavior;  ///< Absent: the book's policy. At a period's end: no matter.
  Sensitive reason;
  std::string coupon = {}, user_id = {};  ///< Redeemed for the subscription first, as of CreateSubscription.
};

/// To so many, or by so many (exactly one is given).
struct ChangeQuantity {
  static constexpr std::string_view name_of_command = "ChangeQuantity";
  std::string account_id;
  EntityRef subscription;
  std::optional<std::int64_t> delta, quantity;
  std::optional<ChangeEffect> effective;  ///< Absent: now. As of ChangePlan, as the next two.
  std::optional<ProrationBehavior> proration_behavior;
  Sensitive reason;
};

struct CancelScheduledPlanChange {
  static constexpr std::string_view name_of_command = "CancelScheduledPlanChange";
  std::string account_id;
  EntityRef subscription;
};

/// A discount for the subscription's invoices: by redeeming a coupon, or one of the book's as it is (exactly one is
/// given).
struct ApplyDiscount {
  static constexpr std::string_view name_of_command = "ApplyDiscount";
  std::string account_id;
  EntityRef subscription;
  std::string coupon, discount_id;  ///< A coupon's code.
  std::string user_id;              ///< Who redeems it.
};

/// Its invoices from now on are without it.
struct RemoveDiscount {
  static constexpr std::string_view name_of_command = "RemoveDiscount";
  std::string account_id;
  EntityRef subscription, discount;
};

/// Its plan and quantity as by ChangePlan, a coupon for it, and its metadata.
struct UpdateSubscription {
  static constexpr std::string_view name_of_command = "UpdateSubscription";
  std::string account_id;
  EntityRef subscription;
  std::string plan_id;
  std::optional<std::int64_t> quantity;
  Change<Sensitive> metadata;
  std::optional<bool> at_period_end;  ///< Of plan and quantity. Absent: as of ChangePlan.
  std::optional<ProrationBehavior> proration_behavior;
  std::string coupon = {}, user_id = {};  ///< As of ChangePlan.
};

/// Sets one policy of the book anew; members of other policies are refused, and what is left out is the default.
struct ChangePolicy {
  static constexpr std::string_view name_of_command = "ChangePolicy";
  std::string policy;  ///< "invoice.numbering"
  std::optional<std::string> prefix;
  std::optional<std::int32_t> digits;
  std::optional<NumberReset> reset;
  std::optional<std::int32_t> manual;
  std::optional<std::string> country;
  std::optional<UnusedTime> unused_time;
  std::optional<std::int32_t> days;
  std::optional<LiveSubscriptions> max_live;
  std::optional<CancellationMode> mode;
  std::optional<ProrationBehavior> proration_behavior;
  std::optional<DiscountStacking> stacking;
  std::optional<PercentArithmetic> arithmetic;
  std::optional<ChangeEffect> effective;
  std::optional<ProrationUnit> unit;
  std::optional<TrialOnOpening> on_account_open;
  std::optional<TrialEnd> trial_end;
  std::optional<Rounding> rounding;
};

/// A tax rate of the book's own.
struct SetTaxRate {
  static constexpr std::string_view name_of_command = "SetTaxRate";
  std::string country, region, name, percent;
  std::string from, until;  ///< Days; `until` may be empty.
  bool state_rate_only = false;
};

/// A part of an invoice's line: an amount, of the line's sign and before discounts, or a quantity.
struct CreditNoteLineInput {
  std::int64_t line = 0;
  std::optional<std::int64_t> amount;
  std::string quantity;  ///< A decimal.
};

/// Gives parts of a finalised invoice back. Without lines the amount is shared among them; without either it is all
/// that is left.
struct IssueCreditNote {
  static constexpr std::string_view name_of_command = "IssueCreditNote";
  EntityRef invoice;
  std::vector<CreditNoteLineInput> lines;
  std::optional<std::int64_t> amount;
  Sensitive reason, memo;
};

struct VoidCreditNote {
  static constexpr std::string_view name_of_command = "VoidCreditNote";
  EntityRef credit_note;
  Sensitive reason;
};

/// `amount` is as the invoice's lines have theirs, of a write-off what is not owed any more.
struct AdjustInvoice {
  static constexpr std::string_view name_of_command = "AdjustInvoice";
  EntityRef invoice;
  std::optional<std::int64_t> line;  ///< Absent: all lines.
  AdjustmentType type = AdjustmentType::discount;
  std::int64_t amount = 0;
  Sensitive reason;
};

using Command =
    std::variant<OpenAccount, UpdateAccount, IssueCredit, ConsumeCredit, ExpireCredit, VoidCredit, AllocateUnitCredits,
                 DeductUnitCredits, AdjustUnitCredits, ReserveUnitCredits, CaptureReservation, ReleaseReservation,
                 AdvanceSandboxClock, CreateApiKey, RevokeApiKey, ScheduleAccountDeletion, RestoreAccount, PurgeAccount,
                 PlaceLegalHold, ReleaseLegalHold, CreatePlan, RevisePlan, RetirePlan, RestorePlan, AttachPaymentMethod,
                 SetDefaultPaymentMethod, DetachPaymentMethod, CreateDiscount, ChangeDiscount, RetireDiscount,
                 CreateCoupon, RetireCoupon, RedeemCoupon, DraftInvoice, AddInvoiceLine, RemoveInvoiceLine,
                 FinalizeInvoice, VoidInvoice, MarkInvoiceUncollectible, ChangePolicy, CreateSubscription,
                 CancelSubscription, ReactivateSubscription, UnparkAccount, SetTaxRate, IssueCreditNote, VoidCreditNote,
                 AdjustInvoice, ChangePlan, ChangeQuantity, CancelScheduledPlanChange, UpdateSubscription,
                 PauseSubscription, ResumeSubscription, CreateTestClock, AdvanceTestClock, AttemptPayment, RetryPayment,
                 RecordPaymentResult, ApplyDiscount, RemoveDiscount, ApplyCredit, ReceiveProviderEvent,
                 ProcessProviderEvent, SendInvoice, CreateBook, ChangeBook, CloseBook, StartCheckout, CompleteCheckout,
                 ExpireCheckout, MirrorProviderSubscription, SyncCatalogue, IssueRefund, RecordRefundResult,
                 OpenDispute, CloseDispute, RecordOfflinePayment>;

/// "IssueCredit".
std::string_view command_name(const Command& command);

}  // namespace daybook
