#include "eventstore/log_row.h"

#include <doctest/doctest.h>

#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace daybook;

namespace {

std::string encode(ShardNumber shard, Position first, const std::vector<std::string>& envelopes) {
  const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
  std::string row;
  encode_row(shard, first, views, row);
  return row;
}

/// The row with another number at `offset`, and a checksum that is right again: a table that lies.
std::string with_number(std::string row, std::size_t offset, std::uint32_t number) {
  std::memcpy(row.data() + offset, &number, sizeof number);
  const auto covered = row.size() - row_checksum_bytes;
  const auto checksum = XXH3_64bits_withSeed(row.data(), covered, 1);
  std::memcpy(row.data() + covered, &checksum, sizeof checksum);
  return row;
}

}  // namespace

TEST_CASE("a row key is big-endian, so that bytes order as shards and positions do") {
  const auto key = make_row_key(0x0102, 0x030405060708090a);
  const std::string_view bytes(key.data(), key.size());
  CHECK(bytes == "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a");
  CHECK(parse_row_key(bytes) == LogPosition{0x0102, 0x030405060708090a});
  CHECK_FALSE(parse_row_key(bytes.substr(1)));
  CHECK(make_row_key(0, 255) < make_row_key(0, 256));
}

TEST_CASE("the worked example of docs/log-format.md is what the encoder writes") {
  const unsigned char documented[] = {
      0x02, 0x00, 0x00, 0x00, 0x15, 0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x00, 0x00, 0x00, 0x64, 0x61, 0x79, 0x62, 0x6f, 0x6f, 0x6b,        //
      0xa3, 0x0e, 0xe2, 0x02, 0x9b, 0xd8, 0xc3, 0xef};
  const std::string row(reinterpret_cast<const char*>(documented), sizeof documented);
  CHECK(encode(1, 42, {"hello", "daybook"}) == row);
  const auto key = make_row_key(1, 42);
  CHECK(std::string_view(key.data(), key.size()) == std::string_view("\0\1\0\0\0\0\0\0\0\x2a", 10));
}

TEST_CASE("a row gives back the exact bytes of every envelope, whatever their length") {
  std::vector<std::string> envelopes;
  for (std::size_t bytes = 1; bytes <= 40; ++bytes) envelopes.emplace_back(bytes, static_cast<char>('a' + bytes % 26));
  const auto bytes = encode(3, 100, envelopes);
  const RowView row(3, 100, bytes);
  REQUIRE(row.damage() == "");
  CHECK(row.count() == 40);
  CHECK(row.last() == 139);
  for (Position position = 100; position <= 139; ++position) {
    CHECK(row.envelope(position) == envelopes[position - 100]);
    CHECK((row.envelope(position).data() - bytes.data()) % 8 == 0);
  }
  CHECK(row.contains(100));
  CHECK(row.contains(139));
  CHECK_FALSE(row.contains(99));
  CHECK_FALSE(row.contains(140));
}

TEST_CASE("a row is bound to its shard and position") {
  const auto bytes = encode(3, 100, {"one", "two"});
  CHECK(RowView(3, 100, bytes).damage().empty());
  CHECK_FALSE(RowView(3, 101, bytes).damage().empty());
  CHECK_FALSE(RowView(2, 100, bytes).damage().empty());
}

TEST_CASE("one flipped bit anywhere in a row is noticed") {
  const auto bytes = encode(0, 1, {"the first envelope", "the second"});
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    CAPTURE(bit);
    CHECK_FALSE(RowView(0, 1, damaged).damage().empty());
  }
}

TEST_CASE("a row that is cut short, or longer, is noticed") {
  const auto bytes = encode(0, 1, {"the first envelope", "the second"});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(RowView(0, 1, std::string_view(bytes).substr(0, size)).damage().empty());
  }
  CHECK_FALSE(RowView(0, 1, bytes + '\0').damage().empty());
}

TEST_CASE("a table that lies is refused even under a right checksum") {
  const auto bytes = encode(0, 1, {"the first envelope", "the second"});  // count at 0, ends at 4 and 8: 34 and 50
  CHECK(RowView(0, 1, with_number(bytes, 0, 2)).damage().empty());
  for (const auto& [offset, number] : std::vector<std::pair<std::size_t, std::uint32_t>>{{0, 0},
                                                                                         {0, 1},
                                                                                         {0, 3},
                                                                                         {0, 0x3fffffff},
                                                                                         {0, 0xffffffff},
                                                                                         {4, 0},
                                                                                         {4, 16},
                                                                                         {4, 50},
                                                                                         {4, 0xfffffff8},
                                                                                         {8, 49},
                                                                                         {8, 51},
                                                                                         {8, 40},
                                                                                         {8, 0xffffffff}}) {
    CAPTURE(offset);
    CAPTURE(number);
    const RowView row(0, 1, with_number(bytes, offset, number));
    CHECK_FALSE(row.damage().empty());
    CHECK(row.count() == 0);
  }
}

TEST_CASE("a row takes envelopes up to its cap, and one of any size") {
  // 3 envelopes of 8: table 16, payload 24, checksum 8.
  const std::vector<std::string_view> envelopes(4, "12345678");
  CHECK(count_row_envelopes(std::span(envelopes).first(3), 48) == 3);
  CHECK(count_row_envelopes(std::span(envelopes).first(3), 47) == 2);
  CHECK(count_row_envelopes(envelopes, 48) == 3);
  CHECK(count_row_envelopes(envelopes, 1) == 1);
  std::string row;
  encode_row(0, 1, std::span(envelopes).first(3), row);
  CHECK(row.size() == 48);
}
