// Signed notes (C2SP signed-note) with Ed25519: a text, and under it a line for each key that signed it. The format of
// checkpoints of transparency logs, which anybody's verifier reads. Knows nothing of trees or logs.
//
//   note      := text "\n" signature+                 text ends with a line end; UTF-8 without control characters
//   signature := "\u2014 " name " " base64(id:u32be signature:byte[64]) "\n"
//   verifier  := name "+" hex8(id) "+" base64(0x01 public_key:byte[32])
//   signer    := "PRIVATE+KEY+" name "+" hex8(id) "+" base64(0x01 seed:byte[32])
//   id is the beginning of SHA-256(name "\n" 0x01 public_key). A name has no spaces and no plus.
//
// The two key texts are those of golang.org/x/mod/sumdb/note. Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daybook {

inline constexpr std::size_t note_bytes_max = 1'000'000;
inline constexpr std::size_t note_signatures_max = 100;

/// The public half of a key.
struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  std::string public_key;  ///< 32 bytes.
  bool operator==(const VerifierKey&) const = default;
};
std::string format_verifier_key(const VerifierKey& key);
/// Nothing for any other text, and for one whose id is not that of its name and key.
std::optional<VerifierKey> parse_verifier_key(std::string_view text);

/// A key that signs. Its seed is wiped when it goes.
class SignerKey {
 public:
  /// A new one from the system's generator. Requires is_note_key_name(name). Throws StorageFault if there is no
  /// entropy.
  static SignerKey make(std::string name);
  /// Nothing for any other text. The caller wipes the text.
  static std::optional<SignerKey> parse(std::string_view text);

  SignerKey(const SignerKey&) = default;
  SignerKey& operator=(const SignerKey&) = default;
  ~SignerKey();

  /// The text that parse() takes: a secret.
  std::string text() const;
  const VerifierKey& verifier() const { return verifier_; }
  /// 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  SignerKey(std::string name, std::string_view seed);

  std::string seed_;
  VerifierKey verifier_;
};

bool is_note_key_name(std::string_view name);

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string bytes;  ///< 64 of an Ed25519 key; other kinds of keys have other lengths.
};

struct SignedNote {
  std::string text;  ///< With its last line end.
  std::vector<NoteSignature> signatures;
};

/// Nothing for a text that is not a note to the letter, or over note_bytes_max or note_signatures_max.
std::optional<SignedNote> parse_signed_note(std::string_view note);

/// The note of a text, with one line a signer, in their order. Requires a text that parse_signed_note() gives back.
std::string sign_note(std::string_view text, std::span<const SignerKey> signers);

/// The keys of `known` whose signatures the note has, in its order. Empty if there is none, or if a signature that
/// names one of them is not its signature of this text: such a note is forged, whoever else signed it. Lines of other
/// keys are passed over, as the format asks.
std::vector<VerifierKey> verify_note(const SignedNote& note, std::span<const VerifierKey> known);

}  // namespace daybook
