// A part of an invoice given back. Any parts, in any order, sum to the invoice to the cent: a line's amount, discount
// and taxed amount, and each tax group's tax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/rules/invoice_arithmetic.h"

namespace daybook {

/// A line of an invoice and what credit notes took of it.
struct CreditableLine {
  struct Tax {
    std::size_t group = 0;
    Rational factor;  ///< Exact tax of one minor unit of the taxed amount.
  };
  std::int64_t amount = 0;    ///< Before discounts.
  std::int64_t discount = 0;  ///< Its part of all discounts.
  std::int64_t credited = 0;  ///< Of the amount, of its sign.
  std::vector<Tax> taxes;
};

/// A tax group of an invoice and what credit notes took of its tax.
struct CreditableGroup {
  TaxCategory category = TaxCategory::outside_scope;
  TaxRate rate;
  std::int64_t tax = 0;
  std::int64_t credited = 0;
};

struct CreditableInvoice {
  std::vector<CreditableLine> lines;
  std::vector<CreditableGroup> groups;
  TaxBasis tax_basis = TaxBasis::exclusive;
  Rounding rounding = Rounding::half_away_from_zero;
};

/// An invoice of which nothing is credited yet. Requires the totals of those charges.
CreditableInvoice creditable(const InvoiceCharges& charges, const InvoiceTotals& totals);

/// How much of a line to credit: of its amount before discounts, of its sign.
struct CreditedPart {
  std::size_t line = 0;
  std::int64_t amount = 0;
};

/// Every line's remainder.
std::vector<CreditedPart> remaining_parts(const CreditableInvoice& invoice);

struct CreditNoteLine {
  std::size_t line = 0;  ///< The invoice's.
  std::int64_t amount = 0;
  std::int64_t discount = 0;
  std::int64_t net = 0;
  std::int64_t tax = 0;
};

/// A row of the note's tax summary; `group` is the index of the invoice's.
struct CreditNoteGroup {
  std::size_t group = 0;
  std::int64_t base = 0;
  std::int64_t tax = 0;
};

struct CreditNoteTotals {
  std::vector<CreditNoteLine> lines;
  std::vector<CreditNoteGroup> groups;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;
};

/// How far what is left of a group's tax may be from the tax of what is left of its lines, in minor units.
inline constexpr std::int64_t credit_note_tax_drift_max = 2;

/// The credit note for parts of an invoice. A note's tax is computed as on any document, base times rate rounded once a
/// group; it gives way where what is left would drift by more than credit_note_tax_drift_max, and the note that credits
/// the last of a group takes the rest of its tax. Nothing if a part is zero, of the other sign, more than is left of
/// its line, of a line that is not there, or one line's second part. Where it is to come to a total and does not, taxes
/// give way likewise: it does then, or comes as near to it as they may.
std::optional<CreditNoteTotals> credit_note(const CreditableInvoice& invoice, std::span<const CreditedPart> parts,
                                            std::optional<std::int64_t> total = {});

/// The invoice after that note. Requires a note that was computed for it as it stands.
CreditableInvoice after_credit_note(CreditableInvoice invoice, const CreditNoteTotals& note);

/// What a note does on an invoice of which `due` is unpaid: it lowers what is due first; the excess is refunded or
/// becomes credit. Neither is negative, and they sum to the note.
struct CreditNoteEffect {
  std::int64_t lowers_due = 0;
  std::int64_t excess = 0;
};
CreditNoteEffect credit_note_effect(std::int64_t note_total, std::int64_t due);

}  // namespace daybook
