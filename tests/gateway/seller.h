// A served book that sells: accounts, plans, and what is done to their subscriptions.
#pragma once

#include <string>

#include "doctest/doctest.h"
#include "tests/gateway/served.h"

namespace daybook::test {

struct Seller : Served {
  Seller() {
    for (const char* id : {"acme", "other"}) {
      REQUIRE(post("/v1/accounts", R"({"id":")" + std::string(id) +
                                       R"(","name":"A","email":"a@b.example","time_zone":"Europe/Berlin"})")
                  .status == 201);
    }
    REQUIRE(post("/v1/plans", R"({"id":"pro","name":"Pro","prices":[{"currency":"USD","amount":1000},)"
                              R"({"currency":"USD","interval":"year","model":"per_seat","amount":"99.5"}]})")
                .status == 201);
    REQUIRE(post("/v1/plans", R"({"id":"try","name":"Try","trial_days":7,"prices":[{"currency":"USD","amount":500}]})")
                .status == 201);
  }
  Response subscribe(const std::string& more = {}, const std::string& plan = "pro",
                     const std::string& account = "acme") {
    return post("/v1/subscriptions", R"({"account_id":")" + account + R"(","plan_id":")" + plan + '"' + more + "}");
  }
  std::string subscribed(const std::string& more = {}, const std::string& plan = "pro",
                         const std::string& account = "acme") {
    const Response answer = subscribe(more, plan, account);
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return unquoted(json_at(answer.body, "/id"));
  }
  Response act(const std::string& id, const std::string& what, const std::string& body = "{}") {
    return post("/v1/subscriptions/" + id + "/" + what, body);
  }
  void pass_days(std::int64_t days) { clock.now_us += days * micros_per_day; }
};

}  // namespace daybook::test
