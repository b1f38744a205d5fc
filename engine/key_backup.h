// The keys' own backup, apart from the log's: one folder that holds what keys/ holds. A key that was purged is purged
// in the backup by the next run, and never comes back from it: a blank slot stays blank, whoever is copied onto it.
// Threads: one run at a time a folder.
#pragma once

#include <cstdint>
#include <filesystem>

namespace daybook {

struct KeyBackupTotals {
  std::uint64_t slots = 0;    ///< In the backup now.
  std::uint64_t living = 0;   ///< Of them.
  std::uint64_t blanked = 0;  ///< Purged since the last run: overwritten in the backup, and synced.
};

/// Brings `to`, made if absent, to what `keys` holds. Throws StorageFault, also if `to` holds more keys than `keys`:
/// the backup of another directory, or of a later state of this one.
KeyBackupTotals back_up_keys(const std::filesystem::path& keys, const std::filesystem::path& to);

struct RestoredKeys {
  std::uint64_t slots = 0;
  std::uint64_t missing =
      0;  ///< Keys that events name and the backup does not have: blank slots, so never given again.
};

/// Fills `keys`, which must have no slots yet, from a backup; an empty `from`: with nothing but blank slots. Afterwards
/// there is a slot for each key up to `key_id_max`. Throws StorageFault.
RestoredKeys restore_keys(const std::filesystem::path& from, const std::filesystem::path& keys,
                          std::uint64_t key_id_max);

}  // namespace daybook
