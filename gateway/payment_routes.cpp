// Payments: asked for, listed and read.
#include <algorithm>

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

/// The payment's refunds, the oldest first; the newest of them if they are more than a page.
std::vector<Refund> refunds_of(const RefundsReader& reader, std::string_view book, EntityRef payment) {
  RefundFilter filter;
  filter.payment = payment;
  PageRequest<EntityRef> request;
  request.limit = page_limit_max;
  std::vector<Refund> refunds;
  for (RefundRow& row : reader.refunds(book, filter, {}, request).data) refunds.push_back(std::move(row.refund));
  std::reverse(refunds.begin(), refunds.end());
  return refunds;
}

/// All payments of the invoice, the oldest first; the newest of them if they are more than a page.
std::vector<Payment> attempts_of(const PaymentsReader& payments, std::string_view book, EntityRef invoice) {
  PaymentFilter filter;
  filter.invoice = invoice;
  PageRequest<EntityRef> request;
  request.limit = page_limit_max;
  std::vector<Payment> attempts;
  for (PaymentRow& row : payments.list(book, filter, request).data) attempts.push_back(std::move(row.payment));
  std::reverse(attempts.begin(), attempts.end());
  return attempts;
}

}  // namespace

void pay_invoice(ExchangePtr exchange) {
  run_for_entity(exchange, AttemptPayment::name_of_command);
}

void retry_payment(ExchangePtr exchange) {
  run_body_command(exchange, AttemptPayment::name_of_command);
}

void retry_account_payment(ExchangePtr exchange) {
  run_for_account(exchange, RetryPayment::name_of_command);
}

void record_offline_payment(ExchangePtr exchange) {
  run_body_command(exchange, RecordOfflinePayment::name_of_command);
}

void list_payments(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  PaymentFilter filter;
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  filter.invoice = query_id(request, "invoice_id", "inv", faults);
  const Rule status = one_of(payment_status_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    filter.status = static_cast<PaymentStatus>(value_of_name(status, *name));
  }
  const PageRequest<EntityRef> page_request = query_page(request, "pay", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::payments}, [exchange, filter, page_request] {
    const Page<PaymentRow> page =
        exchange->services.projections.payments().list(exchange->principal.book, filter, page_request);
    send_page(exchange, page, [&](std::string& out, const PaymentRow& row) {
      append_payment(out, row.account_id, row.payment, nullptr, viewer_of(*exchange, row.stream));
    });
  });
}

void get_payment(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("pay", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::payments, ViewName::refunds}, [exchange, id] {
    const PaymentsReader payments = exchange->services.projections.payments();
    const std::string& book = exchange->principal.book;
    const std::optional<PaymentRow> row = payments.find(book, *id);
    if (!row || !exchange->may_see_account(row->account_id)) return exchange->refuse(RejectionCode::not_found);
    const PaymentParts parts{attempts_of(payments, book, row->payment.invoice),
                             refunds_of(exchange->services.projections.refunds(), book, *id)};
    std::string body;
    append_payment(body, row->account_id, row->payment, &parts, viewer_of(*exchange, row->stream));
    exchange->send_resource(std::move(body), row->payment.version);
  });
}

}  // namespace daybook
