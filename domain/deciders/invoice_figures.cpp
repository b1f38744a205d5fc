#include "domain/deciders/invoice_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "domain/assert.h"
#include "domain/civil.h"
#include "domain/deciders/coupon_check.h"
#include "domain/deciders/line_amounts.h"
#include "domain/rules/invoice_arithmetic.h"
#include "domain/rules/tax_rates.h"
#include "schemas/events/coupons_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// A discount of the account that an invoice finalised now gets, as the rules know it.
struct RunningDiscount {
  const AccountDiscount* owned = nullptr;
  Discount rule;
};

/// The lines that it is for; none if it is not for this invoice.
std::optional<std::vector<std::size_t>> lines_for(const schema::DiscountTermsT& terms, const Invoice& invoice) {
  std::vector<std::size_t> lines;
  if (terms.plans.empty()) return lines;
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const std::string& plan = invoice.lines[i]->plan_id;
    if (std::find(terms.plans.begin(), terms.plans.end(), plan) != terms.plans.end()) lines.push_back(i);
  }
  return lines.empty() ? std::nullopt : std::optional(std::move(lines));
}

/// Those that apply. One that allows no others beside it is taken alone if it is the first in order, else left out.
std::vector<RunningDiscount> running_discounts(const Invoice& invoice, const AccountState& account,
                                               const std::vector<AccountDiscount>& discounts,
                                               const DecisionContext& context) {
  std::vector<RunningDiscount> running;
  for (const AccountDiscount& owned : discounts) {
    if (!owned.subscription.is_none() && owned.subscription != invoice.subscription) continue;
    if (!is_running(owned, account, context)) continue;
    auto lines = lines_for(*owned.terms, invoice);
    auto rule = discount_of_terms(format_id("di", owned.id), *owned.terms);
    ensure(rule.has_value(), "a discount whose percentage is no decimal");
    if (!lines) continue;
    rule->lines = std::move(*lines);
    running.push_back({&owned, std::move(*rule)});
  }
  const auto order = [](const RunningDiscount& one) {
    return std::tuple(one.rule.priority, one.rule.kind, one.rule.id);
  };
  std::sort(running.begin(), running.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  // The policy takes one of them, or the discounts say themselves whether they allow others.
  if (running.empty() || context.book->policies.stacking != DiscountStacking::priority_stack) return running;
  if (!running.front().owned->terms->stackable) {
    running.erase(running.begin() + 1, running.end());
  } else {
    std::erase_if(running, [](const RunningDiscount& one) { return !one.owned->terms->stackable; });
  }
  return running;
}

TaxDecision tax_of(const AccountState& account, const DecisionContext& context) {
  const std::string& seller = context.book->policies.seller.country;
  TaxedBuyer buyer;
  buyer.country = account.details.country;
  buyer.region = account.details.region;
  buyer.exempt = account.details.tax_exempt;
  buyer.valid_vat_id = !buyer.country.empty() && account.details.vat_id_country == buyer.country;
  const Date day = civil_from_days(micros(context.now) / micros_per_day);
  return tax_treatment(default_tax_rates(), seller, buyer, day, rates_of_book(context.book->tax_rates, buyer.country));
}

void note_discounts(schema::InvoiceFiguresT& figures, const DiscountedLines& discounted,
                    const std::vector<RunningDiscount>& running) {
  for (const AppliedDiscount& applied : discounted.applied) {
    const AccountDiscount& owned = *running[applied.discount].owned;
    auto row = std::make_unique<schema::InvoiceDiscountT>();
    row->discount = owned.id;
    row->discount_id = owned.discount_id;
    row->code = owned.code;
    row->percent = owned.terms->percent;
    row->base = applied.base;
    row->amount = applied.amount;
    row->lines = applied.lines;
    figures.discounts.push_back(std::move(row));
  }
}

/// A credit line is taxed as the line was that it credits, whatever the rates are today.
TaxTreatment treatment_of(const schema::InvoiceLineT& line, const TaxTreatment& usual) {
  if (!line.credits) return usual;
  ensure(!line.credits->taxes.empty(), "a credit of a line that no tax group is told of");
  TaxTreatment treatment;
  for (const auto& tax : line.credits->taxes) add_tax(treatment, *tax);
  return treatment;
}

/// Why a tax group is there: of the first line that is in it.
schema::TaxReason reason_of(const Invoice& invoice, const TaxedLines& taxed, std::size_t group,
                            schema::TaxReason usual) {
  const auto line = std::find_if(taxed.lines.begin(), taxed.lines.end(), [&](const TaxedLine& one) {
    return std::any_of(one.parts.begin(), one.parts.end(),
                       [&](const LineTaxPart& part) { return part.group == group; });
  });
  ensure(line != taxed.lines.end(), "a tax group that no line is in");
  const auto& credits = invoice.lines[static_cast<std::size_t>(line - taxed.lines.begin())]->credits;
  return credits ? credits->taxes.front()->reason : usual;
}

void note_taxes(schema::InvoiceFiguresT& figures, const TaxedLines& taxed, const Invoice& invoice,
                schema::TaxReason usual) {
  for (const TaxGroup& group : taxed.groups) {
    const auto index = static_cast<std::size_t>(&group - taxed.groups.data());
    auto row = std::make_unique<schema::InvoiceTaxT>();
    row->category = static_cast<schema::TaxCategory>(group.category);
    row->reason = reason_of(invoice, taxed, index, usual);
    row->jurisdiction = group.rate.jurisdiction;
    row->name = group.rate.name;
    if (!group.rate.name.empty()) row->percent = format_decimal(group.rate.percent).value_or(std::string());
    row->state_rate_only = group.rate.state_rate_only;
    row->base = group.base;
    row->tax = group.tax;
    figures.taxes.push_back(std::move(row));
  }
}

}  // namespace

