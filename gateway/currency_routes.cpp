// The currencies that can be billed in.
#include "gateway/exchange.h"
#include "gateway/handlers.h"
#include "gateway/view_read.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

/// Made once: it is the same for everybody as long as the server runs.
std::string currency_list() {
  Page<const CurrencyInfo*> page;
  for (const CurrencyInfo& info : all_currencies()) {
    if (info.minor_digits != no_minor_unit) page.data.push_back(&info);
  }
  std::string body;
  begin_list(body, page, [&](const CurrencyInfo* info) {
    JsonText json(body);
    json.begin_object().member("object", "currency").member("code", info->code).member("name", info->name);
    json.member("number", info->number).member("minor_digits", info->minor_digits).end_object();
  });
  return body += '}';
}

}  // namespace

void list_currencies(ExchangePtr exchange) {
  static const std::string body = currency_list();
  exchange->send(200, std::string(body));
}

}  // namespace daybook
