// The background jobs, and what the ledger's check of itself has found.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "domain/assert.h"
#include "gateway/command_parser.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

void append_progress(JsonText& json, const JobRun& run) {
  json.key("progress");
  if (run.status != JobStatus::running || run.total == 0) {
    json.null();
    return;
  }
  json.begin_object().member("done", run.done).member("total", run.total).end_object();
}

/// Members of the object that is open.
void append_run(JsonText& json, const JobRun& run) {
  json.member("status", to_text(run.status));
  instant_member(json, "started_at", run.started_at);
  instant_member(json, "finished_at", run.finished_at);
  append_progress(json, run);
  member_or_null(json, "message", run.message);
}

void append_job(JsonText& json, const Job& job) {
  const JobRun run = job.run();
  json.begin_object().member("object", "job").member("name", job.name);
  member_or_null(json, "schedule", job.period.count() > 0 ? "PT" + std::to_string(job.period.count()) + "H" : "");
  json.key("last_run");
  if (run.status == JobStatus::not_run) {
    json.null();
  } else {
    json.begin_object();
    append_run(json, run);
    json.end_object();
  }
  instant_member(json, "next_run_at", job.next_run_at());
  json.end_object();
}

}  // namespace

std::string_view to_text(JobStatus status) {
  switch (status) {
    case JobStatus::not_run:
      return "never";
    case JobStatus::running:
      return "running";
    case JobStatus::passed:
      return "passed";
    case JobStatus::failed:
      return "failed";
    case JobStatus::stopped:
      return "stopped";
  }
  bug("a job status without a text");
}

void list_jobs(ExchangePtr exchange) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "list").key("data").begin_array();
  for (const Job& job : exchange->services.options.jobs) append_job(json, job);
  json.end_array().member("has_more", false).end_object();
  exchange->send(200, std::move(body));
}

void run_job(ExchangePtr exchange) {
  const auto& jobs = exchange->services.options.jobs;
  const auto job = std::ranges::find(jobs, exchange->path[0], &Job::name);
  if (job == jobs.end()) return exchange->refuse(RejectionCode::not_found);
  // The jobs that roles with a limit may run are those that bill.
  const bool is_limited = access_of(Permission::jobs_run, exchange->principal.role) == Access::limited;
  if (is_limited && !job->is_of_billing) {
    return exchange->refuse(RejectionCode::forbidden, "This job is run by a super admin.");
  }
  if (!accept_json(exchange)) return;
  if (Faults faults = parse_no_members(exchange->request.body); !faults.empty()) {
    return exchange->refuse(std::move(faults));
  }
  if (!job->start()) {
    Problem problem;
    problem.code = RejectionCode::invalid_transition;
    problem.detail = "The job is running.";
    problem.details = {{"from", std::string("running")},
                       {"to", std::string("running")},
                       {"allowed", std::string("passed, failed, stopped")}};
    return exchange->refuse(problem);
  }
  spdlog::info("request {}: {} started the job {}", exchange->request_id, exchange->principal.name, job->name);
  std::string body;
  JsonText json(body);
  append_job(json, *job);
  exchange->send(202, std::move(body));
}

void get_verification(ExchangePtr exchange) {
  const auto& verification = exchange->services.options.verification;
  const LedgerVerification found = verification ? verification() : LedgerVerification();
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "ledger_verification");
  append_run(json, found.run);
  instant_member(json, "result_at", found.verdict_at);
  json.key("result");
  if (found.verdict.empty()) {
    json.null();
  } else {
    json.raw(found.verdict);
  }
  json.end_object();
  exchange->send(200, std::move(body));
}

}  // namespace daybook
