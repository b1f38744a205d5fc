#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gateway/metrics.h"

using namespace daybook;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("every metric appears under its name and labels") {
  Metrics metrics;
  metrics.request("/v1/accounts/{id}", Method::get, 200, 0.002);
  metrics.request("/v1/accounts/{id}", Method::get, 200, 0.02);
  metrics.request("/v1/accounts/{id}", Method::get, 404, 0.02);
  metrics.error("/v1/accounts/{id}", "not_found");
  metrics.idempotent_replay();
  metrics.rate_limited("key");
  metrics.events_appended("CreditApplied", 3);
  metrics.append(0.0002);
  metrics.projection_read("balances");
  metrics.cache_hit("plans");
  metrics.cache_miss("plans");
  metrics.set_gauge("relay_backlog_events", {}, 7);
  metrics.set_gauge("projection_lag_events", {{"projection", "balances"}}, 5);
  metrics.set_gauge("projection_lag_events", {{"projection", "balances"}}, 4);
  metrics.set_gauge("projection_lag_seconds", {{"projection", "balances"}}, 0.5);
  metrics.set_gauge("store_memory_bytes", {{"kind", "memtable"}}, 1024);
  metrics.count("refunds_total", {{"status", "succeeded"}});
  metrics.count("refunds_total", {{"status", "succeeded"}}, 2);

  const std::string text = metrics.text();
  for (const char* line : {
           R"(api_request_duration_seconds_count{method="GET",route="/v1/accounts/{id}",status="200"} 2)",
           R"(api_request_duration_seconds_bucket{method="GET",route="/v1/accounts/{id}",status="200",le="0.0025"} 1)",
           R"(api_request_duration_seconds_count{method="GET",route="/v1/accounts/{id}",status="404"} 1)",
           R"(api_errors_total{code="not_found",route="/v1/accounts/{id}"} 1)",
           R"(idempotent_replays_total 1)",
           R"(rate_limited_total{policy="key"} 1)",
           R"(events_appended_total{type="CreditApplied"} 3)",
           R"(append_seconds_count 1)",
           R"(projection_reads_total{projection="balances"} 1)",
           R"(cache_hits_total{cache="plans"} 1)",
           R"(cache_misses_total{cache="plans"} 1)",
           R"(relay_backlog_events 7)",
           R"(projection_lag_events{projection="balances"} 4)",
           R"(projection_lag_seconds{projection="balances"} 0.5)",
           R"(store_memory_bytes{kind="memtable"} 1024)",
           R"(refunds_total{status="succeeded"} 3)",
       }) {
    CHECK_MESSAGE(has_line(text, line), line << "\n" << text);
  }
}

TEST_CASE("the process's own figures are plausible") {
  Metrics metrics;
  const std::string text = metrics.text();
  const auto value_of = [&text](const std::string& name) {
    const std::size_t at = ("\n" + text).find("\n" + name + " ");
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size() + 1));
  };
  CHECK(value_of("process_resident_memory_bytes") > 1e6);
  CHECK(value_of("process_cpu_seconds_total") >= 0);
  CHECK(value_of("process_open_fds") >= 3);
  CHECK(value_of("process_start_time_seconds") > 1.7e9);
}

TEST_CASE("a name cannot be two kinds of metric") {
  Metrics metrics;
  CHECK_THROWS_AS(metrics.set_gauge("append_seconds", {}, 1), std::invalid_argument);
  CHECK_THROWS_AS(metrics.set_gauge("not a name", {}, 1), std::invalid_argument);
  CHECK_THROWS_AS(metrics.count("relay_backlog_events", {}), std::invalid_argument);
}

TEST_CASE("threads count together") {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&metrics] {
        for (int i = 0; i < 1000; ++i) metrics.cache_hit("plans");
      });
    }
  }
  CHECK(has_line(metrics.text(), R"(cache_hits_total{cache="plans"} 4000)"));
}
