// The state of one account, as far as decisions and its own reads need it: details, grants, holds, invoices,
// subscriptions, and what is due. It is only ever changed by evolve() (domain/evolve.h), from the stored bytes of an
// event.
//
// Entities that have ended (a consumed credit, a captured hold, a paid invoice) leave the state once their rows are
// stored (take_ended), so that an account's state is as large as what is open in it; the engine puts one back (adopt)
// when a command names it. A credit that pays for an open invoice stays as long as that could give it back, a credit
// note as long as it could be voided; of a paid invoice stays what credit notes took of it, of a payment what went
// back.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "domain/account_payments.h"
#include "domain/billed_charges.h"
#include "domain/checkout.h"
#include "domain/commands.h"
#include "domain/coupons.h"
#include "domain/credit_note.h"
#include "domain/given_back.h"
#include "domain/invoice.h"
#include "domain/money.h"
#include "domain/payment.h"
#include "domain/payment_method.h"
#include "domain/refund.h"
#include "domain/subscription.h"
#include "domain/trial.h"

namespace daybook {

enum class AccountStatus : std::uint8_t { active = 1, deletion_scheduled = 2, deleted = 3 };
std::string_view to_text(AccountStatus status);

/// That an account's subscriptions stand still, because an invoice of one of them would be out of bounds.
struct Parking {
  std::uint8_t reason = 0;  ///< schema::ParkReason; 0: it is not parked.
  EntityRef subscription;
  Instant since = never;
  bool operator==(const Parking&) const = default;
};

struct AccountDetails {
  std::string id;
  Sealed name, email, billing_email, company, tax_id, vat_id, metadata;
  Currency currency{};
  std::string time_zone, locale, provider;
  std::string country, region, postal_code;
  Sealed line1, line2, city;
  bool tax_exempt = false;
  std::string vat_id_country;  ///< ISO 3166-1, of a VAT id with that country's form and check digits; else empty.
  EntityRef test_clock;        ///< That it lives by; none: its book's clock.
  AccountStatus status = AccountStatus::active;
  Instant purge_at = never;  ///< While its deletion is scheduled.
  bool legal_hold = false;   ///< Keeps it from being purged.
  Parking parking;
  AccountTrial trial;
  AccountPayments payments;
  bool is_parked() const { return parking.reason != 0; }
  Instant created_at{}, updated_at{};
  std::uint64_t sealing_key = 0;
  std::uint64_t version = 0;                   ///< Stream version of the last event that touched the details.
  std::vector<PaymentMethod> payment_methods;  ///< In the order in which they were attached.
  EntityRef default_payment_method;            ///< None if there are no methods.
  const PaymentMethod* find_payment_method(EntityRef method) const;
  bool operator==(const AccountDetails&) const = default;
};

/// What a grant is made of and a hold holds: a currency (money credits) or a unit (unit credits).
struct Asset {
  std::string code;  ///< "USD" or "credits".
  bool is_money = false;
  auto operator<=>(const Asset&) const = default;
};

enum class GrantStatus : std::uint8_t { available = 1, partially_applied = 2, consumed = 3, expired = 4, voided = 5 };
std::string_view to_text(GrantStatus status);

inline constexpr std::int32_t priority_default = 50;  ///< Of a grant that was given none.

/// What an invoice took of a credit.
struct CreditApplication {
  EntityRef invoice;
  std::int64_t amount = 0;
  bool operator==(const CreditApplication&) const = default;
};

/// A money credit or an allocation of units. free() = remaining - held is what can still be taken.
struct Grant {
  EntityRef id;
  Asset asset;
  std::int64_t amount = 0;     ///< As issued, smallest unit of the asset.
  std::int64_t remaining = 0;  ///< Not yet consumed, expired or voided; held units included.
  std::int64_t held = 0;
  std::int32_t priority = 0;
  Instant effective_at{};
  Instant expires_at = never;
  std::uint8_t type = 0;  ///< CreditType of a money credit, UnitSource of units.
  GrantStatus status = GrantStatus::available;
  Sealed reason, metadata;
  std::string reference;
  EntityRef invoice;  ///< For which a money credit was issued; none: for whatever comes.
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;
  std::int64_t free() const { return remaining - held; }
  std::vector<CreditApplication> applications;  ///< Of a money credit, in order; those that came back left out.
  bool is_open() const { return status == GrantStatus::available || status == GrantStatus::partially_applied; }
  bool is_promotional() const;
  bool operator==(const Grant&) const = default;
};

enum class HoldStatus : std::uint8_t { held = 1, captured = 2, released = 3, expired = 4 };
std::string_view to_text(HoldStatus status);

struct Hold {
  EntityRef id;
  Asset asset;
  std::int64_t amount = 0;
  std::int64_t captured = 0;
  std::int64_t released = 0;  ///< Given back by capture in part, release or expiry.
  std::vector<Draw> draws;    ///< What is held of each grant, in draw-down order.
  Instant expires_at{};
  HoldStatus status = HoldStatus::held;
  std::string reference;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;
  bool is_open() const { return status == HoldStatus::held; }
  bool operator==(const Hold&) const = default;
};

/// Sums over one asset. available = what can be taken now; settled = available + reserved.
struct Wallet {
  std::int64_t available = 0;
  std::int64_t reserved = 0;
  std::int64_t granted = 0;         ///< Ever granted.
  std::int64_t consumed = 0;        ///< Ever deducted or captured.
  std::int64_t expired = 0;         ///< Ever expired or voided.
  std::int64_t cycle_granted = 0;   ///< Of the open cycle grants: as granted.
  std::int64_t cycle_consumed = 0;  ///< Of the open cycle grants: taken so far.
  bool operator==(const Wallet&) const = default;
};

enum class DueKind : std::uint8_t {
  grant_expiry = 1,
  hold_expiry = 2,
  purge = 3,
  invoice_overdue = 4,
  subscription = 5,
  account_trial = 6,
  checkout = 7
};

/// Something the account owes to the passage of time. Run in this order: instant, kind, id.
struct DueItem {
  Instant at{};
  DueKind kind = DueKind::grant_expiry;
  EntityRef id;
  auto operator<=>(const DueItem&) const = default;
};

class AccountState {
 public:
  bool exists() const { return version != 0 && !details.id.empty(); }

