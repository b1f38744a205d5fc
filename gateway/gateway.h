// The HTTP interface: requests in, commands and reads to the engine and the views, answers out. No billing rule.
//
// Operation: handle() finds the route, authenticates, checks permission and rate limit, reads the request strictly, and
// hands it on: commands and reads of one account to the engine, everything that touches the disk to a small pool of
// reader threads. It never blocks; the answer comes on whatever thread has it.
// Concurrency: handle() from any thread. The objects named in the constructor must outlive this one; stop serving and
// wait for what is under way (Engine::stop) before it is destroyed.
// Limits: gateway/field_rule.h, gateway/bulk_limits.h, gateway/reader_pool.h, gateway/event_streams.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/payment_method.h"
#include "domain/provider_message.h"
#include "gateway/event_streams.h"
#include "gateway/http_message.h"
#include "gateway/jobs.h"
#include "gateway/rate_limiter.h"

namespace daybook {

class Engine;
class Metrics;
class Projections;

/// The relay to Kafka as /health/ready shows it.
struct KafkaStatus {
  bool is_configured = false;
  bool is_connected = false;
  bool is_halted = false;  ///< Kafka and the log contradict each other: an operator must act.
  std::uint64_t backlog_events = 0;
  std::string message;  ///< Why it is not connected; may be empty.
};

inline constexpr std::chrono::milliseconds payment_wait_max{10'000};

class Gateway {
 public:
  struct Options {
    bool dev = false;  ///< The key dbk_dev is the super admin of the book `default`. Loopback listeners only.
    bool log_requests = true;
    bool open_metrics = true;  ///< /metrics answers without a key: for loopback and admin listeners.
    std::uint64_t requests_per_hour = rate_limit_default_per_hour;  ///< Of one API key; 0: no limit.
    std::size_t event_streams_max = daybook::event_streams_max;
    std::uint32_t event_stream_heartbeat_ms = daybook::event_stream_heartbeat_ms;
    std::string version = "0.1.0";
    /// Asks the payment provider of test books what is behind a token; live ones have none. Any thread, without
    /// waiting. Empty: there is no provider.
    std::function<ProviderMethod(std::string_view token)> find_payment_method = {};
    /// Reads what the payment provider of test books offers. Any thread. Empty: there is no provider.
    std::function<ProviderCatalogue()> read_catalogue = {};
    /// Checks and reads what the provider of that name posts. Any thread, without waiting. Empty: nobody posts here.
    std::function<ProviderMessage(std::string_view provider, const Request& request)> read_webhook = {};
    /// On whose page checkouts of test books are completed; empty: nobody would tell of it.
    std::string checkout_provider = {};
    std::chrono::milliseconds payment_wait = payment_wait_max;  ///< How long answers wait for what they charge.
    std::vector<Job> jobs = {};
    /// What the ledger's check of itself has found. Any thread, without waiting. Empty: nobody checks.
    std::function<LedgerVerification()> verification = {};
  };

  /// Listens to the engine's commits. `kafka` may be empty: no relay. Throws std::logic_error if the table of routes is
  /// inconsistent.
  Gateway(Options options, Engine& engine, Projections& projections, std::function<KafkaStatus()> kafka,
          Metrics& metrics);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  void handle(Request request, Responder responder);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
