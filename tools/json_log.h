// Logging as one JSON object a line on stderr.
#pragma once

#include <string>

namespace daybook {

/// Makes spdlog's default logger write {"time":...,"level":...,"message":...} lines to stderr; a message that is a JSON
/// object itself gives its members. `level`: trace, debug, info, warning, error, critical, off; throws
/// std::invalid_argument for another.
void log_as_json(const std::string& level);

}  // namespace daybook
