#include "eventstore/backup_manifest.h"

#include <fmt/format.h>

#include <charconv>

#include "eventstore/durable_file.h"

namespace daybook {
namespace {

constexpr std::string_view file_name = "MANIFEST";
constexpr std::size_t manifest_bytes_max = 64 << 20;
constexpr std::string_view hex_digits = "0123456789abcdef";

/// The words of a manifest's lines, read in order; anything unexpected makes it fail for good.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool begin_line(std::string_view name) {
    const std::size_t end = text_.find('\n');
    if (end == text_.npos || !text_.starts_with(name) || text_.size() <= name.size() || text_[name.size()] != ' ') {
      return false;
    }
    line_ = text_.substr(name.size() + 1, end - name.size() - 1);
    text_.remove_prefix(end + 1);
    return true;
  }
  std::string_view word() {
    const std::size_t end = line_.find(' ');
    const std::string_view found = line_.substr(0, end);
    line_ = end == line_.npos ? std::string_view() : line_.substr(end + 1);
    ok_ = ok_ && !found.empty();
    return found;
  }
  template <typename Number>
  Number number() {
    const std::string_view text = word();
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    ok_ = ok_ && error == std::errc() && end == text.data() + text.size();
    return value;
  }
  MerkleHash hash() {
    const auto parsed = parse_hex_hash(word());
    ok_ = ok_ && parsed.has_value();
    return parsed.value_or(MerkleHash{});
  }
  void end_line() { ok_ = ok_ && line_.empty(); }
  void require(bool holds) { ok_ = ok_ && holds; }
  bool ok() const { return ok_; }
  bool finished() const { return text_.empty(); }

 private:
  std::string_view text_;
  std::string_view line_;
  bool ok_ = true;
};

/// Segments follow on each other from 1 to each head.
bool is_seamless(const BackupManifest& manifest) {
  std::vector<Position> next(manifest.heads.size(), 1);
  for (const BackupSegment& segment : manifest.segments) {
    if (segment.shard >= next.size() || segment.first != next[segment.shard] || segment.last < segment.first) {
      return false;
    }
    next[segment.shard] = segment.last + 1;
  }
  for (std::size_t shard = 0; shard < next.size(); ++shard) {
    if (next[shard] != manifest.heads[shard].size + 1) return false;
  }
  return true;
}

std::optional<BackupManifest> parse_manifest(std::string_view text) {
  const std::size_t sum_at = text.rfind("sum ");
  if (sum_at == text.npos) return std::nullopt;
  LineReader lines(text);
  BackupManifest manifest;
  if (!lines.begin_line("daybook-backup")) return std::nullopt;
  lines.require(lines.number<int>() == backup_format_version);
  lines.end_line();
  lines.require(lines.begin_line("log_id"));
  manifest.log_id = lines.word();
  lines.end_line();
  lines.require(lines.begin_line("shards"));
  const auto shards = lines.number<ShardNumber>();
  lines.end_line();
  lines.require(lines.begin_line("taken"));
  manifest.taken_us = lines.number<std::int64_t>();
  lines.end_line();
  while (lines.ok() && lines.begin_line("shard")) {
    lines.require(lines.number<ShardNumber>() == manifest.heads.size());
    TreeHead& head = manifest.heads.emplace_back();
    head.size = lines.number<Position>();
    head.root = lines.hash();
    lines.end_line();
  }
  while (lines.ok() && lines.begin_line("segment")) {
    BackupSegment& segment = manifest.segments.emplace_back();
    segment.shard = lines.number<ShardNumber>();
    segment.first = lines.number<Position>();
    segment.last = lines.number<Position>();
    segment.bytes = lines.number<std::uint64_t>();
    segment.digest = lines.hash();
    lines.end_line();
  }
  lines.require(lines.begin_line("sum"));
  const MerkleHash sum = lines.hash();
  lines.end_line();
  const bool is_sound = lines.ok() && lines.finished() && shards == manifest.heads.size() && shards >= 1 &&
                        is_seamless(manifest) && MerkleHasher().plain(text.substr(0, sum_at)) == sum;
  return is_sound ? std::optional(std::move(manifest)) : std::nullopt;
}

}  // namespace

std::filesystem::path BackupSegment::file_name() const {
  return fmt::format("shard-{:04}-{:020}.segment", shard, first);
}

std::string to_hex(const MerkleHash& hash) {
  std::string text;
  for (const unsigned char byte : hash) {
    text += hex_digits[byte >> 4U];
    text += hex_digits[byte & 15U];
  }
  return text;
}

std::optional<MerkleHash> parse_hex_hash(std::string_view text) {
  MerkleHash hash;
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = hex_digits.find(text[i]);
    if (digit == hex_digits.npos) return std::nullopt;
    hash[i / 2] = static_cast<unsigned char>(std::size_t{hash[i / 2]} << 4U | digit);
  }
  return hash;
}

std::string format_manifest(const BackupManifest& manifest) {
  std::string text = fmt::format("daybook-backup {}\nlog_id {}\nshards {}\ntaken {}\n", backup_format_version,
                                 manifest.log_id, manifest.heads.size(), manifest.taken_us);
  for (std::size_t shard = 0; shard < manifest.heads.size(); ++shard) {
    text += fmt::format("shard {} {} {}\n", shard, manifest.heads[shard].size, to_hex(manifest.heads[shard].root));
  }
  for (const BackupSegment& segment : manifest.segments) {
    text += fmt::format("segment {} {} {} {} {}\n", segment.shard, segment.first, segment.last, segment.bytes,
                        to_hex(segment.digest));
  }
  text += fmt::format("sum {}\n", to_hex(MerkleHasher().plain(text)));
  return text;
}

std::optional<BackupManifest> read_manifest(const std::filesystem::path& folder) {
  const auto file = folder / file_name;
  const auto text = read_small_file(file, manifest_bytes_max);
  if (!text) return std::nullopt;
  auto manifest = parse_manifest(*text);
  if (!manifest) {
    throw StorageFault(
        fmt::format("{} is damaged, or of another release's format: take a new backup into an empty "
                    "folder, and keep this one until you have looked at it",
                    file.string()));
  }
  return manifest;
}

void write_manifest(const std::filesystem::path& folder, const BackupManifest& manifest) {
  write_file_atomically(folder / file_name, format_manifest(manifest));
}

}  // namespace daybook
