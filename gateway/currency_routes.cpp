// The currencies that can be billed in, and how amounts of them are written.
#include "gateway/exchange.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/view_read.h"
#include "projections/json_text.h"
#include "projections/money_text.h"

namespace daybook {
namespace {

/// `formatted` is an amount of the one that is listed; empty: none was asked for.
std::string currency_list(const std::optional<std::string>& only, const std::string& formatted) {
  Page<const CurrencyInfo*> page;
  for (const CurrencyInfo& info : all_currencies()) {
    if (info.minor_digits != no_minor_unit && (!only || *only == info.code)) page.data.push_back(&info);
  }
  std::string body;
  begin_list(body, page, [&](const CurrencyInfo* info) {
    JsonText json(body);
    json.begin_object().member("object", "currency").member("code", info->code).member("name", info->name);
    json.member("number", info->number).member("minor_digits", info->minor_digits);
    member_or_null(json, "formatted", formatted);
    json.end_object();
  });
  return body += '}';
}

}  // namespace

void list_currencies(ExchangePtr exchange) {
  static const std::string whole = currency_list({}, {});
  const Request& request = exchange->request;
  Faults faults;
  const auto currency = query_text(request, "currency", a(FieldKind::currency), faults);
  const auto amount = query_integer(request, "amount", -amount_max, amount_max, faults);
  const auto locale = query_text(request, "locale", a(FieldKind::locale), faults);
  if (amount && !currency && faults.empty()) {
    faults.invalid("?amount", fault_codes::conflict, "goes with a currency");
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!currency) return exchange->send(200, std::string(whole));
  std::string formatted;
  if (amount) formatted = format_money({*amount, *find_currency(*currency)}, locale.value_or("en"));
  exchange->send(200, currency_list(currency, formatted));
}

}  // namespace daybook
