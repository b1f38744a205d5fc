// Hosted checkouts: opened and read; and, of a server in dev mode, what the simulated provider shows of them.
#include "gateway/account_read.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/services.h"

namespace daybook {
namespace {

constexpr std::string_view simulated_prefix = "sim_";

}  // namespace

void start_checkout(ExchangePtr exchange) {
  run_body_command(exchange, StartCheckout::name_of_command);
}

void get_checkout_session(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("cs", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.checkout_session) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_checkout_session(body, copy.details.id, *copy.checkout_session, viewer_of(*answered, copy.stream));
    answered->send_resource(std::move(body), copy.checkout_session->version);
  });
}

/// Without a key: whoever is sent to a provider's page has none. Of the book that providers post to.
void get_simulated_checkout(ExchangePtr exchange) {
  const std::string_view name = exchange->path[0];
  const bool is_there = exchange->services.options.dev && name.starts_with(simulated_prefix);
  const auto id = is_there ? parse_id("cs", name.substr(simulated_prefix.size())) : std::optional<EntityRef>();
  if (!id) return exchange->refuse(RejectionCode::not_found);
  exchange->principal = Principal();
  exchange->principal.name = "simulator";
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    const bool is_simulated = copy.checkout_session && !copy.checkout_session->provider_session_id.empty();
    if (!is_simulated) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_simulated_checkout(body, copy.details.id, *copy.checkout_session, viewer_of(*answered, copy.stream));
    answered->send(200, std::move(body));
  });
}

}  // namespace daybook
