#include "eventstore/signed_note.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "eventstore/base64.h"
#include "eventstore/fault.h"
#include "eventstore/merkle.h"

namespace daybook {
namespace {

constexpr std::string_view signature_start = "\xE2\x80\x94 ";  // An em dash and a space.
constexpr std::string_view signer_start = "PRIVATE+KEY+";
constexpr char ed25519_kind = '\x01';
constexpr std::size_t ed25519_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;
constexpr std::size_t id_bytes = 4;
constexpr std::size_t id_digits = 8;

struct KeyRelease {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, KeyRelease>;
struct ContextRelease {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPointer = std::unique_ptr<EVP_MD_CTX, ContextRelease>;

void must(bool done, std::string_view call) {
  if (!done) throw StorageFault(fmt::format("OpenSSL's {} failed", call));
}

const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* data_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// --- texts ----------------------------------------------------------------------------------------------------------

constexpr std::uint32_t no_character = 0xFFFFFFFF;

/// Takes one character of UTF-8 (RFC 3629: shortest form, no surrogates); no_character if there is none.
std::uint32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return no_character;
  std::uint32_t character = length == 1 ? lead : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return no_character;
    character = character << 6 | (next & 0x3FU);
  }
  const bool is_short = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (is_short || is_surrogate || character > 0x10FFFF) return no_character;
  text.remove_prefix(length);
  return character;
}

/// Unicode's White_Space.
bool is_space(std::uint32_t character) {
  return (character >= 0x09 && character <= 0x0D) || character == 0x20 || character == 0x85 || character == 0xA0 ||
         character == 0x1680 || (character >= 0x2000 && character <= 0x200A) || character == 0x2028 ||
         character == 0x2029 || character == 0x202F || character == 0x205F || character == 0x3000;
}

bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const std::uint32_t character = take_character(text);
    if (character == no_character || (character < 0x20 && character != '\n')) return false;
  }
  return true;
}

std::optional<std::uint32_t> parse_id(std::string_view hex) {
  if (hex.size() != id_digits || hex.find_first_not_of("0123456789abcdef") != hex.npos) return std::nullopt;
  std::uint32_t id = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), id, 16);
  return id;
}

std::uint32_t read_id(std::string_view bytes) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < id_bytes; ++i) id = id << 8 | static_cast<unsigned char>(bytes[i]);
  return id;
}

std::uint32_t id_of(std::string_view name, std::string_view public_key) {
  return read_id(bytes_of(MerkleHasher().plain(fmt::format("{}\n{}{}", name, ed25519_kind, public_key))));
}

/// The parts of "name+id+key", the key decoded and without its kind.
struct KeyText {
  std::string name;
  std::uint32_t id = 0;
  std::string key;
};

std::optional<KeyText> parse_key_text(std::string_view text) {
  const auto first = text.find('+');
  if (first == text.npos) return std::nullopt;
  const auto second = text.find('+', first + 1);
  if (second == text.npos) return std::nullopt;
  const auto id = parse_id(text.substr(first + 1, second - first - 1));
  auto key = decode_base64(text.substr(second + 1));
  if (!id || !key || key->size() != 1 + ed25519_bytes || key->front() != ed25519_kind) return std::nullopt;
  const std::string_view name = text.substr(0, first);
  if (!is_note_key_name(name)) return std::nullopt;
  KeyText parts{std::string(name), *id, key->substr(1)};
  OPENSSL_cleanse(key->data(), key->size());
  return parts;
}

std::string format_key_text(const VerifierKey& key, std::string_view bytes) {
  return fmt::format("{}+{:08x}+{}", key.name, key.id, encode_base64(ed25519_kind + std::string(bytes)));
}

KeyPointer private_key(std::string_view seed) {
  KeyPointer key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(seed), seed.size()));
  must(key != nullptr, "Ed25519 key");
  return key;
}

std::string public_key_of(std::string_view seed) {
  std::string bytes(ed25519_bytes, '\0');
  std::size_t size = bytes.size();
  must(EVP_PKEY_get_raw_public_key(private_key(seed).get(), data_of(bytes), &size) == 1, "Ed25519 public key");
  return bytes;
}

bool is_signature_of(const VerifierKey& key, std::string_view message, std::string_view signature) {
  if (signature.size() != ed25519_signature_bytes) return false;
  const KeyPointer loaded(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(key.public_key), key.public_key.size()));
  if (!loaded) return false;
  const ContextPointer context(EVP_MD_CTX_new());
  must(context != nullptr, "digest context");
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message), message.size()) == 1;
}

