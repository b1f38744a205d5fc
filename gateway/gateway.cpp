// From a request to its route's handler: what every route has in common, in order.
#include "gateway/gateway.h"

#include <spdlog/spdlog.h>

#include <stdexcept>

#include "gateway/authenticate.h"
#include "gateway/exchange.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

bool is_sandbox_route(RouteKind kind) {
  return kind == RouteKind::sandbox_read || kind == RouteKind::sandbox_command;
}

bool is_in_test_book(const Exchange& exchange) {
  return exchange.services.engine.mode_of(exchange.principal.book) == BookMode::test;
}

/// 401, 404 or 405: without a key a caller learns nothing of what there is.
void refuse_unrouted(Exchange& exchange, const std::string& allowed_methods) {
  if (allowed_methods.empty()) return exchange.refuse(RejectionCode::not_found);
  Problem problem;
  problem.code = RejectionCode::method_not_allowed;
  exchange.refuse(problem, {{"Allow", allowed_methods}});
}

/// Who reads what is public without a key: within an account that nobody has.
Principal anonymous() {
  Principal principal;
  principal.name = "anonymous";
  principal.role = Role::account_member;
  return principal;
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

/// Runs the handler. A bug, or a store that failed under a read: the client learns the request's id, the log the rest.
void run_guarded(const ExchangePtr& exchange, const std::function<void()>& job) {
  try {
    job();
  } catch (const std::exception& error) {
    spdlog::error("request {}: {}", exchange->request_id, error.what());
    if (exchange->responder) exchange->refuse(RejectionCode::internal);
  }
}

/// Goes on with a request that waited for ?min_position.
void answer_waiter(const ExchangePtr& exchange, bool has_come) {
  if (has_come) return run_guarded(exchange, [&exchange] { exchange->route->handler(exchange); });
  Problem problem;
  problem.code = RejectionCode::projection_lag;
  problem.detail = "The log has not reached min_position yet.";
  exchange->refuse(problem);
}

void dispatch(const ExchangePtr& exchange) {
  RouteMatch match = find_route(exchange->request.method, exchange->request.path);
  exchange->route = match.route;
  exchange->path = std::move(match.parameters);
  bool is_open = match.route && match.route->kind == RouteKind::open;
  if (match.route && match.route->kind == RouteKind::public_read) {
    is_open = exchange->request.header("authorization").empty();
    if (is_open) exchange->principal = anonymous();
  }
  if (!is_open && !admit(*exchange)) return;
  if (match.route == nullptr) return refuse_unrouted(*exchange, match.allowed_methods);
  const Route& route = *match.route;
  if (is_sandbox_route(route.kind) && !is_in_test_book(*exchange)) {
    return exchange->refuse(RejectionCode::not_found);
  }
  if (!is_open) {
    if (!resolve_tenant(exchange)) return;
    if (!is_allowed(exchange->principal, route.permission)) {
      return exchange->refuse(RejectionCode::forbidden, needed_permission(route.permission));
    }
  }
  Faults faults;
  check_query_names(exchange->request, route.query, faults);
  const std::optional<LogPosition> least = query_position(exchange->request, "min_position", faults);
  if (least && least->shard != exchange->services.engine.shard_of(exchange->principal.book)) {
    faults.invalid("?min_position", fault_codes::out_of_range, "names another shard than the book's");
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!least || least->position <= exchange->services.engine.committed(exchange->principal.book).position) {
    return route.handler(exchange);
  }
  const auto then = [exchange](bool has_come) { answer_waiter(exchange, has_come); };
  if (!exchange->services.waiters.wait(exchange->principal.book, least->position, view_wait_max, then)) {
    exchange->refuse_busy();
  }
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
  engine.add_commit_listener(impl_->services.waiters.commit_listener());
}

Gateway::~Gateway() = default;

void Gateway::handle(Request request, Responder responder) {
  const auto exchange = std::make_shared<Exchange>(std::move(request), std::move(responder), impl_->services);
  run_guarded(exchange, [&exchange] { dispatch(exchange); });
}

}  // namespace daybook
