// The background jobs and the ledger's check of itself as clients see them. That the check finds what it must is tested
// with the real one, in tests/verify/run.
#include "doctest/doctest.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// A job that the test runs by hand.
struct HandRunJob {
  bool start() {
    if (found.run.status == JobStatus::running) return false;
    found.run = {};
    found.run.status = JobStatus::running;
    found.run.started_at = Instant{1'800'000'000'000'000};
    next_run_at = never;
    return true;
  }
  void finish(JobStatus status, std::string message, std::string verdict) {
    found.run.status = status;
    found.run.finished_at = found.verdict_at = Instant{1'800'000'007'000'000};
    found.run.message = std::move(message);
    found.verdict = std::move(verdict);
    found.has_failed = status == JobStatus::failed;
    next_run_at = Instant{1'800'086'407'000'000};
  }
  Gateway::Options options() {
    Gateway::Options options = Served::dev_options();
    options.jobs.push_back({.name = "ledger-verify",
                            .period = std::chrono::hours(24),
                            .run = [this] { return found.run; },
                            .next_run_at = [this] { return next_run_at; },
                            .start = [this] { return start(); }});
    options.verification = [this] { return found; };
    return options;
  }
  LedgerVerification found;
  Instant next_run_at{1'800'000'060'000'000};
};

struct WithJob : HandRunJob, Served {
  WithJob() : Served(HandRunJob::options()) {}
  std::vector<Header> as(const std::string& role, const std::string& more = "") {
    return {{"authorization", "Bearer " + make_key(R"("role":")" + role + '"' + more)}};
  }
  std::string health(std::string_view pointer) { return json_at(get("/health/ready").body, pointer); }
  std::string health_of_verification() {
    const std::string body = get("/health/ready").body;
    for (int i = 0; !json_at(body, "/parts/" + std::to_string(i)).empty(); ++i) {
      const std::string part = json_at(body, "/parts/" + std::to_string(i));
      if (json_at(part, "/name") == R"("verification")") return part;
    }
    return {};
  }
};

constexpr std::string_view run_path = "/v1/admin/jobs/ledger-verify/run";

}  // namespace

TEST_CASE_FIXTURE(WithJob, "the list of jobs says when each ran, what came of it, and when it runs next") {
  const Response before = get("/v1/admin/jobs");
  CHECK(before.status == 200);
  CHECK(json_at(before.body, "") ==
        R"({"object":"list","data":[{"object":"job","name":"ledger-verify","schedule":"PT24H","last_run":null,)"
        R"("next_run_at":"2027-01-15T08:01:00Z"}],"has_more":false})");
  start();
  found.run.done = 20;
  found.run.total = 50;
  CHECK(json_at(get("/v1/admin/jobs").body, "/data/0/last_run") ==
        R"({"status":"running","started_at":"2027-01-15T08:00:00Z","finished_at":null,)"
        R"("progress":{"done":20,"total":50},"message":null})");
  CHECK(json_at(get("/v1/admin/jobs").body, "/data/0/next_run_at") == "null");
  finish(JobStatus::failed, "log, position 0:7: damaged", R"({"object":"verification","ok":false})");
  CHECK(json_at(get("/v1/admin/jobs").body, "/data/0/last_run") ==
        R"({"status":"failed","started_at":"2027-01-15T08:00:00Z","finished_at":"2027-01-15T08:00:07Z",)"
        R"("progress":null,"message":"log, position 0:7: damaged"})");
  CHECK(json_at(get("/v1/admin/jobs").body, "/data/0/next_run_at") == R"("2027-01-16T08:00:07Z")");
}

TEST_CASE_FIXTURE(WithJob, "a job is run on demand, and not a second time while it runs") {
  const Response first = post(run_path, "");
  CHECK(first.status == 202);
  CHECK(json_at(first.body, "/name") == R"("ledger-verify")");
  CHECK(json_at(first.body, "/last_run/status") == R"("running")");
  const Response second = post(run_path, "{}");
  CHECK(second.status == 409);
  CHECK(json_at(second.body, "/code") == R"("invalid_transition")");
  CHECK(json_at(second.body, "/from") == R"("running")");
  finish(JobStatus::passed, "", R"({"object":"verification","ok":true})");
  CHECK(post(run_path, "{}").status == 202);
}

TEST_CASE_FIXTURE(WithJob, "what is no job, and what the job does not know, starts nothing") {
  CHECK(post("/v1/admin/jobs/ledger-verif/run", "").status == 404);
  CHECK(post("/v1/admin/jobs/billing-cycle/run", "").status == 404);
  const Response as_of = post(run_path, R"({"as_of":"2027-01-01T00:00:00Z"})");
  CHECK(as_of.status == 400);
  CHECK(json_at(as_of.body, "/errors/0/pointer") == R"("/as_of")");
  CHECK(json_at(as_of.body, "/errors/0/code") == R"("unknown_member")");
  CHECK(post(run_path, "[]").status == 400);
  CHECK(post(run_path, "{").status == 400);
  CHECK(post(run_path, "{}", {{"content-type", "text/plain"}}).status == 415);
  CHECK(post("/v1/admin/jobs/ledger-verify/run?as_of=2027-01-01T00:00:00Z", "").status == 400);
  CHECK(found.run.status == JobStatus::not_run);
}

TEST_CASE_FIXTURE(WithJob, "who may see jobs, run them and read what the ledger found") {
  struct Row {
    std::string role;
    int list, run, verification;
  };
  REQUIRE(post("/v1/accounts", R"({"id":"acme","name":"A","email":"a@a.example"})").status == 201);
  for (const Row& row :
       {Row{"super_admin", 200, 202, 200}, Row{"billing_admin", 200, 403, 200}, Row{"support_rep", 403, 403, 403},
        Row{"finance_viewer", 403, 403, 200}, Row{"auditor", 403, 403, 200}, Row{"account_owner", 403, 403, 403},
        Row{"account_member", 403, 403, 403}, Row{"api_key", 403, 403, 403}}) {
    CAPTURE(row.role);
    found.run = {};
    const bool in_account = row.role == "api_key" || row.role.starts_with("account_");
    const std::vector<Header> key = as(row.role, in_account ? R"(,"account_id":"acme")" : "");
    CHECK(get("/v1/admin/jobs", key).status == row.list);
    CHECK(post(run_path, "", key).status == row.run);
    CHECK((found.run.status == JobStatus::running) == (row.run == 202));
    CHECK(get("/v1/ledger/verify", key).status == row.verification);
  }
  CHECK(get("/v1/ledger/verify", {{"authorization", "Bearer dbk_nobody"}}).status == 401);
}

TEST_CASE("a job is run by a super admin outside the sandbox too") {
  HandRunJob job;
  Served served(job.options(), nullptr, 0, BookMode::live);
  CHECK(served.post(run_path, "").status == 202);
  CHECK(served.get("/v1/admin/clock").status == 404);
}

TEST_CASE_FIXTURE(WithJob, "the last verdict stays to be read while the next one is made, or was stopped") {
  CHECK(json_at(get("/v1/ledger/verify").body, "") ==
        R"({"object":"ledger_verification","status":"never","started_at":null,"finished_at":null,"progress":null,)"
        R"("message":null,"result_at":null,"result":null})");
  start();
  finish(JobStatus::passed, "", R"({"object":"verification","ok":true,"checked":{"events":3}})");
  start();
  const std::string running = get("/v1/ledger/verify").body;
  CHECK(json_at(running, "/status") == R"("running")");
  CHECK(json_at(running, "/result_at") == R"("2027-01-15T08:00:07Z")");
  CHECK(json_at(running, "/result/checked/events") == "3");
}

TEST_CASE_FIXTURE(
    WithJob, "a ledger that does not verify degrades the server, which goes on; what was found is not shown there") {
  CHECK(health_of_verification() == R"({"name":"verification","status":"ok","message":null})");
  start();
  finish(JobStatus::failed, "view balances: row acme", R"({"object":"verification","ok":false})");
  CHECK(get("/health/ready").status == 200);
  CHECK(health("/status") == R"("degraded")");
  CHECK(health_of_verification() ==
        R"({"name":"verification","status":"failed","message":"see GET /v1/ledger/verify"})");
  CHECK(post("/v1/accounts", R"({"id":"acme","name":"A","email":"a@a.example"})").status == 201);
  start();
  CHECK(health("/status") == R"("degraded")");
  finish(JobStatus::passed, "", R"({"object":"verification","ok":true})");
  CHECK(health("/status") == R"("ok")");
}
