#include "domain/tax_settings_codec.h"

namespace daybook {

void encode(ByteWriter& codec, const OwnTaxRates& rates) {
  codec.number(static_cast<std::uint32_t>(rates.size()));
  for (const auto& [key, rate] : rates) {
    codec.text(key.country);
    codec.text(key.region);
    codec.text(key.name);
    codec.text(format_date(key.from));
    codec.text(rate.percent);
    codec.text(rate.until ? format_date(*rate.until) : std::string());
    codec.flag(rate.state_rate_only);
    codec.number(rate.version);
  }
}

bool decode(ByteReader& codec, OwnTaxRates& rates) {
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    OwnTaxRateKey key;
    OwnTaxRate rate;
    std::string from, until;
    codec.text(key.country);
    codec.text(key.region);
    codec.text(key.name);
    codec.text(from);
    codec.text(rate.percent);
    codec.text(until);
    codec.flag(rate.state_rate_only);
    codec.number(rate.version);
    const std::optional<Date> first = parse_date(from);
    rate.until = parse_date(until);
    if (!first || (!until.empty() && !rate.until)) return false;
    key.from = *first;
    rates.emplace(std::move(key), std::move(rate));
  }
  return codec.ok();
}

}  // namespace daybook
