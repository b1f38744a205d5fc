// Health, metrics and the description of the API.
#include "docs_page.h"
#include "engine/clock.h"
#include "gateway/exchange.h"
#include "gateway/handlers.h"
#include "gateway/services.h"
#include "openapi_json.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

constexpr double lag_seconds_tolerated = 30;
constexpr std::size_t parked_accounts_counted_max = 10'000;

struct Readiness {
  bool is_ready = true;
  bool is_degraded = false;
  std::string body;
};

/// Commands and reads of accounts need the store. A full disk refuses commands only, so the server stays ready for
/// reads; lagging or failed views, an absent Kafka and a ledger that does not verify degrade what is shown, not what is
/// taken.
Readiness readiness_of(Services& services) {
  Readiness result;
  std::string parts;
  JsonText json(parts);
  const auto part = [&](std::string_view name, std::string_view status, std::string_view message) {
    json.begin_object().member("name", name).member("status", status).key("message");
    if (message.empty()) {
      json.null();
    } else {
      json.string(message);
    }
    json.end_object();
    result.is_degraded = result.is_degraded || status != "ok";
  };
  json.begin_array();
  const bool is_full = services.engine.is_full();
  result.is_ready = services.engine.is_ready() || is_full;
  part("store", is_full ? "full" : result.is_ready ? "ok" : "failed", services.engine.status());
  for (const ViewStatus& view : services.projections.status(wall_clock().now())) {
    const bool is_behind = view.state != ViewState::live || view.lag_seconds > lag_seconds_tolerated;
    part("projection " + std::string(to_text(view.name)),
         view.state == ViewState::failed ? "failed"
         : is_behind                     ? "degraded"
                                         : "ok",
         view.message);
  }
  if (services.kafka) {
    const KafkaStatus kafka = services.kafka();
    if (kafka.is_configured) {
      const std::string why = kafka.message.empty() ? "not reachable" : kafka.message;
      part("kafka",
           kafka.is_connected ? "ok"
           : kafka.is_halted  ? "failed"
                              : "degraded",
           kafka.is_connected ? std::string() : why + "; " + std::to_string(kafka.backlog_events) + " events wait");
    }
  }
  if (services.options.verification) {
    // What it found may name accounts, and this answers without a key.
    const bool has_failed = services.options.verification().has_failed;
    part("verification", has_failed ? "failed" : "ok", has_failed ? "see GET /v1/ledger/verify" : "");
  }
  json.end_array();
  result.body = R"({"status":")";
  result.body += !result.is_ready ? "unavailable" : result.is_degraded ? "degraded" : "ok";
  result.body += "\",\"parts\":" + parts + "}";
  return result;
}

}  // namespace

void get_health(ExchangePtr exchange) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("status", "ok").member("version", exchange->services.options.version).end_object();
  exchange->send(200, std::move(body));
}

void get_readiness(ExchangePtr exchange) {
  Readiness readiness = readiness_of(exchange->services);
  exchange->send(readiness.is_ready ? 200 : 503, std::move(readiness.body));
}

void get_metrics(ExchangePtr exchange) {
  Services& services = exchange->services;
  if (!services.options.open_metrics) return exchange->refuse(RejectionCode::not_found);
  const Engine::Counters counters = services.engine.counters();
  services.metrics.set_gauge("store_memory_bytes", {{"kind", "state_cache"}},
                             static_cast<double>(counters.state_cache_bytes));
  services.metrics.set_gauge("engine_queue_length", {}, static_cast<double>(counters.queue_length));
  for (const ViewStatus& view : services.projections.status(wall_clock().now())) {
    const std::string_view name = to_text(view.name);
    services.metrics.set_gauge("projection_lag_events", {{"projection", name}}, static_cast<double>(view.lag_events));
    services.metrics.set_gauge("projection_lag_seconds", {{"projection", name}}, view.lag_seconds);
  }
  services.metrics.set_gauge("accounts_parked", {},
                             static_cast<double>(services.projections.accounts().parked(parked_accounts_counted_max)));
  services.metrics.set_gauge("store_free_bytes", {}, static_cast<double>(services.engine.log().free_disk_bytes()));
  services.metrics.set_gauge("store_full", {}, services.engine.is_full() ? 1 : 0);
  services.metrics.set_gauge("store_ready", {}, services.engine.is_ready() ? 1 : 0);
  if (services.kafka) {
    const KafkaStatus kafka = services.kafka();
    services.metrics.set_gauge("relay_backlog_events", {}, static_cast<double>(kafka.backlog_events));
    if (kafka.is_configured) services.metrics.set_gauge("relay_connected", {}, kafka.is_connected ? 1 : 0);
  }
  exchange->send(200, services.metrics.text(), {}, "text/plain; version=0.0.4; charset=utf-8");
}

void get_openapi(ExchangePtr exchange) {
  exchange->send(200, std::string(openapi_json()));
}

void get_docs(ExchangePtr exchange) {
  exchange->send(200, std::string(docs_page()),
                 {{"Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"}},
                 "text/html; charset=utf-8");
}

}  // namespace daybook
