// Appending and reading the plain members of a row. Reading past the end fails once and for all (ok() is false), so a
// decoder reads everything and asks at the end.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace daybook {

class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void number(T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out_.append(bytes, sizeof(T));
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value)); }
  /// What a reader must find so.
  void require(bool) {}

 private:
  std::string& out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void number(T& value) {
    if (in_.size() < sizeof(T)) return fail();
    std::memcpy(&value, in_.data(), sizeof(T));
    in_.remove_prefix(sizeof(T));
  }
  void text(std::string& value) {
    std::uint32_t size = 0;
    number(size);
    if (in_.size() < size) return fail();
    value.assign(in_.substr(0, size));
    in_.remove_prefix(size);
  }
  void flag(bool& value) {
    std::uint8_t byte = 0;
    number(byte);
    require(byte <= 1);
    value = byte != 0;
  }
  /// Fails unless what was read can have been written.
  void require(bool is_possible) {
    if (!is_possible) fail();
  }
  bool ok() const { return ok_; }
  /// Everything was read and nothing is left.
  bool finished() const { return ok_ && in_.empty(); }

 private:
  void fail() {
    ok_ = false;
    in_ = {};
  }
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace daybook
