// Refunds: issued, listed and read; disputes: listed and read.
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

template <class Status>
struct ReversalQuery {
  RefundFilter filter;
  std::optional<Status> status;
  PageRequest<EntityRef> page;
};

template <class Status>
ReversalQuery<Status> read_reversal_query(const Request& request, std::string_view prefix, const Rule& statuses,
                                          Faults& faults) {
  ReversalQuery<Status> query;
  query.filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  query.filter.invoice = query_id(request, "invoice_id", "inv", faults);
  query.filter.payment = query_id(request, "payment_id", "pay", faults);
  if (const auto name = query_text(request, "status", statuses, faults)) {
    query.status = static_cast<Status>(value_of_name(statuses, *name));
  }
  query.page = query_page(request, prefix, faults);
  return query;
}

}  // namespace

void issue_refund(ExchangePtr exchange) {
  run_body_command(exchange, IssueRefund::name_of_command);
}

void list_refunds(ExchangePtr exchange) {
  Faults faults;
  auto query = read_reversal_query<RefundStatus>(exchange->request, "re", one_of(refund_status_names), faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(query.filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::refunds}, [exchange, query] {
    const Page<RefundRow> page = exchange->services.projections.refunds().refunds(
        exchange->principal.book, query.filter, query.status, query.page);
    send_page(exchange, page, [&](std::string& out, const RefundRow& row) {
      append_refund(out, row.account_id, row.refund, viewer_of(*exchange, row.stream));
    });
  });
}

void get_refund(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("re", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.refund) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_refund(body, copy.details.id, *copy.refund, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.refund->version);
  });
}

void list_disputes(ExchangePtr exchange) {
  Faults faults;
  auto query = read_reversal_query<DisputeStatus>(exchange->request, "dp", one_of(dispute_status_names), faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(query.filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::refunds}, [exchange, query] {
    const Page<DisputeRow> page = exchange->services.projections.refunds().disputes(
        exchange->principal.book, query.filter, query.status, query.page);
    send_page(exchange, page, [&](std::string& out, const DisputeRow& row) {
      append_dispute(out, row.account_id, row.dispute, viewer_of(*exchange, row.stream));
    });
  });
}

void get_dispute(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("dp", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.dispute) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_dispute(body, copy.details.id, *copy.dispute, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.dispute->version);
  });
}

}  // namespace daybook
