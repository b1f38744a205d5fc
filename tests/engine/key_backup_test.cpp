// The keys' backup: what was purged stays purged, in whichever direction is copied.
#include "engine/key_backup.h"

#include <doctest/doctest.h>

#include <fstream>

#include "engine/keyring.h"
#include "eventstore/fault.h"
#include "eventstore/rocks_open.h"

using namespace daybook;
namespace fs = std::filesystem;

namespace {

constexpr const char* stream = "default/acme";

struct Keys {
  ScratchFolder folder;
  const fs::path keys = folder.path() / "keys", backup = folder.path() / "backup", restored = folder.path() / "new";
  Sealed first, second;

  Keys() {
    fs::create_directory(keys);
    fs::create_directory(restored);
    const auto ring = Keyring::open(keys, {});
    first = ring->seal(ring->new_key(), stream, "name", "one");
    second = ring->seal(ring->new_key(), stream, "name", "two");
  }
  void purge(std::uint64_t key_id) { Keyring::open(keys, {})->purge(key_id); }
  /// What a key ring over the folder makes of a sealed text.
  static std::optional<std::string> read(const fs::path& from, const Sealed& sealed) {
    return Keyring::open(from, {}, true)->unseal(sealed, stream, "name");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "restored keys open what was sealed before, and go on with fresh ids") {
  const KeyBackupTotals totals = back_up_keys(keys, backup);
  CHECK(totals.living == totals.slots);
  CHECK(restore_keys(backup, restored, 2).missing == 0);
  CHECK(read(restored, first) == "one");
  CHECK(read(restored, second) == "two");
  CHECK(Keyring::open(restored, {})->new_key() == totals.slots + 1);
}

TEST_CASE_FIXTURE(Keys, "a purge reaches the backup with its next run, on disk") {
  back_up_keys(keys, backup);
  purge(first.key_id);
  CHECK(read(backup, first) == "one");
  const KeyBackupTotals totals = back_up_keys(keys, backup);
  CHECK(totals.blanked == 1);
  CHECK(totals.living == totals.slots - 1);
  CHECK_FALSE(read(backup, first));
  CHECK(read(backup, second) == "two");
  CHECK(back_up_keys(keys, backup).blanked == 0);
}

TEST_CASE_FIXTURE(Keys, "a purged key does not come back from a directory that still has it") {
  fs::copy(keys, folder.path() / "old");
  purge(first.key_id);
  back_up_keys(keys, backup);
  back_up_keys(folder.path() / "old", backup);
  CHECK_FALSE(read(backup, first));
  restore_keys(backup, restored, 2);
  CHECK_FALSE(read(restored, first));
}

TEST_CASE_FIXTURE(Keys, "keys that events name and the backup lacks become blank slots, never given again") {
  back_up_keys(keys, backup);
  const RestoredKeys totals = restore_keys(backup, restored, 5'000);
  CHECK(totals.missing == 5'000 - totals.slots);
  const auto ring = Keyring::open(restored, {});
  CHECK_FALSE(ring->is_living(5'000));
  CHECK(ring->is_living(1));
  CHECK(ring->new_key() == 5'001);
}

TEST_CASE_FIXTURE(Keys, "without a backup every old key is blank, and new ones work") {
  CHECK(restore_keys({}, restored, 7).missing == 7);
  const auto ring = Keyring::open(restored, {});
  CHECK_FALSE(ring->is_living(7));
  const std::uint64_t fresh = ring->new_key();
  CHECK(fresh == 8);
  CHECK(ring->unseal(ring->seal(fresh, stream, "name", "x"), stream, "name") == "x");
}

TEST_CASE_FIXTURE(Keys, "what is no backup, or another's, is refused") {
  CHECK_THROWS_AS(back_up_keys(folder.path() / "nowhere", backup), StorageFault);
  fs::create_directory(backup);
  CHECK_THROWS_AS(restore_keys(backup, restored, 1), StorageFault);
  back_up_keys(keys, backup);
  fs::resize_file(backup / key_slots_file, fs::file_size(backup / key_slots_file) + key_slot_bytes);
  CHECK_THROWS_AS(back_up_keys(keys, backup), StorageFault);
  CHECK_THROWS_AS(restore_keys(keys, keys, 1), StorageFault);
}
