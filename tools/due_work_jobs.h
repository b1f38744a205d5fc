// The jobs that time itself does: renewals, trial ends, pauses, expiries, overdue marks are due work of each account,
// run as its clock passes the instant. They have the names under which operators know them; to run one by hand waits
// until nothing is due any more by the clock of any open book, and changes nothing else.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "gateway/jobs.h"

namespace daybook {

/// For the gateway's list. The engine must outlive them and the answers to what they handed to it.
std::vector<Job> due_work_jobs(Engine& engine);

}  // namespace daybook
