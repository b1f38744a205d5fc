#include "eventstore/manifest_check.h"

#include <fmt/format.h>

#include <boost/crc.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "eventstore/fault.h"

namespace daybook {
namespace {

// RocksDB's log format: blocks of 32 KiB, records of a masked CRC-32C, a length and a type before the bytes; a record
// never crosses a block's end, and what is too short for a header there is zero.
constexpr std::size_t block_bytes = 32 << 10;
constexpr std::size_t header_bytes = 7;
constexpr unsigned type_min = 1, type_max = 4;  // whole, first, middle, last
// An append beside us may be half there, or the file be replaced by another one.
constexpr int attempts_max = 20;
constexpr std::chrono::milliseconds attempt_pause{5};

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::uint32_t masked_crc(std::string_view bytes) {
  Crc32c crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const std::uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + 0xa282ead8U;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) value = value << 8 | static_cast<std::uint8_t>(*byte);
  return value;
}

/// The byte at which a record begins that is not whole.
std::optional<std::size_t> find_damage(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t left_in_block = block_bytes - at % block_bytes;
    if (left_in_block < header_bytes) {
      if (bytes.substr(at, left_in_block).find_first_not_of('\0') != bytes.npos) return at;
      at += left_in_block;
      continue;
    }
    if (bytes.size() - at < header_bytes) return at;
    const std::size_t length = little_endian(bytes.substr(at + 4, 2));
    const auto type = static_cast<std::uint8_t>(bytes[at + 6]);
    if (type < type_min || type > type_max || header_bytes + length > left_in_block) return at;
    if (bytes.size() - at < header_bytes + length) return at;
    if (little_endian(bytes.substr(at, 4)) != masked_crc(bytes.substr(at + 6, 1 + length))) return at;
    at += header_bytes + length;
  }
  return std::nullopt;
}

/// Nothing if the file is not there.
std::optional<std::string> content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Why the MANIFEST is not whole; empty if it is.
std::string finding_of(const std::filesystem::path& directory) {
  const std::string current = (directory / "CURRENT").string();
  auto name = content_of(current);
  if (!name || !name->ends_with('\n')) return current + " is damaged";
  name->pop_back();
  const std::filesystem::path file = directory / *name;
  const auto content = content_of(file);
  if (!content) return current + " names a file that is not there";
  const auto damage = find_damage(*content);
  return damage ? fmt::format("{} is damaged at byte {}", file.string(), *damage) : std::string();
}

}  // namespace

void check_manifest(const std::filesystem::path& directory) {
  std::string finding = finding_of(directory);
  for (int attempt = 1; !finding.empty() && attempt < attempts_max; ++attempt) {
    std::this_thread::sleep_for(attempt_pause);
    finding = finding_of(directory);
  }
  if (!finding.empty()) throw CorruptLog(0, 0, finding);
}

}  // namespace daybook
