// Who acts: found by the gateway from the credential, carried by every command and read.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "domain/commands.h"

namespace daybook {

struct Principal {
  std::string book = "default";  ///< A credential belongs to one book.
  std::string name;              ///< "key:key_...", "key:dev", "system:agenda", "cli:keys".
  Role role = Role::system;
  std::string credential;  ///< The key's id; empty for the system.
  std::string account_id;  ///< For roles that act within one account; empty: the whole book.
  std::vector<std::string> scopes;
  bool is_exempt_from_limits = false;
};

/// What comes with a command beside its content.
struct CommandContext {
  Principal principal;
  std::string idempotency_key;  ///< Empty: none.
  bool keeps_key = false;       ///< For ever, not for idempotency_ttl_us.
  std::string fingerprint;      ///< 16 bytes, with a key.
  std::string request_id;
  std::string traceparent;
  std::optional<std::uint64_t> if_match;  ///< The version that the resource must have.
  bool dry_run = false;
  /// Where the answer is about a test clock: it comes when the clock stands. Where a book is read: when nothing is due
  /// any more by its clock as of now; what is read is read before.
  bool waits = false;
  /// How long the answer may wait for the result of a payment that the command attempts.
  std::chrono::milliseconds payment_wait{0};
};

}  // namespace daybook
