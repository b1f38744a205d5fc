// Keys as the engine needs them, without chance: ids ascend, "sealing" is reversible and differs by key, stream, field
// and use, so that the same seed appends the same bytes. It encrypts nothing. The real keyring has its own tests.
#pragma once

#include <cstdint>
#include <set>

#include "engine/keyring.h"
#include "tests/simulation/simulated_disk.h"

namespace daybook::test {

/// What stands in the file of keys: it outlives every keyring, and every crash.
struct KeySlots {
  std::uint64_t last = 0;
  std::uint64_t sealed = 0;  ///< How often something was sealed, for the nonces.
  std::set<std::uint64_t> purged;
};

class SimulatedKeyring final : public Keyring {
 public:
  SimulatedKeyring(SimulatedDisk& disk, KeySlots& slots) : disk_(disk), slots_(slots) {}

  std::uint64_t new_key() override;
  bool is_living(std::uint64_t key_id) override;
  Sealed seal(std::uint64_t key_id, std::string_view stream, std::string_view field, std::string_view clear) override;
  std::optional<std::string> unseal(const Sealed& sealed, std::string_view stream, std::string_view field) override;
  void purge(std::uint64_t key_id) override;
  std::string hmac(std::string_view purpose, std::string_view message, std::size_t bytes) override;

 private:
  SimulatedDisk& disk_;
  KeySlots& slots_;
};

}  // namespace daybook::test
