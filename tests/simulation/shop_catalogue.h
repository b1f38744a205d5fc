// What shops sell: a few plans of every interval, most of them at prices so simple that a period's charge is one
// product.
#pragma once

#include <string>
#include <vector>

#include "domain/commands.h"

namespace daybook::test {

/// "monthly", "seats", ...
const std::vector<std::string>& shop_plans();
/// Requires one of these names.
CreatePlan create_shop_plan(const std::string& name);

}  // namespace daybook::test