  std::uint64_t version = 0;  ///< Of the stream; 0 before the first event.
  std::uint64_t ordinal = 0;  ///< Of the stream in its shard.
  Instant decided_at{};       ///< Of the last event.
  AccountDetails details;
  std::vector<AccountDiscount> discounts;  ///< In the order in which it got them.
  BilledCharges billed;                    ///< For the present periods of its subscriptions.
  GivenBack given_back;                    ///< Of its invoices, by later ones.
  bool has_purchased = false;              ///< Anything, ever.
  bool has_trialed = false;                ///< Any plan, ever.
  bool is_blocked_by_trial = false;        ///< One has expired so, and it has not subscribed since.
  bool is_currency_fixed = false;          ///< Something is, or was, in its currency.
  /// Whether it has a subscription that has not ended.
  bool has_live_subscription() const;

  const AccountDiscount* find_discount(EntityRef id) const;
  const std::map<EntityRef, Grant>& grants() const { return grants_; }
  const std::map<EntityRef, Hold>& holds() const { return holds_; }
  const std::map<Asset, Wallet>& wallets() const { return wallets_; }
  const std::map<EntityRef, Invoice>& invoices() const { return invoices_; }
  /// Those of which something can still come: drafts and written-off ones too.
  std::size_t open_invoices() const { return open_invoices_; }
  /// Ended ones too.
  const std::map<EntityRef, Subscription>& subscriptions() const { return subscriptions_; }
  /// The one that was created first of those that live; null if none does.
  const Subscription* primary_subscription() const;
  /// What the customer owes for open invoices, in minor units of the account's currency.
  std::int64_t receivable() const { return receivable_; }
  const std::set<DueItem>& due() const { return due_; }
  /// When the account's agenda next has something to do; never if nothing.
  Instant next_due() const { return due_.empty() ? never : due_.begin()->at; }
  const Grant* find_grant(EntityRef id) const;
  const Hold* find_hold(EntityRef id) const;
  const Invoice* find_invoice(EntityRef id) const;
  bool has_open_invoice(EntityRef id) const;
  const Subscription* find_subscription(EntityRef id) const;
  const CreditNote* find_credit_note(EntityRef id) const;
  const InvoiceAdjustment* find_adjustment(EntityRef id) const;
  const Payment* find_payment(EntityRef id) const;
  /// Those whose result is still to come, and others whose rows are not stored yet.
  const std::map<EntityRef, Payment>& payments() const { return payments_; }
  const Refund* find_refund(EntityRef id) const;
  const Dispute* find_dispute(EntityRef id) const;
  /// Those whose result is still to come, and others whose rows are not stored yet; likewise of disputes.
  const std::map<EntityRef, Refund>& refunds() const { return refunds_; }
  const std::map<EntityRef, Dispute>& disputes() const { return disputes_; }
  /// Of every payment of which something went, or is to go, back.
  const std::map<EntityRef, PaymentReversals>& reversals() const { return reversals_; }
  PaymentReversals reversals_of(EntityRef payment) const;
  /// The payment as of now, with what went back of it after its end.
  Payment with_reversals(const Payment& payment) const;
  const CheckoutSession* find_checkout_session(EntityRef id) const;
  /// Those that are open, and others whose rows are not stored yet.
  const std::map<EntityRef, CheckoutSession>& checkout_sessions() const { return checkout_sessions_; }
  std::size_t open_checkout_sessions() const;
  /// Those that could be voided, and others whose rows are not stored yet.
  const std::map<EntityRef, CreditNote>& credit_notes() const { return credit_notes_; }
  /// What credit notes took of paid invoices that have some.
  const std::map<EntityRef, std::vector<CreditNoteShare>>& credited_invoices() const { return credited_; }
  /// The invoice as of now, with the credit notes that it got after its end. Requires one that the account has.
  Invoice with_credit_notes(const Invoice& invoice) const;
  /// Whether an open invoice holds some of the credit, so that it may come back.
  bool pays_open_invoice(EntityRef credit) const { return paying_.contains(credit); }
  Wallet wallet(const Asset& asset) const;

