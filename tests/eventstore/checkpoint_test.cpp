// The checkpoint's text, and the keys that sign it.
#include "eventstore/checkpoint.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "eventstore/checkpoint_keys.h"
#include "eventstore/rocks_open.h"

using namespace daybook;

namespace {

struct KeysFixture {
  KeysFixture() {
    options.folder = folder.path();
    options.format.shards = 2;
    options.format.log_id = "0123456789abcdef0123456789abcdef";
  }

  ScratchFolder folder;
  CheckpointKeys::Options options;
  TreeHead head{5, MerkleHasher().leaf("x")};

  std::filesystem::path file() { return folder.path() / "checkpoint"; }
  std::string content() {
    std::ostringstream text;
    text << std::ifstream(file()).rdbuf();
    return text.str();
  }
  std::string refusal() {
    try {
      CheckpointKeys{options};
    } catch (const StorageFault& fault) {
      return fault.what();
    }
    return "";
  }
};

std::string why_not(std::string_view note, const std::vector<VerifierKey>& known) {
  try {
    open_checkpoint(note, known);
  } catch (const std::invalid_argument& refusal) {
    return refusal.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a checkpoint's text is read back, and any other text refused") {
  const Checkpoint checkpoint{"example.com/log", {123, MerkleHasher().empty()}, {}};
  const std::string text = format_checkpoint(checkpoint);
  CHECK(text == "example.com/log\n123\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  CHECK(parse_checkpoint(text) == checkpoint);
  CHECK(parse_checkpoint(text + "extension\n")->extensions == std::vector<std::string>{"extension"});
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  for (const std::string& wrong : {std::string(), text.substr(0, text.size() - 1), text + "\n", text + "extension",
                                   "\n123\n" + root, "o\n\n" + root, "o\n0123\n" + root, "o\n-1\n" + root,
                                   "o\n+1\n" + root, "o\n1 \n" + root, "o\n18446744073709551616\n" + root,
                                   "o\n1\n" + root.substr(4), std::string("o\n1\n47DEQpj8\n"), std::string("o\n1\n")}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_checkpoint(wrong));
  }
  CHECK(parse_checkpoint("o\n0\n" + root)->head.size == 0);
}

TEST_CASE("an origin names a log and a shard, and any other text does not") {
  const auto origin = parse_log_origin("ledger.example.com/eu/0123/shard-12");
  REQUIRE(origin);
  CHECK(origin->log_name == "ledger.example.com/eu");
  CHECK(origin->log_id == "0123");
  CHECK(origin->shard == 12);
  CHECK(format_log_origin(*origin) == "ledger.example.com/eu/0123/shard-12");
  for (const std::string_view wrong : {"", "/", "//", "a", "a/b", "a/shard-0", "/b/shard-0", "a//shard-0", "a/b/shard-",
                                       "a/b/shard-01", "a/b/shard-65536", "a/b/shard--1", "a/b/0", "a/b/shard-0/"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_log_origin(wrong));
  }
}

TEST_CASE_FIXTURE(KeysFixture, "the first start makes a key for each shard, readable by nobody else, and keeps it") {
  const CheckpointKeys keys(options);
  struct stat status {};
  REQUIRE(::stat(file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(keys.origin(1) == "daybook/0123456789abcdef0123456789abcdef/shard-1");
  CHECK(keys.verifiers().size() == 2);
  const std::string note = keys.sign(1, head);
  const CheckpointKeys again(options);
  CHECK(again.sign(1, head) == note);
  const auto opened = open_checkpoint(note, again.verifiers());
  CHECK(opened.checkpoint == Checkpoint{keys.origin(1), head, {}});
  CHECK(opened.signers == std::vector{keys.verifiers()[1]});
}

TEST_CASE_FIXTURE(KeysFixture, "a checkpoint is opened by a key of its own shard only") {
  const CheckpointKeys keys(options);
  const std::string note = keys.sign(1, head);
  CHECK(why_not(note, {keys.verifiers()[0]}).find("none of the given keys") != std::string::npos);
  CHECK(why_not(note, {}).find("none of the given keys") != std::string::npos);
  CHECK(why_not("text", keys.verifiers()).find("not a signed note") != std::string::npos);
  const SignerKey signer = SignerKey::make("x/y/shard-0");
  CHECK(why_not(sign_note("no checkpoint\n", std::vector{signer}), {signer.verifier()}).find("not of a checkpoint") !=
        std::string::npos);
  // A key of ours under the text of another origin proves nothing about that origin.
  CHECK(why_not(sign_note(format_checkpoint({"other/y/shard-0", head, {}}), std::vector{signer}), {signer.verifier()})
            .find("of other/y/shard-0, but none") != std::string::npos);
}

TEST_CASE_FIXTURE(KeysFixture, "a new key signs beside the old one, and the one before that only verifies") {
  CheckpointKeys keys(options);
  const auto first = keys.verifiers();
  const std::string oldest = keys.sign(0, head);
  keys.rotate();
  const auto both = open_checkpoint(keys.sign(0, head), keys.verifiers()).signers;
  REQUIRE(both.size() == 2);
  CHECK(both[1] == first[0]);
  CHECK(open_checkpoint(keys.sign(0, head), first).signers == std::vector{first[0]});
  keys.rotate();
  const CheckpointKeys again(options);
  CHECK(again.verifiers() == keys.verifiers());
  CHECK(again.verifiers().size() == 6);
  CHECK(why_not(again.sign(0, head), first) != "");
  CHECK(open_checkpoint(again.sign(0, head), again.verifiers()).signers.size() == 2);
  CHECK(open_checkpoint(oldest, again.verifiers()).signers == std::vector{first[0]});
  CHECK(content().find(format_verifier_key(first[0]) + "\n") == 0);  // Its secret is gone.
}

TEST_CASE_FIXTURE(KeysFixture, "a new key that could not be written signs nothing") {
  CheckpointKeys keys(options);
  const auto before = keys.verifiers();
  std::filesystem::remove_all(options.folder);
  CHECK_THROWS_AS(keys.rotate(), StorageFault);
  CHECK(keys.verifiers() == before);
  CHECK(open_checkpoint(keys.sign(0, head), before).signers == std::vector{before[0]});
}

TEST_CASE_FIXTURE(KeysFixture, "a log that got a new id gets new keys under its old name") {
  options.log_name = "ledger.example.com/eu";
  const auto before = CheckpointKeys(options).verifiers();
  options.log_name = "";
  options.format.log_id = "fedcba9876543210fedcba9876543210";
  const CheckpointKeys keys(options);
  CHECK(keys.origin(0) == "ledger.example.com/eu/fedcba9876543210fedcba9876543210/shard-0");
  CHECK(keys.verifiers().size() == 4);
  CHECK(keys.verifiers()[0] == before[0]);
  CHECK(open_checkpoint(keys.sign(0, head), keys.verifiers()).signers.size() == 1);
}

TEST_CASE_FIXTURE(KeysFixture, "a log's name cannot change, and must be one") {
  options.log_name = "a name";
  CHECK(refusal().find("no name for a log") != std::string::npos);
  options.log_name = std::string(log_name_bytes_max + 1, 'x');
  CHECK(refusal().find("no name for a log") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(file()));
  options.log_name = std::string(log_name_bytes_max, 'x');
  CHECK(refusal() == "");
  options.log_name = "another";
  CHECK(refusal().find("cannot become \"another\"") != std::string::npos);
}

TEST_CASE_FIXTURE(KeysFixture, "keys that others can read, or that are damaged, are refused and left as they are") {
  CheckpointKeys{options};
  const std::string right = content();
  REQUIRE(::chmod(file().c_str(), 0640) == 0);
  CHECK(refusal().find("chmod 600") != std::string::npos);
  REQUIRE(::chmod(file().c_str(), 0600) == 0);
  for (const std::string& wrong : {std::string(), right.substr(0, right.size() - 1), "x" + right, right + "x\n"}) {
    std::ofstream(file(), std::ios::trunc) << wrong;
    CHECK(refusal().find("is damaged in line") != std::string::npos);
    CHECK(content() == wrong);
  }
}

TEST_CASE_FIXTURE(KeysFixture, "opened for reading, a folder without keys stays without") {
  options.read_only = true;
  const CheckpointKeys keys(options);
  CHECK(keys.verifiers().empty());
  CHECK_THROWS_AS(static_cast<void>(keys.sign(0, head)), StorageFault);
  CHECK_FALSE(std::filesystem::exists(file()));
}
