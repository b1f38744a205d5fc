#include "domain/deciders/subscription_lines.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/line_amounts.h"
#include "domain/deciders/plan_check.h"
#include "domain/deciders/subscription_plan.h"
#include "domain/rules/pricing.h"
#include "domain/tables.h"
#include "schemas/events/invoices_generated.h"

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

std::unique_ptr<schema::LineProrationT> to_table(Share share, ProrationUnit unit) {
  auto row = std::make_unique<schema::LineProrationT>();
  row->unit = static_cast<schema::ProrationUnit>(unit);
  row->part = share.part;
  row->whole = share.whole;
  return row;
}

/// One of quantity 1, until somebody says otherwise.
schema::InvoiceLineT& add(InvoiceLines& lines, const Subscription& subscription, Period period,
                          schema::InvoiceLineType type, std::int64_t amount, Rounding rounding) {
  auto line = std::make_shared<schema::InvoiceLineT>();
  line->number = static_cast<std::uint32_t>(lines.size() + 1);
  line->type = type;
  line->quantity = "1";
  line->unit_amount = std::to_string(amount);
  line->amount = amount;
  line->period_start = period.start;
  line->period_end = period.end;
  line->plan_id = subscription.plan_id;
  line->plan_version = subscription.plan_version;
  line->label = subscription.plan_name;
  line->rounding = static_cast<schema::Rounding>(rounding);
  lines.push_back(line);
  return *line;
}

/// A period of a day that holds no date of its zone is shared by its seconds.
Share share_in(Period part, Period whole, ProrationUnit& unit, const TimeZone& zone) {
  std::optional<Share> share = share_of(part, whole, unit, zone);
  if (!share) share = share_of(part, whole, unit = ProrationUnit::second, zone);
  ensure(share.has_value(), "a part of a period that is not inside it");
  return *share;
}

/// The time of a line, and an instant after its pauses, as if there had been no pause.
Period counted(const schema::InvoiceLineT& line) {
  return {line.period_start, Instant{micros(line.period_end) - line.paused_seconds * micros_per_second}};
}
Instant counted(const schema::InvoiceLineT& line, Instant at) {
  return Instant{micros(at) - line.paused_seconds * micros_per_second};
}

/// In parts of a day that a month has a whole number of on average: 400 years are 146,097 days.
std::int64_t average_length(Interval interval) {
  constexpr std::int64_t day = 4'800, month = 146'097;
  switch (interval.unit) {
    case IntervalUnit::day:
      return interval.count * day;
    case IntervalUnit::week:
      return interval.count * 7 * day;
    case IntervalUnit::month:
      return interval.count * month;
    case IntervalUnit::year:
      return interval.count * 12 * month;
  }
  bug("an interval without a unit");
}

}  // namespace

InvoiceLines period_lines(const Subscription& subscription, Period period, Rounding rounding,
                          std::int64_t paused_seconds) {
  const std::optional<Price> price = price_of_terms(*subscription.price);
  ensure(price.has_value(), "a price of a plan that has no decimals");
  const Rational quantity(subscription.quantity);
  const std::optional<PricedQuantity> priced = price_of(*price, quantity, rounding);
  ensure(priced.has_value(), "a subscription whose price is out of range");
  using Type = schema::InvoiceLineType;
  InvoiceLines lines;
  const bool is_per_seat = price->model == PriceModel::per_seat;
  auto& line =
      add(lines, subscription, period, is_per_seat ? Type::seat : Type::subscription, priced->amount, rounding);
  const bool is_plain = (is_per_seat || price->model == PriceModel::flat) && price->included_quantity.sign() == 0;
  if (is_plain) {
    line.quantity = is_per_seat ? decimal(quantity) : "1";
    line.unit_amount = decimal(price->unit_amount);
  } else {
    line.quantity = decimal(quantity);
    line.unit_amount.clear();
    for (const PriceStep& step : priced->steps) line.steps.push_back(to_table(step));
  }
  const BoundedSpend bounds = bound_spend(0, priced->amount, price->minimum_amount, price->maximum_amount, true);
  if (bounds.true_up != 0) add(lines, subscription, period, Type::minimum, bounds.true_up, rounding);
  if (bounds.discount != 0) add(lines, subscription, period, Type::maximum, -bounds.discount, rounding);
  for (const auto& one : lines) one->paused_seconds = paused_seconds;
  return lines;
}

InvoiceLines setup_lines(const Subscription& subscription, Period period) {
  InvoiceLines lines;
  const std::int64_t fee = subscription.price->setup_fee;
  if (fee != 0)
    add(lines, subscription, period, schema::InvoiceLineType::setup_fee, fee, Rounding::half_away_from_zero);
  return lines;
}

