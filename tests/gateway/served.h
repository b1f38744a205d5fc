// The gateway over a real engine and real views in a temporary directory, driven without sockets.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/payment_collector.h"
#include "connectors/simulated_provider.h"
#include "engine/engine.h"
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "projections/projections.h"

namespace daybook::test {

/// A clock that stands still until it is told.
class StandingClock final : public Clock {
 public:
  Instant now() override { return Instant{now_us.load()}; }
  std::atomic<std::int64_t> now_us{1'800'000'000'000'000};
};

class Served {
 public:
  /// `env` and `free_bytes_min` are the engine's, for a disk that fails; `mode` is that of the first book.
  explicit Served(Gateway::Options options = dev_options(), rocksdb::Env* env = nullptr,
                  std::uint64_t free_bytes_min = 0, BookMode mode = BookMode::test);
  ~Served();

  static Gateway::Options dev_options();
  /// Sends the request and waits for the answer. `target` may have a query. Without an Authorization header among
  /// `headers` it is the developer's key.
  Response call(Method method, std::string_view target, std::string body = {}, std::vector<Header> headers = {});
  Response get(std::string_view target, std::vector<Header> headers = {}) {
    return call(Method::get, target, {}, std::move(headers));
  }
  Response post(std::string_view target, std::string body, std::vector<Header> headers = {}) {
    return call(Method::post, target, std::move(body), std::move(headers));
  }
  /// The ids of the rows of the list at that path, separated by blanks.
  std::string ids(const std::string& path);
  /// The text of a new key of that role.
  std::string make_key(std::string_view members);

  StandingClock clock;
  SimulatedProvider simulator;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Projections> projections;
  std::unique_ptr<PaymentCollector> collector;  ///< Collects with the simulator.
  Metrics metrics;
  std::unique_ptr<Gateway> gateway;

 private:
  std::filesystem::path directory_;
};

/// The header's value, empty if absent.
std::string header_of(const Response& response, std::string_view name);
/// The value at a JSON pointer as JSON text; empty if there is none.
std::string json_at(std::string_view json, std::string_view pointer);
/// A JSON string without its quotes; shorter than two it stays.
std::string unquoted(const std::string& json);

}  // namespace daybook::test
