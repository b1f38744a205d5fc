// Taxes: the rates that hold, the book's own among them; what the tax of an invoice would be; whether a VAT id is one.
#include <memory>

#include "domain/deciders/invoice_figures.h"
#include "domain/rules/tax_rates.h"
#include "domain/rules/vat_id.h"
#include "gateway/account_read.h"
#include "gateway/book_read.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/tax_question.h"
#include "gateway/view_read.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

Date day_of(Instant at) {
  return civil_from_days(micros(at) / micros_per_day);
}

/// What of the rates is asked for.
struct RatesQuery {
  std::optional<std::string> country;
  std::optional<Date> on;
};

bool is_shown(const RatesQuery& query, std::string_view country, Date from, const std::optional<Date>& until) {
  if (query.country && *query.country != country) return false;
  return !query.on || (from <= *query.on && (!until || *query.on <= *until));
}

/// The book's own rows first.
std::string rates_list(const OwnTaxRates& own, const RatesQuery& query) {
  Page<std::string> page;
  for (const auto& [key, rate] : own) {
    if (is_shown(query, key.country, key.from, rate.until)) append_tax_rate(page.data.emplace_back(), key, rate);
  }
  for (const DatedTaxRate& rate : default_tax_rates()) {
    if (is_shown(query, rate.country, rate.from, rate.until)) append_tax_rate(page.data.emplace_back(), rate);
  }
  std::string body;
  begin_list(body, page, [&](const std::string& row) { body += row; });
  return body += '}';
}

/// Runs `read` on the book's state on its writer thread, then answers with what it gave.
void answer_from_book(const ExchangePtr& exchange, std::function<std::string(const BookState&, Instant)> read) {
  const auto body = std::make_shared<std::string>();
  const auto take = [body, read = std::move(read)](const BookState& book, Instant now) { *body = read(book, now); };
  read_book(exchange, take, [exchange, body] {
    if (body->empty()) return exchange->refuse(RejectionCode::amount_out_of_range);
    exchange->send(200, std::move(*body));
  });
}

/// The invoice that is asked about, as a draft that nobody has made.
Invoice invoice_of(const TaxQuestion& question, Currency currency) {
  Invoice invoice;
  invoice.currency = currency;
  invoice.tax_inclusive = question.tax_inclusive;
  for (const std::int64_t amount : question.amounts) {
    auto line = std::make_shared<schema::InvoiceLineT>();
    line->number = static_cast<std::uint32_t>(invoice.lines.size() + 1);
    line->amount = amount;
    invoice.lines.push_back(std::move(line));
  }
  return invoice;
}

/// By the very code that finalises an invoice; empty if a sum is beyond an amount.
std::string estimate(const TaxQuestion& question, const AccountDetails& details, const BookState& book, Instant now) {
  AccountState account;
  account.details = details;
  DecisionContext context;
  context.now = now;
  context.book = &book;
  const Invoice invoice = invoice_of(question, details.currency);
  const auto figures = figures_of(invoice, account, {}, context);
  std::string body;
  if (!figures) return body;
  JsonText json(body);
  json.begin_object().member("object", "tax_estimate").member("currency", code(details.currency));
  json.member("tax_inclusive", question.tax_inclusive).member("day", format_date(day_of(now)));
  json.key("lines").begin_array();
  for (const auto& line : figures->lines) {
    json.begin_object().member("amount", line->amount).member("net", line->net).member("tax", line->tax).end_object();
  }
  json.end_array();
  append_taxes(json, &*figures);
  json.member("subtotal", figures->subtotal).member("tax", figures->tax).member("total", figures->total).end_object();
  return body;
}

/// Of a place: as an account there would have it.
AccountDetails details_of(const TaxQuestion& question) {
  AccountDetails details;
  details.country = question.country;
  details.region = question.region;
  details.tax_exempt = question.tax_exempt;
  details.currency = *question.currency;
  const VatIdCheck check = check_vat_id(question.vat_id);
  if (check.fault == VatIdFault::none) details.vat_id_country = check.country;
  return details;
}

/// Either an account, or a place with a currency.
void check_question(const TaxQuestion& question, Faults& faults) {
  const bool is_of_place = !question.country.empty() || !question.region.empty() || !question.vat_id.empty() ||
                           question.currency || question.tax_exempt;
  if (!question.account_id.empty()) {
    if (is_of_place) faults.invalid("/account_id", fault_codes::conflict, "give an account or a place, not both");
  } else {
    if (question.country.empty()) faults.invalid("/country", fault_codes::required, "is required without an account");
    if (!question.currency) faults.invalid("/currency", fault_codes::required, "is required without an account");
  }
  if (question.amounts.empty()) faults.invalid("/lines", fault_codes::required, "must not be empty");
}

std::string_view fault_text(VatIdFault fault) {
  switch (fault) {
    case VatIdFault::none:
      return {};
    case VatIdFault::unknown_prefix:
      return "unknown_prefix";
    case VatIdFault::wrong_format:
      return "wrong_format";
    case VatIdFault::wrong_check_digit:
      return "wrong_check_digit";
  }
  return {};
}

}  // namespace

void list_tax_rates(ExchangePtr exchange) {
  Faults faults;
  RatesQuery query;
  query.country = query_text(exchange->request, "country", a(FieldKind::country), faults);
  if (const auto on = query_text(exchange->request, "on", a(FieldKind::date), faults)) query.on = parse_date(*on);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  answer_from_book(exchange, [query](const BookState& book, Instant) { return rates_list(book.tax_rates, query); });
}

void set_tax_rate(ExchangePtr exchange) {
  run_body_command(exchange, SetTaxRate::name_of_command);
}

void estimate_tax(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  TaxQuestion question;
  Faults faults = parse_question(exchange->request.body, question);
  if (faults.empty()) check_question(question, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const auto answer = [question](const ExchangePtr& asked, const AccountDetails& details) {
    answer_from_book(asked, [question, details](const BookState& book, Instant now) {
      return estimate(question, details, book, now);
    });
  };
  if (question.account_id.empty()) return answer(exchange, details_of(question));
  ReadTarget target;
  target.account_id = question.account_id;
  target.all_details = true;
  read_account(std::move(exchange), std::move(target),
               [answer](const ExchangePtr& asked, const AccountCopy& copy) { answer(asked, copy.details); });
}

void validate_tax_id(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  VatIdQuestion question;
  Faults faults = parse_question(exchange->request.body, question);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const VatIdCheck check = check_vat_id(question.vat_id);
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "tax_id_check").member("valid", check.fault == VatIdFault::none);
  member_or_null(json, "fault", fault_text(check.fault));
  member_or_null(json, "id", check.id);
  member_or_null(json, "country", check.country);
  json.end_object();
  exchange->send(200, std::move(body));
}

}  // namespace daybook
