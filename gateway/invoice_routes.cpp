// Invoices: drafted, edited, finalised, voided, written off; listed and read.
#include <algorithm>

#include "domain/ascii.h"
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

constexpr std::array<std::string_view, 5> invoice_status_names = {"draft", "open", "paid", "void", "uncollectible"};
constexpr std::size_t invoice_number_characters_max = 64;  // More than a series and a number can have.

}  // namespace

void draft_invoice(ExchangePtr exchange) {
  run_body_command(exchange, DraftInvoice::name_of_command);
}

void add_invoice_line(ExchangePtr exchange) {
  run_for_entity(exchange, AddInvoiceLine::name_of_command);
}

/// The path names the line by its number too.
void remove_invoice_line(ExchangePtr exchange) {
  const std::string& number = exchange->path[1];
  const bool is_number = number.size() <= 9 && number[0] != '0' && std::all_of(number.begin(), number.end(), is_digit);
  if (!is_number) return exchange->refuse(RejectionCode::not_found);
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  run_parsed(exchange, parse_command(RemoveInvoiceLine::name_of_command, "{\"number\":" + number + "}", target));
}

void finalize_invoice(ExchangePtr exchange) {
  run_for_entity(exchange, FinalizeInvoice::name_of_command);
}

void void_invoice(ExchangePtr exchange) {
  run_for_entity(exchange, VoidInvoice::name_of_command);
}

void mark_invoice_uncollectible(ExchangePtr exchange) {
  run_for_entity(exchange, MarkInvoiceUncollectible::name_of_command);
}

void send_invoice(ExchangePtr exchange) {
  run_for_entity(exchange, SendInvoice::name_of_command);
}

void list_invoices(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  InvoiceFilter filter;
  const Rule status = one_of(invoice_status_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    filter.status = static_cast<InvoiceStatus>(value_of_name(status, *name));
  }
  if (request.query_value("overdue")) filter.is_overdue = query_flag(request, "overdue", faults);
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  filter.subscription = query_id(request, "subscription_id", "sub", faults);
  filter.number = query_text(request, "number", text_of(invoice_number_characters_max), faults);
  filter.created_from = query_instant(request, "created_from", faults);
  filter.created_to = query_instant(request, "created_to", faults);
  const PageRequest<EntityRef> page_request = query_page(request, "inv", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::invoices}, [exchange, filter, page_request] {
    const Page<InvoiceRow> page =
        exchange->services.projections.invoices().list(exchange->principal.book, filter, page_request);
    send_page(exchange, page, [&](std::string& out, const InvoiceRow& row) {
      append_invoice(out, row.account_id, row.invoice, viewer_of(*exchange, row.stream));
    });
  });
}

void get_invoice(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("inv", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.invoice) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_invoice(body, copy.details.id, *copy.invoice, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.invoice->version);
  });
}

}  // namespace daybook
