#include "domain/rules/credit_note_arithmetic.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "domain/assert.h"
#include "domain/rules/apportion.h"

namespace daybook {
namespace {

/// The discount on the first `credited` units of a line: rounded over all notes together, so a part's discount is never
/// more than the part.
std::int64_t discount_until(const CreditableLine& line, std::int64_t credited, Rounding rounding) {
  if (line.amount == 0) return 0;
  return *round(line.discount * Rational(credited, line.amount), rounding);
}

/// What tax is computed on, of the first `credited` units of a line.
std::int64_t taxed_until(const CreditableLine& line, std::int64_t credited, Rounding rounding) {
  return credited - discount_until(line, credited, rounding);
}

bool is_creditable(const CreditableInvoice& invoice, std::span<const CreditedPart> parts) {
  std::vector<bool> named(invoice.lines.size());
  for (const CreditedPart& part : parts) {
    if (part.line >= invoice.lines.size() || named[part.line]) return false;
    named[part.line] = true;
    const std::int64_t left = invoice.lines[part.line].amount - invoice.lines[part.line].credited;
    if (part.amount == 0 ||
        (left > 0 ? part.amount < 0 || part.amount > left : part.amount > 0 || part.amount < left)) {
      return false;
    }
  }
  return true;
}

/// The exact tax of what will be left of a group's lines, and whether nothing will.
struct Rest {
  Rational exact;
  bool is_empty = true;
};

std::vector<Rest> rest_of_groups(const CreditableInvoice& invoice, std::span<const CreditedPart> parts) {
  std::vector<std::int64_t> credited;
  for (const CreditableLine& line : invoice.lines) credited.push_back(line.credited);
  for (const CreditedPart& part : parts) credited[part.line] += part.amount;
  std::vector<Rest> rests(invoice.groups.size());
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const CreditableLine& line = invoice.lines[i];
    const std::int64_t left =
        taxed_until(line, line.amount, invoice.rounding) - taxed_until(line, credited[i], invoice.rounding);
    for (const CreditableLine::Tax& tax : line.taxes) {
      rests[tax.group].exact += left * tax.factor;
      rests[tax.group].is_empty = rests[tax.group].is_empty && credited[i] == line.amount;
    }
  }
  return rests;
}

/// The tax of a note in a group: its own rounding, within what the rest allows.
std::int64_t group_tax(const CreditableGroup& group, std::int64_t own, const Rest& rest) {
  const std::int64_t left = group.tax - group.credited;
  if (rest.is_empty) return left;
  const Rational fair = left - rest.exact;
  const std::int64_t low = -*floor(-(fair - credit_note_tax_drift_max));
  const std::int64_t high = *floor(fair + credit_note_tax_drift_max);
  const std::int64_t within = std::clamp(own, low, high);
  // Of a group that is all charges no note takes more tax than there is.
  const bool same_sign = left >= 0 && own >= 0 && rest.exact.sign() >= 0;
  return same_sign ? std::clamp(within, std::int64_t{0}, left) : within;
}

/// A note's lines in one group: where they stand in the note, and their exact taxes.
struct GroupMembers {
  std::vector<std::size_t> lines;
  std::vector<Rational> shares;
};

/// Puts a group's tax on the note's lines: each its share, and what the group's tax differs by on the largest.
void spread(CreditNoteTotals& note, const GroupMembers& members, const Apportioned& taxes, std::int64_t tax) {
  for (std::size_t i = 0; i < members.lines.size(); ++i) note.lines[members.lines[i]].tax += taxes.parts[i];
  const auto largest = std::max_element(members.shares.begin(), members.shares.end());
  const auto index = static_cast<std::size_t>(largest - members.shares.begin());
  note.lines[members.lines[index]].tax += tax - taxes.total;
}

std::optional<CreditNoteTotals> computed(const CreditableInvoice& invoice, std::span<const CreditedPart> parts,
                                         std::optional<std::int64_t> total) {
  CreditNoteTotals note;
  std::vector<GroupMembers> members(invoice.groups.size());
  for (const CreditedPart& part : parts) {
    const CreditableLine& line = invoice.lines[part.line];
    const std::int64_t discount = discount_until(line, line.credited + part.amount, invoice.rounding) -
                                  discount_until(line, line.credited, invoice.rounding);
    for (const CreditableLine::Tax& tax : line.taxes) {
      members[tax.group].lines.push_back(note.lines.size());
      members[tax.group].shares.push_back((part.amount - discount) * tax.factor);
    }
    note.lines.push_back({part.line, part.amount, discount, part.amount - discount, 0});
  }
  const std::vector<Rest> rests = rest_of_groups(invoice, parts);
  std::vector<Apportioned> shared(members.size());
  // Of prices with tax the total does not depend on the tax.
  const bool is_led = total && invoice.tax_basis == TaxBasis::exclusive;
  std::int64_t missing = total.value_or(0);
  for (const CreditNoteLine& line : note.lines) missing -= line.net;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].lines.empty()) continue;
    std::optional<Apportioned> taxes = apportion(members[i].shares, invoice.rounding);
    if (!taxes) return std::nullopt;
    note.groups.push_back({i, 0, group_tax(invoice.groups[i], taxes->total, rests[i])});
    shared[i] = std::move(*taxes);
    missing -= note.groups.back().tax;
  }
  for (CreditNoteGroup& group : note.groups) {
    const std::size_t i = group.group;
    const bool is_short = is_led && missing != 0;
    const std::int64_t tax = is_short ? group_tax(invoice.groups[i], group.tax + missing, rests[i]) : group.tax;
    missing -= tax - group.tax;
    group.tax = tax;
    spread(note, members[i], shared[i], tax);
  }
  for (CreditNoteLine& line : note.lines) {
    if (invoice.tax_basis == TaxBasis::inclusive) line.net -= line.tax;
    note.net += line.net;
    note.tax += line.tax;
  }
  for (CreditNoteGroup& group : note.groups) {
    for (const std::size_t line : members[group.group].lines) group.base += note.lines[line].net;
  }
  note.total = note.net + note.tax;
  return note;
}

}  // namespace