InvoiceLines prorated(const InvoiceLines& lines, Instant at, ProrationUnit unit, const TimeZone& zone) {
  InvoiceLines parts;
  for (const auto& line : lines) {
    const Period whole = counted(*line);
    const Share share = share_in({counted(*line, at), whole.end}, whole, unit, zone);
    const std::int64_t amount = amount_of(whole_amount(*line) * share.fraction(), rounding_of(*line));
    if (amount == 0) continue;
    auto part = std::make_shared<schema::InvoiceLineT>(*line);
    part->number = static_cast<std::uint32_t>(parts.size() + 1);
    part->type = schema::InvoiceLineType::proration_charge;
    part->amount = amount;
    part->period_start = at;
    part->paused_seconds = 0;
    part->proration = to_table(share, unit);
    parts.push_back(std::move(part));
  }
  return parts;
}

InvoiceLines credit_lines(const AccountState& account, EntityRef subscription, Instant at, bool tax_inclusive,
                          const DecisionContext& context, const TimeZone& zone) {
  const Rounding rounding = context.book->policies.rounding;
  InvoiceLines credits;
  for (const BilledCharge* billed : account.billed.creditable(subscription)) {
    const schema::InvoiceLineT& line = *billed->line;
    if (line.period_end <= at) continue;  // over, in a longer period that has begun since
    const Period period = counted(line);
    const Instant from = counted(line, at);
    ProrationUnit unit = proration_unit(line.plan_id, line.plan_version, context);
    share_in({from, period.end}, period, unit, zone);
    const auto unused = credit_unused({billed->amount, period, 0}, from, unit, zone, rounding);
    ensure(unused.has_value(), "a share of a billed line that there is, and then is not");
    if (unused->credit == 0) continue;
    auto credit = std::make_shared<schema::InvoiceLineT>();
    credit->number = static_cast<std::uint32_t>(credits.size() + 1);
    credit->type = schema::InvoiceLineType::proration_credit;
    credit->quantity = "1";
    const bool is_as_billed = billed->tax_inclusive == tax_inclusive;
    credit->amount =
        -(is_as_billed ? unused->credit : Restated{unused->credit, billed->taxes, tax_inclusive, rounding}.amount());
    credit->period_start = at;
    credit->period_end = line.period_end;
    credit->plan_id = line.plan_id;
    credit->plan_version = line.plan_version;
    credit->label = line.label;
    credit->proration = to_table(unused->share, unit);
    credit->rounding = static_cast<schema::Rounding>(rounding);
    credit->credits = std::make_unique<schema::LineCreditT>();
    credit->credits->invoice = billed->invoice;
    credit->credits->number = line.number;
    credit->credits->billed = billed->amount;
    credit->credits->credited = unused->credit;
    for (const auto& tax : billed->taxes) {
      credit->credits->taxes.push_back(std::make_unique<schema::InvoiceTaxT>(*tax));
    }
    credits.push_back(std::move(credit));
  }
  return credits;
}

InvoiceLines cut_lines(const std::vector<std::shared_ptr<const schema::InvoiceLineT>>& waiting, Instant at,
                       const DecisionContext& context, const TimeZone& zone) {
  InvoiceLines lines;
  for (const auto& line : waiting) {
    auto kept = std::make_shared<schema::InvoiceLineT>(*line);
    if (!line->credits && at < line->period_end) {
      const auto* before = line->proration.get();
      ProrationUnit unit = before ? static_cast<ProrationUnit>(before->unit)
                                  : proration_unit(line->plan_id, line->plan_version, context);
      const Share used = share_in({line->period_start, counted(*line, at)}, counted(*line), unit, zone);
      Share share = before ? Share{before->part, before->whole} : Share{used.whole, used.whole};
      // The part was counted in the same way, as a rule, and what is used of it is the part then.
      share = used.whole == share.part ? Share{used.part, share.whole}
                                       : Share{used.part * share.part, used.whole * share.whole};
      kept->type = schema::InvoiceLineType::proration_charge;
      kept->period_end = at;
      kept->amount = amount_of(whole_amount(*line) * share.fraction(), rounding_of(*line));
      kept->proration = to_table(share, unit);
    }
    kept->number = static_cast<std::uint32_t>(lines.size() + 1);
    if (kept->amount != 0) lines.push_back(std::move(kept));
  }
  return lines;
}

InvoiceLines joined(InvoiceLines first, const InvoiceLines& second) {
  first.insert(first.end(), second.begin(), second.end());
  for (std::size_t i = 0; i < first.size(); ++i) first[i]->number = static_cast<std::uint32_t>(i + 1);
  return first;
}

std::int64_t sum_of(const InvoiceLines& lines) {
  std::int64_t sum = 0;
  for (const auto& line : lines) sum += line->amount;
  return sum;
}

Rational cost_of_time(const Subscription& subscription) {
  const Period period{subscription.period_start, subscription.period_end};
  return Rational(sum_of(period_lines(subscription, period, Rounding::half_away_from_zero)),
                  average_length(interval_of(*subscription.price)));
}

}  // namespace daybook
