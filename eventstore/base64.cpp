#include "eventstore/base64.h"

#include <array>
#include <cstdint>

namespace daybook {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto digits = digit_values();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data() + start;
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t group = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) *to++ = alphabet[group >> shift & 63];
  }
  if (at == bytes.size()) return;
  const bool has_two = at + 2 == bytes.size();
  const std::uint32_t group = byte_at(bytes, at) << 16 | (has_two ? byte_at(bytes, at + 1) << 8 : 0U);
  *to++ = alphabet[group >> 18];
  *to++ = alphabet[group >> 12 & 63];
  if (has_two) *to = alphabet[group >> 6 & 63];
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view body = text.substr(0, text.size() - padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  for (const char c : body) {
    const std::uint8_t digit = digits[static_cast<std::uint8_t>(c)];
    if (digit == no_digit) return std::nullopt;
    bits = bits << 6 | digit;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 255U);
  }
  if ((bits & ((1U << bit_count) - 1U)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace daybook
