// The deterministic simulation: engine, views and relay in one thread, over a simulated disk and a model of a broker,
// under a simulated clock; random clients, crashes, faults and clock jumps from one seed; a naive model that predicts
// every answer; and the invariants of docs/invariants.md after every step. The same options give the same run, bit for
// bit.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace daybook::test {

struct SimulationOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 20'000;  ///< A step is about four and a half hours of simulated time: these are ten years.
  std::string plant;             ///< A bug to be planted (plants.h); empty: none.
  std::uint64_t full_check_steps = 4'000;  ///< Between checks of everything.
};

struct SimulationReport {
  std::uint64_t steps = 0, requests = 0, accounts = 0, events = 0, published = 0;
  std::uint64_t crashes = 0, faults = 0, losses = 0, full_checks = 0;
  std::uint64_t charges = 0;                      ///< That the payment provider made.
  std::map<std::string, std::uint64_t> commands;  ///< Of the shops, by name: how many left events.
  double years = 0;
  std::string digest;  ///< Of every event and every answer, in order.
};

/// Something is not as it must be.
class SimulationFailure : public std::runtime_error {
 public:
  SimulationFailure(std::uint64_t step, const std::string& what) : std::runtime_error(what), step_(step) {}
  std::uint64_t step() const { return step_; }

 private:
  std::uint64_t step_;
};

/// Throws SimulationFailure; std::invalid_argument for a plant that there is not.
SimulationReport simulate(const SimulationOptions& options);

}  // namespace daybook::test
