// The proofs of the log: signed checkpoints, and that an event or an earlier checkpoint is in what a later one says.
// What is proved is checked by the client, with any verifier; nothing here asks to be believed.
#include <spdlog/spdlog.h>

#include <limits>

#include "engine/engine.h"
#include "eventstore/checkpoint_keys.h"
#include "eventstore/envelope_view.h"
#include "eventstore/merkle_tree.h"
#include "gateway/account_read.h"
#include "gateway/handlers.h"
#include "gateway/proof_json.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

constexpr std::int64_t size_max = std::numeric_limits<std::int64_t>::max();

/// The shard that is asked for, else the book's.
ShardNumber query_shard(const Exchange& exchange, Faults& faults) {
  const Engine& engine = exchange.services.engine;
  const std::int64_t last = engine.log().shards() - 1;
  const auto shard = query_integer(exchange.request, "shard", 0, last, faults);
  return shard ? static_cast<ShardNumber>(*shard) : engine.shard_of(exchange.principal.book);
}

std::optional<std::uint64_t> query_size(const Exchange& exchange, std::string_view name, std::int64_t least,
                                        Faults& faults) {
  const auto size = query_integer(exchange.request, name, least, size_max, faults);
  return size ? std::optional(static_cast<std::uint64_t>(*size)) : std::nullopt;
}

void require(const Exchange& exchange, std::string_view name, Faults& faults) {
  if (exchange.request.query_value(name)) return;
  faults.invalid("?" + std::string(name), fault_codes::required, "must be there");
}

/// Runs `job` with the shard's tree on a reader thread; 503 while the shard reloads.
void with_tree(const ExchangePtr& exchange, ShardNumber shard, std::function<void(const MerkleTree&)> job) {
  on_reader_thread(exchange, [exchange, shard, job = std::move(job)] {
    const auto tree = exchange->services.engine.tree(shard);
    if (!tree) return exchange->refuse_busy();
    job(*tree);
  });
}

/// The size that is asked for, else the tree's. Refuses one beyond the head.
std::optional<std::uint64_t> size_within(const ExchangePtr& exchange, std::string_view name, const MerkleTree& tree,
                                         std::optional<std::uint64_t> asked) {
  const std::uint64_t head = tree.head().size;
  if (!asked) return head;
  if (*asked <= head) return asked;
  Faults faults;
  faults.invalid("?" + std::string(name), fault_codes::out_of_range, "is beyond the head of the log");
  exchange->refuse(std::move(faults));
  return std::nullopt;
}

void refuse_order(const ExchangePtr& exchange, std::string_view name, std::string detail) {
  Faults faults;
  faults.invalid("?" + std::string(name), fault_codes::out_of_range, std::move(detail));
  exchange->refuse(std::move(faults));
}

void answer_inclusion(const ExchangePtr& exchange, ShardNumber shard, const MerkleTree& tree, Position position,
                      std::uint64_t size) {
  const std::string envelope = exchange->services.engine.log().read_one(shard, position);
  const Principal& principal = exchange->principal;
  const bool is_shown = is_allowed(principal, Permission::events_read) && verify_envelope(envelope) &&
                        may_see_stream(principal, view_envelope(envelope).stream);
  const auto proof = tree.prove_inclusion(position, size);
  exchange->send(200, inclusion_json({shard, position}, size, envelope, is_shown, proof));
}

void send_checkpoint_keys(const ExchangePtr& exchange) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "list").key("data").begin_array();
  for (const VerifierKey& key : exchange->services.engine.checkpoint_keys().verifiers()) {
    json.begin_object().member("object", "checkpoint_key").member("origin", key.name);
    json.member("verifier_key", format_verifier_key(key)).end_object();
  }
  json.end_array().member("has_more", false).end_object();
  exchange->send(200, std::move(body));
}

}  // namespace

void get_checkpoint(ExchangePtr exchange) {
  Faults faults;
  const ShardNumber shard = query_shard(*exchange, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  with_tree(exchange, shard, [exchange, shard](const MerkleTree& tree) {
    exchange->send(200, exchange->services.engine.checkpoint_keys().sign(shard, tree.head()), {},
                   "text/plain; charset=utf-8");
  });
}

void list_checkpoint_keys(ExchangePtr exchange) {
  send_checkpoint_keys(exchange);
}

void rotate_checkpoint_keys(ExchangePtr exchange) {
  on_reader_thread(exchange, [exchange] {
    exchange->services.engine.checkpoint_keys().rotate();
    spdlog::info("request {}: {} rotated the checkpoint keys", exchange->request_id, exchange->principal.name);
    send_checkpoint_keys(exchange);
  });
}

void prove_inclusion(ExchangePtr exchange) {
  Faults faults;
  const ShardNumber shard = query_shard(*exchange, faults);
  require(*exchange, "position", faults);
  const auto position = query_size(*exchange, "position", 1, faults);
  const auto asked = query_size(*exchange, "size", 1, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  with_tree(exchange, shard, [exchange, shard, position = *position, asked](const MerkleTree& tree) {
    const auto size = size_within(exchange, "size", tree, asked);
    if (!size) return;
    if (position > *size) {
      return refuse_order(exchange, "position", asked ? "is behind the size" : "is beyond the head of the log");
    }
    answer_inclusion(exchange, shard, tree, position, *size);
  });
}

void prove_consistency(ExchangePtr exchange) {
  Faults faults;
  const ShardNumber shard = query_shard(*exchange, faults);
  require(*exchange, "from", faults);
  const auto from = query_size(*exchange, "from", 0, faults);
  const auto asked = query_size(*exchange, "to", 0, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  with_tree(exchange, shard, [exchange, shard, from = *from, asked](const MerkleTree& tree) {
    const auto to = size_within(exchange, "to", tree, asked);
    if (!to) return;
    if (from > *to) {
      return refuse_order(exchange, "from", asked ? "is greater than to" : "is beyond the head of the log");
    }
    exchange->send(200, consistency_json(shard, from, *to, tree.prove_consistency(from, *to)));
  });
}

}  // namespace daybook
