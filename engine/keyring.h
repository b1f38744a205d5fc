// The keys: one AES-256 key an account for sealed fields, the log's own keys for fingerprints and searches.
//
// Files under keys/:
//   master.key   64 hex digits; wraps everything else. Made at first start unless a file is named; mode 0600.
//   slots        fixed slots of 64 bytes: key id u64le, nonce 12 bytes, wrapped key 32 bytes, tag 12 bytes (AES-256-GCM
//                under the master key, associated data the key id). Slot n holds key id n + 1. Written in batches ahead
//                of need and synced, so that a key is durable before anything is sealed with it; overwritten with
//                zeros when it is purged.
// Threads: any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/sealed.h"

namespace daybook {

inline constexpr std::size_t key_slot_bytes = 64;
inline constexpr std::string_view key_slots_file = "slots";

class Keyring {
 public:
  /// Opens or makes the files. Throws StorageFault (eventstore/fault.h), also if the master key does not open the
  /// slots.
  static std::unique_ptr<Keyring> open(const std::filesystem::path& keys, const std::filesystem::path& master_key_file,
                                       bool read_only = false);
  virtual ~Keyring() = default;

  /// A fresh key's id, durable already. Ids ascend and are never given twice, also over restarts and crashes.
  virtual std::uint64_t new_key() = 0;
  /// Whether something can be sealed with it: it was given out and not purged, and its slot is there.
  virtual bool is_living(std::uint64_t key_id) = 0;
  /// Seals `clear` under the key with a random nonce; associated data is "stream|field". Requires a living key.
  virtual Sealed seal(std::uint64_t key_id, std::string_view stream, std::string_view field,
                      std::string_view clear) = 0;
  /// The clear text; nothing if the key is purged or unknown, or the bytes are not what was sealed for that field.
  virtual std::optional<std::string> unseal(const Sealed& sealed, std::string_view stream, std::string_view field) = 0;
  /// Destroys the key: overwritten on disk and synced, forgotten in memory.
  virtual void purge(std::uint64_t key_id) = 0;

  /// HMAC-SHA256 under the log's key for that purpose ("fingerprint", "email:default", "account_id"), first `bytes`.
  virtual std::string hmac(std::string_view purpose, std::string_view message, std::size_t bytes = 16) = 0;
};

/// `bytes` from the system's generator.
std::string random_bytes(std::size_t bytes);
std::string sha256(std::string_view message);

}  // namespace daybook
