#include "eventstore/checkpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "eventstore/base64.h"

namespace daybook {
namespace {

/// Takes a line that has something in it and a line end; nothing else.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == text.npos || end == 0) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// Decimal without sign, spaces or leading zeros.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return number;
}

constexpr std::string_view shard_word = "shard-";

}  // namespace

std::string format_log_origin(const LogOrigin& origin) {
  return fmt::format("{}/{}/{}{}", origin.log_name, origin.log_id, shard_word, origin.shard);
}

std::optional<LogOrigin> parse_log_origin(std::string_view text) {
  const auto second = text.rfind('/');
  const auto first = second == text.npos || second == 0 ? text.npos : text.rfind('/', second - 1);
  if (first == text.npos || first == 0 || first + 1 == second) return std::nullopt;
  const std::string_view last = text.substr(second + 1);
  if (!last.starts_with(shard_word)) return std::nullopt;
  const auto shard = parse_number<ShardNumber>(last.substr(shard_word.size()));
  if (!shard) return std::nullopt;
  return LogOrigin{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)), *shard};
}

std::string format_checkpoint(const Checkpoint& checkpoint) {
  std::string text = fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.head.size,
                                 encode_base64(bytes_of(checkpoint.head.root)));
  for (const std::string& extension : checkpoint.extensions) text += extension + '\n';
  return text;
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = origin ? take_line(text) : std::nullopt;
  const auto root_line = size_line ? take_line(text) : std::nullopt;
  if (!root_line) return std::nullopt;
  const auto size = parse_number<std::uint64_t>(*size_line);
  const auto bytes = decode_base64(*root_line);
  const auto root = bytes ? to_merkle_hash(*bytes) : std::nullopt;
  if (!size || !root) return std::nullopt;
  Checkpoint checkpoint{std::string(*origin), {*size, *root}, {}};
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension) return std::nullopt;
    checkpoint.extensions.emplace_back(*extension);
  }
  return checkpoint;
}

OpenedCheckpoint open_checkpoint(std::string_view note, const std::vector<VerifierKey>& known) {
  const auto parsed = parse_signed_note(note);
  if (!parsed) throw std::invalid_argument("it is not a signed note");
  auto checkpoint = parse_checkpoint(parsed->text);
  if (!checkpoint) throw std::invalid_argument("it is a signed note, but not of a checkpoint");
  OpenedCheckpoint opened{std::move(*checkpoint), verify_note(*parsed, known)};
  std::erase_if(opened.signers, [&](const VerifierKey& key) { return key.name != opened.checkpoint.origin; });
  if (opened.signers.empty()) {
    throw std::invalid_argument(
        fmt::format("it says to be a checkpoint of {}, but none of the given keys of that name has signed it",
                    opened.checkpoint.origin));
  }
  return opened;
}

}  // namespace daybook
