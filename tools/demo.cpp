// daybook demo: fills a book with a company's plans, customers and history, through the public API on a test clock.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "domain/civil.h"
#include "domain/instant.h"
#include "eventstore/fault.h"
#include "gateway/api_keys.h"
#include "tools/command_line.h"
#include "tools/demo_company.h"
#include "tools/http_client.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct DemoOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string key = std::string(dev_key_text);
  std::uint32_t accounts = 200, months = 18;
  std::uint64_t seed = 1;
  std::string until;
  bool json = false;
};

constexpr std::int64_t week_us = 7 * micros_per_day;
constexpr int busy_tries = 60;

class Demonstration {
 public:
  explicit Demonstration(const DemoOptions& options)
      : options_(options),
        server_(server_of(options.url)),
        random_(options.seed),
        end_(options.until.empty() ? today() : time_option("--until", options.until)),
        start_(months_before(end_, options.months)),
        weeks_(static_cast<std::uint32_t>((micros(end_) - micros(start_)) / week_us)) {}

  void run() {
    set_up();
    Progress progress("making history", "weeks", options_.json);
    for (std::uint32_t week = 0; week < weeks_; ++week) {
      for (const DemoCustomer& customer : customers_) {
        if (customer.week == week) begin(customer);
      }
      for (auto& [customer, subscription] : live_) live(*customer, subscription);
      advance(Instant{micros(start_) + (week + 1) * week_us});
      progress.update(week + 1, weeks_);
    }
    advance(end_);
  }
  void report();

