// Small numbers in few bytes: seven bits a byte, the lowest first, the high bit says that more follow. Signed ones are
// zigzagged, so that small differences of either sign stay small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

inline void append_signed_varint(std::string& out, std::int64_t value) {
  append_varint(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}

/// Reads what was appended. Past the end everything is zero and ok() is false.
class VarintReader {
 public:
  explicit VarintReader(std::string_view in) : in_(in) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == in_.size()) break;
      const auto byte = static_cast<unsigned char>(in_[at_++]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    at_ = in_.size();
    return 0;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  bool at_end() const { return at_ == in_.size(); }
  bool ok() const { return ok_; }
  std::string_view rest() const { return in_.substr(at_); }

 private:
  std::string_view in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace daybook
