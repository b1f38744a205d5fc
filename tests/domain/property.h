// Laws over random values: rapidcheck inside a doctest case, with its seed printed and enough cases to mean something.
#pragma once

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

namespace daybook::test {

inline constexpr int property_cases_min = 2'000;

/// Checks that `law` holds for at least property_cases_min random arguments; `sentence` says what always holds.
/// RC_ASSERT takes its expression apart, so `||` and `&&` in it evaluate both sides: put such a condition in
/// parentheses. rapidcheck prints the seed of the run to stderr once; RC_PARAMS="seed=..." in the environment repeats
/// it.
template <class Law>
void always(const std::string& sentence, Law&& law) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, property_cases_min);
  rc::detail::TestMetadata metadata;
  metadata.id = sentence;
  metadata.description = sentence;
  const auto result = rc::detail::checkTestable(std::forward<Law>(law), metadata, params);
  std::ostringstream story;
  rc::detail::printResultMessage(result, story);
  const bool held = result.template is<rc::detail::SuccessResult>();
  CHECK_MESSAGE(held, sentence, " (seed ", params.seed, ")\n", story.str());
}

}  // namespace daybook::test
