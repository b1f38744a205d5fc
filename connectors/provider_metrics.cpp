#include "connectors/provider_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace daybook {
namespace {

/// A provider in the same region answers a read in 50 ms and charges in one to ten seconds.
prometheus::Histogram::BucketBoundaries provider_buckets() {
  return {0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40};
}

}  // namespace

struct ProviderMetrics::Parts {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("provider_requests_total")
                                                          .Help("Requests to payment providers")
                                                          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram()
                                                           .Name("provider_request_seconds")
                                                           .Help("How long requests to payment providers take")
                                                           .Register(registry);
};

ProviderMetrics::ProviderMetrics() : parts_(std::make_unique<Parts>()) {}
ProviderMetrics::~ProviderMetrics() = default;

void ProviderMetrics::request(std::string_view provider, std::string_view operation, std::string_view outcome,
                              std::optional<std::chrono::steady_clock::duration> took) {
  const prometheus::Labels who{{"provider", std::string(provider)}, {"operation", std::string(operation)}};
  prometheus::Labels labels = who;
  labels.emplace("outcome", outcome);
  // Adding a series that is there already gives that one.
  parts_->requests.Add(labels).Increment();
  if (took) parts_->seconds.Add(who, provider_buckets()).Observe(std::chrono::duration<double>(*took).count());
}

std::string ProviderMetrics::text() const {
  return prometheus::TextSerializer().Serialize(parts_->registry.Collect());
}

}  // namespace daybook