 private:
  static Instant today() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    return Instant{us / micros_per_day * micros_per_day};
  }
  static Instant months_before(Instant end, std::uint32_t months) {
    const Date date = add_months_clamped(civil_from_days(micros(end) / micros_per_day), -static_cast<int>(months));
    return Instant{days_from_civil(date) * micros_per_day};
  }

  /// Waits where the server asks for it.
  HttpReply ask(const std::string& method, const std::string& path, const std::string& body) {
    for (int tries = 0;; ++tries) {
      HttpReply reply = http_request(method, server_, path, options_.key, body);
      ++requests_;
      const bool is_busy = reply.status == 429 || reply.status == 503;
      if (!is_busy || tries == busy_tries) return reply;
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
    }
  }
  /// Throws StorageFault with the answer if it has not happened.
  HttpReply must(const std::string& method, const std::string& path, const std::string& body) {
    HttpReply reply = ask(method, path, body);
    if (!has_happened(reply)) refuse(method, path, reply);
    return reply;
  }
  /// Where a charge was declined, what was asked for has happened all the same.
  bool has_happened(const HttpReply& reply) {
    const bool is_declined = reply.status == 402 && !member_of(reply.body, "/id").empty();
    if (is_declined) ++done_["charges declined at once"];
    return reply.status < 300 || is_declined;
  }
  [[noreturn]] static void refuse(const std::string& method, const std::string& path, const HttpReply& reply) {
    throw StorageFault(fmt::format("{} {} was answered with {}: {}", method, path, reply.status, reply.body));
  }
  /// What the state of things may refuse; then it just does not happen.
  bool may(const std::string& what, const std::string& path, const std::string& body) {
    const HttpReply reply = ask("POST", path, body);
    const bool is_refused = reply.status == 409 || reply.status == 422;
    if (!is_refused && !has_happened(reply)) refuse("POST", path, reply);
    ++done_[is_refused ? "refused" : what];
    return !is_refused;
  }

  void set_up() {
    const HttpReply known = ask("GET", "/v1/plans/demo-starter", {});
    if (known.status == 200) {
      throw std::invalid_argument("this book has the demonstration's plans already: take an empty one");
    }
    if (known.status != 404) throw StorageFault("the server says: " + known.body);
    clock_ = member_of(must("POST", "/v1/test-clocks",
                            fmt::format(R"({{"name":"Demonstration","frozen_time":"{}"}})", format_rfc3339(start_)))
                           .body,
                       "/id");
    if (member_of(must("GET", "/v1/admin/policies/tax.seller", {}).body, "/country").empty()) {
      must("PUT", "/v1/admin/policies/tax.seller", R"({"country":"DE"})");
    }
    for (const DemoRequest& request : demo_catalogue()) must(request.method, request.path, request.body);
    for (std::uint32_t i = 1; i <= options_.accounts; ++i) {
      customers_.push_back(demo_customer(random_, i, weeks_, clock_));
    }
  }

  void begin(const DemoCustomer& customer) {
    must("POST", "/v1/accounts", customer.body);
    std::string body = fmt::format(R"({{"account_id":"{}","plan_id":"{}","interval":"{}","quantity":{})", customer.id,
                                   customer.plan, customer.interval, customer.seats);
    if (!customer.coupon.empty()) body += fmt::format(R"(,"coupon":"{}")", customer.coupon);
    const HttpReply reply = must("POST", "/v1/subscriptions", body + "}");
    live_.emplace_back(&customer, member_of(reply.body, "/id"));
    ++done_["subscribed"];
  }

  /// What a customer does in a week: mostly nothing.
  void live(const DemoCustomer& customer, const std::string& subscription) {
    const std::string path = "/v1/subscriptions/" + subscription;
    if (random_.chance(12)) change_plan(path);
    if (random_.chance(20) && has_seats(customer.plan)) {
      const bool is_more = random_.chance(700);
      const std::size_t seats = 1 + random_.below(3);
      may(is_more ? "seats added" : "seats removed", path + "/quantity",
          fmt::format(R"({{"delta":{}{}}})", is_more ? "" : "-", seats));
    }
    if (random_.chance(5)) {
      const Instant resumes{micros(start_) +
                            (week_of_clock() + 2 + static_cast<std::int64_t>(random_.below(7))) * week_us};
      may("paused", path + "/pause",
          fmt::format(R"({{"resumes_at":"{}","reason":"Nothing to do just now"}})", format_rfc3339(resumes)));
    }
    if (random_.chance(4) && may("cancelled", path + "/cancel", R"({"reason":"Too expensive"})") &&
        random_.chance(400)) {
      may("taken back", path + "/reactivate", "{}");
    }
    if (random_.chance(6)) credit(customer);
    if (random_.chance(4)) credit_note(customer);
  }

  void change_plan(const std::string& path) {
    const std::string plan = member_of(must("GET", path, {}).body, "/plan_id");
    const std::string next = other_plan(random_, plan);
    const bool is_upgrade = rank_of(next) > rank_of(plan);
    may(is_upgrade ? "upgraded" : "downgrades scheduled", path + (is_upgrade ? "/upgrade-now" : "/downgrade"),
        fmt::format(R"({{"plan_id":"{}","interval":"month","reason":"{}"}})", next,
                    is_upgrade ? "We grow" : "We save"));
  }

  void credit(const DemoCustomer& customer) {
    const std::string currency = member_of(must("GET", "/v1/accounts/" + customer.id, {}).body, "/currency");
    may("credits", "/v1/credits",
        fmt::format(R"({{"account_id":"{}","amount":{},"currency":"{}","type":"goodwill","reason":"An hour offline"}})",
                    customer.id, 500 * (1 + random_.below(10)), currency));
  }

  void credit_note(const DemoCustomer& customer) {
    const std::string invoices = must("GET", "/v1/invoices?limit=1&account_id=" + customer.id, {}).body;
    const std::string total = member_of(invoices, "/data/0/total");
    if (total.empty() || total == "0") return;
    const std::int64_t amount = std::max<std::int64_t>(std::stoll(total) / 10, 1);
    may("credit notes", "/v1/credit-notes",
        fmt::format(R"({{"invoice_id":"{}","amount":{},"reason":"Delivered late"}})", member_of(invoices, "/data/0/id"),
                    amount));
  }

  std::int64_t week_of_clock() const { return (micros(at_) - micros(start_)) / week_us; }
  void advance(Instant to) {
    at_ = std::min(to, end_);
    must("POST", "/v1/test-clocks/" + clock_ + "/advance?wait=true",
         fmt::format(R"({{"to":"{}"}})", format_rfc3339(at_)));
  }

  struct Sums {
    std::uint64_t invoices = 0;
    std::int64_t total = 0, due = 0;
  };
  std::map<std::string, Sums> sums_by_currency();

  const DemoOptions& options_;
  const std::string server_;
  DemoRandom random_;
  Instant end_, start_;
  std::uint32_t weeks_;
  Instant at_ = start_;
  std::string clock_;
  std::vector<DemoCustomer> customers_;
  std::vector<std::pair<const DemoCustomer*, std::string>> live_;  ///< With their subscriptions.
  std::map<std::string, std::uint64_t> done_;
  std::uint64_t requests_ = 0;
};

