#include "tests/simulation/simulation.h"

#include <doctest/doctest.h>

#include <set>

namespace daybook::test {
namespace {

SimulationReport run(std::uint64_t seed, std::uint64_t steps) {
  SimulationOptions options;
  options.seed = seed;
  options.steps = steps;
  options.full_check_steps = 1'000;
  try {
    return simulate(options);
  } catch (const SimulationFailure& failure) {
    FAIL("seed " << seed << ", step " << failure.step() << ": " << failure.what());
  }
  return {};
}

}  // namespace

TEST_CASE("one seed gives one run, bit for bit, and another seed another") {
  const SimulationReport first = run(7, 1'200);
  const SimulationReport second = run(7, 1'200);
  CHECK(first.digest == second.digest);
  CHECK(first.events == second.events);
  CHECK(first.crashes == second.crashes);
  CHECK(run(8, 1'200).digest != first.digest);
}

TEST_CASE("nothing is wrong in the runs of fixed seeds") {
  std::set<std::string> commands;
  std::uint64_t charges = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const SimulationReport report = run(seed, 2'000);
    CHECK(report.steps == 2'000);
    CHECK(report.crashes > 10);
    CHECK(report.accounts > 200);
    CHECK(report.events > report.requests / 3);
    CHECK(report.published == report.events);
    CHECK(report.full_checks == 3);
    CHECK(report.years > 0.5);
    for (const auto& [name, count] : report.commands) commands.insert(name);
    charges += report.charges;
  }
  CHECK(charges > 100);
  // What is never asked for, or always refused, is not tested.
  for (const char* name : {"CreateSubscription",
                           "RenewSubscription",
                           "EndTrial",
                           "CancelSubscription",
                           "PauseSubscription",
                           "ResumeSubscription",
                           "ReactivateSubscription",
                           "ChangePlan",
                           "ChangeQuantity",
                           "CancelScheduledPlanChange",
                           "UpdateSubscription",
                           "DraftInvoice",
                           "FinalizeInvoice",
                           "VoidInvoice",
                           "MarkInvoiceUncollectible",
                           "MarkInvoiceOverdue",
                           "IssueCreditNote",
                           "VoidCreditNote",
                           "AdjustInvoice",
                           "AttemptPayment",
                           "RetryPayment",
                           "RecordPaymentResult",
                           "AttachPaymentMethod",
                           "AdvanceTestClock",
                           "FinishTestClock",
                           "UpdateAccount"}) {
    CHECK_MESSAGE(commands.contains(name), name);
  }
}

}  // namespace daybook::test
