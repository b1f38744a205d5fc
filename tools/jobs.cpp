// daybook job: what a server does by itself in the background, listed and started.
#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "eventstore/fault.h"
#include "gateway/api_keys.h"
#include "tools/command_line.h"
#include "tools/http_client.h"

namespace daybook {
namespace {

constexpr std::chrono::milliseconds look_pause{200};  ///< Between two looks at a run.
constexpr std::string_view jobs_path = "/v1/admin/jobs";

struct JobOptions {
  std::string name;
  std::string url = "http://127.0.0.1:8080";
  std::string key = std::string(dev_key_text);
  bool json = false;
};

std::string jobs_of(const JobOptions& options) {
  const HttpReply reply = http_request("GET", server_of(options.url), std::string(jobs_path), options.key, {});
  if (reply.status != 200)
    throw StorageFault(options.url + " answered " + std::to_string(reply.status) + ": " + reply.body);
  return reply.body;
}

/// As the server shows it; empty if it has none of that name.
std::string find_job(const JobOptions& options) {
  simdjson::dom::parser parser;
  const std::string body = jobs_of(options);
  for (const simdjson::dom::element job : parser.parse(body)["data"]) {
    if (std::string_view(job["name"]) == options.name) return simdjson::minify(job);
  }
  return {};
}

std::string line_of(const std::string& job) {
  const std::string status = member_of(job, "/last_run/status"), next = member_of(job, "/next_run_at");
  const std::string message = member_of(job, "/last_run/message");
  return fmt::format("{}: {}{}{}", member_of(job, "/name"), status.empty() ? "never run" : status,
                     message.empty() ? "" : " (" + message + ")", next.empty() ? "" : ", next at " + next);
}

int list_jobs(const JobOptions& options) {
  const std::string body = jobs_of(options);
  if (options.json) {
    fmt::print("{}\n", body);
    return exit_done;
  }
  simdjson::dom::parser parser;
  for (const simdjson::dom::element job : parser.parse(body)["data"])
    fmt::print("{}\n", line_of(simdjson::minify(job)));
  return exit_done;
}

int run_job(const JobOptions& options) {
  const std::string path = std::string(jobs_path) + "/" + options.name + "/run";
  const HttpReply reply = http_request("POST", server_of(options.url), path, options.key, {});
  if (reply.status == 404) {
    throw std::invalid_argument("the server has no job " + options.name + ": see 'daybook job list'");
  }
  if (reply.status != 202) {
    fmt::print(stderr, "daybook: {} refused it with {}: {}\n", options.url, reply.status, reply.body);
    return exit_check_failed;
  }
  std::string job = reply.body;
  while (member_of(job, "/last_run/status") == "running") {
    std::this_thread::sleep_for(look_pause);
    job = find_job(options);
  }
  fmt::print("{}\n", options.json ? job : line_of(job));
  return member_of(job, "/last_run/status") == "passed" ? exit_done : exit_check_failed;
}

void add_server_options(const Subcommand& command, const std::shared_ptr<JobOptions>& options) {
  command.add_option("--url", &options->url, "The server's").shows_default();
  command.add_option("--key", &options->key, "API key").envname("DAYBOOK_KEY");
  command.add_flag("--json", options->json, "As the server answers");
}

}  // namespace

void add_job(Subcommand app, Action& action) {
  const auto options = std::make_shared<JobOptions>();
  const Subcommand job = app.subcommand("job", "What a server does by itself in the background");
  job.require_subcommand();
  const Subcommand list = job.subcommand("list", "The jobs, how they went and when they run next");
  add_server_options(list, options);
  list.footer("Example:\n  daybook job list");
  list.callback([options, &action] { action = [options] { return list_jobs(*options); }; });
  const Subcommand run = job.subcommand("run", "Run a job now, and wait until it is done");
  run.add_option("name", &options->name, "As `daybook job list` names it").required();
  add_server_options(run, options);
  run.footer("Exit code 1 if the job fails.\n\nExample:\n  daybook job run catalogue-sync");
  run.callback([options, &action] { action = [options] { return run_job(*options); }; });
}

}  // namespace daybook
