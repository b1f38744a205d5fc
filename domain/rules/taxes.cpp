#include "domain/rules/taxes.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "domain/assert.h"
#include "domain/money.h"
#include "domain/rules/apportion.h"

namespace daybook {
namespace {

/// A line's part in a group, and where the part stands in the line.
struct Member {
  std::size_t line;
  std::size_t part;
};

struct Grouping {
  std::vector<TaxGroup> groups;
  std::vector<std::vector<Member>> members;
  std::vector<std::vector<Rational>> shares;  // of the members

  std::size_t group(TaxCategory category, const TaxRate& rate) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const TaxGroup& group) {
      return group.category == category && group.rate == rate;
    });
    if (found != groups.end()) return static_cast<std::size_t>(found - groups.begin());
    groups.push_back({category, rate, 0, 0});
    members.emplace_back();
    shares.emplace_back();
    return groups.size() - 1;
  }
};

/// Puts a line into the groups of its rates with its exact tax in each.
void enter(Grouping& grouping, const TaxableLine& line, std::size_t index, TaxedLine& taxed, TaxBasis basis) {
  const std::vector<TaxRate> none(1);
  const std::vector<TaxRate>& rates = line.treatment.rates.empty() ? none : line.treatment.rates;
  const Rational all = std::accumulate(rates.begin(), rates.end(), Rational(0),
                                       [](const Rational& sum, const TaxRate& rate) { return sum + rate.percent; });
  const Rational whole = basis == TaxBasis::inclusive ? 100 + all : 100;
  for (const TaxRate& rate : rates) {
    const std::size_t group = grouping.group(line.treatment.category, rate);
    grouping.members[group].push_back({index, taxed.parts.size()});
    grouping.shares[group].push_back(line.amount * rate.percent / whole);
    taxed.parts.push_back({group, 0});
  }
}

std::optional<TaxedLines> computed(std::span<const TaxableLine> lines, TaxBasis basis, Rounding rounding) {
  TaxedLines result;
  result.lines.resize(lines.size());
  Grouping grouping;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_amount(lines[i].amount)) return std::nullopt;
    enter(grouping, lines[i], i, result.lines[i], basis);
  }
  for (std::size_t i = 0; i < grouping.groups.size(); ++i) {
    const std::optional<Apportioned> taxes = apportion(grouping.shares[i], rounding);
    if (!taxes) return std::nullopt;
    grouping.groups[i].tax = taxes->total;
    for (std::size_t m = 0; m < taxes->parts.size(); ++m) {
      const Member& member = grouping.members[i][m];
      result.lines[member.line].parts[member.part].tax = taxes->parts[m];
    }
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    TaxedLine& line = result.lines[i];
    for (const LineTaxPart& part : line.parts) line.tax += part.tax;
    line.net = basis == TaxBasis::inclusive ? lines[i].amount - line.tax : lines[i].amount;
    for (const LineTaxPart& part : line.parts) grouping.groups[part.group].base += line.net;
    result.net += line.net;
    result.tax += line.tax;
    if (!is_amount(result.net) || !is_amount(result.tax)) return std::nullopt;
  }
  result.groups = std::move(grouping.groups);
  result.total = result.net + result.tax;
  return is_amount(result.total) ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

std::string_view code(TaxCategory category) {
  constexpr std::array<std::string_view, 5> codes{"S", "Z", "E", "AE", "O"};
  const auto index = static_cast<std::size_t>(category) - 1;
  ensure(index < codes.size(), "a tax category that is none");
  return codes[index];
}

std::optional<TaxedLines> compute_tax(std::span<const TaxableLine> lines, TaxBasis basis, Rounding rounding) {
  return exactly([&] { return computed(lines, basis, rounding); });
}

}  // namespace daybook
