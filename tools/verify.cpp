// daybook verify: the judge. Everything that the log can show of itself, then every fold of it against a fresh one.
#include <fmt/format.h>

#include "eventstore/verify.h"

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/clock.h"
#include "engine/sealing.h"
#include "engine/stream_cache.h"
#include "eventstore/envelope_view.h"
#include "eventstore/merkle_check.h"
#include "eventstore/stream_index.h"
#include "projections/json_text.h"
#include "projections/projections.h"
#include "schemas/envelope_generated.h"
#include "tools/command_line.h"
#include "tools/log_access.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct VerifyOptions {
  CommonOptions common;
  std::filesystem::path master_key_file;
  bool log_only = false;
  std::vector<std::string> checkpoints, verifier_keys;
};

constexpr std::size_t problems_shown_max = 100;

/// What was checked and what was found.
struct Verdict {
  std::vector<std::pair<std::string, std::uint64_t>> checked;
  std::vector<std::string> problems;
  std::uint64_t problems_found = 0;
  std::vector<std::string> notes;

  void problem(std::string text) {
    ++problems_found;
    if (problems.size() < problems_shown_max) problems.push_back(std::move(text));
  }
};

void check_log(const LogAccess& access, bool json, Verdict& verdict) {
  std::uint64_t events = 0, rows = 0, streams = 0;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
    Progress progress("verify log " + std::to_string(shard), "events", json);
    const LogCheck check =
        verify_log(*access.log, shard, [&](Position done, Position total) { progress.update(done, total); });
    events += check.events;
    rows += check.rows;
    streams += check.streams;
    for (const LogProblem& problem : check.problems) {
      verdict.problem(fmt::format("log, position {}: {}", to_string({shard, problem.position}), problem.text));
    }
    verdict.problems_found += check.problems_found - check.problems.size();
  }
  try {
    access.log->check_files();
  } catch (const CorruptLog& damage) {
    verdict.problem(std::string("log files: ") + damage.what());
  }
  try {
    check_witness(*access.log, *access.directory);
  } catch (const StorageFault& fault) {
    verdict.problem(std::string("head witness: ") + fault.what());
  }
  verdict.checked.emplace_back("events", events);
  verdict.checked.emplace_back("rows", rows);
  verdict.checked.emplace_back("streams", streams);
}

/// The Merkle tree made again from the log, against what is stored of it and every head that is known.
void check_tree(const LogAccess& access, const VerifyOptions& options, Verdict& verdict) {
  std::vector<KeptCheckpoint> kept;
  if (!options.checkpoints.empty()) {
    const std::vector<VerifierKey> keys = options.verifier_keys.empty() ? open_checkpoint_keys(access).verifiers()
                                                                        : read_verifier_keys(options.verifier_keys);
    for (const std::string& file : options.checkpoints) {
      try {
        KeptCheckpoint one = read_kept_checkpoint(file, keys);
        if (one.log_id != access.directory->format().log_id || one.shard >= access.log->shards()) {
          verdict.problem(fmt::format("checkpoint {}: it is of another log, {}", file, one.log_id));
        } else {
          kept.push_back(std::move(one));
        }
      } catch (const std::invalid_argument& why) {
        verdict.problem(why.what());
      }
    }
  }
  std::uint64_t nodes = 0, heads = 0;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
    try {
      std::vector<KnownHead> known;
      for (const KeptCheckpoint& one : kept) {
        if (one.shard == shard) known.push_back(one.known);
      }
      const HeadWitness witness = access.directory->read_witness(shard);
      if (witness.root != MerkleHash{}) known.push_back({{witness.position, witness.root}, "the head witness"});
      Progress progress("verify tree " + std::to_string(shard), "events", options.common.json);
      const auto tree = open_tree(access, shard);
      const MerkleCheck check = check_merkle(*access.log, shard, *tree, std::move(known),
                                             [&](Position done, Position total) { progress.update(done, total); });
      nodes += check.nodes;
      heads += check.heads;
      for (const LogProblem& problem : check.problems) {
        verdict.problem(
            fmt::format("Merkle tree, position {}: {}", to_string({shard, problem.position}), problem.text));
      }
      verdict.problems_found += check.problems_found - check.problems.size();
    } catch (const StorageFault& fault) {
      verdict.problem(fmt::format("Merkle tree of shard {}: {}", shard, fault.what()));
    }
  }
  verdict.checked.emplace_back("Merkle nodes", nodes);
  verdict.checked.emplace_back("Merkle heads", heads);
}