  /// What a movement of `amount` takes from which grant, in draw-down order: priority, soonest expiry (none last),
  /// promotional before purchased, effective time, log order. Requires amount <= wallet(asset).available.
  std::vector<Draw> plan_draw(const Asset& asset, std::int64_t amount) const;

  /// Puts the purge that `details` asks for on the agenda, or takes it off. After each change of status or hold.
  void note_purge();
  /// The same of what is due of its trial.
  void note_trial();
  /// Takes what is due of subscriptions off the agenda, or puts it there again.
  void park(const Parking& parking);

  // Changes, each the meaning of one kind of event; used by evolve() only.
  void add_grant(Grant grant);
  enum class Take { consume, expire, void_grant };
  void take(EntityRef grant, std::int64_t amount, Take kind, Instant at, std::uint64_t at_version);
  void add_hold(Hold hold);
  /// Ends the hold: `spent` is consumed, `returned` is free again.
  void end_hold(EntityRef hold, HoldStatus status, const std::vector<Draw>& spent, const std::vector<Draw>& returned,
                Instant at, std::uint64_t at_version);

  void add_invoice(Invoice invoice);
  /// `change(invoice)` is the fold of one event.
  template <class Change>
  void change_invoice(EntityRef id, Change change) {
    Invoice& invoice = invoice_at(id);
    unindex(invoice);
    change(invoice);
    index(invoice);
    release_paying();
  }
  /// A grant pays for an invoice, which knows it already.
  void apply_credit(EntityRef grant, const CreditApplication& application, Instant at, std::uint64_t at_version);
  /// It does so no longer, which the invoice does not know yet.
  void return_credit(EntityRef grant, const CreditApplication& application, Instant at, std::uint64_t at_version);

  /// Requires an invoice that is paid.
  void credit_ended_invoice(EntityRef id, CreditNoteShare share);
  void uncredit_ended_invoice(EntityRef id, EntityRef note);
  void add_credit_note(CreditNote note);
  /// `change(note)` makes it final.
  template <class Change>
  void end_credit_note(EntityRef id, Change change) {
    change(credit_note_at(id));
    finish_credit_note(id);
  }
  void add_adjustment(InvoiceAdjustment adjustment);

  void add_payment(Payment payment);
  /// `change(payment)` is the fold of one event.
  template <class Change>
  void change_payment(EntityRef id, Change change) {
    Payment& payment = payment_at(id);
    change(payment);
    if (!payment.is_open()) ended_payments_.push_back(id);
  }

  void add_refund(Refund refund);
  /// `change(refund)` ends it; the same of a dispute.
  template <class Change>
  void end_refund(EntityRef id, Change change) {
    change(refund_at(id));
    ended_refunds_.push_back(id);
  }
  void add_dispute(Dispute dispute);
  template <class Change>
  void end_dispute(EntityRef id, Change change) {
    change(dispute_at(id));
    ended_disputes_.push_back(id);
  }
  template <class Change>
  void change_reversals(EntityRef payment, Change change) {
    change(reversals_[payment]);
  }

  void add_checkout_session(CheckoutSession session);
  /// `change(session)` ends it.
  template <class Change>
  void end_checkout_session(EntityRef id, Change change) {
    change(checkout_session_at(id));
    finish_checkout_session(id);
  }

  void add_subscription(Subscription subscription);
  /// As change_invoice.
  template <class Change>
  void change_subscription(EntityRef id, Change change) {
    Subscription& subscription = subscription_at(id);
    unindex(subscription);
    change(subscription);
    index(subscription);
  }

  /// What the subscription was billed for time up to then is over.
  void end_billed(EntityRef subscription, Instant until);

