// The engine's edge: personal data in a command becomes sealed bytes before anything is decided.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "domain/account.h"
#include "domain/commands.h"
#include "engine/keyring.h"

namespace daybook {

/// Fills `sealed` of every member that holds personal data, under the account's key. Members of an update that say what
/// is there already keep the stored bytes, so that the domain sees no change. `current` is null for a new account.
/// Returns the key that the account has from now on: a fresh one if `key_id` is gone (keys/ was lost, or is older than
/// the log) and something had to be sealed.
std::uint64_t seal_command(Command& command, Keyring& keys, std::uint64_t key_id, std::string_view stream,
                           const AccountDetails* current);

/// What search by e-mail compares: an HMAC of the lower-cased address under the book's key.
std::string email_digest(Keyring& keys, std::string_view book, std::string_view email);
/// The same of a sealed address, for views: empty if its key is gone. `keys` must outlive what is returned.
std::function<std::string(std::string_view book, std::string_view stream, const Sealed& email)> email_digester(
    Keyring& keys);

}  // namespace daybook
