// The texts and bytes that billing's rules read: compiled time zones, POSIX rules, tables of tax rates and VAT ids.
// What is accepted answers for every instant, and what is written again reads as the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/rules/tax_rates.h"
#include "domain/rules/time_zone.h"
#include "domain/rules/vat_id.h"

namespace {

using namespace daybook;

void require(bool promise) {
  if (!promise) std::abort();
}

/// Instants of 8,000 years, a few primes apart.
void walk(const TimeZone& zone) {
  for (std::int64_t second = 0; second < micros(latest) / micros_per_second; second += 7'919'919'919) {
    const LocalTime local = zone.local_time(Instant{second * micros_per_second});
    require(0 <= local.second_of_day && local.second_of_day < 86'400);
    require(civil_from_days(days_from_civil(local.date)) == local.date);
    if (local.date.year <= 9'998) static_cast<void>(zone.instant(local));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto zone = TimeZone::parse(text)) walk(*zone);
  if (const auto rule = parse_posix_time_zone(text)) {
    for (std::int64_t second = 0; second < 250'000'000'000; second += 7'919'919'919) {
      const std::int32_t offset = rule->offset_at(second);
      require(offset == rule->standard_offset || (rule->has_daylight && offset == rule->daylight_offset));
    }
  }
  int line = 0;
  if (const auto table = parse_tax_rates(text, &line)) {
    for (const DatedTaxRate& row : *table) require(!rates_at(*table, row.country, row.region, row.from).empty());
  } else {
    require(line > 0);
  }
  const VatIdCheck vat_id = check_vat_id(text);
  if (vat_id.fault == VatIdFault::none) require(check_vat_id(vat_id.id).fault == VatIdFault::none);
  return 0;
}
