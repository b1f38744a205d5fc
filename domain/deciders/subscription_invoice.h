// The invoices of a subscription: its lines, finalised by the code that finalises any invoice.
#pragma once

#include <optional>
#include <vector>

#include "domain/deciders/subscription_lines.h"

namespace daybook::schema {
struct SubscriptionPeriodT;
enum class BillingReason : std::uint8_t;
enum class ParkReason : std::uint8_t;
}  // namespace daybook::schema

namespace daybook {

/// Whose invoice it is, as it is from then on, and why.
struct LinesToBill {
  const Subscription& subscription;
  schema::BillingReason reason;
  const std::vector<AccountDiscount>& discounts;  ///< That the account has then.
  const PaymentMethod* method = nullptr;          ///< That it is collected by; null: the account's default.
};

/// Adds the events of the invoice after those that the decision has already; none if every line is zero. Lines that
/// come to less than nothing become credit of the account. Otherwise what keeps it from being made: the decision is of
/// no use then. Requires lines numbered from 1.
std::optional<schema::ParkReason> bill_lines(Decision& decision, const AccountState& account, InvoiceLines lines,
                                             const LinesToBill& due, const DecisionContext& context);

/// The same for a period that begins, with what has waited for it. Requires a price and a quantity whose amount is in
/// range; the subscription is that before its first period if the setup fee is billed too.
std::optional<schema::ParkReason> bill_period(Decision& decision, const AccountState& account,
                                              const schema::SubscriptionPeriodT& period, const LinesToBill& due,
                                              const DecisionContext& context);

/// Of a command whose invoice would be out of bounds.
Decision refuse_invoice(schema::ParkReason fault, std::string_view pointer);

/// What waits for the subscription's next invoice.
InvoiceLines waiting_lines(const Subscription& subscription);

}  // namespace daybook
