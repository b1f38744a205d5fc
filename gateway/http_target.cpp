// See http_target.h for the grammar.
#include "gateway/http_target.h"

#include <array>
#include <cstdint>
#include <optional>

#include "gateway/limits.h"

namespace daybook {
namespace {

enum class Part { path, query };

constexpr std::uint8_t in_path = 1;
constexpr std::uint8_t in_query = 2;

constexpr std::array<std::uint8_t, 256> make_allowed() {
  std::array<std::uint8_t, 256> allowed{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                       "-._~!$&'()*+,;=:@%/")) {
    allowed[static_cast<std::uint8_t>(c)] = in_path | in_query;
  }
  for (const char c : std::string_view("?[]")) allowed[static_cast<std::uint8_t>(c)] = in_query;
  return allowed;
}

constexpr std::array<std::uint8_t, 256> allowed_in = make_allowed();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Length of the well-formed sequence at the front of `text`, 0 if there is none or it is a control character.
std::size_t clean_sequence_bytes(std::string_view text) {
  const auto byte = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0;
  };
  const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) && !(first == 0xC2 && byte(1) < 0xA0) ? 2 : 0;
  if (first < 0xF0) {
    const bool shortest = first != 0xE0 || byte(1) >= 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && shortest && !surrogate ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const bool in_range = (first != 0xF0 || byte(1) >= 0x90) && (first != 0xF4 || byte(1) < 0x90);
  return follows(1) && follows(2) && follows(3) && in_range ? 4 : 0;
}

bool is_control(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x20 || first == 0x7F) return true;
  return first == 0xC2 && text.size() > 1 && static_cast<std::uint8_t>(text[1]) >= 0x80 &&
         static_cast<std::uint8_t>(text[1]) < 0xA0;
}

std::optional<TargetError> check_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = clean_sequence_bytes(text);
    if (bytes == 0) return is_control(text) ? TargetError::control_character : TargetError::not_utf8;
    text.remove_prefix(bytes);
  }
  return std::nullopt;
}

/// Decodes `raw` into `decoded` (empty before).
std::optional<TargetError> decode(std::string_view raw, Part part, std::string& decoded) {
  decoded.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '+' && part == Part::query) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 1 < raw.size() ? hex_value(raw[i + 1]) : -1;
      const int low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : -1;
      if (high < 0 || low < 0) return TargetError::bad_percent_encoding;
      c = static_cast<char>(high * 16 + low);
      if (c == '/' && part == Part::path) return TargetError::encoded_slash;
      i += 2;
    }
    decoded.push_back(c);
  }
  return check_text(decoded);
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::optional<TargetError> parse_query(std::string_view raw, HttpTarget& target) {
  if (raw.empty()) return std::nullopt;
  for (bool more = true; more;) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    more = end != std::string_view::npos;
    if (more) raw.remove_prefix(end + 1);

    if (target.query.size() == limits::http_query_pairs_max) return TargetError::too_many_pairs;
    const std::size_t equals = pair.find('=');
    auto& [name, value] = target.query.emplace_back();
    if (const auto error = decode(pair.substr(0, equals), Part::query, name)) return error;
    if (name.empty()) return TargetError::empty_query_name;
    if (equals == std::string_view::npos) continue;
    if (const auto error = decode(pair.substr(equals + 1), Part::query, value)) return error;
  }
  return std::nullopt;
}

bool all_allowed(std::string_view text, std::uint8_t part) {
  for (const char c : text) {
    if ((allowed_in[static_cast<std::uint8_t>(c)] & part) == 0) return false;
  }
  return true;
}

}  // namespace

std::string_view to_text(TargetError error) {
  switch (error) {
    case TargetError::not_origin_form:
      return "The request target must begin with \"/\".";
    case TargetError::too_long:
      return "The request target is too long.";
    case TargetError::bad_character:
      return "The request target has a character that must be percent-encoded.";
    case TargetError::bad_percent_encoding:
      return "The request target has a \"%\" without two hexadecimal digits.";
    case TargetError::control_character:
      return "The request target has a control character.";
    case TargetError::not_utf8:
      return "The request target is not valid UTF-8 once decoded.";
    case TargetError::encoded_slash:
      return "The request path has an encoded slash (\"%2F\").";
    case TargetError::dot_segment:
      return "The request path has a \".\" or \"..\" segment.";
    case TargetError::empty_query_name:
      return "The query has a parameter without a name.";
    case TargetError::too_many_pairs:
      return "The query has too many parameters.";
  }
  return "The request target is malformed.";
}

std::variant<HttpTarget, TargetError> parse_target(std::string_view target) {
  if (target.size() > limits::http_target_bytes_max) return TargetError::too_long;
  if (target.empty() || target.front() != '/') return TargetError::not_origin_form;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (!all_allowed(path, in_path) || !all_allowed(query, in_query)) return TargetError::bad_character;

  HttpTarget parsed;
  if (const auto error = decode(path, Part::path, parsed.path)) return *error;
  if (has_dot_segment(parsed.path)) return TargetError::dot_segment;
  if (const auto error = parse_query(query, parsed)) return *error;
  return parsed;
}

bool is_clean_utf8(std::string_view text) {
  return !check_text(text).has_value();
}

}  // namespace daybook
