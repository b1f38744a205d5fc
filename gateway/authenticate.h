// Who calls: from the Authorization header to a principal.
#pragma once

#include <optional>
#include <string_view>

#include "engine/principal.h"
#include "gateway/exchange.h"

namespace daybook {

/// The principal of "Bearer <key>"; nothing without a valid key. Keys are found by their digest, so that neither
/// memory nor time depends on how much of a guess is right.
std::optional<Principal> authenticate(std::string_view authorization, const Services& services);

/// Resolves `me` in /v1/accounts/me and holds the path's and the header's account against the principal. False: an
/// answer was sent.
bool resolve_tenant(const ExchangePtr& exchange);

}  // namespace daybook
