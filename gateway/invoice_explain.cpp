// An invoice as a small derivation: what each line, discount and tax is computed from, computed again, and the events
// behind it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "domain/deciders/invoice_derivation.h"
#include "domain/tables.h"
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "projections/damaged_view.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// An event that made the invoice, or caused it to be made.
struct EventBehind {
  std::string id, type;
  Instant at{};
  std::uint16_t command_index = 0;
  std::optional<std::uint32_t> line;  ///< That it added, by hand.
  bool is_about_all_lines = false;    ///< The invoice was drafted by it, or because of it, with its first lines.
};

EventBehind read_event(const Exchange& exchange, ShardNumber shard, Position position) {
  const std::string bytes = exchange.services.engine.log().read_one(shard, position);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  EventBehind event;
  event.id = format_event_id(shard, position);
  event.type = exchange.services.renderer.type_name(bytes);
  event.at = instant(envelope.decided_at());
  event.command_index = envelope.command_index();
  if (const auto* added = envelope.event_as_InvoiceLineAdded()) event.line = added->line()->number();
  event.is_about_all_lines = envelope.event_type() == schema::Event::InvoiceDrafted;
  return event;
}

/// In the log's order: what the command that drafted it did before, then the invoice's own.
std::vector<EventBehind> events_behind(const Exchange& exchange, const InvoiceRow& row) {
  const ShardNumber shard = row.drafted_at.shard;
  const Position drafted = row.drafted_at.position;
  const InvoicesReader reader = exchange.services.projections.invoices();
  std::vector<EventBehind> own, events;
  for (const Position position : reader.events_of(exchange.principal.book, row)) {
    own.push_back(read_event(exchange, shard, position));
  }
  if (own.empty()) throw DamagedView("an invoice without the event that drafted it");
  for (Position position = drafted - own.front().command_index; position < drafted; ++position) {
    events.push_back(read_event(exchange, shard, position));
    events.back().is_about_all_lines = true;
  }
  events.insert(events.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  return events;
}

constexpr int places_shown = 6;

/// "967.741935...": cut, not rounded, where it goes on.
std::string shown(const Rational& value) {
  if (const auto whole = format_decimal(value, places_shown)) return *whole;
  const Rational magnitude = value.sign() < 0 ? -value : value;
  const auto cut = exactly([&] { return floor(magnitude * Rational::scaled(1'000'000, 0)); });
  const auto text = cut ? format_decimal(Rational::scaled(*cut, places_shown), places_shown) : std::nullopt;
  return (value.sign() < 0 ? "-" : "") + text.value_or("?") + "...";
}

std::string terms_of(const schema::InvoiceLineT& line) {
  if (line.credits) return std::to_string(line.credits->billed);
  if (!line.unit_amount.empty()) return fmt::format("{} x {}", line.quantity, line.unit_amount);
  std::string text;
  for (const auto& step : line.steps) {
    text += fmt::format("{}{} x {}", text.empty() ? "" : " + ", step->quantity, step->unit_amount);
  }
  return text;
}

/// Behind what is exact: how, and to what it was rounded.
std::string rounded(schema::Rounding rounding, std::int64_t amount) {
  return fmt::format(", rounded{} {}", rounding == schema::Rounding::half_even ? " half to even" : "", amount);
}

std::string words_of(const schema::InvoiceLineT& line, const DerivedLine& derived, bool tax_inclusive) {
  std::string text = terms_of(line);
  if (line.proration) {
    text = fmt::format("({}) x {}/{}", text, line.proration->part, line.proration->whole);
    if (line.credits) text = "-" + text;
  }
  if (derived.restated) {
    text += rounded(line.rounding, *derived.restated) + (tax_inclusive ? "; with its taxes" : "; without its taxes");
  }
  text += " = " + shown(derived.exact);
  if (!derived.exact.is_whole()) text += rounded(line.rounding, derived.amount);
  return text;
}

std::string words_of(const DerivedShare& share, const std::string& percent, std::int64_t amount,
                     schema::Rounding rounding) {
  if (!share.exact) return amount == 0 ? "0" : fmt::format("{} of {}", amount, share.base);
  std::string text = fmt::format("{} % of {} = {}", percent, share.base, shown(*share.exact));
  if (!share.exact->is_whole()) text += rounded(rounding, share.amount);
  if (amount != share.amount) text += fmt::format(", at most {}", amount);
  return text;
}

void append_lines(JsonText& json, const Invoice& invoice, const InvoiceDerivation& derivation,
                  const std::vector<EventBehind>& events, const Viewer& viewer) {
  json.key("lines").begin_array();
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    const schema::InvoiceLineT& line = *invoice.lines[i];
    const DerivedLine& derived = derivation.lines[i];
    json.begin_object().member("number", line.number).member("type", name_of(invoice_line_type_names, line.type));
    decimal_or_null(json, "quantity", line.quantity);
    decimal_or_null(json, "unit_amount", line.unit_amount);
    append_line_origin(json, line, viewer);
    json.member("whole", shown(derived.whole)).member("exact", shown(derived.exact));
    json.member("amount", derived.amount).member("derivation", words_of(line, derived, invoice.tax_inclusive));
    json.member("discount", derived.discount).member("net", derived.net).member("tax", derived.tax);
    json.key("tax_rows").begin_array();
    if (invoice.figures) {
      for (const std::uint32_t row : invoice.figures->lines[i]->tax_rows) json.integer(row);
    }
    json.end_array().key("events").begin_array();
    const bool was_added =
        std::any_of(events.begin(), events.end(), [&](const EventBehind& event) { return event.line == line.number; });
    for (const EventBehind& event : events) {
      if (was_added ? event.line == line.number : event.is_about_all_lines) json.string(event.id);
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void append_discounts(JsonText& json, const Invoice& invoice, const InvoiceDerivation& derivation,
                      const Viewer& viewer) {
  json.key("discounts").begin_array();
  for (std::size_t i = 0; i < derivation.discounts.size(); ++i) {
    const schema::InvoiceDiscountT& discount = *invoice.figures->discounts[i];
    json.begin_object();
    id_member(json, "id", "di", discount.discount, viewer);
    json.member("discount_id", discount.discount_id);
    member_or_null(json, "percent", discount.percent);
    json.member("base", discount.base).member("amount", discount.amount);
    json.member("derivation",
                words_of(derivation.discounts[i], discount.percent, discount.amount, invoice.figures->rounding))
        .end_object();
  }
  json.end_array();
}

void append_taxes(JsonText& json, const Invoice& invoice, const InvoiceDerivation& derivation) {
  json.key("taxes").begin_array();
  for (std::size_t i = 0; i < derivation.taxes.size(); ++i) {
    const schema::InvoiceTaxT& tax = *invoice.figures->taxes[i];
    json.begin_object().member("category", name_of(tax_category_names, tax.category));
    json.member("reason", name_of(tax_reason_names, tax.reason));
    member_or_null(json, "jurisdiction", tax.jurisdiction);
    member_or_null(json, "name", tax.name);
    member_or_null(json, "percent", tax.percent);
    json.member("base", derivation.taxes[i].base).member("tax", derivation.taxes[i].amount);
    json.member("derivation", words_of(derivation.taxes[i], tax.percent, tax.tax, invoice.figures->rounding))
        .end_object();
  }
  json.end_array();
}

void append_explanation(std::string& out, const Invoice& invoice, const std::vector<EventBehind>& events,
                        const Viewer& viewer) {
  const InvoiceDerivation derivation = derive(invoice);
  JsonText json(out);
  json.begin_object().member("object", "invoice_explanation");
  id_member(json, "invoice_id", "inv", invoice.id, viewer);
  member_or_null(json, "number", invoice.number);
  json.member("currency", code(invoice.currency)).member("tax_inclusive", invoice.tax_inclusive);
  append_lines(json, invoice, derivation, events, viewer);
  append_discounts(json, invoice, derivation, viewer);
  append_taxes(json, invoice, derivation);
  json.member("subtotal", derivation.subtotal).member("discount", derivation.discount);
  json.member("tax", derivation.tax).member("total", derivation.total).member("credited", derivation.credited);
  json.member("surcharged", invoice.surcharged).member("written_off", invoice.written_off);
  json.member("credit_notes", invoice.credited_due).member("credit_applied", invoice.credit_applied);
  json.member("amount_due", invoice.amount_due()).member("matches", derivation.matches);
  json.key("events").begin_array();
  for (const EventBehind& event : events) {
    json.begin_object().member("id", event.id).member("type", event.type);
    instant_member(json, "at", event.at);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

void explain_invoice(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("inv", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  // Whether it may be seen is asked of the account; the view knows its events.
  read_account(std::move(exchange), {{}, id}, [id](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.invoice) return answered->refuse(RejectionCode::not_found);
    read_view(answered, {ViewName::invoices}, [answered, id] {
      const auto row = answered->services.projections.invoices().find(answered->principal.book, *id);
      if (!row) return answered->refuse(RejectionCode::not_found);
      std::string body;
      append_explanation(body, row->invoice, events_behind(*answered, *row), viewer_of(*answered, row->stream));
      answered->send(200, std::move(body));
    });
  });
}

}  // namespace daybook
