// A book's own tax rates: each set with the day from which it holds.
#include "domain/deciders/handlers.h"
#include "domain/rational.h"
#include "schemas/events/taxes_generated.h"

namespace daybook {

Decision handle(const BookState& book, const SetTaxRate& command, const DecisionContext&) {
  const std::optional<Rational> percent = parse_decimal(command.percent, tax_percent_places_max);
  if (!percent || percent->sign() < 0 || *percent > 100)
    return reject(must_be("/percent", "0 to 100 with at most 6 decimals"));
  const std::optional<Date> from = parse_date(command.from), until = parse_date(command.until);
  if (!from) return reject(must_be("/from", "a date"));
  if (!command.until.empty() && (!until || *until < *from))
    return reject(must_be("/until", "a date that is not before from"));

  const OwnTaxRateKey key{command.country, command.region, command.name, *from};
  Decision decision;
  decision.subject = {SubjectKind::tax_rate, {}, tax_rate_id(key)};
  const auto known = book.tax_rates.find(key);
  if (known == book.tax_rates.end()) {
    if (book.tax_rates.size() >= own_tax_rates_max) return limit_reached("tax rates of a book", own_tax_rates_max);
  } else {
    const OwnTaxRate same{command.percent, until, command.state_rate_only, known->second.version};
    if (known->second == same) return decision;
  }
  schema::TaxRateSetT event;
  event.country = command.country;
  event.region = command.region;
  event.name = command.name;
  event.percent = command.percent;
  event.from = command.from;
  event.until = command.until;
  event.state_rate_only = command.state_rate_only;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