/// The index and the state rows against the log. Needs the directory: the rows' newest part is in a server's memory.
void check_index(const LogAccess& access, bool json, Verdict& verdict) {
  std::uint64_t keys = 0, positions = 0, states = 0;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
    const auto path = access.directory->views_path() / ("index-" + std::to_string(shard));
    if (!std::filesystem::exists(path)) {
      verdict.notes.push_back(fmt::format("index of shard {}: none; it is folded at the next start", shard));
      continue;
    }
    const auto index = StreamIndex::open({.directory = path});
    const Position checkpoint = index->checkpoint();
    if (checkpoint > access.log->head(shard)) {
      verdict.problem(fmt::format("index of shard {}: its checkpoint {} is ahead of the log", shard, checkpoint));
      continue;
    }
    Progress progress("verify index " + std::to_string(shard), "events", json);
    std::vector<std::unique_ptr<AccountState>> accounts;
    std::vector<std::string> names;
    const auto reader = access.log->read_forward(shard, 1);
    StoredEvent event;
    while (reader->next(event) && event.position <= checkpoint) {
      progress.update(event.position, checkpoint);
      const EnvelopeView view = view_envelope(event.envelope);
      const auto at = index->positions(view.stream_ordinal, view.stream_version, view.stream_version);
      if (at.size() != 1 || at.front() != event.position) {
        verdict.problem(fmt::format("index: event {} of stream {} is not found at its version {}",
                                    to_string({shard, event.position}), view.stream, view.stream_version));
      }
      ++positions;
      if (!view.idempotency_key.empty() && view.command_index == 0) {
        ++keys;
        const auto found = index->find_key(hash_key(book_of_stream(view.stream), view.principal, view.idempotency_key));
        // A key may have been used again after its time; then the later one is indexed.
        if (!found || *found < event.position) {
          verdict.problem(
              fmt::format("index: the idempotency key of event {} is not found", to_string({shard, event.position})));
        }
      }
      if (is_book_stream(view.stream)) continue;
      if (accounts.size() <= view.stream_ordinal) {
        accounts.resize(view.stream_ordinal * 2 + 16);
        names.resize(accounts.size());
      }
      auto& state = accounts[view.stream_ordinal];
      if (!state) {
        state = std::make_unique<AccountState>();
        names[view.stream_ordinal] = view.stream;
      }
      evolve(*state, *schema::GetEnvelope(event.envelope.data()));
      if (state->has_ended()) state->take_ended();
    }
    for (std::size_t ordinal = 0; ordinal < accounts.size(); ++ordinal) {
      if (!accounts[ordinal]) continue;
      const auto row = index->state_row(names[ordinal]);
      const auto stored = row ? decode_account(*row) : std::nullopt;
      if (!stored || stored->version < accounts[ordinal]->version) {
        verdict.problem(fmt::format("state row of {}: missing or older than the index's checkpoint", names[ordinal]));
      } else if (stored->version == accounts[ordinal]->version && *row != encode_state(*accounts[ordinal])) {
        verdict.problem(fmt::format("state row of {}: not what its events fold to", names[ordinal]));
      }
      ++states;
    }
  }
  verdict.checked.emplace_back("stream index entries", positions);
  verdict.checked.emplace_back("idempotency keys", keys);
  verdict.checked.emplace_back("state rows", states);
}

/// The keys, without which nobody can say what the index of e-mail addresses should hold; null, and a note.
std::unique_ptr<Keyring> open_keys(const LogAccess& access, const VerifyOptions& options, Verdict& verdict) try {
  return Keyring::open(access.directory->keys_path(), options.master_key_file, true);
} catch (const StorageFault& fault) {
  verdict.notes.push_back(
      fmt::format("view accounts: not checked: its search by e-mail needs the keys: {}", fault.what()));
  return nullptr;
}

