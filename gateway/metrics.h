// The process's metrics, in Prometheus' text format. Names and labels stand at each member. Knows what is
// counted, not how it is served.
//
// Concurrency: any thread. A series already seen costs one hash lookup under a mutex and no allocation.
// Limits: a series lives for ever, so labels are route patterns, codes and names from our own tables, never a client's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http_message.h"

namespace daybook {

class Metrics {
 public:
  using Label = std::pair<std::string_view, std::string_view>;
  using Labels = std::initializer_list<Label>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// api_request_duration_seconds{route,method,status}. `route` is the pattern ("/v1/accounts/{id}").
  void request(std::string_view route, Method method, int status, double seconds);
  /// api_errors_total{route,code}
  void error(std::string_view route, std::string_view code);
  /// idempotent_replays_total
  void idempotent_replay();
  /// rate_limited_total{policy}
  void rate_limited(std::string_view policy);
  /// events_appended_total{type}
  void events_appended(std::string_view type, std::uint64_t count = 1);
  /// append_seconds: one group's synced write.
  void append(double seconds);
  /// projection_reads_total{projection}
  void projection_read(std::string_view projection);
  /// cache_hits_total{cache}
  void cache_hit(std::string_view cache);
  /// cache_misses_total{cache}
  void cache_miss(std::string_view cache);

  /// Sets a gauge: relay_backlog_events, projection_lag_events{projection}, projection_lag_seconds{projection},
  /// store_memory_bytes{kind}, or any other name that is not taken by another kind of metric.
  /// Throws std::invalid_argument if Prometheus does not allow the name or a label.
  void set_gauge(std::string_view name, Labels labels, double value);
  /// Adds to a counter of any other name; the same rules.
  void count(std::string_view name, Labels labels, double amount = 1);

  /// Everything above and process_* (resident memory, CPU seconds, open descriptors, start time), as of now.
  std::string text();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
