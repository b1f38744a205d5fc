// The escalation of an unpaid subscription by days: a day is a whole 24 hours since the first failed charge.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "domain/instant.h"

namespace daybook {

struct DunningStage {
  std::string_view name;
  std::int64_t first_day = 0;
};

/// The ladder `five_stage`: grace from day 0, retry from 4, restricted from 8, suspended from 15, canceled from 31.
std::span<const DunningStage> five_stage_ladder();

/// The instant at which the first stage is over, of what has been past due since then.
Instant grace_period_end(std::span<const DunningStage> ladder, Instant since);
/// The instant at which the last stage begins.
Instant dunning_until(std::span<const DunningStage> ladder, Instant since);
/// The stage that it has come to. Requires an instant not before `since`.
const DunningStage& stage_at(std::span<const DunningStage> ladder, Instant since, Instant at);

}  // namespace daybook
