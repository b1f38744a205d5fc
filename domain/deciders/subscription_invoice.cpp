#include "domain/deciders/subscription_invoice.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/invoice_figures.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/deciders/plan_check.h"
#include "domain/rules/pricing.h"
#include "schemas/events/accounts_generated.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

std::string decimal(const Rational& value) {
  const std::optional<std::string> text = format_decimal(value);
  ensure(text.has_value(), "a decimal of a price that has no decimals");
  return *text;
}

std::unique_ptr<schema::InvoiceLineStepT> to_table(const PriceStep& step) {
  auto row = std::make_unique<schema::InvoiceLineStepT>();
  row->kind = static_cast<schema::LineStepKind>(step.kind);
  row->tier = static_cast<std::uint16_t>(step.tier + 1);
  row->quantity = decimal(step.quantity);
  row->unit_amount = decimal(step.unit_amount);
  return row;
}

/// The lines of one period, in the order in which they are shown.
class PeriodLines {
 public:
  PeriodLines(const Subscription& subscription, const schema::SubscriptionPeriodT& period)
      : subscription_(subscription), period_(period) {}

  void add_price(const Price& price) {
    const Rational quantity(subscription_.quantity);
    const std::optional<PricedQuantity> priced = price_of(price, quantity);
    ensure(priced.has_value(), "a subscription whose price is out of range");
    const bool is_per_seat = price.model == PriceModel::per_seat;
    schema::InvoiceLineT& line =
        add(is_per_seat ? schema::InvoiceLineType::seat : schema::InvoiceLineType::subscription, priced->amount);
    const bool is_plain = (is_per_seat || price.model == PriceModel::flat) && price.included_quantity.sign() == 0;
    if (is_plain) {
      line.quantity = is_per_seat ? decimal(quantity) : "1";
      line.unit_amount = decimal(price.unit_amount);
    } else {
      line.quantity = decimal(quantity);
      line.unit_amount.clear();
      for (const PriceStep& step : priced->steps) line.steps.push_back(to_table(step));
    }
    const BoundedSpend bounds = bound_spend(0, priced->amount, price.minimum_amount, price.maximum_amount, true);
    if (bounds.true_up != 0) add(schema::InvoiceLineType::minimum, bounds.true_up);
    if (bounds.discount != 0) add(schema::InvoiceLineType::maximum, -bounds.discount);
  }

  /// One of quantity 1, until somebody says otherwise.
  schema::InvoiceLineT& add(schema::InvoiceLineType type, std::int64_t amount) {
    auto line = std::make_shared<schema::InvoiceLineT>();
    line->number = static_cast<std::uint32_t>(lines.size() + 1);
    line->type = type;
    line->quantity = "1";
    line->unit_amount = std::to_string(amount);
    line->amount = amount;
    line->period_start = period_.start;
    line->period_end = period_.end;
    line->plan_id = subscription_.plan_id;
    line->plan_version = subscription_.plan_version;
    line->label = subscription_.plan_name;
    lines.push_back(line);
    return *line;
  }

  std::vector<std::shared_ptr<schema::InvoiceLineT>> lines;

 private:
  const Subscription& subscription_;
  const schema::SubscriptionPeriodT& period_;
};

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

}  // namespace

std::optional<schema::ParkReason> bill(Decision& decision, const AccountState& account, const PeriodToBill& due,
                                       const DecisionContext& context) {
  const Subscription& subscription = due.subscription;
  const std::optional<Price> price = price_of_terms(*subscription.price);
  ensure(price.has_value(), "a price of a plan that has no decimals");
  PeriodLines made(subscription, due.period);
  made.add_price(*price);
  const bool is_first = subscription.period_number == 0;
  if (is_first && price->setup_fee != 0) made.add(schema::InvoiceLineType::setup_fee, price->setup_fee);
  if (std::all_of(made.lines.begin(), made.lines.end(), [](const auto& line) { return line->amount == 0; })) {
    return std::nullopt;
  }
  if (made.lines.size() > invoice_lines_max) return schema::ParkReason::too_many_lines;
  if (account.open_invoices() >= open_invoices_max) return schema::ParkReason::too_many_open_invoices;
  Invoice invoice;
  invoice.id = context.new_id(decision.events.size());
  invoice.currency = Currency{subscription.price->currency};
  invoice.net_days = subscription.net_days;
  invoice.subscription = subscription.id;
  invoice.collects_automatically = subscription.collects_automatically;
  invoice.tax_inclusive = subscription.price->tax_behavior == schema::TaxBehavior::inclusive;
  for (auto& line : made.lines) invoice.lines.push_back(std::move(line));
  decision.events.push_back(PendingEvent::of(drafted(invoice, account, due.reason)));
  std::optional<schema::InvoiceFiguresT> figures = figures_of(invoice, account, due.discounts, context);
  if (!figures || !is_amount(account.receivable() + figures->total)) return schema::ParkReason::amount_out_of_range;
  finalize(decision, account, invoice, std::move(*figures), context);
  return std::nullopt;
}

}  // namespace daybook
