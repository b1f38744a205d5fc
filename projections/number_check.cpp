#include "projections/number_check.h"

#include <algorithm>

#include "domain/flat_string.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

template <class Event>
SeriesName series_of(const schema::Envelope& envelope, const char* kind, const Event& event) {
  const std::string_view stream = view(envelope.stream());
  return {std::string(stream.substr(0, stream.find('/'))), kind, text(event.series())};
}

}  // namespace

void NumberCheck::see(const schema::Envelope& envelope) {
  const auto given = [&](const char* kind, const auto& event) {
    match(series_of(envelope, kind, event), text(event.number()), -1);
  };
  const auto assigned = [&](const char* kind, const auto& event) {
    assign(series_of(envelope, kind, event), event.sequence(), text(event.number()));
  };
  if (const auto* event = envelope.event_as_InvoiceFinalized()) given("invoices", *event);
  if (const auto* event = envelope.event_as_CreditNoteIssued()) given("credit_notes", *event);
  if (const auto* event = envelope.event_as_InvoiceNumberAssigned()) assigned("invoices", *event);
  if (const auto* event = envelope.event_as_CreditNoteNumberAssigned()) assigned("credit_notes", *event);
}

void NumberCheck::finish() {
  for (const auto& [document, balance] : unmatched_) {
    fault(document.first, document.second + (balance > 0 ? " was given to no document" : " was never given"));
  }
}

void NumberCheck::match(const SeriesName& series, std::string number, int change) {
  const auto found = unmatched_.try_emplace({series, std::move(number)}).first;
  found->second += change;
  if (found->second == 0) unmatched_.erase(found);
}

void NumberCheck::assign(const SeriesName& series, std::uint64_t sequence, const std::string& number) {
  match(series, number, 1);
  std::uint64_t& last = last_[series];
  if (sequence <= last) fault(series, std::to_string(sequence) + " was given again, as " + number);
  if (sequence == last + 2) fault(series, std::to_string(last + 1) + " is missing");
  if (sequence > last + 2) {
    fault(series, std::to_string(last + 1) + " to " + std::to_string(sequence - 1) + " are missing");
  }
  last = std::max(last, sequence);
}

}  // namespace daybook
