// The end of a test clock's way, and where there is none.
#pragma once

#include "domain/deciders/decision.h"

namespace daybook {

/// It stands where it was sent. Requires a clock that is advancing, and that what is due by it until then has been run.
Decision test_clock_became_ready(const TestClock& clock);

/// Of a live book.
Rejection only_in_test_books();

}  // namespace daybook
