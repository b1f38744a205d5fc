// How an invoice came to its amounts: each of them computed again from what its lines and figures say, by the rules
// that bill. For the customer who asks, and for whoever checks that what was billed follows from what is told.
#pragma once

#include <optional>
#include <vector>

#include "domain/invoice.h"
#include "domain/rational.h"

namespace daybook {

/// All in minor units.
struct DerivedLine {
  Rational whole;           ///< For its whole period; of a credit line, what was billed.
  Rational exact;           ///< The share of it that the line is for; of a credit line below zero.
  std::int64_t amount = 0;  ///< Rounded: the line's amount.
  std::optional<std::int64_t>
      restated;  ///< Of a credit line: the amount with tax if `exact` is without it, or without.
  std::int64_t discount = 0, net = 0, tax = 0;  ///< 0 until it is finalised.
};
/// A discount or a row of the tax summary: what the percentage is taken of, and what it comes to.
struct DerivedShare {
  std::int64_t base = 0;
  std::optional<Rational> exact;  ///< Nothing of a fixed discount, and of a tax that there is none of.
  std::int64_t amount = 0;        ///< Rounded.
};
struct InvoiceDerivation {
  std::vector<DerivedLine> lines;       ///< In the invoice's order, as the others.
  std::vector<DerivedShare> discounts;  ///< None of a draft, nor taxes.
  std::vector<DerivedShare> taxes;
  std::int64_t subtotal = 0, discount = 0, tax = 0, total = 0;
  std::int64_t credited = 0;  ///< What a sum below zero gave the account as credit.
  bool matches = true;        ///< Every amount is the one that the invoice has.
  void expect(bool is_so) { matches = matches && is_so; }
};

/// Requires an invoice that the folds made.
InvoiceDerivation derive(const Invoice& invoice);

}  // namespace daybook
