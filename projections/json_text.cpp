#include "projections/json_text.h"

#include <simdjson.h>
#include <cstring>

#include "eventstore/base64.h"

namespace daybook {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool is_plain(std::uint8_t byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// The number of plain characters from `at` on, eight at a time: a byte's top bit ends up set if it is not plain.
std::size_t plain_run(std::string_view text, std::size_t at) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t tops = 0x8080808080808080U;
  const std::size_t start = at;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t quote = word ^ (ones * '"');
    const std::uint64_t backslash = word ^ (ones * '\\');
    if (((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops) != 0) break;
  }
  while (at < text.size() && is_plain(byte_at(text, at))) ++at;
  return at - start;
}

/// A well-formed UTF-8 sequence's length, or the length of the invalid part that one U+FFFD stands for.
struct Sequence {
  std::size_t length;
  bool valid;
};

/// Unicode 15, table 3-7: the second byte's range depends on the first; the rest are 80..BF.
Sequence read_sequence(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  if (first < 0xC2 || first > 0xF4) return {1, false};
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t read = 1; read < length; ++read) {
    if (at + read == text.size() || byte_at(text, at + read) < low || byte_at(text, at + read) > high) {
      return {read, false};
    }
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += hex[static_cast<std::uint8_t>(c) >> 4];
  out += hex[static_cast<std::uint8_t>(c) & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = plain_run(text, at);
    out.append(text, at, plain);
    at += plain;
    if (at == text.size()) break;
    if (byte_at(text, at) < 0x80) {
      append_escaped(out, text[at++]);
      continue;
    }
    const Sequence sequence = read_sequence(text, at);
    out += sequence.valid ? text.substr(at, sequence.length) : replacement;
    at += sequence.length;
  }
  out += '"';
}

void append_json_decimal(std::string& out, std::int64_t scaled, unsigned places) {
  // Negated as unsigned, so that the smallest int64 has a magnitude too.
  const auto bits = static_cast<std::uint64_t>(scaled);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), scaled < 0 ? 0 - bits : bits).ptr;
  std::string_view text(digits, static_cast<std::size_t>(end - digits));
  out += scaled < 0 ? "\"-" : "\"";
  const std::size_t whole = text.size() > places ? text.size() - places : 0;
  out += whole == 0 ? "0" : text.substr(0, whole);
  const std::size_t zeros = text.size() > places ? 0 : places - text.size();
  text.remove_prefix(whole);
  while (!text.empty() && text.back() == '0') text.remove_suffix(1);
  if (!text.empty()) {
    out += '.';
    out.append(zeros, '0');
    out += text;
  }
  out += '"';
}

void append_json_base64(std::string& out, std::string_view bytes) {
  out += '"';
  append_base64(out, bytes);
  out += '"';
}

bool append_json_value(std::string& out, std::string_view text) {
  simdjson::dom::parser parser;
  if (parser.parse(text.data(), text.size()).error() != simdjson::SUCCESS) return false;
  const std::size_t start = out.size();
  out.resize(start + text.size());
  std::size_t written = 0;
  const auto failure = simdjson::minify(text.data(), text.size(), out.data() + start, written);
  out.resize(failure == simdjson::SUCCESS ? start + written : start);
  return failure == simdjson::SUCCESS;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  return *this;
}

JsonText& JsonText::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonText& JsonText::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonText& JsonText::open(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  return *this;
}

void JsonText::separate() {
  if (out_.size() == start_) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

}  // namespace daybook