std::map<std::string, Demonstration::Sums> Demonstration::sums_by_currency() {
  std::map<std::string, Sums> sums;
  std::string after;
  for (bool has_more = true; has_more;) {
    const std::string page = must("GET", "/v1/invoices?limit=200" + after, {}).body;
    simdjson::dom::parser parser;
    const simdjson::dom::element list = parser.parse(page);
    for (const simdjson::dom::element invoice : list["data"]) {
      Sums& of_currency = sums[std::string(std::string_view(invoice["currency"]))];
      std::int64_t total = 0;
      ++of_currency.invoices;
      if (invoice["total"].get(total) == simdjson::SUCCESS) of_currency.total += total;
      of_currency.due += std::int64_t(invoice["amount_remaining"]);
      after = "&starting_after=" + std::string(std::string_view(invoice["id"]));
    }
    has_more = bool(list["has_more"]);
  }
  return sums;
}

void Demonstration::report() {
  const std::map<std::string, Sums> sums = sums_by_currency();
  if (options_.json) {
    std::string rows;
    for (const auto& [currency, row] : sums) {
      rows += fmt::format(R"({}{{"currency":"{}","invoices":{},"total":{},"amount_remaining":{}}})",
                          rows.empty() ? "" : ",", currency, row.invoices, row.total, row.due);
    }
    fmt::print(R"({{"object":"demonstration","accounts":{},"test_clock":"{}","requests":{},"sums":[{}]}})"
               "\n",
               customers_.size(), clock_, requests_, rows);
    return;
  }
  fmt::print("{} customers, {} to {}, by the test clock {}:\n", customers_.size(), format_rfc3339(start_),
             format_rfc3339(end_), clock_);
  for (const auto& [what, count] : done_) fmt::print("  {:>6} {}\n", count, what);
  fmt::print("\nInvoices, in minor units:\n");
  for (const auto& [currency, row] : sums) {
    fmt::print("  {} {:>6} invoices, {:>12} in all, {:>12} still owed\n", currency, row.invoices, row.total, row.due);
  }
  const std::string changed =
      member_of(must("GET", "/v1/events?limit=1&type=ProrationCalculated", {}).body, "/data/0/data/subscription");
  const std::string first = changed.empty() ? live_.front().second : changed;
  const std::string invoice =
      member_of(must("GET", "/v1/invoices?limit=1&subscription_id=" + first, {}).body, "/data/0/id");
  fmt::print("\nWhere to look, with the header \"Authorization: Bearer $DAYBOOK_KEY\":\n");
  for (const auto& [path, what] : std::initializer_list<std::pair<std::string, std::string>>{
           {"/v1/subscriptions/" + first + "/history", "what a customer changed"},
           {"/v1/invoices?subscription_id=" + first, "what that was billed"},
           {"/v1/invoices/" + invoice + "/explain", "how an invoice came about"},
           {"/v1/subscriptions/" + first + "/upcoming-invoice", "what comes next"},
           {"/v1/subscriptions?status=paused", "who pauses"},
           {"/v1/credit-notes", "credit notes"},
           {"/v1/ledger/trial-balance", "the books"},
           {"/v1/events?limit=20", "how it began"}}) {
    fmt::print("  http://{}{}\n      {}\n", server_, path, what);
  }
}

int run_demo(const DemoOptions& options) {
  Demonstration demonstration(options);
  demonstration.run();
  demonstration.report();
  return exit_done;
}

}  // namespace

void add_demo(Subcommand app, Action& action) {
  const auto options = std::make_shared<DemoOptions>();
  const Subcommand command =
      app.subcommand("demo", "Fill a test book with a made-up company and its history of billing");
  command.add_option("--url", &options->url, "The server's").shows_default();
  command.add_option("--key", &options->key, "API key of a super or billing admin").envname("DAYBOOK_KEY");
  command.add_option("--accounts", &options->accounts, "How many customers").between(1, 999).shows_default();
  command.add_option("--months", &options->months, "How much history").between(1, 120).shows_default();
  command.add_option("--until", &options->until, "Where history ends, RFC 3339; today if it is not given");
  command.add_option("--seed", &options->seed, "Another seed, another history").shows_default();
  command.add_flag("--json", options->json, "The result as JSON");
  command.footer(
      "Goes through the API of a running server, on a test clock of its own.\n\n"
      "Examples:\n  daybook serve --dev --data ./data &\n  daybook demo\n  daybook demo --accounts 50 --months 6 "
      "--seed 7");
  command.callback([options, &action] { action = [options] { return run_demo(*options); }; });
}

}  // namespace daybook
