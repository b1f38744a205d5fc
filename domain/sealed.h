// Personal data on its way into the log: clear text from the request, sealed bytes from then on.
#pragma once

#include <cstdint>
#include <string>

namespace daybook {

/// AES-256-GCM under an account's key (design: sealed fields). Empty bytes: there is nothing.
struct Sealed {
  std::uint64_t key_id = 0;
  std::string nonce;  ///< 12 bytes.
  std::string bytes;  ///< Ciphertext and 16-byte tag.
  bool empty() const { return bytes.empty(); }
  bool operator==(const Sealed&) const = default;
};

/// A member of a command that holds personal data. The engine fills `sealed` from `clear` before the command is
/// decided; the domain never looks at `clear`.
struct Sensitive {
  std::string clear;
  Sealed sealed;
};

}  // namespace daybook
