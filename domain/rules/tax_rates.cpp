#include "domain/rules/tax_rates.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "domain/assert.h"
#include "domain/check.h"
#include "tax_rates_text.h"

namespace daybook {
namespace {

// ISO codes of the 27 members since 2020-02-01.
constexpr std::array<std::string_view, 27> eu_members{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES",
                                                      "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
                                                      "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"};

/// Takes the part up to the separator from the front; the last part is the rest.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

std::optional<DatedTaxRate> parse_row(std::string_view line) {
  if (std::count(line.begin(), line.end(), ',') != 6) return std::nullopt;
  DatedTaxRate row;
  row.country = take_until(line, ',');
  row.region = take_until(line, ',');
  row.name = take_until(line, ',');
  const std::optional<Rational> percent = parse_decimal(take_until(line, ','));
  const std::optional<Date> from = parse_date(take_until(line, ','));
  const std::string_view until = take_until(line, ',');
  if (!valid_country(row.country) || row.name.empty() || !percent || percent->sign() < 0 || *percent > 100 || !from) {
    return std::nullopt;
  }
  row.percent = *percent;
  row.from = *from;
  if (!until.empty()) {
    row.until = parse_date(until);
    if (!row.until || *row.until < row.from) return std::nullopt;
  }
  row.state_rate_only = line == "state_rate_only";
  return row.state_rate_only || line == "full" ? std::optional(row) : std::nullopt;
}

bool in_force(const DatedTaxRate& row, Date day) {
  return row.from <= day && (!row.until || day <= *row.until);
}

bool overlap(const DatedTaxRate& a, const DatedTaxRate& b) {
  const bool same_place = a.country == b.country && a.region == b.region && a.name == b.name;
  return same_place && (in_force(a, b.from) || in_force(b, a.from));
}

}  // namespace

std::optional<TaxRates> parse_tax_rates(std::string_view text, int* line) {
  TaxRates table;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view content = take_until(text, '\n');
    if (content.empty() || content.starts_with('#')) continue;
    const std::optional<DatedTaxRate> row = parse_row(content);
    if (!row || std::any_of(table.begin(), table.end(), [&](const auto& other) { return overlap(*row, other); })) {
      if (line != nullptr) *line = number;
      return std::nullopt;
    }
    table.push_back(*row);
  }
  return table;
}

const TaxRates& default_tax_rates() {
  static const TaxRates table = [] {
    const std::optional<TaxRates> parsed = parse_tax_rates(tax_rates_text());
    ensure(parsed.has_value(), "the compiled-in tax rates cannot be read");
    return *parsed;
  }();  // GCOVR_EXCL_BR_LINE: two threads that ask for it first at once
  return table;
}

TaxRates rates_of_book(const OwnTaxRates& own, std::string_view country) {
  TaxRates table;
  for (auto row = own.lower_bound({std::string(country), {}, {}, {0, 0, 0}});
       row != own.end() && row->first.country == country; ++row) {
    const auto& [key, rate] = *row;
    const std::optional<Rational> percent = parse_decimal(rate.percent);
    ensure(percent.has_value(), "a tax rate that is no decimal");
    std::optional<Date> until = rate.until;
    const auto next = std::next(row);
    const bool is_replaced = next != own.end() && next->first.country == key.country &&
                             next->first.region == key.region && next->first.name == key.name;
    if (is_replaced) {
      const Date last = civil_from_days(days_from_civil(next->first.from) - 1);
      until = until ? std::min(*until, last) : last;
    }
    table.push_back({key.country, key.region, key.name, *percent, key.from, until, rate.state_rate_only});
  }
  return table;
}

namespace {

/// Of the place itself.
std::vector<TaxRate> rates_of_place(const TaxRates& table, std::string_view country, std::string_view region,
                                    Date day) {
  std::vector<TaxRate> rates;
  for (const DatedTaxRate& row : table) {
    if (row.country != country || row.region != region || !in_force(row, day)) continue;
    rates.push_back({row.region.empty() ? row.country : row.country + '-' + row.region, row.name, row.percent,
                     row.state_rate_only});
  }
  return rates;
}

}  // namespace

std::vector<TaxRate> rates_at(const TaxRates& table, std::string_view country, std::string_view region, Date day,
                              const TaxRates& own) {
  std::vector<TaxRate> rates = rates_of_place(own, country, region, day);
  if (rates.empty()) rates = rates_of_place(table, country, region, day);
  return rates.empty() && !region.empty() ? rates_at(table, country, {}, day, own) : rates;
}

TaxDecision tax_treatment(const TaxRates& table, std::string_view seller_country, const TaxedBuyer& buyer, Date day,
                          const TaxRates& own) {
  if (buyer.exempt) return {{TaxCategory::exempt, {}}, TaxReason::customer_exempt};
  const bool has_reverse_charge =
      is_eu_member(buyer.country) || buyer.country == "GB" || buyer.country == "CH" || buyer.country == "NO";
  if (buyer.valid_vat_id && has_reverse_charge && buyer.country != seller_country) {
    return {{TaxCategory::reverse_charge, {}}, TaxReason::reverse_charge};
  }
  std::vector<TaxRate> rates = rates_at(table, buyer.country, buyer.region, day, own);
  if (rates.empty()) return {{TaxCategory::outside_scope, {}}, TaxReason::no_rate};
  const bool is_zero = std::all_of(rates.begin(), rates.end(), [](const TaxRate& r) { return r.percent.sign() == 0; });
  return {{is_zero ? TaxCategory::zero_rated : TaxCategory::standard, std::move(rates)}, TaxReason::rate};
}

bool is_eu_member(std::string_view country) {
  return std::find(eu_members.begin(), eu_members.end(), country) != eu_members.end();
}

}  // namespace daybook
