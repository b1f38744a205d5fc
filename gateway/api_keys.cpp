#include "gateway/api_keys.h"

#include <algorithm>

#include "engine/keyring.h"
#include "gateway/base32.h"

namespace daybook {
namespace {

constexpr std::string_view base32 = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t shown_characters = 4;

std::string_view prefix_of(BookMode mode) {
  return mode == BookMode::live ? "dbk_live_" : "dbk_test_";
}

}  // namespace

NewApiKey make_api_key(BookMode mode) {
  NewApiKey key;
  key.text = std::string(prefix_of(mode)) + to_base32(random_bytes(key_bytes));
  key.digest = api_key_digest(key.text);
  key.prefix = key.text.substr(0, prefix_of(mode).size() + shown_characters);
  return key;
}

bool has_api_key_shape(std::string_view text) {
  if (!text.starts_with("dbk_live_") && !text.starts_with("dbk_test_")) return false;
  text.remove_prefix(prefix_of(BookMode::live).size());
  return text.size() == api_key_random_characters &&
         std::all_of(text.begin(), text.end(), [](char c) { return base32.find(c) != base32.npos; });
}

std::string api_key_digest(std::string_view text) {
  return sha256(text);
}

}  // namespace daybook
