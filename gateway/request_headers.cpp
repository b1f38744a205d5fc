#include "gateway/request_headers.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <limits>

#include "domain/ascii.h"
#include "engine/keyring.h"
#include "engine/limits.h"
#include "gateway/limits.h"

namespace daybook {
namespace {

constexpr std::string_view base32 = "0123456789abcdefghjkmnpqrstvwxyz";

bool is_lower_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}
bool all_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_lower_hex);
}
bool all_zero(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

std::string process_prefix() {
  std::string prefix = "req_";
  for (const char c : random_bytes(8)) prefix += base32[static_cast<unsigned char>(c) & 31U];
  return prefix;
}

/// The tag without its weakness; empty if it is none.
std::string_view strong_tag(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return {};
  if (tag.substr(1, tag.size() - 2).find('"') != tag.npos) return {};
  return tag;
}

}  // namespace

bool valid_request_id(std::string_view text) {
  if (text.empty() || text.size() > limits::request_id_bytes_max) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("._:-").find(c) != std::string_view::npos;
  });
}

std::string make_request_id() {
  static const std::string prefix = process_prefix();
  static std::atomic<std::uint64_t> count{0};
  std::uint64_t number = count.fetch_add(1, std::memory_order_relaxed);
  char digits[8];
  for (int i = 7; i >= 0; --i, number >>= 5U) digits[i] = base32[number & 31U];
  return prefix + std::string(digits, sizeof(digits));
}

bool valid_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace = text.substr(3, 32), parent = text.substr(36, 16), flags = text.substr(53);
  return all_hex(trace) && all_hex(parent) && all_hex(flags) && !all_zero(trace) && !all_zero(parent);
}

bool valid_idempotency_key(std::string_view text) {
  if (text.empty() || text.size() > idempotency_key_bytes_max) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
}

std::string etag_of(std::uint64_t version) {
  return '"' + std::to_string(version) + '"';
}

IfMatch parse_if_match(std::string_view text) {
  if (text == "*") return {};
  const std::string_view tag = strong_tag(text);
  if (tag.empty()) return {false, std::nullopt};
  const std::string_view digits = tag.substr(1, tag.size() - 2);
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || end != digits.data() + digits.size()) version = std::numeric_limits<std::uint64_t>::max();
  return {true, version};
}

bool none_match_holds(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  while (!if_none_match.empty()) {
    const std::size_t end = if_none_match.find(',');
    std::string_view tag = if_none_match.substr(0, end);
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty() && strong_tag(tag) == etag) return true;
    if_none_match = end == if_none_match.npos ? std::string_view() : if_none_match.substr(end + 1);
  }
  return false;
}

}  // namespace daybook
