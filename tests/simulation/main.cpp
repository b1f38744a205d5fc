// The binary behind tools/simulate: one run, or runs with fresh seeds until the time is over.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "tests/simulation/plants.h"
#include "tests/simulation/simulation.h"

using namespace daybook::test;

namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

void print_help() {
  std::puts(
      "simulate [--seed N] [--steps M] [--minutes T] [--plant NAME]\n"
      "  --seed N     the run of that seed; a fresh one is drawn and printed without it\n"
      "  --steps M    how long a run is: 20,000 by default, which is a simulated decade\n"
      "  --minutes T  run after run, each with the next seed, until T minutes are over\n"
      "  --plant NAME plant a bug, which must be found:");
  for (const Plant& plant : all_plants()) std::printf("      %-20s %s\n", plant.name.c_str(), plant.what.c_str());
}

bool parse(const char* text, std::uint64_t& number) {
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, number);
  return error == std::errc() && rest == end;
}

/// False if it failed; says so.
bool run(const SimulationOptions& options) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  const auto begin = std::chrono::steady_clock::now();
  try {
    const SimulationReport report = simulate(options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto renewed = report.commands.find("RenewSubscription");
    const std::uint64_t renewals = renewed == report.commands.end() ? 0 : renewed->second;
    std::printf(
        "  %.1f years in %.1f s: %llu steps, %llu requests on %llu accounts, %llu events, %llu published,\n"
        "  %llu charges, %llu renewals, %llu crashes, %llu faults, %llu losses, %llu full checks; digest %s\n",
        report.years, took.count(), static_cast<unsigned long long>(report.steps),
        static_cast<unsigned long long>(report.requests), static_cast<unsigned long long>(report.accounts),
        static_cast<unsigned long long>(report.events), static_cast<unsigned long long>(report.published),
        static_cast<unsigned long long>(report.charges), static_cast<unsigned long long>(renewals),
        static_cast<unsigned long long>(report.crashes), static_cast<unsigned long long>(report.faults),
        static_cast<unsigned long long>(report.losses), static_cast<unsigned long long>(report.full_checks),
        report.digest.c_str());
    std::fflush(stdout);
    return true;
  } catch (const SimulationFailure& failure) {
    std::printf("FAILED in step %llu: %s\n", static_cast<unsigned long long>(failure.step()), failure.what());
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n", error.what());
  }
  std::printf("repeat it with: tools/simulate --seed %llu --steps %llu%s%s\n",
              static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(options.steps),
              options.plant.empty() ? "" : " --plant ", options.plant.c_str());
  return false;
}

}  // namespace

int main(int count, char** words) {
  SimulationOptions options;
  options.seed = std::random_device{}();
  std::uint64_t minutes = 0;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const char* value = i + 1 < count ? words[i + 1] : "";
    if (word == "--help") return print_help(), 0;
    const bool is_known = (word == "--seed" && parse(value, options.seed)) ||
                          (word == "--steps" && parse(value, options.steps)) ||
                          (word == "--minutes" && parse(value, minutes)) || (word == "--plant" && *value != '\0');
    if (!is_known) {
      std::fprintf(stderr, "simulate: what is \"%s %s\"? See --help\n", word.c_str(), value);
      return exit_usage;
    }
    if (word == "--plant") options.plant = value;
    ++i;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(minutes);
  do {
    if (!run(options)) return exit_failed;
    ++options.seed;
  } while (std::chrono::steady_clock::now() < end);
  return 0;
}
