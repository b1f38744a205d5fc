// Appends JSON to a string: strings, numbers and the commas between members. It never allocates but for the string's
// own growth. It must not know billing. Strings follow RFC 8259 section 7; what is not valid UTF-8 becomes U+FFFD, so
// that the text is valid JSON whatever was given.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

/// Appends `text` in quotes. Escapes the quote, the backslash and the control characters, and keeps UTF-8 as it is;
/// each maximal part of an invalid sequence becomes one U+FFFD (Unicode 15, section 3.9).
void append_json_string(std::string& out, std::string_view text);

/// Appends the integer in decimal, without quotes.
template <std::integral T>
  requires(!std::same_as<T, bool>)
void append_json_integer(std::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

/// Appends `scaled` / 10^`places` as a decimal string in quotes, without trailing zeros: (1250, 3) is "1.25".
/// Requires places <= 18.
void append_json_decimal(std::string& out, std::int64_t scaled, unsigned places);

/// Appends the bytes in quotes, base64 with the standard alphabet and padding (RFC 4648 section 4).
void append_json_base64(std::string& out, std::string_view bytes);

/// Appends `text` without its white space if it is one JSON value in valid UTF-8; else appends nothing and returns
/// false. Numbers must fit what simdjson reads: 64-bit integers and finite doubles.
bool append_json_value(std::string& out, std::string_view text);

/// Writes objects and arrays without keeping any state: whether a comma is due shows in the last character.
///
///     JsonText json(out);
///     json.begin_object().member("object", "list").key("data").begin_array().integer(1).end_array().end_object();
///
/// The caller pairs what is begun and ended, and gives each key one value. One thread at a time.
class JsonText {
 public:
  /// Appends to `out` from its present end on; `out` must outlive this.
  explicit JsonText(std::string& out) : out_(out), start_(out.size()) {}

  JsonText& begin_object() { return open('{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array() { return open('['); }
  JsonText& end_array() { return close(']'); }

  /// The name of the next value.
  JsonText& key(std::string_view name);
  JsonText& string(std::string_view text);
  JsonText& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonText& null() { return raw("null"); }
  /// A value that is JSON already. Must not be empty or end in white space.
  JsonText& raw(std::string_view json);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonText& integer(T value) {
    separate();
    append_json_integer(out_, value);
    return *this;
  }

  JsonText& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  /// Without this one a literal would be taken for a bool.
  JsonText& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonText& member(std::string_view name, bool value) { return key(name).boolean(value); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonText& member(std::string_view name, T value) {
    return key(name).integer(value);
  }

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  void separate();

  std::string& out_;
  std::size_t start_;
};

}  // namespace daybook
