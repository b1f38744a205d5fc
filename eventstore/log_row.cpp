#include "eventstore/log_row.h"

#include <bit>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daybook {
namespace {

static_assert(std::endian::native == std::endian::little, "rows are written in the machine's byte order");

constexpr std::size_t align_up(std::size_t bytes) {
  return (bytes + row_alignment_bytes - 1) / row_alignment_bytes * row_alignment_bytes;
}

constexpr std::size_t table_bytes(std::size_t count) {
  return sizeof(std::uint32_t) * (count + 1);
}

/// The shard is in the seed too: a row under another shard's key must not pass.
std::uint64_t checksum_of(ShardNumber shard, Position first, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), first ^ (std::uint64_t{shard} << 48));
}

template <typename Number>
Number load(const char* from) {
  Number number;
  std::memcpy(&number, from, sizeof number);
  return number;
}

template <typename Number>
void store(char* to, Number number) {
  std::memcpy(to, &number, sizeof number);
}

}  // namespace

RowKey make_row_key(ShardNumber shard, Position first) {
  RowKey key;
  for (std::size_t i = 0; i < 2; ++i) key[i] = static_cast<char>(shard >> (8 * (1 - i)));
  for (std::size_t i = 0; i < 8; ++i) key[2 + i] = static_cast<char>(first >> (8 * (7 - i)));
  return key;
}

std::optional<LogPosition> parse_row_key(std::string_view key) {
  if (key.size() != row_key_bytes) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
  LogPosition at;
  at.shard = static_cast<ShardNumber>(byte(0) << 8 | byte(1));
  for (std::size_t i = 2; i < row_key_bytes; ++i) at.position = at.position << 8 | byte(i);
  return at;
}

std::size_t count_row_envelopes(std::span<const std::string_view> envelopes, std::size_t row_bytes_max) {
  std::size_t payload_bytes = 0;
  std::size_t count = 0;
  for (const auto envelope : envelopes) {
    payload_bytes += align_up(envelope.size());
    const auto row_bytes = align_up(table_bytes(count + 1)) + payload_bytes + row_checksum_bytes;
    if (count > 0 && row_bytes > row_bytes_max) break;
    ++count;
  }
  return count;
}

std::uint64_t encode_row(ShardNumber shard, Position first, std::span<const std::string_view> envelopes,
                         std::string& row) {
  std::size_t bytes = table_bytes(envelopes.size());
  for (const auto envelope : envelopes) bytes = align_up(bytes) + envelope.size();
  row.assign(bytes + row_checksum_bytes, '\0');
  char* const begin = row.data();
  store(begin, static_cast<std::uint32_t>(envelopes.size()));
  char* table = begin + sizeof(std::uint32_t);
  std::size_t end = table_bytes(envelopes.size());
  for (const auto envelope : envelopes) {
    const auto start = align_up(end);
    std::memcpy(begin + start, envelope.data(), envelope.size());
    end = start + envelope.size();
    store(table, static_cast<std::uint32_t>(end));
    table += sizeof(std::uint32_t);
  }
  const auto checksum = checksum_of(shard, first, {begin, end});
  store(begin + end, checksum);
  return checksum;
}

RowView::RowView(ShardNumber shard, Position first, std::string_view bytes) : bytes_(bytes), first_(first) {
  if (bytes.size() < table_bytes(1) + row_checksum_bytes) {
    damage_ = "the row is too short";
    return;
  }
  const auto covered = bytes.substr(0, bytes.size() - row_checksum_bytes);
  checksum_ = load<std::uint64_t>(bytes.data() + covered.size());
  if (checksum_ != checksum_of(shard, first, covered)) {
    damage_ = "the row's checksum does not match its bytes";
    return;
  }
  count_ = load<std::uint32_t>(bytes.data());
  damage_ = check_table();
  if (!damage_.empty()) count_ = 0;
}

std::string_view RowView::check_table() const {
  const auto limit = bytes_.size() - row_checksum_bytes;
  if (count_ == 0 || count_ > limit / sizeof(std::uint32_t) - 1) return "the row's count does not fit its size";
  std::size_t end = table_bytes(count_);
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::size_t next_end = end_of(i);
    if (next_end <= align_up(end) || next_end > limit) return "the row's table of ends does not fit its size";
    end = next_end;
  }
  return end == limit ? "" : "the row has bytes after its last envelope";
}

std::uint32_t RowView::end_of(std::uint64_t index) const {
  return load<std::uint32_t>(bytes_.data() + sizeof(std::uint32_t) * (index + 1));
}

std::string_view RowView::envelope(Position position) const {
  const auto index = position - first_;
  const auto start = align_up(index == 0 ? table_bytes(count_) : end_of(index - 1));
  return bytes_.substr(start, end_of(index) - start);
}

void AlignedBytes::assign(std::string_view bytes) {
  words_.resize((bytes.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  size_ = bytes.size();
  if (size_ > 0) std::memcpy(words_.data(), bytes.data(), size_);
}

}  // namespace daybook
