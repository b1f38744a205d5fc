#include "domain/rules/dunning_ladder.h"

#include <algorithm>
#include <array>

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr std::array<DunningStage, 5> five_stages = {
    {{"grace", 0}, {"retry", 4}, {"restricted", 8}, {"suspended", 15}, {"canceled", 31}}};

Instant begins(const DunningStage& stage, Instant since) {
  return Instant{micros(since) + stage.first_day * micros_per_day};
}

}  // namespace

std::span<const DunningStage> five_stage_ladder() {
  return five_stages;
}

Instant grace_period_end(std::span<const DunningStage> ladder, Instant since) {
  return begins(ladder[1], since);
}

Instant dunning_until(std::span<const DunningStage> ladder, Instant since) {
  return begins(ladder.back(), since);
}

const DunningStage& stage_at(std::span<const DunningStage> ladder, Instant since, Instant at) {
  ensure(at >= since, "a stage before the first failed charge");
  const auto later =
      std::find_if(ladder.begin(), ladder.end(), [&](const DunningStage& stage) { return begins(stage, since) > at; });
  return *std::prev(later);
}

}  // namespace daybook
