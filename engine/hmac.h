// Message authentication with keys that others gave us. Our own keys' HMACs are the keyring's (keyring.h).
#pragma once

#include <string>
#include <string_view>

namespace daybook {

/// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);
/// Whether the texts are the same, in a time that tells nothing of where they differ.
bool is_same_secret(std::string_view left, std::string_view right);

}  // namespace daybook
