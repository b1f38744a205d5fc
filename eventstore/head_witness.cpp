#include "eventstore/head_witness.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "eventstore/log.h"
#include "eventstore/log_row.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace daybook {
namespace {

constexpr std::size_t slot_bytes = 64;
constexpr std::size_t slots_per_shard = 2;
constexpr std::size_t root_offset = 2 * sizeof(std::uint64_t);
constexpr std::size_t checked_bytes = slot_bytes - sizeof(std::uint64_t);

enum class SlotState { blank, valid, damaged };

struct Slot {
  SlotState state = SlotState::blank;
  HeadWitness head;
};

std::uint64_t slot_number(ShardNumber shard, std::size_t slot) {
  return shard * slots_per_shard + slot;
}

std::uint64_t checksum_of(const char* bytes, std::uint64_t number) {
  return XXH3_64bits_withSeed(bytes, checked_bytes, number);
}

std::array<char, slot_bytes> encode_slot(HeadWitness head, std::uint64_t number) {
  std::array<char, slot_bytes> bytes{};
  std::memcpy(bytes.data(), &head.position, sizeof head.position);
  std::memcpy(bytes.data() + sizeof head.position, &head.row_checksum, sizeof head.row_checksum);
  std::memcpy(bytes.data() + root_offset, head.root.data(), head.root.size());
  const auto checksum = checksum_of(bytes.data(), number);
  std::memcpy(bytes.data() + checked_bytes, &checksum, sizeof checksum);
  return bytes;
}

/// A file that ends before the slot was never written so far.
Slot decode_slot(std::string_view file, std::uint64_t number) {
  const auto start = std::min<std::size_t>(number * slot_bytes, file.size());
  std::string bytes(file.substr(start, slot_bytes));
  bytes.resize(slot_bytes, '\0');
  if (std::ranges::all_of(bytes, [](char byte) { return byte == '\0'; })) return {};
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + checked_bytes, sizeof checksum);
  if (checksum != checksum_of(bytes.data(), number)) return {SlotState::damaged, {}};
  Slot slot{SlotState::valid, {}};
  std::memcpy(&slot.head.position, bytes.data(), sizeof slot.head.position);
  std::memcpy(&slot.head.row_checksum, bytes.data() + sizeof slot.head.position, sizeof slot.head.row_checksum);
  std::memcpy(slot.head.root.data(), bytes.data() + root_offset, slot.head.root.size());
  return slot;
}

using ShardSlots = std::array<Slot, slots_per_shard>;

ShardSlots decode_slots(std::string_view file, ShardNumber shard) {
  ShardSlots slots;
  for (std::size_t i = 0; i < slots_per_shard; ++i) slots[i] = decode_slot(file, slot_number(shard, i));
  return slots;
}

std::size_t newer_slot(const ShardSlots& slots) {
  return slots[0].head.position >= slots[1].head.position ? 0 : 1;
}

std::size_t file_bytes(ShardNumber shards) {
  return slot_bytes * slots_per_shard * shards;
}

std::string advice() {
  return "The log has lost events that may have been acknowledged: restore a backup or import the missing events from "
         "Kafka. To accept the loss, delete the file \"head\" in the data directory.";
}

void check_witnessed_row(const EventLog& log, ShardNumber shard, HeadWitness head) {
  std::uint64_t checksum = 0;
  bool ends_there = false;
  log.for_each_row(shard, head.position, [&](Position first, std::string_view bytes) {
    const RowView row(shard, first, bytes);
    checksum = row.checksum();
    ends_there = row.damage().empty() && row.last() == head.position;
    return false;
  });
  if (ends_there && checksum == head.row_checksum) return;
  throw StorageFault(
      fmt::format("the log's row that ends at {} is not the one that was written there: this log is "
                  "another one, or was changed. {}",
                  to_string({shard, head.position}), advice()));
}

}  // namespace

WitnessFile::WitnessFile(const std::filesystem::path& path, ShardNumber shards)
    : file_(path, O_RDWR | O_CREAT), next_slot_(shards) {
  const auto content = file_.read_at(0, file_bytes(shards));
  for (ShardNumber shard = 0; shard < shards; ++shard) {
    next_slot_[shard] = newer_slot(decode_slots(content, shard)) == 0 ? 1 : 0;  // A damaged slot counts as the older.
  }
}

void WitnessFile::write(ShardNumber shard, HeadWitness head) {
  auto& next = next_slot_.at(shard);
  const auto number = slot_number(shard, next);
  const auto bytes = encode_slot(head, number);
  file_.write_at(number * slot_bytes, {bytes.data(), bytes.size()});
  next ^= 1;
}

std::string read_witness_file(const std::filesystem::path& path, ShardNumber shards) {
  return read_small_file(path, file_bytes(shards)).value_or("");
}

HeadWitness find_head_witness(std::string_view file, ShardNumber shard) {
  const auto slots = decode_slots(file, shard);
  const auto& newer = slots[newer_slot(slots)];
  const bool damaged = std::ranges::any_of(slots, [](const Slot& slot) { return slot.state == SlotState::damaged; });
  if (newer.state != SlotState::valid && damaged) {
    throw StorageFault(
        fmt::format("the file \"head\" in the data directory is damaged for shard {}, so the end of the "
                    "log cannot be checked. Run `daybook verify`; delete the file to go on without it.",
                    shard));
  }
  return newer.head;
}

void check_witness(const EventLog& log, const DataDirectory& directory) {
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
    const auto witnessed = directory.read_witness(shard);
    if (witnessed.position == 0) continue;
    if (log.head(shard) < witnessed.position) {
      throw StorageFault(fmt::format("the log of shard {} ends at {}, but {} was written before. {}", shard,
                                     log.head(shard), witnessed.position, advice()));
    }
    check_witnessed_row(log, shard, witnessed);
  }
}

}  // namespace daybook