void check_views(const LogAccess& access, const VerifyOptions& verify_options, Verdict& verdict) {
  const auto keys = open_keys(access, verify_options, verdict);
  Projections::Options options;
  if (keys) options.email_digest = email_digester(*keys);
  options.directory = access.directory->views_path();
  options.log = access.log.get();
  options.read_only = true;
  const auto projections = Projections::open(options);
  std::uint64_t rows = 0;
  for (const ViewStatus& status : projections->status(wall_clock().now())) {
    if (status.state == ViewState::failed) {
      verdict.notes.push_back(fmt::format("view {}: not checked: {}", to_text(status.name), status.message));
    }
  }
  bool all_there = true;
  for (const ViewName view : all_views) {
    bool is_failed = false;
    for (const ViewStatus& status : projections->status(wall_clock().now())) {
      is_failed = is_failed || (status.name == view && status.state == ViewState::failed);
    }
    if (is_failed) {
      all_there = false;
      continue;
    }
    if (view == ViewName::accounts && !keys) continue;
    const ViewCheck check = projections->check_view(view);
    rows += check.rows;
    if (!check.error.empty()) verdict.problem(fmt::format("view {}: {}", to_text(view), check.error));
    for (const ViewDifference& difference : check.differences) {
      verdict.problem(fmt::format("view {}: row {} is not what a fresh fold gives (at {})", to_text(view),
                                  difference.key, to_string(difference.position)));
    }
    verdict.problems_found += check.differences_found - check.differences.size();
  }
  verdict.checked.emplace_back("view rows", rows);
  if (!all_there) return;
  const Reconciliation sums = projections->reconcile();
  for (const std::string& failure : sums.failures) verdict.problem("journal: " + failure);
  verdict.checked.emplace_back("books reconciled", sums.books);
}

int run_verify(const VerifyOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const LogAccess access = open_log(options.common.data);
  Verdict verdict;
  check_log(access, options.common.json, verdict);
  check_tree(access, options, verdict);
  if (!options.log_only) {
    try {
      const auto held = DataDirectory::open(options.common.data, DataDirectory::Access::change);
      check_index(access, options.common.json, verdict);
    } catch (const DirectoryInUse&) {
      verdict.notes.push_back("index and state rows: not checked beside a live server, which holds their newest part");
    }
    check_views(access, options, verdict);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.common.json) {
    std::string line = "{\"object\":\"verification\",\"ok\":";
    line += verdict.problems_found == 0 ? "true" : "false";
    line += fmt::format(",\"seconds\":{:.3f},\"checked\":{{", seconds);
    for (std::size_t i = 0; i < verdict.checked.size(); ++i) {
      if (i > 0) line += ',';
      append_json_string(line, verdict.checked[i].first);
      line += fmt::format(":{}", verdict.checked[i].second);
    }
    line += fmt::format("}},\"problems_found\":{},\"problems\":[", verdict.problems_found);
    for (std::size_t i = 0; i < verdict.problems.size(); ++i) {
      if (i > 0) line += ',';
      append_json_string(line, verdict.problems[i]);
    }
    line += "],\"notes\":[";
    for (std::size_t i = 0; i < verdict.notes.size(); ++i) {
      if (i > 0) line += ',';
      append_json_string(line, verdict.notes[i]);
    }
    fmt::print("{}]}}\n", line);
  } else {
    for (const auto& [what, count] : verdict.checked) fmt::print("{:>12} {}\n", count, what);
    for (const std::string& note : verdict.notes) fmt::print("note: {}\n", note);
    for (const std::string& problem : verdict.problems) fmt::print("PROBLEM: {}\n", problem);
    if (verdict.problems_found > verdict.problems.size()) {
      fmt::print("... and {} more\n", verdict.problems_found - verdict.problems.size());
    }
    fmt::print("{} in {:.1f} s\n", verdict.problems_found == 0 ? "all good" : "NOT GOOD", seconds);
  }
  return verdict.problems_found == 0 ? exit_done : exit_check_failed;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *app.add_subcommand("verify", "Check log, indexes, states, views and journal against each other");
  add_common(command, options->common);
  command.add_option("--master-key-file", options->master_key_file, "As it was given to serve");
  command.add_flag("--log-only", options->log_only, "Only the log itself");
  command.add_option("--checkpoint", options->checkpoints, "A checkpoint that the log must agree with; repeatable");
  command.add_option("--verifier-key", options->verifier_keys,
                     "A key to trust for it, or a file of them; repeatable; default: the directory's own");
  command.footer(
      "Exit code 0: everything checked is right; 1: something is not; 3: it could not be read.\n"
      "Examples:\n  daybook verify --data ./data\n  daybook verify --data ./data --json\n"
      "  daybook verify --data ./data --checkpoint june.txt --verifier-key keys.txt");
  command.callback([options, &action] { action = [options] { return run_verify(*options); }; });
}

}  // namespace daybook