std::optional<schema::InvoiceFiguresT> figures_of(const Invoice& invoice, const AccountState& account,
                                                  const std::vector<AccountDiscount>& discounts,
                                                  const DecisionContext& context) {
  const std::vector<RunningDiscount> running = running_discounts(invoice, account, discounts, context);
  const bool is_registered = !context.book->policies.seller.country.empty();
  const TaxDecision tax = is_registered ? tax_of(account, context) : TaxDecision{};
  InvoiceCharges charges;
  if (invoice.tax_inclusive) charges.tax_basis = TaxBasis::inclusive;
  for (const auto& line : invoice.lines) charges.lines.push_back({line->amount, treatment_of(*line, tax.treatment)});
  for (const RunningDiscount& one : running) charges.discounts.push_back(one.rule);
  charges.discount_policy.stacking = context.book->policies.stacking;
  charges.discount_policy.arithmetic = context.book->policies.arithmetic;
  charges.discount_policy.rounding = charges.tax_rounding = context.book->policies.rounding;
  const std::optional<InvoiceTotals> totals = total_invoice(charges);
  if (!totals) return std::nullopt;

  schema::InvoiceFiguresT figures;
  figures.rounding = static_cast<schema::Rounding>(charges.tax_rounding);
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const TaxedLine& taxed = totals->taxed.lines[i];
    auto row = std::make_unique<schema::InvoiceLineFiguresT>();
    row->number = invoice.lines[i]->number;
    row->amount = invoice.lines[i]->amount;
    row->discount = row->amount - totals->discounted.nets[i];
    row->net = taxed.net;
    row->tax = taxed.tax;
    for (const LineTaxPart& part : taxed.parts) {
      row->tax_rows.push_back(static_cast<std::uint32_t>(part.group));
      row->tax_parts.push_back(part.tax);
    }
    figures.lines.push_back(std::move(row));
  }
  note_discounts(figures, totals->discounted, running);
  const auto reason = is_registered ? static_cast<schema::TaxReason>(tax.reason) : schema::TaxReason::not_registered;
  note_taxes(figures, totals->taxed, invoice, reason);
  figures.subtotal = totals->subtotal;
  figures.discount = totals->discounted.discount;
  figures.tax = totals->taxed.tax;
  figures.total = totals->taxed.total;
  return figures;
}

DocumentNumber next_number(const NumberingPolicy& policy, const std::map<std::string, std::uint64_t>& last,
                           Instant now) {
  DocumentNumber number;
  number.series = policy.prefix;
  if (policy.reset == NumberReset::yearly) {
    number.series += fmt::format("{}-", civil_from_days(micros(now) / micros_per_day).year);
  }
  const auto found = last.find(number.series);
  number.sequence = (found == last.end() ? 0 : found->second) + 1;
  number.text = fmt::format("{}{:0{}}", number.series, number.sequence, policy.digits);
  return number;
}

}  // namespace daybook
