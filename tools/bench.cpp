// daybook bench: how fast the engine is here, in process and on a real directory, without HTTP: durable commands with
// so many in flight, then a restart. tools/bench runs this, HTTP and PostgreSQL side by side.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>

#include "engine/engine.h"
#include "engine/keyring.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {
namespace {

struct BenchOptions {
  CommonOptions common;
  std::uint64_t commands = 200'000;
  std::uint64_t accounts = 1'000;
  std::uint64_t in_flight = 64;
  std::uint64_t seed = 1;
  bool hot = false, keyless = false;
};

struct Latencies {
  std::vector<std::uint32_t> us;
  std::uint32_t percentile(double share) {
    if (us.empty()) return 0;
    const auto at = us.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(us.size() - 1) * share);
    std::nth_element(us.begin(), at, us.end());
    return *at;
  }
};

std::uint64_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  status >> total >> resident;
  return resident * 4'096;
}

/// Keeps `in_flight` commands under way until `count` are answered; calls make(i) for each.
template <class Make>
Latencies run_load(Engine& engine, std::uint64_t count, std::uint64_t in_flight, Progress& progress, const Make& make) {
  std::mutex mutex;
  std::condition_variable wake;
  std::uint64_t under_way = 0, answered = 0;
  Latencies latencies;
  latencies.us.reserve(count);
  for (std::uint64_t sent = 0; sent < count;) {
    std::vector<Work> batch;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return under_way < in_flight; });
      const std::uint64_t room = std::min(in_flight - under_way, count - sent);
      under_way += room;
      progress.update(answered, count);
      batch.reserve(room);
      for (std::uint64_t i = 0; i < room; ++i) batch.push_back(make(sent++));
    }
    const auto begin = std::chrono::steady_clock::now();
    for (Work& work : batch) {
      work.done = [&, begin](const Answer& answer) {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
        const std::lock_guard lock(mutex);
        if (!answer.accepted()) throw std::logic_error("a benchmark command was refused");
        latencies.us.push_back(static_cast<std::uint32_t>(us.count()));
        --under_way;
        ++answered;
        wake.notify_one();
      };
    }
    if (!engine.submit(std::move(batch))) throw StorageFault("the engine's queue is full: lower --in-flight");
  }
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return under_way == 0; });
  progress.update(answered, count);
  return latencies;
}

Work work_of(Command command) {
  Work work;
  work.command = std::move(command);
  work.context.principal.name = "key:bench";
  work.context.principal.role = Role::super_admin;
  return work;
}

int run_bench(const BenchOptions& options) {
  const std::filesystem::path data = options.common.data;
  if (std::filesystem::exists(data)) {
    throw std::invalid_argument("--data names a folder that exists: a benchmark makes its own");
  }
  Engine::Options engine_options;
  engine_options.data = data;
  auto engine = Engine::open(engine_options);
  const std::uint64_t accounts = options.hot ? 1 : options.accounts;
  {
    Progress progress("accounts", "accounts", options.common.json);
    run_load(*engine, accounts, 1'024, progress, [&](std::uint64_t i) {
      OpenAccount open;
      open.account_id = "a" + std::to_string(i);
      open.name.clear = "Benchmark";
      open.email.clear = "bench@example.test";
      open.currency = currency_of("USD");
      open.time_zone = "UTC";
      return work_of(std::move(open));
    });
    run_load(*engine, accounts, 1'024, progress, [&](std::uint64_t i) {
      AllocateUnitCredits allocate;
      allocate.account_id = "a" + std::to_string(i);
      allocate.amount = 1'000'000'000'000;
      return work_of(std::move(allocate));
    });
  }
  std::mt19937_64 random(options.seed);
  Progress progress("commands", "commands", options.common.json);
  Latencies latencies = run_load(*engine, options.commands, options.in_flight, progress, [&](std::uint64_t i) {
    DeductUnitCredits deduct;
    deduct.account_id = "a" + std::to_string(random() % accounts);
    deduct.amount = 1;
    deduct.reference = "job-" + std::to_string(i);
    Work work = work_of(std::move(deduct));
    if (!options.keyless) {
      work.context.idempotency_key = fmt::format("{:016x}{:016x}", random(), i);
      work.context.fingerprint = "0123456789abcdef";
    }
    work.context.request_id = "req_" + std::to_string(i);
    return work;
  });
  const double seconds = progress.seconds();
  const double rate = static_cast<double>(options.commands) / seconds;
  const Engine::Counters counters = engine->counters();
  const std::uint64_t events = counters.events;
  const std::uint64_t memory = resident_bytes();
  engine->stop();
  const std::uint64_t log_bytes = engine->log().disk_bytes();
  engine.reset();
  std::uint64_t index_bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(data / "views")) {
    if (file.is_regular_file()) index_bytes += file.file_size();
  }
  const auto begin = std::chrono::steady_clock::now();
  engine = Engine::open(engine_options);
  const double restart = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  engine.reset();
  std::filesystem::remove_all(data);
  const double per_event = static_cast<double>(log_bytes) / static_cast<double>(events);
  const double index_per_event = static_cast<double>(index_bytes) / static_cast<double>(events);
  if (options.common.json) {
    fmt::print(
        "{{\"commands\":{},\"in_flight\":{},\"accounts\":{},\"seconds\":{:.3f},\"commands_per_second\":{:.0f},"
        "\"p50_us\":{},\"p99_us\":{},\"groups\":{},\"log_bytes_per_event\":{:.1f},"
        "\"index_bytes_per_event\":{:.1f},\"resident_bytes\":{},\"restart_seconds\":{:.3f}}}\n",
        options.commands, options.in_flight, accounts, seconds, rate, latencies.percentile(0.5),
        latencies.percentile(0.99), counters.groups, per_event, index_per_event, memory, restart);
  } else {
    fmt::print(
        "{} commands on {} accounts, {} in flight: {:.0f}/s, p50 {} us, p99 {} us\n"
        "log {:.0f} + index {:.0f} bytes an event, {} MiB resident, restart after a clean stop {:.2f} s\n",
        options.commands, accounts, options.in_flight, rate, latencies.percentile(0.5), latencies.percentile(0.99),
        per_event, index_per_event, memory >> 20, restart);
  }
  return exit_done;
}

}  // namespace

void add_bench(Subcommand app, Action& action) {
  auto options = std::make_shared<BenchOptions>();
  const Subcommand command = app.subcommand("bench", "Measure the engine on a throw-away directory, without HTTP");
  options->common.data = "./bench-data";
  add_common(command, options->common);
  command.add_option("--commands", &options->commands, "Durable commands to run").shows_default();
  command.add_option("--accounts", &options->accounts, "Spread over so many accounts").shows_default();
  command.add_option("--in-flight", &options->in_flight, "Commands under way at once; thousands: bulk")
      .between(1, 60'000)
      .shows_default();
  command.add_option("--seed", &options->seed, "Of the choice of accounts").shows_default();
  command.add_flag("--hot", options->hot, "All on one account");
  command.add_flag("--without-keys", options->keyless, "No idempotency keys");
  command.footer(
      "Examples:\n  daybook bench\n  daybook bench --in-flight 8192 --commands 2000000\n  daybook bench --hot");
  command.callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace daybook
