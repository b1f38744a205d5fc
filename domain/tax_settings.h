// The tax rates that a book has set itself. They come before the default table (domain/rules/tax_rates.h).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "domain/civil.h"

namespace daybook {

struct OwnTaxRateKey {
  std::string country;  ///< ISO 3166-1.
  std::string region;   ///< ISO 3166-2 without the country; empty: all of the country without rates of its own.
  std::string name;     ///< "VAT".
  Date from;
  auto operator<=>(const OwnTaxRateKey&) const = default;
};

struct OwnTaxRate {
  std::string percent;        ///< A decimal from 0 to 100.
  std::optional<Date> until;  ///< The last day; a later row of the same place and name ends it too.
  bool state_rate_only = false;
  std::uint64_t version = 0;  ///< Stream version of the event that set it.
  bool operator==(const OwnTaxRate&) const = default;
};

using OwnTaxRates = std::map<OwnTaxRateKey, OwnTaxRate>;

/// "DE:VAT:2027-01-01", "US-CA:sales_tax:2027-01-01".
std::string tax_rate_id(const OwnTaxRateKey& key);

}  // namespace daybook
