#include "gateway/proof_json.h"

#include "projections/json_text.h"

namespace daybook {
namespace {

void append_hash(std::string& out, const MerkleHash& hash) {
  append_json_base64(out, bytes_of(hash));
}

void append_proof(std::string& out, const std::vector<MerkleHash>& proof) {
  out += ",\"proof\":[";
  for (std::size_t i = 0; i < proof.size(); ++i) {
    if (i > 0) out += ',';
    append_hash(out, proof[i]);
  }
  out += "]}";
}

}  // namespace

std::string inclusion_json(LogPosition at, std::uint64_t size, std::string_view envelope, bool is_shown,
                           const std::vector<MerkleHash>& proof) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "inclusion_proof").member("shard", at.shard);
  json.member("position", at.position).member("size", size);
  body += ",\"leaf\":";
  if (is_shown) {
    append_json_base64(body, envelope);
  } else {
    body += "null";
  }
  body += ",\"leaf_hash\":";
  append_hash(body, MerkleHasher().leaf(envelope));
  append_proof(body, proof);
  return body;
}

std::string consistency_json(ShardNumber shard, std::uint64_t from, std::uint64_t to,
                             const std::vector<MerkleHash>& proof) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "consistency_proof").member("shard", shard);
  json.member("from", from).member("to", to);
  append_proof(body, proof);
  return body;
}

}  // namespace daybook
