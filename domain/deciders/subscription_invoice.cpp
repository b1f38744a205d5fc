#include "domain/deciders/subscription_invoice.h"

#include <algorithm>
#include <utility>

#include "domain/deciders/invoice_figures.h"
#include "domain/deciders/invoice_finalize.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

schema::InvoiceDraftedT drafted(const Invoice& invoice, const AccountState& account, schema::BillingReason reason) {
  schema::InvoiceDraftedT event;
  event.invoice = invoice.id;
  event.account_id = account.details.id;
  event.currency = invoice.currency.packed;
  event.billing_reason = reason;
  for (const auto& line : invoice.lines) event.lines.push_back(std::make_unique<schema::InvoiceLineT>(*line));
  event.net_days = invoice.net_days;
  event.subscription = invoice.subscription;
  event.collects_automatically = invoice.collects_automatically;
  event.tax_inclusive = invoice.tax_inclusive;
  return event;
}

/// As the figures are finalised: an amount below zero is the account's credit. Nothing if one of them, or what the
/// account then owes or has, is out of range.
std::optional<schema::InvoiceFiguresT> payable_figures(const Invoice& invoice, const AccountState& account,
                                                       const std::vector<AccountDiscount>& discounts,
                                                       const DecisionContext& context) {
  std::optional<schema::InvoiceFiguresT> figures = figures_of(invoice, account, discounts, context);
  if (!figures || !is_amount(account.receivable() + figures->total)) return std::nullopt;
  if (figures->total >= 0) return figures;
  const Wallet wallet = account.wallet({code(invoice.currency), true});
  figures->credited = -figures->total;
  figures->total = 0;
  const bool is_in_range = is_amount(wallet.available + wallet.reserved + figures->credited);
  return is_in_range && account.grants().size() < open_grants_max ? std::move(figures) : std::nullopt;
}

}  // namespace

std::optional<schema::ParkReason> bill_lines(Decision& decision, const AccountState& account, InvoiceLines lines,
                                             const LinesToBill& due, const DecisionContext& context) {
  if (std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line->amount == 0; })) return std::nullopt;
  if (lines.size() > invoice_lines_max) return schema::ParkReason::too_many_lines;
  if (account.open_invoices() >= open_invoices_max) return schema::ParkReason::too_many_open_invoices;
  const Subscription& subscription = due.subscription;
  Invoice invoice;
  invoice.id = context.new_id(decision.events.size());
  invoice.currency = Currency{subscription.price->currency};
  invoice.net_days = subscription.net_days;
  invoice.subscription = subscription.id;
  invoice.collects_automatically = subscription.collects_automatically;
  invoice.tax_inclusive = subscription.price->tax_behavior == schema::TaxBehavior::inclusive;
  for (auto& line : lines) invoice.lines.push_back(std::move(line));
  decision.events.push_back(PendingEvent::of(drafted(invoice, account, due.reason)));
  std::optional<schema::InvoiceFiguresT> figures = payable_figures(invoice, account, due.discounts, context);
  if (!figures) return schema::ParkReason::amount_out_of_range;
  finalize(decision, account, invoice, std::move(*figures), context, due.method);
  return std::nullopt;
}

std::optional<schema::ParkReason> bill_period(Decision& decision, const AccountState& account,
                                              const schema::SubscriptionPeriodT& period, const LinesToBill& due,
                                              const DecisionContext& context) {
  const Subscription& subscription = due.subscription;
  const Period whole{period.start, period.end};
  InvoiceLines lines =
      joined(waiting_lines(subscription), period_lines(subscription, whole, context.book->policies.rounding));
  const bool is_first = subscription.period_number == 0;
  if (is_first) lines = joined(std::move(lines), setup_lines(subscription, whole));
  return bill_lines(decision, account, std::move(lines), due, context);
}

Decision refuse_invoice(schema::ParkReason fault, std::string_view pointer) {
  if (fault == schema::ParkReason::amount_out_of_range) return reject(RejectionCode::amount_out_of_range, pointer);
  const bool is_lines = fault == schema::ParkReason::too_many_lines;
  return limit_reached(is_lines ? "lines of an invoice" : "drafts and open invoices of an account",
                       is_lines ? invoice_lines_max : open_invoices_max);
}

InvoiceLines waiting_lines(const Subscription& subscription) {
  InvoiceLines lines;
  for (const auto& line : subscription.waiting) lines.push_back(std::make_shared<schema::InvoiceLineT>(*line));
  return lines;
}

}  // namespace daybook
