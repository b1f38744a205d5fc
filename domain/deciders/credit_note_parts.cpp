#include "domain/deciders/credit_note_parts.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/line_amounts.h"
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/rules/apportion.h"
#include "domain/rules/pricing.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

Rational percent_of(const schema::InvoiceTaxT& row) {
  return row.percent.empty() ? Rational(0) : parse_decimal(row.percent).value_or(Rational(0));
}

CreditNoteParts refuse(RejectionCode code, std::string pointer, std::vector<RejectionDetail> details = {}) {
  return {{}, {}, {code, std::move(pointer), std::move(details)}};
}

/// What earlier credit notes took of the line by quantity.
Rational credited_quantity(const Invoice& invoice, std::uint32_t number) {
  Rational sum = 0;
  for (const CreditNoteShare& note : invoice.credit_notes) {
    for (const CreditNoteShare::Line& line : note.lines) {
      if (line.number == number && !line.quantity.empty()) sum += *parse_decimal(line.quantity, quantity_places_max);
    }
  }
  return sum;
}

/// What so much of the line's quantity comes to: rounded over all notes together, so that any quantities close.
std::optional<std::int64_t> amount_of_quantity(const Invoice& invoice, const schema::InvoiceLineT& line,
                                               const std::string& quantity) {
  const auto wanted = parse_decimal(quantity, quantity_places_max);
  const Rational whole = decimal_of(line.quantity);
  if (!wanted || wanted->sign() <= 0 || whole.sign() == 0) return std::nullopt;
  const Rational before = credited_quantity(invoice, line.number);
  return exactly([&]() -> std::optional<std::int64_t> {
    if (before + *wanted > whole) return std::nullopt;
    const auto until = [&](const Rational& part) {
      return *round(line.amount * part / whole, rounding_of(*invoice.figures));
    };
    return until(before + *wanted) - until(before);
  });
}

/// As its figures and credit notes leave it.
CreditableInvoice after_notes(const Invoice& invoice) {
  const schema::InvoiceFiguresT& figures = *invoice.figures;
  CreditableInvoice creditable;
  creditable.rounding = rounding_of(figures);
  if (invoice.tax_inclusive) creditable.tax_basis = TaxBasis::inclusive;
  for (const auto& row : figures.taxes) {
    creditable.groups.push_back({static_cast<TaxCategory>(row->category),
                                 {row->jurisdiction, row->name, percent_of(*row), row->state_rate_only},
                                 row->tax,
                                 0});
  }
  for (const auto& row : figures.lines) {
    CreditableLine line;
    line.amount = row->amount;
    line.discount = row->discount;
    Rational whole = 100;
    if (invoice.tax_inclusive) {
      for (const std::uint32_t group : row->tax_rows) whole += creditable.groups.at(group).rate.percent;
    }
    for (const std::uint32_t group : row->tax_rows) {
      line.taxes.push_back({group, creditable.groups.at(group).rate.percent / whole});
    }
    creditable.lines.push_back(std::move(line));
  }
  for (const CreditNoteShare& note : invoice.credit_notes) {
    for (const CreditNoteShare::Line& line : note.lines) {
      creditable.lines.at(*index_of_line(invoice, line.number)).credited += line.amount;
    }
    for (const CreditNoteShare::Tax& tax : note.taxes) creditable.groups.at(tax.row).credited += tax.tax;
  }
  return creditable;
}

/// `net` of the line, less its discounts, is given back without a credit note.
void take_back(CreditableNow& now, const Invoice& invoice, std::uint32_t number, std::int64_t net) {
  const std::size_t index = *index_of_line(invoice, number);
  const CreditableLine& line = now.invoice.lines.at(index);
  const std::int64_t whole = line.amount - line.discount, left = line.amount - line.credited;
  ensure(whole != 0, "a part given back of a line that cost nothing");
  const std::int64_t amount = *round(Rational(net, whole) * line.amount, now.invoice.rounding);
  const CreditedPart part{
      index, left > 0 ? std::clamp(amount, std::int64_t{0}, left) : std::clamp(amount, left, std::int64_t{0})};
  if (part.amount == 0) return;  // nothing is left of the line
  const std::optional<CreditNoteTotals> totals = credit_note(now.invoice, std::span(&part, 1));
  ensure(totals.has_value(), "a part of a line that is left of it");
  now.given_back += totals->total;
  now.invoice = after_credit_note(std::move(now.invoice), *totals);
}

}  // namespace

CreditableNow creditable_now(const AccountState& account, const Invoice& invoice) {
  CreditableNow now{after_notes(invoice), 0};
  for (const GivenBackPart& part : account.given_back.all()) {
    if (part.invoice == invoice.id) take_back(now, invoice, part.line, part.amount);
  }
  for (const auto& [id, subscription] : account.subscriptions()) {
    for (const auto& line : subscription.waiting) {
      const bool is_of_it = line->credits && line->credits->invoice == invoice.id;
      if (is_of_it) take_back(now, invoice, line->credits->number, line->credits->credited);
    }
  }
  return now;
}

