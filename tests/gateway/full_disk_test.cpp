// What clients and operators see of a disk that fills up.
#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/eventstore/faulty_file_system.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::int64_t mib = 1 << 20;
constexpr std::string_view units = "/v1/accounts/acme/unit-credits";

struct FillingDisk : FaultyFileSystem {
  FillingDisk() {
    REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"Acme","email":"a@acme.test","currency":"USD"})").status ==
            201);
    REQUIRE(post(std::string(units) + "/allocate", R"({"amount":100})").status == 201);
    REQUIRE(deduct("before").status == 201);
  }
  ~FillingDisk() { plan().heal(); }

  Response post(std::string_view target, std::string body, std::vector<Header> headers = {}) {
    return served.post(target, std::move(body), std::move(headers));
  }
  Response deduct(const std::string& key) {
    return post(std::string(units) + "/deduct", R"({"amount":1})", {{"idempotency-key", key}});
  }
  std::string store_state() { return json_at(served.get("/health/ready").body, "/parts/0/status"); }
  void wait_for_store(std::string_view state) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (store_state() != state) {
      if (std::chrono::steady_clock::now() > give_up) FAIL("waited a minute in vain");
      std::this_thread::yield();
    }
  }
  bool has_metric(const std::string& line) {
    return served.get("/metrics").body.find("\n" + line + "\n") != std::string::npos;
  }

  Served served{Served::dev_options(), env(), 64 * mib};
};

}  // namespace

TEST_CASE_FIXTURE(FillingDisk, "at the reserve commands get 507 and reads their answer, until there is room again") {
  plan().free_bytes = 10 * mib;
  wait_for_store("\"full\"");
  const Response ready = served.get("/health/ready");
  CHECK(ready.status == 200);  // Reads are served: a balancer must not take them away.
  CHECK(json_at(ready.body, "/status") == "\"degraded\"");
  CHECK(json_at(ready.body, "/parts/0/message").find("64 MiB") != std::string::npos);
  CHECK(has_metric("store_full 1"));
  CHECK(has_metric("store_ready 1"));
  CHECK(has_metric("store_free_bytes 10485760"));

  const Response refused = deduct("refused");
  CHECK(refused.status == 507);
  CHECK(json_at(refused.body, "/code") == "\"storage_full\"");
  CHECK_FALSE(header_of(refused, "Retry-After").empty());
  const Response bulk =
      post("/v1/commands", R"([{"command":"DeductUnitCredits","account_id":"acme","params":{"amount":1}}])");
  CHECK(bulk.status == 200);
  CHECK(json_at(bulk.body, "/0/status") == "507");

  CHECK(header_of(deduct("before"), "Idempotent-Replayed") == "true");
  CHECK(json_at(served.get(units).body, "/available") == "99");
  for (const auto path : {"/v1/accounts", "/v1/accounts/acme/timeline", "/v1/events", "/v1/ledger/trial-balance"}) {
    CHECK(served.get(path).status == 200);
  }

  plan().free_bytes = 64 * mib;
  wait_for_store("\"ok\"");
  CHECK(has_metric("store_full 0"));
  const Response accepted = deduct("refused");
  CHECK(accepted.status == 201);
  CHECK(header_of(accepted, "Idempotent-Replayed").empty());
}

TEST_CASE_FIXTURE(FillingDisk,
                  "with no byte left accounts are answered from the log, unless something of theirs is due") {
  REQUIRE(post(std::string(units) + "/reservations", R"({"amount":9,"ttl_seconds":60})").status == 201);
  const std::string before = served.get(units).body;
  plan().no_room = true;
  CHECK(deduct("refused").status == 507);
  wait_for_store("\"full\"");
  CHECK(served.get("/health/ready").status == 200);
  CHECK(served.get(units).body == before);
  CHECK(served.get("/v1/accounts/nobody").status == 404);
  for (const auto path : {"/v1/accounts", "/v1/accounts/acme", "/v1/accounts/acme/timeline", "/v1/events"}) {
    CHECK(served.get(path).status == 200);
  }
  served.clock.now_us += 61 * micros_per_second;
  CHECK(served.get(units).status == 503);
  plan().heal();
  wait_for_store("\"ok\"");
  CHECK(json_at(served.get(units).body, "/reserved") == "0");
  CHECK(deduct("refused").status == 201);
}
