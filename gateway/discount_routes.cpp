// Discounts over HTTP. Reads are answered from what the book offers as of the last commit, which is in memory.
#include <algorithm>
#include <tuple>
#include <vector>

#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

void run_for_discount(const ExchangePtr& exchange, std::string_view name) {
  CommandTarget target;
  target.entity_id = exchange->path[0];
  run_path_command(exchange, name, std::move(target));
}

}  // namespace

void create_discount(ExchangePtr exchange) {
  run_body_command(exchange, CreateDiscount::name_of_command);
}

void change_discount(ExchangePtr exchange) {
  run_for_discount(exchange, ChangeDiscount::name_of_command);
}

void retire_discount(ExchangePtr exchange) {
  run_for_discount(exchange, RetireDiscount::name_of_command);
}

void list_discounts(ExchangePtr exchange) {
  Faults faults;
  PageRequest<std::string> request;
  request.limit = query_limit(exchange->request, faults);
  request.starting_after = query_text(exchange->request, "starting_after", a(FieldKind::client_id), faults);
  request.ending_before = query_text(exchange->request, "ending_before", a(FieldKind::client_id), faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  std::vector<const OfferedDiscount*> newest_first;
  for (const auto& [id, discount] : offers->discounts) newest_first.push_back(&discount);
  std::sort(newest_first.begin(), newest_first.end(), [](const OfferedDiscount* a, const OfferedDiscount* b) {
    return std::tie(a->created_at, a->id) > std::tie(b->created_at, b->id);
  });
  const auto page = page_of(newest_first, request, [](const OfferedDiscount* discount) { return discount->id; });
  if (!page.cursor_found) return refuse_cursor(exchange);
  std::string body;
  begin_list(body, page, [&](const OfferedDiscount* discount) { append_discount(body, *discount); });
  exchange->send(200, std::move(body += '}'));
}

void get_discount(ExchangePtr exchange) {
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  const auto found = offers->discounts.find(exchange->path[0]);
  if (found == offers->discounts.end()) return exchange->refuse(RejectionCode::not_found);
  std::string body;
  append_discount(body, found->second);
  exchange->send_resource(std::move(body), found->second.version);
}

}  // namespace daybook
