// Payment methods: attached by token, listed and read masked, made the default, detached.
#include "gateway/account_read.h"
#include "gateway/card_number.h"
#include "gateway/command_fields.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

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
