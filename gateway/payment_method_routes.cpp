// Payment methods: attached by token, listed and read masked, made the default, detached.
#include "gateway/account_read.h"
#include "gateway/card_number.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 5> method_status_names = {"pending", "verified", "requires_action", "expired",
                                                                 "failed"};

void answer_methods(const ExchangePtr& exchange, const AccountCopy& copy) {
  const AccountDetails& details = copy.details;
  const Viewer viewer = viewer_of(*exchange, copy.stream);
  Page<PaymentMethod> all;
  all.data.assign(details.payment_methods.rbegin(), details.payment_methods.rend());
  std::string body;
  begin_list(body, all, [&](const PaymentMethod& method) {
    append_payment_method(body, details.id, method, details.default_payment_method == method.id, viewer);
  });
  exchange->send(200, std::move(body += '}'));
}

}  // namespace

void attach_payment_method(ExchangePtr exchange) {
  if (holds_card_number(exchange->request.body)) return exchange->refuse(RejectionCode::raw_card_refused);
  run_for_account(exchange, AttachPaymentMethod::name_of_command);
}

void list_payment_methods(ExchangePtr exchange) {
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt, true}, answer_methods);
}

void list_all_payment_methods(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  PaymentMethodFilter filter;
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  const Rule status = one_of(method_status_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    filter.status = static_cast<PaymentMethodStatus>(value_of_name(status, *name));
  }
  const PageRequest<EntityRef> page_request = query_page(request, "pm", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::accounts}, [exchange, filter, page_request] {
    const Page<PaymentMethodRow> page =
        exchange->services.projections.accounts().payment_methods(exchange->principal.book, filter, page_request);
    send_page(exchange, page, [&](std::string& out, const PaymentMethodRow& row) {
      append_payment_method(out, row.account_id, row.method, row.is_default, viewer_of(*exchange, row.stream));
    });
  });
}

void get_payment_method(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("pm", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id, true}, [id](const ExchangePtr& answered, const AccountCopy& copy) {
    const PaymentMethod* method = copy.details.find_payment_method(*id);
    if (method == nullptr) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_payment_method(body, copy.details.id, *method, copy.details.default_payment_method == method->id,
                          viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), method->version);
  });
}

void set_default_payment_method(ExchangePtr exchange) {
  run_for_entity(exchange, SetDefaultPaymentMethod::name_of_command);
}

void detach_payment_method(ExchangePtr exchange) {
  run_for_entity(exchange, DetachPaymentMethod::name_of_command);
}

}  // namespace daybook