std::optional<std::size_t> index_of_line(const Invoice& invoice, std::int64_t number) {
  const auto found = std::find_if(invoice.lines.begin(), invoice.lines.end(),
                                  [&](const auto& line) { return line->number == number; });
  if (found == invoice.lines.end()) return std::nullopt;
  return static_cast<std::size_t>(found - invoice.lines.begin());
}

std::int64_t amount_left(const CreditableInvoice& creditable, std::optional<std::size_t> line) {
  std::int64_t left = 0;
  for (const CreditedPart& part : remaining_parts(creditable)) {
    if (!line || part.line == *line) left += part.amount;
  }
  return left;
}

CreditNoteParts parts_of_lines(const Invoice& invoice, const CreditableInvoice& creditable,
                               const std::vector<CreditNoteLineInput>& lines) {
  CreditNoteParts result;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const CreditNoteLineInput& input = lines[i];
    const std::string at = "/lines/" + std::to_string(i);
    const std::optional<std::size_t> index = index_of_line(invoice, input.line);
    const bool is_second = index && std::any_of(result.parts.begin(), result.parts.end(),
                                                [&](const CreditedPart& part) { return part.line == *index; });
    if (!index || is_second)
      return {{}, {}, must_be(at + "/line", "the number of one of the invoice's lines, each once")};
    const CreditableLine& line = creditable.lines[*index];
    const std::int64_t left = line.amount - line.credited;
    if (input.amount.has_value() != input.quantity.empty()) {
      return {{}, {}, must_be(at + "/quantity", "there if no amount is, and only then")};
    }
    std::optional<std::int64_t> amount = input.amount;
    if (!amount) amount = amount_of_quantity(invoice, *invoice.lines[*index], input.quantity);
    const std::string member = at + (input.amount ? "/amount" : "/quantity");
    const bool is_beyond = !amount || std::abs(*amount) > std::abs(left);
    if (is_beyond && (amount || parse_decimal(input.quantity, quantity_places_max))) {
      return refuse(RejectionCode::credit_exceeds_invoice, member, {{"remaining", left}});
    }
    if (is_beyond || *amount == 0 || (*amount < 0) != (left < 0)) {
      return {{}, {}, must_be(member, "a part of what is left of the line", {{"remaining", left}})};
    }
    result.parts.push_back({*index, *amount});
    result.quantities.push_back(input.quantity);
  }
  return result;
}

CreditNoteParts parts_of_amount(const CreditableInvoice& creditable, std::int64_t amount,
                                std::optional<std::size_t> line) {
  const std::int64_t left = amount_left(creditable, line);
  if (amount > left) return refuse(RejectionCode::credit_exceeds_invoice, "/amount", {{"remaining", left}});
  CreditNoteParts result;
  std::vector<CreditedPart> whole = remaining_parts(creditable);
  if (line) std::erase_if(whole, [&](const CreditedPart& part) { return part.line != *line; });
  std::vector<Rational> shares;
  for (const CreditedPart& part : whole) shares.push_back(Rational(part.amount, left) * amount);
  const Apportioned shared = *apportion(shares, creditable.rounding);  // a part of sums that there are
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (shared.parts[i] != 0) result.parts.push_back({whole[i].line, shared.parts[i]});
  }
  result.quantities.resize(result.parts.size());
  return result;
}

CreditNoteParts parts_of_total(const CreditableInvoice& creditable, std::int64_t total) {
  const auto comes_to_more = [&](std::int64_t amount) {
    const auto note = credit_note(creditable, parts_of_amount(creditable, amount).parts);
    // GCOVR_EXCL_BR_START: only fractions that need more than 256 bits
    return !note || note->total > total;
    // GCOVR_EXCL_BR_STOP
  };
  // What a note comes to grows with its amount: the largest that does not come to more.
  const std::int64_t left = amount_left(creditable);
  std::int64_t low = 0, high = left + 1;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (comes_to_more(middle) ? high : low) = middle;
  }
  // Its tax gives way for what is missing; where it may not any more, that of a larger amount does the other way.
  for (std::int64_t amount = std::max<std::int64_t>(low, 1); amount <= std::min(low + 2, left); ++amount) {
    CreditNoteParts parts = parts_of_amount(creditable, amount);
    const auto note = credit_note(creditable, parts.parts, total);
    // GCOVR_EXCL_BR_START: as above
    if (note && note->total == total) return parts;
    // GCOVR_EXCL_BR_STOP
  }
  return low > 0 ? parts_of_amount(creditable, low) : CreditNoteParts();
}

}  // namespace daybook
