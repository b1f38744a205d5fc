// daybook check-proof: the verifier. Needs files only: checkpoints, a proof and the keys that the auditor trusts; knows
// no data directory and no server.
#include <fmt/format.h>
#include <simdjson.h>

#include <stdexcept>

#include "eventstore/base64.h"
#include "eventstore/envelope_view.h"
#include "eventstore/log_row.h"
#include "projections/json_text.h"
#include "tools/command_line.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct CheckOptions {
  bool json = false;
  std::string proof, checkpoint, old_checkpoint;
  std::vector<std::string> verifier_keys;
};

/// A check that failed: exit code 1.
class CheckFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

OpenedCheckpoint read_checkpoint(const std::string& file, const std::vector<VerifierKey>& keys) {
  const std::string note = read_text_file(file);
  try {
    return open_checkpoint(note, keys);
  } catch (const std::invalid_argument& why) {
    throw CheckFailed(fmt::format("{} is not accepted: {}", file, why.what()));
  }
}

/// A proof's document. Throws CheckFailed for anything that it is not.
class ProofFile {
 public:
  explicit ProofFile(const std::string& file) : file_(file), text_(read_text_file(file)) {
    if (parser_.parse(text_).get(root_) != simdjson::SUCCESS) fail("is not JSON");
  }

  std::string text(const char* name) const {
    std::string_view value;
    if (root_[name].get(value) != simdjson::SUCCESS) fail(fmt::format("has no text \"{}\"", name));
    return std::string(value);
  }
  bool is_null(const char* name) const {
    simdjson::dom::element value;
    return root_[name].get(value) == simdjson::SUCCESS && value.is_null();
  }
  std::uint64_t number(const char* name) const {
    std::uint64_t value = 0;
    if (root_[name].get(value) != simdjson::SUCCESS) fail(fmt::format("has no number \"{}\"", name));
    return value;
  }
  std::string bytes(const char* name) const {
    const auto value = decode_base64(text(name));
    if (!value) fail(fmt::format("has no base64 in \"{}\"", name));
    return *value;
  }
  std::vector<MerkleHash> proof() const {
    simdjson::dom::array list;
    if (root_["proof"].get(list) != simdjson::SUCCESS) fail("has no list \"proof\"");
    std::vector<MerkleHash> proof;
    for (const simdjson::dom::element one : list) {
      std::string_view value;
      const auto decoded = one.get(value) == simdjson::SUCCESS ? decode_base64(value) : std::nullopt;
      const auto hash = decoded ? to_merkle_hash(*decoded) : std::nullopt;
      if (!hash) fail("has something in \"proof\" that is no hash");
      proof.push_back(*hash);
    }
    return proof;
  }
  [[noreturn]] void fail(const std::string& why) const { throw CheckFailed(fmt::format("{} {}", file_, why)); }

