// What is counted of requests to payment providers, in Prometheus' text format:
//
//   provider_requests_total{provider,operation,outcome}   counter; outcomes are those of provider_calls
//   provider_request_seconds{provider,operation}          histogram; of the requests that were made
//
// Concurrency: any thread. Limits: a series lives for ever, so labels are names from our own tables, never a
// provider's.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

class ProviderMetrics {
 public:
  ProviderMetrics();
  ~ProviderMetrics();
  ProviderMetrics(const ProviderMetrics&) = delete;
  ProviderMetrics& operator=(const ProviderMetrics&) = delete;

  /// Counts a request; without `took` none was made, because the circuit is open.
  void request(std::string_view provider, std::string_view operation, std::string_view outcome,
               std::optional<std::chrono::steady_clock::duration> took);
  /// Both families as of now, to be served behind other families' text.
  std::string text() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace daybook
