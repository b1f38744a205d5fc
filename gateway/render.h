// Resources as JSON. Writes straight into a string; personal data is unsealed for those who may see it, else null.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/answer.h"
#include "engine/keyring.h"
#include "gateway/http_message.h"
#include "projections/event_json.h"

namespace daybook::schema {
struct InvoiceDiscountT;
struct InvoiceFiguresT;
struct InvoiceLineT;
struct InvoiceTaxT;
}  // namespace daybook::schema

namespace daybook {

class JsonText;
struct DatedTaxRate;

/// A member that is null if the text is empty.
void member_or_null(JsonText& json, std::string_view name, std::string_view text);

/// Who looks, and at which stream's values.
struct Viewer {
  Keyring& keys;
  bool sees_personal_data = false;
  std::string stream = {};
  /// In a dry run: of these streams (by ordinal) entities of later versions do not exist, and are shown as
  /// <prefix>_dry_<n>.
  std::map<std::uint64_t, std::uint64_t> existing_versions = {};
  /// Of a book that nobody created.
  BookMode mode_unless_said = BookMode::live;
  /// As the client has reached the server: "127.0.0.1:8080".
  std::string host = {};
};

/// Null for one that is not on the calendar: never.
void instant_member(JsonText& json, std::string_view name, Instant at);
/// Clear text for those who may see it, else null.
void sealed_member(JsonText& json, std::string_view name, const Sealed& sealed, const Viewer& viewer,
                   std::string_view field = {});
/// {} if there is none, null if it may not be seen.
void metadata_member(JsonText& json, const Sealed& sealed, const Viewer& viewer);
/// An id with its prefix; null if it is none.
void id_member(JsonText& json, std::string_view name, std::string_view prefix, EntityRef id, const Viewer& viewer);

/// `receivable`: what the customer owes, in the account's currency.
void append_account(std::string& out, const AccountDetails& details, const std::map<Asset, Wallet>& wallets,
                    std::int64_t receivable, const Viewer& viewer);
void append_credit(std::string& out, std::string_view account_id, const Grant& credit, const Viewer& viewer);
void append_unit_entry(std::string& out, const UnitEntryShown& entry, const Viewer& viewer);
void append_reservation(std::string& out, const ReservationShown& shown, const Viewer& viewer);
/// Masked: neither token nor number.
void append_payment_method(std::string& out, std::string_view account_id, const PaymentMethod& method, bool is_default,
                           const Viewer& viewer);
void append_clock(std::string& out, const ClockShown& clock);
void append_test_clock(std::string& out, const TestClock& clock, const Viewer& viewer);
/// `secret` is the key's text, shown once; null if empty.
void append_api_key(std::string& out, const ApiKey& key, std::string_view secret, const Viewer& viewer);
/// The version's terms under the plan's name, `version` being the version's number.
void append_plan(std::string& out, const Plan& plan, const PlanVersion& version);
/// Requires a sync that was completed.
void append_catalogue_sync(std::string& out, const CatalogueSync& sync);
/// With the key that was made with it, if it is there; `secret` is that key's text, as of append_api_key.
void append_book(std::string& out, const BookShown& shown, std::string_view secret, const Viewer& viewer);
void append_discount(std::string& out, const OfferedDiscount& discount);
/// What it takes off and when, as an object.
void append_discount_terms(JsonText& json, const schema::DiscountTermsT& terms);
void append_coupon(std::string& out, const CouponShown& shown);

/// One redemption of a coupon, as an account's state or the book's event tells it.
struct CouponRedemption {
  EntityRef id;
  std::string code, discount_id, account_id, user_id;
  EntityRef account_discount;
  Instant at{};
  const schema::DiscountTermsT* terms = nullptr;  ///< Of what the account got, as it was then; shown if it is there.
};
void append_redemption(std::string& out, const CouponRedemption& redemption, const Viewer& viewer);
void append_invoice(std::string& out, std::string_view account_id, const Invoice& invoice, const Viewer& viewer);
/// What a line that a discount or a tax makes says.
std::string line_text_of(const schema::InvoiceDiscountT& discount);
std::string line_text_of(const schema::InvoiceTaxT& tax);
/// The members of a line that say what it is for: period, plan, steps, proration, and what it credits.
void append_line_origin(JsonText& json, const schema::InvoiceLineT& line, const Viewer& viewer);
void append_credit_note(std::string& out, std::string_view account_id, const CreditNote& note, const Viewer& viewer);
void append_adjustment(std::string& out, std::string_view account_id, const InvoiceAdjustment& adjustment,
                       const Viewer& viewer);
void append_checkout_session(std::string& out, std::string_view account_id, const CheckoutSession& session,
                             const Viewer& viewer);
/// As the simulated provider shows it, to whoever has been sent there: what it was told of the session, and no more.
void append_simulated_checkout(std::string& out, std::string_view account_id, const CheckoutSession& session,
                               const Viewer& viewer);
/// What a payment is shown with where it is read by itself.
struct PaymentParts {
  std::vector<Payment> attempts;  ///< All payments of its invoice, the oldest first.
  std::vector<Refund> refunds;    ///< Of the payment, likewise.
};
/// `parts`: null: they are not shown.
void append_payment(std::string& out, std::string_view account_id, const Payment& payment, const PaymentParts* parts,
                    const Viewer& viewer);
void append_refund(std::string& out, std::string_view account_id, const Refund& refund, const Viewer& viewer);
void append_dispute(std::string& out, std::string_view account_id, const Dispute& dispute, const Viewer& viewer);
/// `is_primary`: it was created first of those of its account that live.
void append_subscription(std::string& out, std::string_view account_id, const Subscription& subscription,
                         bool is_primary, const Viewer& viewer);
/// The account's primary subscription as at that instant, with its plan, provider, trial, usage, pending change and
/// dunning as blocks of their own behind its members.
void append_current_subscription(std::string& out, const AccountDetails& account, const Subscription& subscription,
                                 Instant now, const Viewer& viewer);
/// What a price says, as an object, without what others of its plan make of it.
void append_price_terms(JsonText& json, const schema::PlanPriceT& price);
/// One policy of a book, by its name.
void append_policy(std::string& out, std::string_view policy, const Policies& policies);
void append_tax_rate(std::string& out, const OwnTaxRateKey& key, const OwnTaxRate& rate);
/// A row of the default table.
void append_tax_rate(std::string& out, const DatedTaxRate& rate);
/// Member `taxes`: the rows of an invoice's tax summary; none without figures.
void append_taxes(JsonText& json, const schema::InvoiceFiguresT* figures);
/// The resource of an answer, whichever it is; null if it shows none.
void append_shown(std::string& out, const Answer& answer, std::string_view secret, const Viewer& viewer);

void append_balance(std::string& out, std::string_view account_id, Currency own, const std::map<Asset, Wallet>& wallets,
                    std::int64_t receivable, LogPosition position);
/// `unit` is the one shown at the top; every kind that the account has is in `units`.
void append_unit_balance(std::string& out, std::string_view account_id, std::string_view unit,
                         const std::map<Asset, Wallet>& wallets, LogPosition position);
/// The share of what was granted that is used, in whole percent; of the cycle's units if there are any.
std::int64_t consumed_percent(const Wallet& wallet);

/// What the event renderer shows of sealed members.
Unseal unseal_for(Keyring& keys, bool sees_personal_data);

}  // namespace daybook
