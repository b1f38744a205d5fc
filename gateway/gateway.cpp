// From a request to its route's handler: what every route has in common, in order.
#include "gateway/gateway.h"

#include <spdlog/spdlog.h>

#include <stdexcept>

#include "gateway/authenticate.h"
#include "gateway/exchange.h"
#include "gateway/query.h"
#include "gateway/services.h"

namespace daybook {
namespace {

bool is_sandbox_route(RouteKind kind) {
  return kind == RouteKind::sandbox_read || kind == RouteKind::sandbox_command;
}

/// 401, 404 or 405: without a key a caller learns nothing of what there is.
void refuse_unrouted(Exchange& exchange, const std::string& allowed_methods) {
  if (allowed_methods.empty()) return exchange.refuse(RejectionCode::not_found);
  Problem problem;
  problem.code = RejectionCode::method_not_allowed;
  exchange.refuse(problem, {{"Allow", allowed_methods}});
}

/// The principal, and a token of its bucket. False: an answer was sent.
bool admit(Exchange& exchange) {
  Services& services = exchange.services;
  auto principal = authenticate(exchange.request.header("authorization"), services);
  if (!principal) {
    exchange.refuse(RejectionCode::unauthenticated);
    return false;
  }
  exchange.principal = std::move(*principal);
  if (exchange.principal.is_exempt_from_limits) return true;
  exchange.rate = services.limiter.take(exchange.principal.credential, exchange.started);
  if (exchange.rate.is_allowed) return true;
  services.metrics.rate_limited("api_key");
  exchange.refuse(RejectionCode::rate_limited);
  return false;
}

void dispatch(const ExchangePtr& exchange) {
  RouteMatch match = find_route(exchange->request.method, exchange->request.path);
  exchange->route = match.route;
  exchange->path = std::move(match.parameters);
  const bool is_open = match.route && match.route->kind == RouteKind::open;
  if (!is_open && !admit(*exchange)) return;
  if (match.route == nullptr) return refuse_unrouted(*exchange, match.allowed_methods);
  const Route& route = *match.route;
  if (is_sandbox_route(route.kind) && !exchange->services.options.sandbox) {
    return exchange->refuse(RejectionCode::not_found);
  }
  if (!is_open) {
    if (!resolve_tenant(exchange)) return;
    if (!is_allowed(exchange->principal, route.permission)) {
      const std::string_view name = permission_row(route.permission).name;
      return exchange->refuse(RejectionCode::forbidden, "This needs the permission " + std::string(name) + ".");
    }
  }
  Faults faults;
  check_query_names(exchange->request, route.query, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  route.handler(exchange);
}

}  // namespace

struct Gateway::Impl {
  Services services;
};

Gateway::Gateway(Options options, Engine& engine, Projections& projections, std::function<KafkaStatus()> kafka,
                 Metrics& metrics)
    : impl_(new Impl{Services(std::move(options), engine, projections, std::move(kafka), metrics)}) {
  if (const std::string fault = check_routes(); !fault.empty()) throw std::logic_error("routes: " + fault);
  engine.add_commit_listener(impl_->services.streams.commit_listener());
}

Gateway::~Gateway() = default;

void Gateway::handle(Request request, Responder responder) {
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder), impl_->services);
  try {
    dispatch(exchange);
  } catch (const std::exception& error) {
    // A bug or a store that failed under a read: the client learns the request's id, the log the rest.
    spdlog::error("request {}: {}", exchange->request_id, error.what());
    if (exchange->responder) exchange->refuse(RejectionCode::internal);
  }
}

}  // namespace daybook
