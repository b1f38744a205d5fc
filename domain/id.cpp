// Base32 of whole fields, five bits a character. The layout is in id.h.
#include "domain/id.h"

#include <array>

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint8_t not_a_digit = 0xff;

constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(not_a_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

constexpr std::size_t entity_characters = 20;
constexpr std::size_t log_characters = 12;

char* put(char* out, std::uint64_t value, int characters) {
  for (int i = characters - 1; i >= 0; --i, value >>= 5) out[i] = alphabet[value & 31];
  return out + characters;
}

/// The value of that many characters, which the caller knows to be of the alphabet; moves `from` past them.
std::uint64_t take(const char*& from, int characters) {
  std::uint64_t value = 0;
  for (int i = 0; i < characters; ++i) value = value << 5 | digit_values[static_cast<unsigned char>(*from++)];
  return value;
}

/// The characters after "prefix_" if there are exactly so many, all of the alphabet; else empty.
std::string_view digits_after(std::string_view prefix, std::string_view text, std::size_t characters) {
  if (text.size() != prefix.size() + 1 + characters) return {};
  if (!text.starts_with(prefix) || text[prefix.size()] != '_') return {};
  const std::string_view digits = text.substr(prefix.size() + 1);
  for (const char c : digits) {
    if (digit_values[static_cast<unsigned char>(c)] == not_a_digit) return {};
  }
  return digits;
}

void append_log_ref(std::string& out, std::string_view prefix, std::uint16_t shard, std::uint64_t position) {
  ensure(shard < id_shard_end, "the shard is too large for an id");
  ensure(position > 0, "position zero has no id");
  ensure(position < id_position_end, "the position is too large for an id");
  std::array<char, log_characters> digits;
  put(put(digits.data(), shard, 2), position, 10);
  out.append(prefix).append(1, '_').append(digits.data(), digits.size());
}

std::optional<LogRef> parse_log_ref(std::string_view prefix, std::string_view text) {
  const std::string_view digits = digits_after(prefix, text, log_characters);
  if (digits.empty()) return std::nullopt;
  const char* from = digits.data();
  LogRef ref;
  ref.shard = static_cast<std::uint16_t>(take(from, 2));
  ref.position = take(from, 10);
  return ref.position > 0 ? std::optional(ref) : std::nullopt;
}

}  // namespace

void append_id(std::string& out, std::string_view prefix, EntityRef ref) {
  ensure(ref.shard < id_shard_end, "the shard is too large for an id");
  ensure(ref.stream_ordinal > 0, "a stream's ordinal counts from 1");
  ensure(ref.stream_ordinal < id_ordinal_end, "the ordinal is too large for an id");
  ensure(ref.stream_version > 0, "none has no id");
  ensure(ref.stream_version < id_version_end, "the version is too large for an id");
  ensure(ref.slot < id_slot_end, "the slot is too large for an id");
  std::array<char, entity_characters> digits;
  put(put(put(put(digits.data(), ref.shard, 2), ref.stream_ordinal, 8), ref.stream_version, 8), ref.slot, 2);
  out.append(prefix).append(1, '_').append(digits.data(), digits.size());
}

std::string format_id(std::string_view prefix, EntityRef ref) {
  std::string text;
  append_id(text, prefix, ref);
  return text;
}

std::optional<EntityRef> parse_id(std::string_view prefix, std::string_view text) {
  const std::string_view digits = digits_after(prefix, text, entity_characters);
  if (digits.empty()) return std::nullopt;
  const char* from = digits.data();
  EntityRef ref;
  ref.shard = static_cast<std::uint16_t>(take(from, 2));
  ref.stream_ordinal = take(from, 8);
  ref.stream_version = take(from, 8);
  ref.slot = static_cast<std::uint16_t>(take(from, 2));
  return ref.stream_ordinal > 0 && !ref.is_none() ? std::optional(ref) : std::nullopt;
}

void append_event_id(std::string& out, std::uint16_t shard, std::uint64_t position) {
  append_log_ref(out, "evt", shard, position);
}

std::string format_event_id(std::uint16_t shard, std::uint64_t position) {
  std::string text;
  append_event_id(text, shard, position);
  return text;
}

std::optional<LogRef> parse_event_id(std::string_view text) {
  return parse_log_ref("evt", text);
}

void append_command_id(std::string& out, std::uint16_t shard, std::uint64_t position) {
  append_log_ref(out, "cmd", shard, position);
}

std::string format_command_id(std::uint16_t shard, std::uint64_t position) {
  std::string text;
  append_command_id(text, shard, position);
  return text;
}

std::optional<LogRef> parse_command_id(std::string_view text) {
  return parse_log_ref("cmd", text);
}

}  // namespace daybook
