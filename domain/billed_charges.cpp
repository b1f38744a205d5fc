#include "domain/billed_charges.h"

#include <algorithm>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// For the time of a period, and not once for all.
bool is_for_a_period(schema::InvoiceLineType type) {
  using Type = schema::InvoiceLineType;
  return type == Type::subscription || type == Type::seat || type == Type::minimum || type == Type::maximum ||
         type == Type::proration_charge;
}

}  // namespace

bool BilledCharge::operator==(const BilledCharge& other) const {
  return subscription == other.subscription && invoice == other.invoice && *line == *other.line &&
         std::equal(taxes.begin(), taxes.end(), other.taxes.begin(), other.taxes.end(),
                    [](const auto& a, const auto& b) { return *a == *b; }) &&
         amount == other.amount && tax_inclusive == other.tax_inclusive && is_credited == other.is_credited &&
         credited_by == other.credited_by;
}

std::shared_ptr<const schema::InvoiceLineT> after_pause(const std::shared_ptr<const schema::InvoiceLineT>& line,
                                                        Instant paused_at, Instant resumed_at) {
  const std::int64_t length_us = micros(resumed_at) - micros(paused_at);
  if (line->credits || line->period_end == never || line->period_end <= paused_at || length_us == 0) return line;
  auto moved = std::make_shared<schema::InvoiceLineT>(*line);
  moved->period_end = Instant{micros(line->period_end) + length_us};
  moved->paused_seconds += length_us / micros_per_second;
  return moved;
}

std::vector<const BilledCharge*> BilledCharges::creditable(EntityRef subscription) const {
  std::vector<const BilledCharge*> found;
  for (const BilledCharge& line : lines_) {
    if (line.subscription == subscription && !line.is_credited) found.push_back(&line);
  }
  return found;
}

bool BilledCharges::is_given_back(EntityRef invoice) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const BilledCharge& line) { return line.invoice == invoice && line.is_credited; });
}

void BilledCharges::credit(const schema::InvoiceLineT& line, EntityRef by) {
  if (!line.credits) return;
  for (BilledCharge& billed : lines_) {
    if (billed.invoice != line.credits->invoice || billed.line->number != line.credits->number) continue;
    billed.is_credited = true;
    billed.credited_by = by;
  }
}

void BilledCharges::add(const Invoice& invoice, Instant from) {
  const schema::InvoiceFiguresT& figures = *invoice.figures;
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const schema::InvoiceLineT& line = *invoice.lines[i];
    credit(line, invoice.id);
    const std::int64_t amount = line.amount - figures.lines[i]->discount;
    if (!is_for_a_period(line.type) || line.period_end <= from || amount == 0) continue;
    BilledCharge billed;
    billed.subscription = invoice.subscription;
    billed.invoice = invoice.id;
    billed.line = invoice.lines[i];
    for (const std::uint32_t row : figures.lines[i]->tax_rows) {
      auto tax = std::make_shared<schema::InvoiceTaxT>(*figures.taxes[row]);
      tax->base = tax->tax = 0;
      billed.taxes.push_back(std::move(tax));
    }
    billed.amount = amount;
    billed.tax_inclusive = invoice.tax_inclusive;
    lines_.push_back(std::move(billed));
  }
}

void BilledCharges::wait(std::span<const std::shared_ptr<const schema::InvoiceLineT>> lines) {
  for (const auto& line : lines) credit(*line, {});
}

void BilledCharges::reduce(EntityRef invoice, std::uint32_t line, std::int64_t amount) {
  for (BilledCharge& billed : lines_) {
    if (billed.invoice == invoice && billed.line->number == line) billed.amount -= amount;
  }
}

void BilledCharges::settle(EntityRef invoice) {
  const auto is_over = [&](const BilledCharge& line) {
    return line.is_credited && line.invoice == invoice && line.credited_by == invoice;
  };
  std::erase_if(lines_, is_over);
  for (BilledCharge& line : lines_) {
    if (line.is_credited && line.credited_by == invoice) line.credited_by = line.invoice;
  }
}

void BilledCharges::undo(EntityRef invoice) {
  write_off(invoice);
  for (BilledCharge& line : lines_) {
    if (!line.is_credited || line.credited_by != invoice) continue;
    line.is_credited = false;
    line.credited_by = {};
  }
}

void BilledCharges::write_off(EntityRef invoice) {
  std::erase_if(lines_, [&](const BilledCharge& line) { return line.invoice == invoice; });
}

void BilledCharges::pause(EntityRef subscription, Instant paused_at, Instant resumed_at) {
  for (BilledCharge& billed : lines_) {
    if (billed.subscription == subscription) billed.line = after_pause(billed.line, paused_at, resumed_at);
  }
}

bool BilledCharges::ends_by(const BilledCharge& line, Instant at) {
  return line.line->period_end <= at;
}

}  // namespace daybook
