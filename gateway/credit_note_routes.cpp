// Credit notes and adjustments of invoices: issued, voided, listed and read.
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

struct CorrectionQuery {
  CorrectionFilter filter;
  PageRequest<EntityRef> page;
};

CorrectionQuery read_query(const Request& request, std::string_view prefix, Faults& faults) {
  CorrectionQuery query;
  query.filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  query.filter.invoice = query_id(request, "invoice_id", "inv", faults);
  query.page = query_page(request, prefix, faults);
  return query;
}

}  // namespace

void issue_credit_note(ExchangePtr exchange) {
  run_body_command(exchange, IssueCreditNote::name_of_command);
}

void void_credit_note(ExchangePtr exchange) {
  run_for_entity(exchange, VoidCreditNote::name_of_command);
}

void adjust_invoice(ExchangePtr exchange) {
  run_body_command(exchange, AdjustInvoice::name_of_command);
}

void list_credit_notes(ExchangePtr exchange) {
  Faults faults;
  CorrectionQuery query = read_query(exchange->request, "cn", faults);
  std::optional<CreditNoteStatus> status;
  const Rule statuses = one_of(credit_note_status_names);
  if (const auto name = query_text(exchange->request, "status", statuses, faults)) {
    status = static_cast<CreditNoteStatus>(value_of_name(statuses, *name));
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(query.filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::corrections}, [exchange, query, status] {
    const Page<CreditNoteRow> page = exchange->services.projections.corrections().credit_notes(
        exchange->principal.book, query.filter, status, query.page);
    send_page(exchange, page, [&](std::string& out, const CreditNoteRow& row) {
      append_credit_note(out, row.account_id, row.note, viewer_of(*exchange, row.stream));
    });
  });
}

void get_credit_note(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("cn", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.credit_note) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_credit_note(body, copy.details.id, *copy.credit_note, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.credit_note->version);
  });
}

void list_invoice_adjustments(ExchangePtr exchange) {
  Faults faults;
  CorrectionQuery query = read_query(exchange->request, "adj", faults);
  std::optional<AdjustmentType> type;
  const Rule types = one_of(adjustment_type_names);
  if (const auto name = query_text(exchange->request, "type", types, faults)) {
    type = static_cast<AdjustmentType>(value_of_name(types, *name));
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(query.filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::corrections}, [exchange, query, type] {
    const Page<AdjustmentRow> page = exchange->services.projections.corrections().adjustments(
        exchange->principal.book, query.filter, type, query.page);
    send_page(exchange, page, [&](std::string& out, const AdjustmentRow& row) {
      append_adjustment(out, row.account_id, row.adjustment, viewer_of(*exchange, row.stream));
    });
  });
}

void get_invoice_adjustment(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("adj", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.adjustment) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_adjustment(body, copy.details.id, *copy.adjustment, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.adjustment->version);
  });
}

}  // namespace daybook
