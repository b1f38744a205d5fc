// What it means that a book sets a tax rate.
#include "domain/tax_settings.h"

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/taxes_generated.h"

namespace daybook {

std::string tax_rate_id(const OwnTaxRateKey& key) {
  const std::string place = key.region.empty() ? key.country : key.country + '-' + key.region;
  return place + ':' + key.name + ':' + format_date(key.from);
}

void apply(BookState& book, const schema::TaxRateSet& event, const EventMoment& moment) {
  const std::optional<Date> from = parse_date(text(event.from()));
  ensure(from.has_value(), "a tax rate without its first day");
  OwnTaxRateKey key{text(event.country()), text(event.region()), text(event.name()), *from};
  OwnTaxRate rate{text(event.percent()), parse_date(text(event.until())), event.state_rate_only(), moment.version};
  book.tax_rates.insert_or_assign(std::move(key), std::move(rate));
}

}  // namespace daybook
