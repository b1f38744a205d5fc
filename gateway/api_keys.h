// API keys as texts: "dbk_live_" or "dbk_test_" and 52 base32 characters of 256 random bits. Only the SHA-256 digest is
// stored; whoever holds the text is the key. Used by the routes and by `daybook keys`.
#pragma once

#include <string>
#include <string_view>

#include "domain/commands.h"

namespace daybook {

/// The key of `--dev`: super admin of the book `default`, exempt from rate limits.
inline constexpr std::string_view dev_key_text = "dbk_dev";
inline constexpr std::size_t api_key_random_characters = 52;

struct NewApiKey {
  std::string text;    ///< Shown once, never stored.
  std::string digest;  ///< 32 bytes.
  std::string prefix;  ///< Its first characters, to recognise it by: "dbk_test_8f3k".
};
/// `mode` is that of its book.
NewApiKey make_api_key(BookMode mode);

/// Whether a text has the shape of a key (not whether it is one).
bool has_api_key_shape(std::string_view text);
std::string api_key_digest(std::string_view text);

}  // namespace daybook
