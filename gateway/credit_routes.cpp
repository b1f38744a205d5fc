// Money credits: issue, list, read, and the actions consume, expire and void.
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 5> credit_status_names = {"available", "partially_applied", "consumed",
                                                                 "expired", "voided"};

struct CreditQuery {
  CreditFilter filter;
  PageRequest<EntityRef> page;
};

CreditQuery read_query(const Request& request, Faults& faults) {
  CreditQuery query;
  const Rule status = one_of(credit_status_names);
  const Rule type = one_of(credit_type_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    query.filter.status = static_cast<GrantStatus>(value_of_name(status, *name));
  }
  if (const auto name = query_text(request, "type", type, faults)) {
    query.filter.type = static_cast<CreditType>(value_of_name(type, *name));
  }
  query.page = query_page(request, "cr", faults);
  return query;
}

void answer_list(const ExchangePtr& exchange, const CreditQuery& query, const std::string& extra) {
  read_view(exchange, {ViewName::credits}, [exchange, query, extra] {
    const Page<CreditRow> page =
        exchange->services.projections.credits().list(exchange->principal.book, query.filter, query.page);
    const auto append = [&](std::string& out, const CreditRow& row) {
      append_credit(out, row.account_id, row.grant, viewer_of(*exchange, row.stream));
    };
    send_page(exchange, page, append, extra);
  });
}

/// What is available of each currency, as a member of the account's list.
std::string available_member(const AccountCopy& copy) {
  std::string out = ",\"available\":";
  JsonText json(out);
  std::string list;
  JsonText rows(list);
  rows.begin_array();
  bool any = false;
  const auto one = [&](std::string_view currency, std::int64_t amount) {
    rows.begin_object().member("currency", currency).member("amount", amount).end_object();
    any = true;
  };
  for (const auto& [asset, wallet] : copy.wallets) {
    if (asset.is_money) one(asset.code, wallet.available);
  }
  if (!any) one(code(copy.details.currency), 0);
  rows.end_array();
  return out + list;
}

}  // namespace

void issue_credit(ExchangePtr exchange) {
  run_body_command(exchange, IssueCredit::name_of_command);
}

void apply_credit(ExchangePtr exchange) {
  run_for_entity(exchange, ApplyCredit::name_of_command);
}

void change_credit(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  run_parsed(exchange, parse_credit_action(exchange->request.body, target));
}

void list_credits(ExchangePtr exchange) {
  Faults faults;
  CreditQuery query = read_query(exchange->request, faults);
  query.filter.account_id = query_text(exchange->request, "account_id", a(FieldKind::client_id), faults);
  query.filter.invoice = query_id(exchange->request, "invoice_id", "inv", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(query.filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  answer_list(exchange, query, {});
}

void list_account_credits(ExchangePtr exchange) {
  Faults faults;
  CreditQuery query = read_query(exchange->request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt},
               [query = std::move(query)](const ExchangePtr& answered, const AccountCopy& copy) mutable {
                 query.filter.account_id = copy.details.id;
                 answer_list(answered, query, available_member(copy));
               });
}

void get_credit(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("cr", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.grant || !copy.grant->asset.is_money) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_credit(body, copy.details.id, *copy.grant, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.grant->version);
  });
}

}  // namespace daybook
