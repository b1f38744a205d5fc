#include "tests/simulation/simulation.h"

#include <spdlog/spdlog.h>

#include "tests/simulation/run.h"

namespace daybook::test {
namespace {

/// The ledger says on stderr what the simulation does to it, thousands of times.
class Quiet {
 public:
  Quiet() : level_(spdlog::get_level()) { spdlog::set_level(spdlog::level::off); }
  ~Quiet() { spdlog::set_level(level_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  spdlog::level::level_enum level_;
};

}  // namespace

SimulationReport simulate(const SimulationOptions& options) {
  const Quiet quiet;
  Run run(options);
  return run.all();
}

}  // namespace daybook::test
