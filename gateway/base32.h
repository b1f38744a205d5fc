// Bytes as Crockford's base32 in lower case, the alphabet of all our ids.
#pragma once

#include <string>
#include <string_view>

namespace daybook {

/// Five bits a character, the last one padded with zero bits: 16 bytes are 26 characters, 32 bytes 52.
std::string to_base32(std::string_view bytes);

}  // namespace daybook
