// Signed notes against a key and a note that golang.org/x/mod/sumdb/note made, and every way to bend them.
#include "eventstore/signed_note.h"

#include <doctest/doctest.h>

#include <random>

#include "eventstore/base64.h"

using namespace daybook;

namespace {

struct Keys {
  SignerKey signer = SignerKey::make("example.com/log");
  SignerKey other = SignerKey::make("example.com/witness");
  const std::string text = "example.com/log\n2\nsome text\n";
  std::string note() const { return sign_note(text, std::vector{signer}); }
  std::vector<VerifierKey> known() const { return {signer.verifier(), other.verifier()}; }
};

bool verifies(const std::string& note, const std::vector<VerifierKey>& known) {
  const auto parsed = parse_signed_note(note);
  return parsed && !verify_note(*parsed, known).empty();
}

}  // namespace

TEST_CASE("the key, the id and the signature are those of the format's first implementation") {
  // The pair and the note in the documentation of golang.org/x/mod/sumdb/note.
  const std::string_view signer_text = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  const std::string_view verifier_text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const std::string note =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "\xE2\x80\x94 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const auto signer = SignerKey::parse(signer_text);
  REQUIRE(signer);
  CHECK(signer->text() == signer_text);
  CHECK(format_verifier_key(signer->verifier()) == verifier_text);
  CHECK(parse_verifier_key(verifier_text) == signer->verifier());
  const auto parsed = parse_signed_note(note);
  REQUIRE(parsed);
  CHECK(verify_note(*parsed, std::vector{signer->verifier()}) == std::vector{signer->verifier()});
  CHECK(sign_note(parsed->text, std::vector{*signer}) == note);
}

TEST_CASE_FIXTURE(Keys, "a note is verified by each key that signed it, in the order of the lines") {
  const auto two = parse_signed_note(sign_note(text, std::vector{other, signer}));
  REQUIRE(two);
  CHECK(two->text == text);
  CHECK(verify_note(*two, known()) == std::vector{other.verifier(), signer.verifier()});
  CHECK(verify_note(*two, std::vector{signer.verifier()}) == std::vector{signer.verifier()});
  CHECK(verify_note(*two, {}).empty());
  CHECK(verify_note(*parse_signed_note(note()), std::vector{other.verifier()}).empty());
}

TEST_CASE_FIXTURE(Keys, "one wrong signature of a known key spoils the note, however many are right") {
  std::string note = sign_note(text, std::vector{other, signer});
  const auto line = note.rfind(' ') + 20;
  note[line] = note[line] == 'A' ? 'B' : 'A';
  REQUIRE(parse_signed_note(note));
  CHECK_FALSE(verifies(note, known()));
  CHECK(verifies(note, {other.verifier()}));
}

TEST_CASE_FIXTURE(Keys, "a note of which any bit was changed is refused") {
  const std::string right = note();
  REQUIRE(verifies(right, known()));
  for (std::size_t i = 0; i < right.size() * 8; ++i) {
    std::string changed = right;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
    CAPTURE(i);
    CHECK_FALSE(verifies(changed, known()));
  }
  for (std::size_t size = 0; size < right.size(); ++size) CHECK_FALSE(verifies(right.substr(0, size), known()));
}

TEST_CASE_FIXTURE(Keys, "what is not a note to the letter is refused") {
  const std::string right = note();
  const std::string line = right.substr(text.size() + 1);
  const std::string dash = "\xE2\x80\x94 ";
  const std::vector<std::string> wrong = {
      "",
      "\n",
      "\n\n",
      text,
      text + "\n",
      line,
      text + line,                        // no blank line
      right + "\n",                       // a blank line at the end
      right + "more\n",                   // a line that is no signature
      right.substr(0, right.size() - 1),  // no line end
      text + "\r\n" + line,               // a control character
      "a\tb\n\n" + line,
      "a\xFFz\n\n" + line,      // not UTF-8
      "a\xC0\x80z\n\n" + line,  // not the shortest form
      "a\xE0\x80\xAFz\n\n" + line,
      "a\xF0\x80\x80\xAFz\n\n" + line,
      "a\xF4\x90\x80\x80z\n\n" + line,  // beyond the last character
      "a\xED\xA0\x80z\n\n" + line,      // a surrogate
      text + "\n- name AAAAAAAA\n",     // a hyphen
      text + "\n" + dash + "name\n",
      text + "\n" + dash + " AAAAAAAA\n",  // no name
      text + "\n" + dash + "na+me AAAAAAAA\n",
      text + "\n" + dash + "na\xC2\xA0me AAAAAAAA\n",  // a space of another kind
      text + "\n" + dash + "name AAAAAA==\n",          // an id and nothing more
      text + "\n" + dash + "name AAAAAAAA \n",
      text + "\n" + dash + "name AAAAAAA\n",
  };
  for (const std::string& one : wrong) {
    CAPTURE(one);
    CHECK_FALSE(parse_signed_note(one));
  }
  CHECK(parse_signed_note(text + "\n" + dash + "name AAAAAAAA\n"));
  CHECK(parse_signed_note("a\n\nb\n\n" + line)->text == "a\n\nb\n");
  CHECK(parse_signed_note("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\n\n" + line));
}

TEST_CASE_FIXTURE(Keys, "a note has at most so many bytes and signatures") {
  const std::string line = note().substr(text.size() + 1);
  std::string many = text + "\n";
  for (std::size_t i = 0; i < note_signatures_max; ++i) many += line;
  CHECK(verifies(many, known()));
  CHECK_FALSE(parse_signed_note(many + line));
  const std::string full = std::string(note_bytes_max - line.size() - 2, 'x') + "\n\n" + line;
  CHECK(full.size() == note_bytes_max);
  CHECK(parse_signed_note(full));
  CHECK_FALSE(parse_signed_note("x" + full));
}

TEST_CASE("key texts that are not to the letter are refused") {
  const SignerKey signer = SignerKey::make("log");
  const std::string secret = signer.text();
  const std::string open = format_verifier_key(signer.verifier());
  CHECK(SignerKey::parse(secret));
  CHECK_FALSE(SignerKey::parse(open));
  CHECK_FALSE(parse_verifier_key(secret));
  for (const std::string& right : {secret, open}) {
    for (std::size_t i = 0; i < right.size(); ++i) {
      std::string changed = right;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      CHECK_FALSE(SignerKey::parse(changed));
      CHECK_FALSE(parse_verifier_key(changed));
      CHECK_FALSE(SignerKey::parse(right.substr(0, i)));
      CHECK_FALSE(parse_verifier_key(right.substr(0, i)));
    }
    CHECK_FALSE(SignerKey::parse(right + " "));
    CHECK_FALSE(parse_verifier_key(right + "\n"));
  }
  CHECK(is_note_key_name("daybook/0123/shard-0"));
  CHECK_FALSE(is_note_key_name(""));
  CHECK_FALSE(is_note_key_name("a b"));
  CHECK_FALSE(is_note_key_name("a+b"));
  CHECK_FALSE(is_note_key_name("a\xE3\x80\x80z"));
}

TEST_CASE("two new keys are never the same") {
  CHECK(SignerKey::make("log").text() != SignerKey::make("log").text());
}
