// Base64 with the standard alphabet and padding (RFC 4648 section 4), for keys, signatures, hashes and proofs as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace daybook {

void append_base64(std::string& out, std::string_view bytes);
std::string encode_base64(std::string_view bytes);
/// The inverse. Nothing for any other text: no spaces or line ends, padding required, unused bits zero. So each byte
/// string has exactly one text.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace daybook
