// daybook checkpoint and daybook prove: what the log's Merkle tree shows to others, from a directory or a server.
#include <fmt/format.h>

#include <stdexcept>

#include "gateway/api_keys.h"
#include "gateway/proof_json.h"
#include "projections/json_text.h"
#include "tools/command_line.h"
#include "tools/http_client.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct ProofOptions {
  CommonOptions common;
  std::string server, server_key = std::string(dev_key_text);
  ShardNumber shard = 0;
  Position position = 0;
  std::uint64_t from = 0;
  std::optional<std::uint64_t> size;
};

void add_source(Subcommand command, ProofOptions& options) {
  add_common(command, options.common);
  command.add_option("--shard", &options.shard, "The shard of the log").shows_default();
  command.add_option("--server", &options.server, "host:port of a running server to ask instead of the directory");
  command.add_option("--key", &options.server_key, "API key for the server").envname("DAYBOOK_KEY");
}

/// The body of the server's answer. Throws StorageFault with it if it is a refusal.
std::string ask_server(const ProofOptions& options, const std::string& path) {
  const HttpReply reply = http_request("GET", options.server, path, options.server_key, "");
  if (reply.status != 200) {
    throw StorageFault(fmt::format("{} answered {}: {}", options.server, reply.status, reply.body));
  }
  return reply.body;
}

LogAccess open_shard(const ProofOptions& options) {
  LogAccess access = open_log(options.common.data);
  if (options.shard >= access.log->shards()) {
    throw std::invalid_argument(fmt::format("--shard goes up to {}", access.log->shards() - 1));
  }
  return access;
}

int run_checkpoint(const ProofOptions& options) {
  std::string note;
  if (options.server.empty()) {
    const LogAccess access = open_shard(options);
    note = open_checkpoint_keys(access).sign(options.shard, open_tree(access, options.shard)->head());
  } else {
    note = ask_server(options, fmt::format("/v1/ledger/checkpoint?shard={}", options.shard));
  }
  if (options.common.json) {
    std::string line = "{\"object\":\"checkpoint\",\"note\":";
    append_json_string(line, note);
    fmt::print("{}}}\n", line);
  } else {
    fmt::print("{}", note);
  }
  return exit_done;
}

/// The size that is asked for, else the head's. Throws std::invalid_argument if it is beyond.
std::uint64_t size_within(const MerkleTree& tree, std::optional<std::uint64_t> asked, std::string_view option) {
  const std::uint64_t head = tree.head().size;
  if (asked.value_or(head) > head) {
    throw std::invalid_argument(fmt::format("{} is beyond the head of the log, {}", option, head));
  }
  return asked.value_or(head);
}

int run_prove_inclusion(const ProofOptions& options) {
  if (!options.server.empty()) {
    std::string path = fmt::format("/v1/ledger/proofs/inclusion?shard={}&position={}", options.shard, options.position);
    if (options.size) path += fmt::format("&size={}", *options.size);
    fmt::print("{}\n", ask_server(options, path));
    return exit_done;
  }
  const LogAccess access = open_shard(options);
  const auto tree = open_tree(access, options.shard);
  const std::uint64_t size = size_within(*tree, options.size, "--size");
  if (options.position == 0 || options.position > size) {
    throw std::invalid_argument(fmt::format("--position goes from 1 to the size, {}", size));
  }
  const std::string envelope = access.log->read_one(options.shard, options.position);
  const auto proof = tree->prove_inclusion(options.position, size);
  fmt::print("{}\n", inclusion_json({options.shard, options.position}, size, envelope, true, proof));
  return exit_done;
}

int run_prove_consistency(const ProofOptions& options) {
  if (!options.server.empty()) {
    std::string path = fmt::format("/v1/ledger/proofs/consistency?shard={}&from={}", options.shard, options.from);
    if (options.size) path += fmt::format("&to={}", *options.size);
    fmt::print("{}\n", ask_server(options, path));
    return exit_done;
  }
  const LogAccess access = open_shard(options);
  const auto tree = open_tree(access, options.shard);
  const std::uint64_t to = size_within(*tree, options.size, "--to");
  if (options.from > to) throw std::invalid_argument(fmt::format("--from goes up to {}", to));
  fmt::print("{}\n", consistency_json(options.shard, options.from, to, tree->prove_consistency(options.from, to)));
  return exit_done;
}

}  // namespace

void add_checkpoint(Subcommand app, Action& action) {
  auto options = std::make_shared<ProofOptions>();
  const Subcommand command = app.subcommand("checkpoint", "Print the signed head of the log's Merkle tree");
  add_source(command, *options);
  command.footer(
      "The format is C2SP tlog-checkpoint. Keep it: no later log can deny it.\n"
      "Examples:\n  daybook checkpoint --data ./data > checkpoint.txt\n"
      "  daybook checkpoint --server 127.0.0.1:8080 --key dbk_dev > checkpoint.txt");
  command.callback([options, &action] { action = [options] { return run_checkpoint(*options); }; });
}

void add_prove(Subcommand app, Action& action) {
  const Subcommand prove =
      app.subcommand("prove", "Print a proof about the log as JSON, for check-proof or any verifier");
  prove.require_subcommand();
  prove.footer(
      "Examples:\n  daybook prove inclusion --position 42 --size 1000 > proof.json\n"
      "  daybook prove consistency --from 1000 --to 2000 > proof.json");
  {
    auto options = std::make_shared<ProofOptions>();
    const Subcommand command = prove.subcommand("inclusion", "That an event is in the log of a checkpoint");
    add_source(command, *options);
    command.add_option("--position", &options->position, "The event's position in its shard").required();
    command.add_option("--size", &options->size, "The size of the checkpoint; default: the head");
    command.footer("Example:\n  daybook prove inclusion --position 42 --size 1000 > proof.json");
    command.callback([options, &action] { action = [options] { return run_prove_inclusion(*options); }; });
  }
  {
    auto options = std::make_shared<ProofOptions>();
    const Subcommand command = prove.subcommand("consistency", "That an earlier checkpoint's log is its beginning");
    add_source(command, *options);
    command.add_option("--from", &options->from, "The size of the earlier checkpoint").required();
    command.add_option("--to", &options->size, "The size of the later checkpoint; default: the head");
    command.footer("Example:\n  daybook prove consistency --from 1000 --to 2000 > proof.json");
    command.callback([options, &action] { action = [options] { return run_prove_consistency(*options); }; });
  }
}

}  // namespace daybook
