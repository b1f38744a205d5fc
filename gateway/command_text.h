// A command as one canonical text, for the fingerprint behind its idempotency key: its name and its members in declared
// order with normalised values. However the request was written (spaces, order of members, typed route or generic
// line), the same command has the same text. Knows neither keys nor HTTP.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/commands.h"

namespace daybook {

std::string canonical_text(const Command& command);

/// The members that a command takes in a generic line's "params", as paths: "amount", "address/country". Targets are
/// included. For the API document's test.
std::vector<std::string> member_names(std::string_view command_name);

}  // namespace daybook