 private:
  std::string file_, text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

/// That the proof speaks of the checkpoint's shard and size.
void check_place(const ProofFile& proof, const Checkpoint& checkpoint, const char* size_member) {
  if (!checkpoint.origin.ends_with(fmt::format("/shard-{}", proof.number("shard")))) {
    proof.fail(fmt::format("is of another shard than the checkpoint of {}", checkpoint.origin));
  }
  if (proof.number(size_member) != checkpoint.head.size) {
    proof.fail(
        fmt::format("is about a log of {} events, the checkpoint about one of {}: ask for a proof with that size",
                    proof.number(size_member), checkpoint.head.size));
  }
}

std::string check_inclusion(const ProofFile& proof, const Checkpoint& checkpoint) {
  check_place(proof, checkpoint, "size");
  const Position position = proof.number("position");
  const LogPosition at{static_cast<ShardNumber>(proof.number("shard")), position};
  MerkleHasher hasher;
  const auto said = to_merkle_hash(proof.bytes("leaf_hash"));
  if (!said) proof.fail("has no hash in \"leaf_hash\"");
  MerkleHash leaf = *said;
  const bool has_event = !proof.is_null("leaf");
  if (has_event) {
    // Aligned, as FlatBuffers needs it.
    AlignedBytes envelope;
    envelope.assign(proof.bytes("leaf"));
    leaf = hasher.leaf(envelope.view());
    if (leaf != *said) proof.fail("holds an event that has another hash than it says");
    if (!verify_envelope(envelope.view())) proof.fail("holds bytes that are no event");
    const EnvelopeView view = view_envelope(envelope.view());
    if (view.position != position || view.shard != at.shard) {
      proof.fail(fmt::format("says {}, but its event says {}", to_string(at),
                             to_string(LogPosition{view.shard, view.position})));
    }
  }
  if (position == 0 || !verify_inclusion(position - 1, leaf, checkpoint.head, proof.proof(), hasher)) {
    proof.fail(fmt::format("does not lead from the event {} to the checkpoint's root", to_string(at)));
  }
  return fmt::format("the {} at {} is in the log of {} events of {}", has_event ? "event" : "event of that hash",
                     to_string(at), checkpoint.head.size, checkpoint.origin);
}

std::string check_consistency(const ProofFile& proof, const Checkpoint& from, const Checkpoint& to) {
  if (from.origin != to.origin) {
    throw CheckFailed(fmt::format("the checkpoints are of two logs, {} and {}", from.origin, to.origin));
  }
  check_place(proof, from, "from");
  check_place(proof, to, "to");
  MerkleHasher hasher;
  if (!verify_consistency(from.head, to.head, proof.proof(), hasher)) {
    proof.fail(fmt::format(
        "does not lead from the log of {} events to that of {}: it is not a proof of these two, or history was changed",
        from.head.size, to.head.size));
  }
  return fmt::format("the log of {} events of {} is the beginning of that of {}", from.head.size, from.origin,
                     to.head.size);
}

std::string check(const CheckOptions& options) {
  const std::vector<VerifierKey> keys = read_verifier_keys(options.verifier_keys);
  const OpenedCheckpoint opened = read_checkpoint(options.checkpoint, keys);
  if (options.proof.empty()) {
    return fmt::format("a checkpoint of {} events of {}, signed by {} of the given keys", opened.checkpoint.head.size,
                       opened.checkpoint.origin, opened.signers.size());
  }
  const ProofFile proof(options.proof);
  const std::string object = proof.text("object");
  if (object == "inclusion_proof") return check_inclusion(proof, opened.checkpoint);
  if (object != "consistency_proof") proof.fail("is neither an inclusion_proof nor a consistency_proof");
  if (options.old_checkpoint.empty()) {
    throw std::invalid_argument("a consistency proof is between two checkpoints: add --old-checkpoint FILE");
  }
  return check_consistency(proof, read_checkpoint(options.old_checkpoint, keys).checkpoint, opened.checkpoint);
}

int run_check_proof(const CheckOptions& options) {
  bool is_right = true;
  std::string said;
  try {
    said = check(options);
  } catch (const CheckFailed& failure) {
    is_right = false;
    said = failure.what();
  }
  if (options.json) {
    std::string line = fmt::format("{{\"object\":\"proof_check\",\"ok\":{},\"message\":", is_right);
    append_json_string(line, said);
    fmt::print("{}}}\n", line);
  } else {
    fmt::print(is_right ? stdout : stderr, "{}: {}\n", is_right ? "ok" : "NOT PROVED", said);
  }
  return is_right ? exit_done : exit_check_failed;
}

}  // namespace

void add_check_proof(Subcommand app, Action& action) {
  auto options = std::make_shared<CheckOptions>();
  const Subcommand command =
      app.subcommand("check-proof", "Check a proof against signed checkpoints; needs no data directory");
  command.add_option("proof", &options->proof, "The proof's file; without it only the checkpoint is checked");
  command.add_option("--checkpoint", &options->checkpoint, "The (later) checkpoint's file").required();
  command.add_option("--old-checkpoint", &options->old_checkpoint, "The earlier one's, for a consistency proof");
  command.add_option("--verifier-key", &options->verifier_keys, "A key to trust, or a file of them; repeatable")
      .required();
  command.add_flag("--json", options->json, "The result as JSON");
  command.footer(
      "Exit code 0: proved; 1: not proved; 3: a file could not be read.\n"
      "Examples:\n  daybook check-proof inclusion.json --checkpoint today.txt --verifier-key keys.txt\n"
      "  daybook check-proof consistency.json --old-checkpoint june.txt --checkpoint today.txt --verifier-key "
      "keys.txt");
  command.callback([options, &action] { action = [options] { return run_check_proof(*options); }; });
}

}  // namespace daybook
