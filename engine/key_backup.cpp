#include "engine/key_backup.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "engine/aes_gcm.h"
#include "engine/keyring.h"
#include "eventstore/durable_file.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk_slots = 1024;
constexpr std::size_t other_file_bytes_max = 1 << 20;
const std::string blank_slot(key_slot_bytes, '\0');

std::uint64_t slots_in(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : bytes / key_slot_bytes;
}

/// Everything in the folder but the slots: the master key, the signing keys. They are small and change as a whole.
void copy_other_files(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const auto name = entry.path().filename();
    if (!entry.is_regular_file() || name == key_slots_file || name.extension() == ".new") continue;
    auto content = read_small_file(entry.path(), other_file_bytes_max);
    if (!content) continue;
    const Wipe wipe(*content);
    auto known = read_small_file(to / name, other_file_bytes_max);
    const bool is_same = known == content;
    if (known) Wipe wiped(*known);
    if (!is_same) write_file_atomically(to / name, *content);
  }
}

/// One chunk of slots: a blank one on either side is blank afterwards.
void merge_slots(const std::string& source, std::string& target, KeyBackupTotals& totals) {
  const std::size_t known = target.size();
  target.resize(std::max(target.size(), source.size()), '\0');
  for (std::size_t at = 0; at < source.size(); at += key_slot_bytes) {
    const bool is_known = at < known;
    const bool was_blank = is_known && target.compare(at, key_slot_bytes, blank_slot) == 0;
    if (was_blank) continue;
    const bool is_blank = source.compare(at, key_slot_bytes, blank_slot) == 0;
    totals.blanked += is_blank && is_known ? 1 : 0;
    totals.living += is_blank ? 0 : 1;
    target.replace(at, key_slot_bytes, source, at, key_slot_bytes);
  }
}

}  // namespace

KeyBackupTotals back_up_keys(const fs::path& keys, const fs::path& to) {
  if (!fs::exists(keys / key_slots_file)) {
    throw StorageFault(fmt::format("{} holds no keys: name the keys/ folder's data directory", keys.string()));
  }
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  make_private_folder(to);
  KeyBackupTotals totals;
  totals.slots = slots_in(keys / key_slots_file);
  if (slots_in(to / key_slots_file) > totals.slots) {
    throw StorageFault(
        fmt::format("{} holds more keys than {}: it is the backup of another directory, or of a later "
                    "state of this one; choose an empty folder",
                    to.string(), keys.string()));
  }
  const FileDescriptor source(keys / key_slots_file, O_RDONLY);
  FileDescriptor target(to / key_slots_file, O_RDWR | O_CREAT);
  for (std::uint64_t slot = 0; slot < totals.slots; slot += chunk_slots) {
    const std::size_t bytes = std::min<std::uint64_t>(chunk_slots, totals.slots - slot) * key_slot_bytes;
    std::string merged = target.read_at(slot * key_slot_bytes, bytes);
    merged.resize(merged.size() / key_slot_bytes * key_slot_bytes);
    merge_slots(source.read_at(slot * key_slot_bytes, bytes), merged, totals);
    target.write_at(slot * key_slot_bytes, merged);
  }
  target.sync();
  copy_other_files(keys, to);
  sync_folder(to);
  return totals;
}

RestoredKeys restore_keys(const fs::path& from, const fs::path& keys, std::uint64_t key_id_max) {
  if (fs::exists(keys / key_slots_file)) throw StorageFault(fmt::format("{} has keys already", keys.string()));
  RestoredKeys restored;
  if (from.empty()) {
    Keyring::open(keys, {});  // A master key; the slots that come with it have ids that others were given before.
    FileDescriptor(keys / key_slots_file, O_RDWR).truncate(0);
  } else {
    if (!fs::exists(from / key_slots_file)) {
      throw StorageFault(fmt::format("{} is no backup of keys: it has no file {}", from.string(), key_slots_file));
    }
    restored.slots = back_up_keys(from, keys).slots;
  }
  restored.missing = key_id_max - std::min(key_id_max, restored.slots);
  FileDescriptor slots(keys / key_slots_file, O_RDWR);
  if (restored.missing > 0) slots.truncate(key_id_max * key_slot_bytes);
  slots.sync();
  sync_folder(keys);
  return restored;
}

}  // namespace daybook
