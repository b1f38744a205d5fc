#include "tools/verify_job.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "engine/clock.h"
#include "tools/child_process.h"
#include "tools/command_line.h"

namespace daybook {
namespace {

/// Soon after a start, but when what a start brings with it is over.
constexpr std::chrono::minutes first_run_after{1};
/// After a run that was stopped, if the period is longer.
constexpr std::chrono::hours next_run_after_stop{1};
/// How long a child may be silent before it is looked at whether it is to go on.
constexpr std::chrono::milliseconds child_pause{100};

constexpr std::string_view verdict_start = R"({"object":"verification")";
constexpr std::string_view progress_start = R"({"task")";

/// The first problem that the verdict names.
std::string first_problem(const std::string& verdict) {
  simdjson::dom::parser parser;
  simdjson::dom::element problem;
  std::string_view text;
  if (parser.parse(verdict).at_pointer("/problems/0").get(problem) != simdjson::SUCCESS) return "it names no problem";
  return problem.get(text) == simdjson::SUCCESS ? std::string(text) : "it names no problem";
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

/// Somebody wanted it to end: the system as it goes down, or an operator.
bool was_asked_to_end(int status) {
  return WIFSIGNALED(status) && (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT);
}

/// A folder for what a run folds. One that a server left behind when it was killed is emptied.
class VerifyScratch {
 public:
  explicit VerifyScratch(const std::filesystem::path& data)
      : path_(std::filesystem::absolute(data) / "views" / "verify") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~VerifyScratch() {
    std::error_code ignored;  // The next run tries again.
    std::filesystem::remove_all(path_, ignored);
  }
  VerifyScratch(const VerifyScratch&) = delete;
  VerifyScratch& operator=(const VerifyScratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

VerifyJob::VerifyJob(Options options, Metrics& metrics) : options_(std::move(options)), metrics_(metrics) {
  if (options_.period.count() > 0) schedule(first_run_after);
  thread_ = std::thread([this] { work(); });
}

VerifyJob::~VerifyJob() {
  stop();
}

bool VerifyJob::start() {
  const std::lock_guard lock(mutex_);
  if (state_.run.status == JobStatus::running || stopping_) return false;
  begin();
  is_asked_for_ = true;
  wake_.notify_all();
  return true;
}

LedgerVerification VerifyJob::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Instant VerifyJob::next_run_at() const {
  const std::lock_guard lock(mutex_);
  return next_run_at_;
}

Job VerifyJob::job() {
  return {.name = std::string(verify_job_name),
          .period = options_.period,
          .run = [this] { return state().run; },
          .next_run_at = [this] { return next_run_at(); },
          .start = [this] { return start(); }};
}

void VerifyJob::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void VerifyJob::schedule(std::chrono::steady_clock::duration from_now) {
  due_ = std::chrono::steady_clock::now() + from_now;
  const auto micros_from_now = std::chrono::duration_cast<std::chrono::microseconds>(from_now).count();
  next_run_at_ = Instant{micros(wall_clock().now()) + micros_from_now};
}

void VerifyJob::work() {
  std::unique_lock lock(mutex_);
  const auto is_to_run = [this] { return stopping_ || is_asked_for_ || std::chrono::steady_clock::now() >= due_; };
  while (true) {
    if (due_ == std::chrono::steady_clock::time_point::max()) {
      wake_.wait(lock, is_to_run);
    } else {
      wake_.wait_until(lock, due_, is_to_run);
    }
    if (stopping_) return;
    if (!is_to_run()) continue;
    if (!is_asked_for_) begin();
    is_asked_for_ = false;
    lock.unlock();
    Ending ending = run();
    lock.lock();
    finish(std::move(ending));
  }
}

void VerifyJob::begin() {
  state_.run = {};
  state_.run.status = JobStatus::running;
  state_.run.started_at = wall_clock().now();
  due_ = std::chrono::steady_clock::time_point::max();
  next_run_at_ = never;
}

void VerifyJob::finish(Ending ending) {
  JobRun& run = state_.run;
  run.status = ending.status;
  run.finished_at = wall_clock().now();
  run.message = std::move(ending.message);
  if (!ending.verdict.empty()) {
    state_.verdict = std::move(ending.verdict);
    state_.verdict_at = run.finished_at;
  }
  if (run.status != JobStatus::stopped) {
    state_.has_failed = run.status == JobStatus::failed;
    metrics_.set_gauge("ledger_verification_failed", {}, state_.has_failed ? 1 : 0);
  }
  const double seconds = static_cast<double>(micros(run.finished_at) - micros(run.started_at)) / micros_per_second;
  metrics_.count("job_runs_total", {{"job", verify_job_name}, {"outcome", to_text(run.status)}});
  metrics_.set_gauge("job_duration_seconds", {{"job", verify_job_name}}, seconds);
  if (run.status == JobStatus::failed) {
    spdlog::error("ledger verification failed: {}", run.message);
  } else {
    spdlog::info("ledger verification {} after {:.1f} s{}{}", to_text(run.status), seconds,
                 run.message.empty() ? "" : ": ", run.message);
  }
  if (options_.period.count() == 0) return;
  schedule(run.status == JobStatus::stopped ? std::min(options_.period, next_run_after_stop) : options_.period);
}

VerifyJob::Ending VerifyJob::run() try {
  if (std::string reason = reason_to_stop(); !reason.empty()) return {JobStatus::stopped, std::move(reason)};
  const VerifyScratch scratch(options_.data);
  return run_child(scratch.path());
} catch (const std::exception& error) {
  return {JobStatus::failed, fmt::format("it could not be run: {}", error.what())};
}

VerifyJob::Ending VerifyJob::run_child(const std::filesystem::path& scratch) {
  std::vector<std::string> arguments{"verify", "--data",   options_.data.string(),  "--json", "--threads",
                                     "1",      "--parent", std::to_string(getpid())};
  if (!options_.master_key_file.empty()) {
    arguments.insert(arguments.end(), {"--master-key-file", options_.master_key_file.string()});
  }
  ChildProcess child(arguments, scratch.string());
  std::string line, verdict, last_words;
  for (auto read = ChildProcess::Read::line; read != ChildProcess::Read::end;) {
    read = child.read_line(line, child_pause);
    if (std::string reason = reason_to_stop(); !reason.empty()) return {JobStatus::stopped, std::move(reason)};
    if (read != ChildProcess::Read::line) continue;
    if (line.starts_with(progress_start)) {
      note_progress(line);
    } else if (line.starts_with(verdict_start)) {
      verdict = line;
    } else {
      last_words = line;
    }
  }
  const int status = child.wait();
  const bool has_exited = WIFEXITED(status) && !verdict.empty();
  if (has_exited && WEXITSTATUS(status) == exit_done) return {JobStatus::passed, {}, std::move(verdict)};
  if (has_exited && WEXITSTATUS(status) == exit_check_failed) {
    std::string problem = first_problem(verdict);
    return {JobStatus::failed, std::move(problem), std::move(verdict)};
  }
  if (was_asked_to_end(status)) return {JobStatus::stopped, "it was asked to end"};
  return {JobStatus::failed, fmt::format("it came to no verdict ({}): {}", how_it_ended(status),
                                         last_words.empty() ? "it said nothing" : last_words)};
}

std::string VerifyJob::reason_to_stop() const {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return "the server stops";
  }
  return options_.obstacle();
}

void VerifyJob::note_progress(const std::string& line) {
  simdjson::dom::parser parser;
  simdjson::dom::element progress;
  std::uint64_t done = 0, total = 0;
  if (parser.parse(line).get(progress) != simdjson::SUCCESS) return;
  if (progress["done"].get(done) != simdjson::SUCCESS || progress["total"].get(total) != simdjson::SUCCESS) return;
  const std::lock_guard lock(mutex_);
  state_.run.done = done;
  state_.run.total = total;
}

}  // namespace daybook
