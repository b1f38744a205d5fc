// What payment providers post: checked over the very bytes that came, in the log before it is acknowledged, processed
// later. Who posts has no key: the signature is all that is believed.
#include "engine/keyring.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/request_headers.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

void count_webhook(const Exchange& exchange, std::string_view provider, std::string_view outcome) {
  exchange.services.metrics.count("webhooks_received_total", {{"provider", provider}, {"outcome", outcome}});
}

/// The body, and what its sender says of it, in no answer and no line of the log: only the code.
void refuse_webhook(Exchange& exchange, RejectionCode code) {
  // A provider that is not configured is a name of the client's own.
  if (code != RejectionCode::not_found) count_webhook(exchange, exchange.path[0], rejection_info(code).name);
  exchange.refuse(code);
}

/// For the system, in the book that the provider's account belongs to, once for each of the provider's events.
CommandContext context_of_webhook(const Exchange& exchange, const ProviderMessage& message) {
  CommandContext context;
  context.principal.name = "webhook:" + exchange.path[0];
  context.request_id = exchange.request_id;
  context.idempotency_key = message.id;
  context.keeps_key = true;
  context.fingerprint = exchange.services.engine.keyring().hmac("fingerprint", context.principal.name + message.id);
  return context;
}

void take_webhook(const ExchangePtr& exchange, ProviderMessage message) {
  Work work;
  work.context = context_of_webhook(*exchange, message);
  ReceiveProviderEvent command;
  command.provider = exchange->path[0];
  command.external_id = std::move(message.id);
  command.type = std::move(message.type);
  command.payment = message.payment;
  command.checkout = message.checkout;
  command.subscription = message.subscription;
  command.refund = message.refund;
  command.body.clear = std::move(exchange->request.body);
  work.command = std::move(command);
  work.done = [exchange](const Answer& answer) {
    if (!answer.accepted()) return refuse_webhook(*exchange, answer.rejection.code);
    count_webhook(*exchange, exchange->path[0], answer.is_replay ? "repeated" : "received");
    exchange->send(200, R"({"received":true})", {{"Daybook-Position", to_string(answer.position)}});
  };
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

/// Of a message that names a charge in the provider's words only: the payment is looked up first.
void take_after_lookup(const ExchangePtr& exchange, ProviderMessage message) {
  read_view(exchange, {ViewName::payments}, [exchange, message = std::move(message)]() mutable {
    const std::string book = context_of_webhook(*exchange, message).principal.book;
    message.payment = exchange->services.projections.payments().find_charge(book, message.transaction_id);
    take_webhook(exchange, std::move(message));
  });
}

}  // namespace

void receive_webhook(ExchangePtr exchange) {
  Services& services = exchange->services;
  const Request& request = exchange->request;
  const std::string& provider = exchange->path[0];
  if (request.body.size() > webhook_body_bytes_max) return exchange->refuse(RejectionCode::payload_too_large);
  ProviderMessage message;
  if (services.options.read_webhook) message = services.options.read_webhook(provider, request);
  const bool is_named = message.fault == RejectionCode::none && valid_idempotency_key(message.id) &&
                        message.type.size() <= provider_text_characters_max;
  if (message.fault == RejectionCode::none && !is_named) message.fault = RejectionCode::malformed_request;
  if (message.fault != RejectionCode::none) return refuse_webhook(*exchange, message.fault);
  const bool is_named_by_provider = !message.payment && !message.transaction_id.empty();
  is_named_by_provider ? take_after_lookup(exchange, std::move(message)) : take_webhook(exchange, std::move(message));
}

}  // namespace daybook