std::optional<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(signature_start)) return std::nullopt;
  line.remove_prefix(signature_start.size());
  const auto space = line.find(' ');
  if (space == line.npos || !is_note_key_name(line.substr(0, space))) return std::nullopt;
  const auto bytes = decode_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= id_bytes) return std::nullopt;
  return NoteSignature{std::string(line.substr(0, space)), read_id(*bytes), bytes->substr(id_bytes)};
}

}  // namespace

bool is_note_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const std::uint32_t character = take_character(name);
    if (character == no_character || character < 0x20 || character == '+' || is_space(character)) return false;
  }
  return true;
}

// --- keys -----------------------------------------------------------------------------------------------------------

std::string format_verifier_key(const VerifierKey& key) {
  return format_key_text(key, key.public_key);
}

std::optional<VerifierKey> parse_verifier_key(std::string_view text) {
  auto parts = parse_key_text(text);
  if (!parts || parts->id != id_of(parts->name, parts->key)) return std::nullopt;
  return VerifierKey{std::move(parts->name), parts->id, std::move(parts->key)};
}

SignerKey::SignerKey(std::string name, std::string_view seed) : seed_(seed) {
  verifier_.public_key = public_key_of(seed);
  verifier_.id = id_of(name, verifier_.public_key);
  verifier_.name = std::move(name);
}

SignerKey::~SignerKey() {
  OPENSSL_cleanse(seed_.data(), seed_.size());
}

SignerKey SignerKey::make(std::string name) {
  std::string seed(ed25519_bytes, '\0');
  must(RAND_priv_bytes(data_of(seed), ed25519_bytes) == 1, "random generator");
  SignerKey key(std::move(name), seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

std::optional<SignerKey> SignerKey::parse(std::string_view text) {
  if (!text.starts_with(signer_start)) return std::nullopt;
  auto parts = parse_key_text(text.substr(signer_start.size()));
  if (!parts) return std::nullopt;
  SignerKey key(std::move(parts->name), parts->key);
  OPENSSL_cleanse(parts->key.data(), parts->key.size());
  if (key.verifier_.id != parts->id) return std::nullopt;
  return key;
}

std::string SignerKey::text() const {
  return std::string(signer_start) + format_key_text(verifier_, seed_);
}

std::string SignerKey::sign(std::string_view message) const {
  const ContextPointer context(EVP_MD_CTX_new());
  must(context != nullptr, "digest context");
  const KeyPointer key = private_key(seed_);
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1, "Ed25519 signing");
  std::string signature(ed25519_signature_bytes, '\0');
  std::size_t size = signature.size();
  must(EVP_DigestSign(context.get(), data_of(signature), &size, data_of(message), message.size()) == 1,
       "Ed25519 signature");
  return signature;
}

// --- notes ----------------------------------------------------------------------------------------------------------

std::optional<SignedNote> parse_signed_note(std::string_view note) {
  if (note.size() > note_bytes_max || !is_note_text(note)) return std::nullopt;
  const auto blank = note.rfind("\n\n");
  if (blank == note.npos) return std::nullopt;
  SignedNote parsed;
  parsed.text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    if (end == lines.npos || parsed.signatures.size() == note_signatures_max) return std::nullopt;
    auto signature = parse_signature(lines.substr(0, end));
    if (!signature) return std::nullopt;
    parsed.signatures.push_back(std::move(*signature));
    lines.remove_prefix(end + 1);
  }
  if (parsed.signatures.empty()) return std::nullopt;
  return parsed;
}

std::string sign_note(std::string_view text, std::span<const SignerKey> signers) {
  std::string note(text);
  note += '\n';
  for (const SignerKey& signer : signers) {
    std::string bytes;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      bytes += static_cast<char>(signer.verifier().id >> (shift - 8) & 255U);
    }
    bytes += signer.sign(text);
    note += fmt::format("{}{} {}\n", signature_start, signer.verifier().name, encode_base64(bytes));
  }
  return note;
}

std::vector<VerifierKey> verify_note(const SignedNote& note, std::span<const VerifierKey> known) {
  std::vector<VerifierKey> verified;
  for (const NoteSignature& signature : note.signatures) {
    const auto key = std::ranges::find_if(
        known, [&](const VerifierKey& one) { return one.id == signature.key_id && one.name == signature.name; });
    if (key == known.end()) continue;
    if (!is_signature_of(*key, note.text, signature.bytes)) return {};
    if (std::ranges::find(verified, *key) == verified.end()) verified.push_back(*key);
  }
  return verified;
}

}  // namespace daybook
