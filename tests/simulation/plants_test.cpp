// That the simulation finds bugs: each that can be planted is found, within one of a few short runs.
#include "tests/simulation/plants.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/simulation/simulation.h"

namespace daybook::test {
namespace {

/// Whether the run fails. In a process of its own: an assertion of the ledger finds a bug as well, and ends the
/// process.
bool is_found(const SimulationOptions& options) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    try {
      simulate(options);
    } catch (...) {  // nothing may leave the child: it would go on with the parent's tests
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return !WIFEXITED(status) || WEXITSTATUS(status) == 1;
}

}  // namespace

TEST_CASE("every planted bug is found") {
  CHECK(all_plants().size() >= 38);
  for (const Plant& plant : all_plants()) {
    SimulationOptions options;
    options.plant = plant.name;
    options.steps = 1'500;
    options.full_check_steps = 500;
    bool found = false;
    for (options.seed = 1; !found && options.seed <= 3; ++options.seed) found = is_found(options);
    CHECK_MESSAGE(found, plant.name);
  }
}

TEST_CASE("a bug that nobody knows is not planted") {
  SimulationOptions options;
  options.plant = "no such bug";
  CHECK_THROWS_AS(simulate(options), std::invalid_argument);
}

}  // namespace daybook::test
