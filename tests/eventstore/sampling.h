// How random tests choose: a seed that is printed and can be given again, and more samples where time allows.
#pragma once

#include <cstdlib>
#include <random>

namespace daybook::test {

/// DAYBOOK_TEST_SEED, or another one each time. A test prints it or captures it.
inline unsigned test_seed() {
  const char* given = std::getenv("DAYBOOK_TEST_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

/// `usual` times DAYBOOK_TEST_FACTOR, which tools/soak sets.
inline int samples(int usual) {
  const char* factor = std::getenv("DAYBOOK_TEST_FACTOR");
  return factor != nullptr ? usual * std::atoi(factor) : usual;
}

}  // namespace daybook::test
