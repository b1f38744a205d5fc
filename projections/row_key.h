// Keys of view rows, and what they are made of: numbers big-endian, so that bytes sort as numbers do; texts as a 16-bit
// length and their bytes, so that no text is the beginning of another.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

class KeyWriter {
 public:
  explicit KeyWriter(char table) { key_ += table; }
  KeyWriter& text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    key_.append(value);
    return *this;
  }
  template <std::unsigned_integral T>
  KeyWriter& number(T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
      key_ += static_cast<char>(value >> shift & 0xff);
    }
    return *this;
  }
  const std::string& key() const { return key_; }
  std::string take() { return std::move(key_); }

 private:
  std::string key_;
};

/// What a key ends with behind its table, texts or others: numbers as KeyWriter writes them.
template <std::unsigned_integral... T>
std::string key_suffix(T... numbers) {
  KeyWriter writer(' ');
  (writer.number(numbers), ...);
  return writer.take().substr(1);
}

/// Reads what KeyWriter wrote. Past the end everything is zero and empty, and ok() is false.
class KeyReader {
 public:
  /// `in` includes the table's byte.
  explicit KeyReader(std::string_view in) : in_(in) { skip(1); }
  std::string_view text() {
    const auto size = number<std::uint16_t>();
    const std::string_view value = in_.substr(0, size);
    skip(size);
    return value;
  }
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    if (in_.size() < sizeof(T)) {
      skip(sizeof(T));
      return value;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>((sizeof(T) > 1 ? value << 8 : 0) | static_cast<unsigned char>(in_[i]));
    }
    skip(sizeof(T));
    return value;
  }
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && in_.empty(); }

 private:
  void skip(std::size_t size) {
    if (size > in_.size()) {
      ok_ = false;
      in_ = {};
      return;
    }
    in_.remove_prefix(size);
  }
  std::string_view in_;
  bool ok_ = true;
};

/// The first key after every key that starts with `prefix`; empty ("to the end") if there is none.
inline std::string after_prefix(std::string prefix) {
  while (!prefix.empty()) {
    const auto last = static_cast<unsigned char>(prefix.back());
    if (last != 0xff) {
      prefix.back() = static_cast<char>(last + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

}  // namespace daybook