  /// Removes what has ended and returns it, for its rows.
  struct Ended {
    std::vector<Grant> grants;
    std::vector<Hold> holds;
    std::vector<Invoice> invoices;
    std::vector<CreditNote> credit_notes;
    std::vector<InvoiceAdjustment> adjustments;
    std::vector<Payment> payments;
    std::vector<CheckoutSession> checkout_sessions;
    std::vector<Refund> refunds;
    std::vector<Dispute> disputes;
  };
  bool has_ended() const {
    return !ended_grants_.empty() || !ended_holds_.empty() || !ended_invoices_.empty() || !ended_notes_.empty() ||
           !adjustments_.empty() || !ended_payments_.empty() || !ended_checkouts_.empty() || !ended_refunds_.empty() ||
           !ended_disputes_.empty();
  }
  Ended take_ended();
  void adopt(Grant grant);
  void adopt(Hold hold);
  void adopt(Invoice invoice);
  void adopt(CreditNote note);
  void adopt(InvoiceAdjustment adjustment);
  void adopt(Payment payment);
  void adopt(CheckoutSession session);
  void adopt(Refund refund);
  void adopt(Dispute dispute);

  // From a state row (domain/state_codec.h): open entities with what is already held and taken of them. Invoices come
  // before the grants that pay for them.
  void restore(Invoice invoice);
  void restore(Grant grant);
  void restore(Hold hold);
  void restore(Subscription subscription);
  void restore(CreditNote note);
  void restore(EntityRef invoice, std::vector<CreditNoteShare> shares);
  void restore(Payment payment);
  void restore(CheckoutSession session);
  void restore(Refund refund);
  void restore(Dispute dispute);
  void restore(EntityRef payment, const PaymentReversals& reversals);
  void restore_totals(const Asset& asset, std::int64_t granted, std::int64_t consumed, std::int64_t expired);

  /// A rough size, for the cache's budget.
  std::size_t memory_bytes() const;

 private:
  struct DrawOrder {
    std::int32_t priority;
    Instant expires_at;
    bool purchased;
    Instant effective_at;
    EntityRef id;
    auto operator<=>(const DrawOrder&) const = default;
  };
  static DrawOrder draw_order(const Grant& grant);
  Grant& grant_at(EntityRef id);
  /// Before a grant changes: out of the indexes and sums. After: in again.
  void unindex(const Grant& grant);
  void index(const Grant& grant);
  Invoice& invoice_at(EntityRef id);
  /// The same of an invoice.
  void unindex(const Invoice& invoice);
  void index(const Invoice& invoice);
  Subscription& subscription_at(EntityRef id);
  /// Likewise of what is due of it.
  void unindex(const Subscription& subscription);
  void index(const Subscription& subscription);
  /// Grants that pay for no open invoice any more, and have ended, may go.
  void release_paying();
  CreditNote& credit_note_at(EntityRef id);
  Payment& payment_at(EntityRef id);
  CheckoutSession& checkout_session_at(EntityRef id);
  Refund& refund_at(EntityRef id);
  Dispute& dispute_at(EntityRef id);
  void finish_checkout_session(EntityRef id);
  /// What credit notes lowered, or gave, is used: they can be voided no more.
  void settle_credit_notes(EntityRef invoice_or_grant);
  void finish_credit_note(EntityRef id);

  std::map<EntityRef, Grant> grants_;
  std::map<EntityRef, Hold> holds_;
  std::map<Asset, Wallet> wallets_;
  std::map<Asset, std::set<DrawOrder>> open_;  ///< Grants with something free.
  std::set<DueItem> due_;
  Instant purge_due_ = never;  ///< Of the purge that stands in due_.
  Instant trial_due_ = never;  ///< The same of the account's trial.
  std::map<EntityRef, Invoice> invoices_;
  std::map<EntityRef, Subscription> subscriptions_;
  std::map<EntityRef, CreditNote> credit_notes_;
  std::multimap<EntityRef, EntityRef> voidable_;  ///< By the invoice that they lowered and the credit that they gave.
  std::map<EntityRef, std::vector<CreditNoteShare>> credited_;
  std::map<EntityRef, InvoiceAdjustment> adjustments_;  ///< Whose rows are not stored yet.
  std::map<EntityRef, Payment> payments_;
  std::map<EntityRef, CheckoutSession> checkout_sessions_;
  std::map<EntityRef, Refund> refunds_;
  std::map<EntityRef, Dispute> disputes_;
  std::map<EntityRef, PaymentReversals> reversals_;  ///< By payment.
  std::int64_t receivable_ = 0;
  std::size_t open_invoices_ = 0;
  std::size_t lines_held_ = 0;                 ///< Of open invoices.
  std::map<EntityRef, std::uint32_t> paying_;  ///< Of each grant that pays for open invoices: for how many.
  std::vector<EntityRef> released_;            ///< Of these, those that may pay for none any more.
  std::vector<EntityRef> ended_grants_, ended_holds_, ended_invoices_, ended_notes_, ended_payments_, ended_checkouts_,
      ended_refunds_, ended_disputes_;
};

}  // namespace daybook
