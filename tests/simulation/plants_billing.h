// Bugs of billing itself, planted by wrapping what decides for accounts and the payment provider: for the audits of the
// shops' events (audit_*.h). Each leaves states that the ledger's own assertions accept.
#pragma once

#include <vector>

#include "tests/simulation/plants.h"

namespace daybook::test {

std::vector<Plant> billing_plants();

}  // namespace daybook::test
