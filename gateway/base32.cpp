#include "gateway/base32.h"

#include <cstdint>

namespace daybook {

std::string to_base32(std::string_view bytes) {
  constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string text;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char byte : bytes) {
    bits = (bits << 8U | static_cast<unsigned char>(byte)) & 0xFFFFU;
    for (count += 8; count >= 5; count -= 5) text += alphabet[bits >> (count - 5) & 31U];
  }
  if (count > 0) text += alphabet[bits << (5 - count) & 31U];
  return text;
}

}  // namespace daybook
