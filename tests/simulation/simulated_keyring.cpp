#include "tests/simulation/simulated_keyring.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace daybook::test {
namespace {

constexpr std::size_t tag_bytes = 16;

std::string tag_of(const Sealed& sealed, std::string_view stream, std::string_view field, std::string_view clear) {
  std::string text = std::to_string(sealed.key_id);
  text.append("|").append(sealed.nonce).append("|").append(stream).append("|").append(field).append("|").append(clear);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  std::string tag(tag_bytes, '\0');
  std::memcpy(tag.data(), &hash.low64, sizeof hash.low64);
  std::memcpy(tag.data() + sizeof hash.low64, &hash.high64, sizeof hash.high64);
  return tag;
}

std::string turned(std::string text, std::uint64_t key_id) {
  for (char& c : text) c = static_cast<char>(static_cast<unsigned char>(c) ^ static_cast<unsigned char>(key_id | 0x80));
  return text;
}

}  // namespace

std::uint64_t SimulatedKeyring::new_key() {
  disk_.operate(true);
  return ++slots_.last;
}

bool SimulatedKeyring::is_living(std::uint64_t key_id) {
  return key_id != 0 && key_id <= slots_.last && !slots_.purged.contains(key_id);
}

Sealed SimulatedKeyring::seal(std::uint64_t key_id, std::string_view stream, std::string_view field,
                              std::string_view clear) {
  Sealed sealed;
  sealed.key_id = key_id;
  sealed.nonce.resize(12);
  const std::uint64_t number = ++slots_.sealed;
  std::memcpy(sealed.nonce.data(), &number, sizeof number);
  sealed.bytes = turned(std::string(clear), key_id) + tag_of(sealed, stream, field, clear);
  return sealed;
}

std::optional<std::string> SimulatedKeyring::unseal(const Sealed& sealed, std::string_view stream,
                                                    std::string_view field) {
  if (!is_living(sealed.key_id) || sealed.bytes.size() < tag_bytes) return std::nullopt;
  std::string clear = turned(sealed.bytes.substr(0, sealed.bytes.size() - tag_bytes), sealed.key_id);
  if (!sealed.bytes.ends_with(tag_of(sealed, stream, field, clear))) return std::nullopt;
  return clear;
}

void SimulatedKeyring::purge(std::uint64_t key_id) {
  disk_.operate(true);
  slots_.purged.insert(key_id);
}

std::string SimulatedKeyring::hmac(std::string_view purpose, std::string_view message, std::size_t bytes) {
  std::string text(purpose);
  text.append("|").append(message);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  std::string digest(bytes, '\0');
  std::memcpy(digest.data(), &hash, std::min(bytes, sizeof hash));
  return digest;
}

}  // namespace daybook::test
