// Discounts over HTTP. Reads are answered from what the book offers as of the last commit, which is in memory.
#include <vector>

#include "gateway/handlers.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
void create_discount(ExchangePtr exchange) {
  run_body_command(exchange, CreateDiscount::name_of_command);
}

void change_discount(ExchangePtr exchange) {
  run_for_entity(exchange, ChangeDiscount::name_of_command);
}

void retire_discount(ExchangePtr exchange) {
  run_for_entity(exchange, RetireDiscount::name_of_command);
}

void list_discounts(ExchangePtr exchange) {
  Faults faults;
  const PageRequest<std::string> request = query_page(exchange->request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  std::vector<const OfferedDiscount*> newest_first;
  for (const auto& [id, discount] : offers->discounts) newest_first.push_back(&discount);
  const auto id_of = [](const OfferedDiscount* discount) { return discount->id; };
  sort_newest_first(newest_first, id_of);
  const auto page = page_of(newest_first, request, id_of);
  send_page(exchange, page, [](std::string& out, const OfferedDiscount* discount) { append_discount(out, *discount); });
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
