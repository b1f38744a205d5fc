// Checkpoints and proofs over HTTP, checked as a client would: with the keys and the answers only.
#include "doctest/doctest.h"
#include "eventstore/base64.h"
#include "eventstore/checkpoint.h"
#include "eventstore/envelope_view.h"
#include "tests/gateway/served.h"

using namespace daybook;
using namespace daybook::test;

namespace {

std::string text_at(const Response& response, std::string_view pointer) {
  const std::string json = json_at(response.body, pointer);
  return json.size() >= 2 && json.front() == '"' ? json.substr(1, json.size() - 2) : json;
}

std::vector<Header> bearer(const std::string& key) {
  return {{"authorization", "Bearer " + key}};
}

struct Proved : Served {
  Proved() {
    for (const std::string id : {"acme", "other"}) open(id);
  }

  MerkleHasher hasher;

  void open(const std::string& id) {
    REQUIRE(post("/v1/accounts", R"({"id":")" + id + R"(","name":"A","email":"a@a.example"})").status == 201);
  }
  std::vector<VerifierKey> keys() {
    std::vector<VerifierKey> all;
    const Response list = get("/v1/ledger/checkpoint-keys");
    REQUIRE(list.status == 200);
    for (int i = 0; json_at(list.body, "/data/" + std::to_string(i)) != ""; ++i) {
      const std::string place = "/data/" + std::to_string(i);
      const auto key = parse_verifier_key(text_at(list, place + "/verifier_key"));
      REQUIRE(key);
      CHECK(text_at(list, place + "/origin") == key->name);
      all.push_back(*key);
    }
    return all;
  }
  Checkpoint checkpoint() {
    const Response note = get("/v1/ledger/checkpoint");
    REQUIRE_MESSAGE(note.status == 200, note.body);
    CHECK(note.content_type == "text/plain; charset=utf-8");
    return open_checkpoint(note.body, keys()).checkpoint;
  }
  static std::vector<MerkleHash> proof_of(const Response& response) {
    std::vector<MerkleHash> proof;
    for (int i = 0; json_at(response.body, "/proof/" + std::to_string(i)) != ""; ++i) {
      proof.push_back(*to_merkle_hash(*decode_base64(text_at(response, "/proof/" + std::to_string(i)))));
    }
    return proof;
  }
  Response refused(const std::string& target, std::string_view pointer) {
    const Response response = get(target);
    CAPTURE(target);
    CHECK(response.status == 422);
    CHECK(text_at(response, "/errors/0/pointer") == pointer);
    return response;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Proved, "every event is proved to be in the checkpoint, and is the event itself") {
  for (int i = 0; i < 9; ++i) open("a" + std::to_string(i));
  const Checkpoint head = checkpoint();
  CHECK(head.head.size == 11);
  CHECK(head.origin == "daybook/" + engine->directory().format().log_id + "/shard-0");
  for (Position position = 1; position <= 11; ++position) {
    const Response answer = get("/v1/ledger/proofs/inclusion?size=11&position=" + std::to_string(position));
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    const std::string envelope = *decode_base64(text_at(answer, "/leaf"));
    CHECK(envelope == engine->log().read_one(0, position));
    const MerkleHash leaf = hasher.leaf(envelope);
    CHECK(text_at(answer, "/leaf_hash") == encode_base64(bytes_of(leaf)));
    CHECK(verify_inclusion(position - 1, leaf, head.head, proof_of(answer), hasher));
  }
}

TEST_CASE_FIXTURE(Proved, "a later checkpoint is proved to continue an earlier one") {
  const Checkpoint before = checkpoint();
  for (int i = 0; i < 5; ++i) open("a" + std::to_string(i));
  const Checkpoint after = checkpoint();
  CHECK(before.origin == after.origin);
  const Response answer = get("/v1/ledger/proofs/consistency?from=2&to=7");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  CHECK(text_at(answer, "/from") == "2");
  CHECK(text_at(answer, "/to") == "7");
  CHECK(verify_consistency(before.head, after.head, proof_of(answer), hasher));
  CHECK(get("/v1/ledger/proofs/consistency?from=2").body == answer.body);
  CHECK(json_at(get("/v1/ledger/proofs/consistency?from=7").body, "/proof") == "[]");
  CHECK(json_at(get("/v1/ledger/proofs/consistency?from=0&to=0").body, "/proof") == "[]");
}

TEST_CASE_FIXTURE(Proved, "sizes and positions are limited, at the limit and one past it") {
  CHECK(get("/v1/ledger/proofs/inclusion?position=2&size=2").status == 200);
  CHECK(get("/v1/ledger/proofs/inclusion?position=1&size=1").status == 200);
  refused("/v1/ledger/proofs/inclusion?position=2&size=1", "?position");
  refused("/v1/ledger/proofs/inclusion?position=3", "?position");
  refused("/v1/ledger/proofs/inclusion?position=1&size=3", "?size");
  refused("/v1/ledger/proofs/inclusion?position=0", "?position");
  refused("/v1/ledger/proofs/inclusion?position=1&size=0", "?size");
  refused("/v1/ledger/proofs/inclusion?position=9223372036854775808", "?position");
  refused("/v1/ledger/proofs/inclusion?size=1", "?position");
  CHECK(get("/v1/ledger/proofs/consistency?from=2&to=2").status == 200);
  refused("/v1/ledger/proofs/consistency?from=2&to=1", "?from");
  refused("/v1/ledger/proofs/consistency?from=3", "?from");
  refused("/v1/ledger/proofs/consistency?from=1&to=3", "?to");
  refused("/v1/ledger/proofs/consistency?from=-1&to=1", "?from");
  refused("/v1/ledger/proofs/consistency?to=1", "?from");
  CHECK(get("/v1/ledger/checkpoint?shard=0").status == 200);
  refused("/v1/ledger/checkpoint?shard=1", "?shard");
  CHECK(get("/v1/ledger/checkpoint?size=1").status == 400);
}

TEST_CASE_FIXTURE(Proved, "everybody may have proofs, but events only those who may read them") {
  const std::string owner = make_key(R"("role":"account_owner","account_id":"acme")");
  const std::string meter = make_key(R"("role":"api_key","account_id":"acme","scopes":["units:spend"])");
  const std::string reader = make_key(R"("role":"api_key","account_id":"acme","scopes":["events:read"])");
  const std::string auditor = make_key(R"("role":"auditor")");
  const auto leaf = [&](const std::string& key, int position) {
    const Response answer = get("/v1/ledger/proofs/inclusion?position=" + std::to_string(position), bearer(key));
    REQUIRE(answer.status == 200);
    CHECK(text_at(answer, "/leaf_hash").size() == 44);
    return text_at(answer, "/leaf") != "null";
  };
  for (const std::string& key : {owner, meter, reader, auditor}) {
    CHECK(get("/v1/ledger/checkpoint", bearer(key)).status == 200);
    CHECK(get("/v1/ledger/checkpoint-keys", bearer(key)).status == 200);
    CHECK(get("/v1/ledger/proofs/consistency?from=1", bearer(key)).status == 200);
  }
  CHECK(view_envelope(engine->log().read_one(0, 2)).stream == "default/other");
  CHECK(leaf(auditor, 1));
  CHECK(leaf(auditor, 2));
  CHECK(leaf(reader, 1));
  CHECK_FALSE(leaf(reader, 2));
  CHECK_FALSE(leaf(meter, 1));
  CHECK_FALSE(leaf(owner, 1));
  CHECK(get("/v1/ledger/checkpoint", bearer("dbk_test_nothing")).status == 401);
}
