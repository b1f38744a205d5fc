// Notes, checkpoints and verifier keys, as an auditor gets them from anybody: what is accepted is written again to the
// same bytes, and a note that no key of ours signed verifies under none.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "eventstore/base64.h"
#include "eventstore/checkpoint.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

/// The note of a text and signatures that are there already.
std::string write_again(const daybook::SignedNote& note) {
  std::string text = note.text + '\n';
  for (const auto& signature : note.signatures) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(signature.key_id >> shift & 255U);
    text += "\xE2\x80\x94 " + signature.name + ' ' + daybook::encode_base64(bytes + signature.bytes) + '\n';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  static const std::vector<VerifierKey> stranger{SignerKey::make("fuzz").verifier()};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = parse_verifier_key(text)) require(format_verifier_key(*key) == text);
  if (const auto key = SignerKey::parse(text)) require(key->text() == text);
  if (const auto bytes = decode_base64(text)) require(encode_base64(*bytes) == text);
  if (const auto checkpoint = parse_checkpoint(text)) require(format_checkpoint(*checkpoint) == text);
  if (const auto note = parse_signed_note(text)) {
    require(!note->signatures.empty() && note->text.ends_with('\n'));
    require(write_again(*note) == text);
    require(verify_note(*note, stranger).empty());
    const auto checkpoint = parse_checkpoint(note->text);
    if (checkpoint) require(format_checkpoint(*checkpoint) == note->text);
  }
  return 0;
}
