// Tax on an invoice's lines as EN 16931 computes it: lines are grouped by category and rate, each group's tax is
// rounded once, and the tax shown on a line is its part of that. Which treatment a line gets is decided in tax_rates.h
// or by an outside engine; this is the arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/rational.h"

namespace daybook {

/// The codes of UNTDID 5305 that EN 16931 uses, in the order S, Z, E, AE, O.
enum class TaxCategory : std::uint8_t {
  standard = 1,
  zero_rated = 2,
  exempt = 3,
  reverse_charge = 4,
  outside_scope = 5,
};

/// "S", "Z", "E", "AE" or "O".
std::string_view code(TaxCategory category);

/// One tax of a jurisdiction: "DE" VAT 19, "US-CA" sales_tax 7.25, "CA-QC" QST 9.975.
struct TaxRate {
  std::string jurisdiction;
  std::string name;
  Rational percent;
  bool state_rate_only = false;  ///< Counties and cities may add to it, which is not known here.
  bool operator==(const TaxRate&) const = default;
};

/// How a line is taxed: several rates where several jurisdictions tax the same net, none outside `standard` and
/// `zero_rated`.
struct TaxTreatment {
  TaxCategory category = TaxCategory::outside_scope;
  std::vector<TaxRate> rates;
};

struct TaxableLine {
  std::int64_t amount = 0;  ///< Minor units after discounts, either sign; with tax if prices include it.
  TaxTreatment treatment;
};

/// All that one category and rate apply to: a row of the invoice's tax summary.
struct TaxGroup {
  TaxCategory category = TaxCategory::outside_scope;
  TaxRate rate;  ///< Nameless and 0 % where there is none.
  std::int64_t base = 0;
  std::int64_t tax = 0;
};

struct LineTaxPart {
  std::size_t group = 0;  ///< Index of the group.
  std::int64_t tax = 0;
};

struct TaxedLine {
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::vector<LineTaxPart> parts;  ///< They sum to the tax; at least one.
};

struct TaxedLines {
  std::vector<TaxGroup> groups;  ///< In the order in which lines name them.
  std::vector<TaxedLine> lines;
  std::int64_t net = 0;
  std::int64_t tax = 0;
  std::int64_t total = 0;  ///< net + tax.
};

enum class TaxBasis : std::uint8_t {
  exclusive = 1,  ///< Prices are net: tax comes on top.
  inclusive = 2,  ///< Prices are gross: a group's tax is rounded, its net is the rest.
};

/// The taxes of the lines. The groups' taxes, the lines' taxes and the total's are the same sum, and exclusive nets and
/// inclusive totals are the lines' own amounts. Nothing if an amount or a sum is beyond amount_max.
std::optional<TaxedLines> compute_tax(std::span<const TaxableLine> lines, TaxBasis basis,
                                      Rounding rounding = Rounding::half_away_from_zero);

}  // namespace daybook