CreditableInvoice creditable(const InvoiceCharges& charges, const InvoiceTotals& totals) {
  CreditableInvoice invoice;
  invoice.tax_basis = charges.tax_basis;
  invoice.rounding = charges.tax_rounding;
  for (const TaxGroup& group : totals.taxed.groups)
    invoice.groups.push_back({group.category, group.rate, group.tax, 0});
  for (std::size_t i = 0; i < charges.lines.size(); ++i) {
    CreditableLine line;
    line.amount = charges.lines[i].amount;
    line.discount = line.amount - totals.discounted.nets[i];
    Rational whole = 100;
    if (charges.tax_basis == TaxBasis::inclusive) {
      for (const LineTaxPart& part : totals.taxed.lines[i].parts) whole += invoice.groups[part.group].rate.percent;
    }
    for (const LineTaxPart& part : totals.taxed.lines[i].parts) {
      line.taxes.push_back({part.group, invoice.groups[part.group].rate.percent / whole});
    }
    invoice.lines.push_back(std::move(line));
  }
  return invoice;
}

std::vector<CreditedPart> remaining_parts(const CreditableInvoice& invoice) {
  std::vector<CreditedPart> parts;
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const std::int64_t left = invoice.lines[i].amount - invoice.lines[i].credited;
    if (left != 0) parts.push_back({i, left});
  }
  return parts;
}

std::optional<CreditNoteTotals> credit_note(const CreditableInvoice& invoice, std::span<const CreditedPart> parts,
                                            std::optional<std::int64_t> total) {
  if (!is_creditable(invoice, parts)) return std::nullopt;
  return exactly([&] { return computed(invoice, parts, total); });
}

CreditableInvoice after_credit_note(CreditableInvoice invoice, const CreditNoteTotals& note) {
  for (const CreditNoteLine& line : note.lines) invoice.lines[line.line].credited += line.amount;
  for (const CreditNoteGroup& group : note.groups) invoice.groups[group.group].credited += group.tax;
  return invoice;
}

CreditNoteEffect credit_note_effect(std::int64_t note_total, std::int64_t due) {
  ensure(note_total >= 0, "a credit note is not negative");
  ensure(due >= 0, "what is due is not negative");
  const std::int64_t lowers_due = std::min(note_total, due);
  return {lowers_due, note_total - lowers_due};
}

}  // namespace daybook
