// Which rates there are and which of them a buyer pays: a table with dates, and the rules of exemption and reverse
// charge. The default table is tax_rates.txt, compiled in; a book's own rows
// come before them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/civil.h"
#include "domain/rules/taxes.h"
#include "domain/tax_settings.h"

namespace daybook {

/// A rate in force from its first day to its last.
struct DatedTaxRate {
  std::string country;  ///< ISO 3166-1.
  std::string region;   ///< ISO 3166-2 without the country, or empty: all of the country that has no rates of its own.
  std::string name;     ///< "VAT", "GST", "sales_tax".
  Rational percent;     ///< 0 to 100.
  Date from;
  std::optional<Date> until;     ///< The last day; nothing: no end is known.
  bool state_rate_only = false;  ///< Counties and cities may add to it.
};

/// Rows in any order.
using TaxRates = std::vector<DatedTaxRate>;

/// Lines of `country,region,name,percent,from,until,scope`; empty ones and those that begin with `#` are comments.
/// `until` may be empty; scope is `full` or `state_rate_only`. Nothing if a line is something else, or if two rows of
/// one place and name are in force on the same day; `line`, if given, is then its number.
std::optional<TaxRates> parse_tax_rates(std::string_view text, int* line = nullptr);

/// The compiled-in table; its sources and its date are in tax_rates.txt.
const TaxRates& default_tax_rates();

/// What a book has set of a country, as a table: each row until the day before the next of its place and name, or until
/// its own last day.
TaxRates rates_of_book(const OwnTaxRates& own, std::string_view country);

/// The rates in force in a place on a day: its region's, or its country's if the region has none; of either those in
/// `own` if there are any. Empty if there are none.
std::vector<TaxRate> rates_at(const TaxRates& table, std::string_view country, std::string_view region, Date day,
                              const TaxRates& own = {});

struct TaxedBuyer {
  std::string country{};
  std::string region{};       ///< May be empty.
  bool exempt = false;        ///< Marked as exempt from all tax.
  bool valid_vat_id = false;  ///< Has a VAT id of its country, checked.
};

enum class TaxReason : std::uint8_t {
  rate = 1,  ///< The place's rates.
  customer_exempt = 2,
  reverse_charge = 3,  ///< A business abroad that accounts for the tax itself.
  no_rate = 4,         ///< The table has none for the place and day.
};

struct TaxDecision {
  TaxTreatment treatment;
  TaxReason reason = TaxReason::no_rate;
};

/// How a service sold from a country to a buyer is taxed on a day (the tax point): not at all if the buyer is exempt;
/// reverse charge if it is a business with a VAT id of another country that has it (the EU's, GB, CH, NO); otherwise by
/// the buyer's place. `own` as in rates_at.
TaxDecision tax_treatment(const TaxRates& table, std::string_view seller_country, const TaxedBuyer& buyer, Date day,
                          const TaxRates& own = {});

/// Whether the country is in the EU (ISO code: GR, not EL).
bool is_eu_member(std::string_view country);

}  // namespace daybook
