// daybook verify: the judge. Everything that the log can show of itself, then every fold of it against a fresh one. The
// parts (verify_parts.h) run on all cores, the longest first; the verdict does not depend on who was first.
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <numeric>
#include <thread>

#include "projections/json_text.h"
#include "tools/verify_parts.h"

namespace daybook {
namespace {

constexpr unsigned threads_max = 16;
constexpr int lowest_priority = 19;

/// One line of progress for all parts. Threads: any.
class SharedProgress {
 public:
  SharedProgress(const std::vector<VerifyPart>& parts, bool json) : progress_("verify", "event checks", json) {
    for (const VerifyPart& part : parts) total_ += part.work;
    done_.resize(parts.size());
  }
  void update(std::size_t part, std::uint64_t done) {
    const std::lock_guard lock(mutex_);
    sum_ += done - done_[part];
    done_[part] = done;
    progress_.update(sum_, total_);
  }

 private:
  std::mutex mutex_;
  Progress progress_;
  std::uint64_t total_ = 0, sum_ = 0;
  std::vector<std::uint64_t> done_;
};

/// Runs every part and gives their verdicts in the order of the parts.
Verdict run_parts(const std::vector<VerifyPart>& parts, const VerifyOptions& options) {
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t part) { return parts[part].work; });
  std::vector<Verdict> verdicts(parts.size());
  SharedProgress progress(parts, options.common.json);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t turn = next++; turn < order.size(); turn = next++) {
      const std::size_t at = order[turn];
      try {
        parts[at].run(verdicts[at], [&](Position done, Position) { progress.update(at, done); });
      } catch (const std::exception& fault) {
        verdicts[at].problem(fmt::format("{}: not checked to the end: {}", parts[at].name, fault.what()));
      }
      progress.update(at, parts[at].work);
    }
  };
  const unsigned wanted = options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < std::clamp(wanted, 1U, threads_max); ++i) threads.emplace_back(work);
    work();
  }
  Verdict all;
  for (Verdict& verdict : verdicts) all.add(std::move(verdict));
  return all;
}

void append_list(std::string& line, const std::vector<std::string>& texts) {
  line += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) line += ',';
    append_json_string(line, texts[i]);
  }
  line += ']';
}

void print_json(const Verdict& verdict, double seconds) {
  std::string line = "{\"object\":\"verification\",\"ok\":";
  line += verdict.problems_found == 0 ? "true" : "false";
  line += fmt::format(",\"seconds\":{:.3f},\"checked\":{{", seconds);
  for (std::size_t i = 0; i < verdict.checked.size(); ++i) {
    if (i > 0) line += ',';
    append_json_string(line, verdict.checked[i].first);
    line += fmt::format(":{}", verdict.checked[i].second);
  }
  line += fmt::format("}},\"problems_found\":{},\"problems\":", verdict.problems_found);
  append_list(line, verdict.problems);
  line += ",\"notes\":";
  append_list(line, verdict.notes);
  fmt::print("{}}}\n", line);
}

void print_text(const Verdict& verdict, double seconds) {
  for (const auto& [what, count] : verdict.checked) fmt::print("{:>12} {}\n", count, what);
  for (const std::string& note : verdict.notes) fmt::print("note: {}\n", note);
  for (const std::string& problem : verdict.problems) fmt::print("PROBLEM: {}\n", problem);
  if (verdict.problems_found > verdict.problems.size()) {
    fmt::print("... and {} more\n", verdict.problems_found - verdict.problems.size());
  }
  fmt::print("{} in {:.1f} s\n", verdict.problems_found == 0 ? "all good" : "NOT GOOD", seconds);
}

/// A server's child takes what the server leaves it, and does not outlive it, however the server ends: the system kills
/// it then.
void run_behind(std::uint64_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (static_cast<std::uint64_t>(getppid()) != parent) throw std::invalid_argument("--parent is not what started this");
  setpriority(PRIO_PROCESS, 0, lowest_priority);
}

int run_verify(const VerifyOptions& options) {
  if (options.parent) run_behind(*options.parent);
  const auto start = std::chrono::steady_clock::now();
  VerifySubject subject = open_subject(options);
  Verdict verdict = std::move(subject.opening);
  verdict.add(run_parts(verify_parts(subject, options), options));
  if (verdict.checked.empty() || verdict.checked.front().second == 0) {
    verdict.problem("nothing was checked: the log holds no event");
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.common.json) {
    print_json(verdict, seconds);
  } else {
    print_text(verdict, seconds);
  }
  return verdict.problems_found == 0 ? exit_done : exit_check_failed;
}

}  // namespace

void add_verify(Subcommand app, Action& action) {
  auto options = std::make_shared<VerifyOptions>();
  const Subcommand command =
      app.subcommand("verify", "Check log, indexes, states, views and journal against each other");
  add_common(command, options->common);
  command.add_option("--master-key-file", &options->master_key_file, "As it was given to serve");
  command.add_flag("--log-only", options->log_only, "Only the log itself");
  command.add_option("--checkpoint", &options->checkpoints, "A checkpoint that the log must agree with; repeatable");
  command.add_option("--verifier-key", &options->verifier_keys,
                     "A key to trust for it, or a file of them; repeatable; default: the directory's own");
  command.add_option("--kafka-brokers", &options->brokers,
                     "host:port,...: also that Kafka holds exactly the log, and what it holds of checkpoints");
  command.add_option("--kafka-topic-prefix", &options->prefix, "As it was given to serve");
  command.add_option("--kafka-property", &options->properties, "librdkafka property, name=value; repeatable");
  command.add_option("--threads", &options->threads, "How many parts are checked at a time; 0: as many as cores")
      .between(0U, threads_max);
  command.add_option("--parent", &options->parent,
                     "Process id of the server that starts this: behind it in priority, and ends with it");
  command.footer(
      "Runs beside a live server and changes nothing.\n"
      "Exit code 0: everything checked is right; 1: something is not; 3: it could not be read.\n"
      "Examples:\n  daybook verify --data ./data\n  daybook verify --data ./data --json\n"
      "  daybook verify --data ./data --checkpoint june.txt --verifier-key keys.txt\n"
      "  daybook verify --data ./data --kafka-brokers 127.0.0.1:9092");
  command.callback([options, &action] { action = [options] { return run_verify(*options); }; });
}

}  // namespace daybook
