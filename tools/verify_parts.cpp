#include "tools/verify_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/kafka_check.h"
#include "domain/evolve.h"
#include "engine/clock.h"
#include "engine/index_check.h"
#include "engine/sealing.h"
#include "eventstore/merkle_check.h"
#include "eventstore/row_store.h"
#include "projections/view_folder.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

constexpr std::size_t index_cache_bytes = 64 << 20;
/// A live server may write a view between our snapshot of the log and our opening it.
constexpr int view_attempts = 3;
constexpr std::chrono::milliseconds kafka_timeout{30'000};

// --- opening --------------------------------------------------------------------------------------------------------

void open_indexes(VerifySubject& subject) {
  const DataDirectory& directory = *subject.access.directory;
  for (ShardNumber shard = 0; shard < directory.format().shards; ++shard) {
    auto& index = subject.indexes.emplace_back();
    const auto path = directory.views_path() / ("index-" + std::to_string(shard));
    if (!std::filesystem::exists(path / "CURRENT")) {
      subject.opening.notes.push_back(fmt::format("index of shard {}: none; it is folded at the next start", shard));
      continue;
    }
    try {
      index = StreamIndex::open(
          {.directory = path, .row_format = fold_version, .block_cache_bytes = index_cache_bytes, .read_only = true});
    } catch (const OtherRowFormat& other) {
      subject.opening.notes.push_back(fmt::format("index of shard {}: not checked: {}", shard, other.what()));
    } catch (const StorageFault& fault) {
      subject.opening.problem(fmt::format("index of shard {}: {}", shard, fault.what()));
    }
  }
}

/// The keys, without which nobody can say what the index of e-mail addresses should hold.
void open_keys(VerifySubject& subject, const VerifyOptions& options) try {
  subject.keys = Keyring::open(subject.access.directory->keys_path(), options.master_key_file, true);
} catch (const StorageFault& fault) {
  const bool is_absent = !std::filesystem::exists(subject.access.directory->keys_path() / key_slots_file);
  if (!is_absent) subject.opening.problem(fmt::format("keys: {}", fault.what()));
  subject.opening.notes.push_back(
      fmt::format("view accounts: not checked: its search by e-mail needs the keys: {}", fault.what()));
}

const ViewStatus* failure_of(const std::vector<ViewStatus>& all, ViewName view) {
  const auto found = std::ranges::find_if(
      all, [&](const ViewStatus& one) { return one.name == view && one.state == ViewState::failed; });
  return found == all.end() ? nullptr : &*found;
}

/// The view is only not there yet, or is to be folded anew; else it is damaged.
bool is_to_be_folded(const ViewStatus& failed) {
  return failed.message.ends_with("run daybook rebuild");
}

void open_views(VerifySubject& subject) {
  Projections::Options options;
  if (subject.keys) options.email_digest = email_digester(*subject.keys);
  options.directory = subject.access.directory->views_path();
  options.log = subject.access.log.get();
  options.read_only = true;
  bool is_whole = false;
  for (int attempt = 0; attempt < view_attempts && !is_whole; ++attempt) {
    subject.views.reset();
    if (attempt > 0) subject.access.log->reopen();
    subject.views = Projections::open(options);
    is_whole = std::ranges::none_of(subject.views->status(wall_clock().now()),
                                    [](const ViewStatus& one) { return one.state == ViewState::failed; });
  }
  for (const ViewStatus& one : subject.views->status(wall_clock().now())) {
    if (one.shard != 0 || one.state != ViewState::failed) continue;
    const std::string text = fmt::format("view {}: not checked: {}", to_text(one.name), one.message);
    if (is_to_be_folded(one)) {
      subject.opening.notes.push_back(text);
    } else {
      subject.opening.problem(text);
    }
  }
}

// --- the log and its tree -------------------------------------------------------------------------------------------

void add_problems(Verdict& verdict, const std::string& part, ShardNumber shard, std::uint64_t found,
                  const std::vector<LogProblem>& problems) {
  for (const LogProblem& problem : problems) {
    verdict.problem(fmt::format("{}, position {}: {}", part, to_string({shard, problem.position}), problem.text));
  }
  verdict.problems_found += found - problems.size();
}

void check_log(const LogAccess& access, ShardNumber shard, Verdict& verdict, const VerifyProgress& progress) {
  const LogCheck check = verify_log(*access.log, shard, progress);
  verdict.count("events", check.events);
  verdict.count("rows", check.rows);
  verdict.count("streams", check.streams);
  add_problems(verdict, "log", shard, check.problems_found, check.problems);
}

void check_files(const LogAccess& access, Verdict& verdict) {
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
}

/// The table files of everything under views/, to the last byte.
void check_view_files(const VerifySubject& subject, Verdict& verdict) {
  const auto check = [&](const std::string& name, const std::filesystem::path& store) {
    if (!std::filesystem::exists(store / "CURRENT")) return;
    try {
      RowStore::check_files(store);
      verdict.count("stores", 1);
    } catch (const StorageFault& fault) {
      // One that a live server's rebuild has replaced meanwhile is no problem.
      if (std::filesystem::exists(store / "CURRENT")) verdict.problem(fmt::format("{}: {}", name, fault.what()));
    }
  };
  const auto views = subject.access.directory->views_path();
  for (ShardNumber shard = 0; shard < subject.access.log->shards(); ++shard) {
    check(fmt::format("index of shard {}", shard), views / fmt::format("index-{}", shard));
    check(fmt::format("Merkle tree of shard {}", shard), views / fmt::format("merkle-{}", shard));
  }
  for (const ViewName view : all_views) {
    const ViewFolder folder(views, view);
    if (const auto current = folder.current()) {
      check(fmt::format("view {}", to_text(view)), folder.generation(*current));
    }
  }
}

/// The checkpoints that somebody kept, and those in Kafka.
std::vector<KeptCheckpoint> kept_checkpoints(const VerifySubject& subject, const VerifyOptions& options,
                                             ShardNumber shard, Verdict& verdict) {
  std::vector<KeptCheckpoint> kept;
  if (options.checkpoints.empty() && options.brokers.empty()) return kept;
  const LogAccess& access = subject.access;
  const std::vector<VerifierKey> keys = options.verifier_keys.empty() ? open_checkpoint_keys(access).verifiers()
                                                                      : read_verifier_keys(options.verifier_keys);
  const auto take = [&](const auto& open, const std::string& source) {
    try {
      KeptCheckpoint one = open();
      if (one.log_id != access.directory->format().log_id || one.shard >= access.log->shards()) {
        if (shard == 0) verdict.problem(fmt::format("{}: it is of another log, {}", source, one.log_id));
      } else if (one.shard == shard) {
        kept.push_back(std::move(one));
      }
    } catch (const std::invalid_argument& why) {
      if (shard == 0) verdict.problem(why.what());
    }
  };
  for (const std::string& file : options.checkpoints) {
    take([&] { return read_kept_checkpoint(file, keys); }, "checkpoint " + file);
  }
  if (options.brokers.empty()) return kept;
  const std::string source = "a checkpoint in Kafka";
  for (const std::string& note :
       read_published_checkpoints(kafka_settings(options.brokers, options.properties), options.prefix, shard,
                                  access.directory->format().log_id, kafka_timeout)) {
    take([&] { return open_kept_checkpoint(note, source, keys); }, source);
  }
  return kept;
}

/// The Merkle tree made again from the log, against what is stored of it and every head that is known.
void check_tree(const VerifySubject& subject, const VerifyOptions& options, ShardNumber shard, Verdict& verdict,
                const VerifyProgress& progress) {
  const LogAccess& access = subject.access;
  std::vector<KnownHead> known;
  for (KeptCheckpoint& one : kept_checkpoints(subject, options, shard, verdict)) known.push_back(std::move(one.known));
  const HeadWitness witness = access.directory->read_witness(shard);
  if (witness.root != MerkleHash{}) known.push_back({{witness.position, witness.root}, "the head witness"});
  const auto tree = open_tree(access, shard);
  const MerkleCheck check = check_merkle(*access.log, shard, *tree, std::move(known), progress);
  verdict.count("Merkle nodes", check.nodes);
  verdict.count("Merkle heads", check.heads);
  add_problems(verdict, "Merkle tree", shard, check.problems_found, check.problems);
}

// --- what is folded from the log ------------------------------------------------------------------------------------

void check_index_part(const VerifySubject& subject, ShardNumber shard, Verdict& verdict,
                      const VerifyProgress& progress) {
  const IndexCheck check = check_index(*subject.access.log, shard, *subject.indexes[shard], progress);
  verdict.count("stream index entries", check.positions);
  verdict.count("idempotency keys", check.keys);
  verdict.count("state rows", check.states);
  verdict.count("rows of ended credits, holds and invoices", check.ended);
  verdict.count("due instants", check.due);
  add_problems(verdict, "index", shard, check.problems_found, check.problems);
  const Position checkpoint = subject.indexes[shard]->checkpoint(), head = subject.access.log->head(shard);
  if (checkpoint < head) {
    verdict.notes.push_back(fmt::format("index of shard {}: checked as it is written, up to {}; the log is at {}",
                                        shard, checkpoint, head));
  }
}

void check_view(const Projections& views, ViewName view, std::uint64_t events, Verdict& verdict,
                const VerifyProgress& progress) {
  const ViewCheck check = views.check_view(view, progress);
  verdict.count("view rows", check.rows);
  if (!check.error.empty()) verdict.problem(fmt::format("view {}: {}", to_text(view), check.error));
  for (const ViewDifference& difference : check.differences) {
    verdict.problem(fmt::format("view {}: row {} is not what a fresh fold gives (at {})", to_text(view), difference.key,
                                to_string(difference.position)));
  }
  verdict.problems_found += check.differences_found - check.differences.size();
  if (check.events < events) {
    verdict.notes.push_back(
        fmt::format("view {}: checked as it is written, {} of {} events", to_text(view), check.events, events));
  }
}

void check_sums(const Projections& views, Verdict& verdict) {
  const Reconciliation sums = views.reconcile();
  for (const std::string& failure : sums.failures) verdict.problem("journal: " + failure);
  verdict.count("books reconciled", sums.books);
  if (sums.is_of_fresh_folds) {
    verdict.notes.push_back("sums: of fresh folds up to the log's head; the views are written at different positions");
  }
}

void check_keys(const VerifySubject& subject, Verdict& verdict) {
  const auto slots = std::filesystem::file_size(subject.access.directory->keys_path() / key_slots_file);
  const std::uint64_t count = slots / key_slot_bytes;
  for (std::uint64_t key_id = 1; key_id <= count; ++key_id) {
    try {
      subject.keys->is_living(key_id);
    } catch (const StorageFault& fault) {
      verdict.problem(std::string("keys: ") + fault.what());
    }
  }
  verdict.count("sealing keys", count);
  try {
    verdict.count("checkpoint keys", open_checkpoint_keys(subject.access).verifiers().size());
  } catch (const StorageFault& fault) {
    verdict.problem(std::string("keys: ") + fault.what());
  }
}

// --- Kafka ----------------------------------------------------------------------------------------------------------

void check_kafka_part(const LogAccess& access, const VerifyOptions& options, Verdict& verdict,
                      const VerifyProgress& progress) {
  const EventRenderer renderer;
  KafkaCheckOptions check;
  check.kafka = kafka_settings(options.brokers, options.properties);
  check.topic_prefix = options.prefix;
  check.topics = billing_topics(renderer);
  check.log_id = access.directory->format().log_id;
  check.format = cloud_event_format(renderer, check.log_id);
  check.log = access.log.get();
  check.shards = access.log->shards();
  check.timeout = kafka_timeout;
  std::uint64_t seen = 0;
  check.on_event = [&](LogPosition, std::string_view) {
    progress(++seen, 0);
    return true;
  };
  const KafkaCheckReport report = check_kafka(check);
  verdict.count("events in Kafka", report.events);
  verdict.count("billing records in Kafka", report.billing_records);
  if (!report.ok()) verdict.problem("Kafka: " + report.difference);
  if (report.events == 0) verdict.problem("Kafka: it holds no event of this log, so nothing of it was checked");
  for (const auto& [shard, last] : report.last) {
    const Position head = access.log->head(shard);
    if (last < head) {
      verdict.notes.push_back(
          fmt::format("Kafka: shard {} is published up to {}, the log is at {}", shard, last, head));
    }
  }
}

}  // namespace

void Verdict::problem(std::string text) {
  ++problems_found;
  if (problems.size() < problems_shown_max) problems.push_back(std::move(text));
}

void Verdict::count(const std::string& what, std::uint64_t number) {
  const auto known = std::ranges::find(checked, what, &std::pair<std::string, std::uint64_t>::first);
  if (known == checked.end()) {
    checked.emplace_back(what, number);
  } else {
    known->second += number;
  }
}

void Verdict::add(Verdict other) {
  for (const auto& [what, number] : other.checked) count(what, number);
  problems_found += other.problems_found - other.problems.size();
  for (std::string& text : other.problems) problem(std::move(text));
  for (std::string& text : other.notes) notes.push_back(std::move(text));
}

VerifySubject open_subject(const VerifyOptions& options) {
  VerifySubject subject;
  subject.access = open_log(options.common.data);
  if (options.log_only) return subject;
  open_indexes(subject);
  open_keys(subject, options);
  open_views(subject);
  subject.access.log->reopen();
  return subject;
}

std::vector<VerifyPart> verify_parts(const VerifySubject& subject, const VerifyOptions& options) {
  if (!options.brokers.empty()) kafka_settings(options.brokers, options.properties);  // Refuses what is no setting.
  if (!options.verifier_keys.empty()) read_verifier_keys(options.verifier_keys);
  const LogAccess& access = subject.access;
  std::vector<VerifyPart> parts;
  std::uint64_t all = 0;
  for (ShardNumber shard = 0; shard < access.log->shards(); ++shard) {
    const Position events = access.log->head(shard);
    all += events;
    parts.push_back(
        {fmt::format("log {}", shard), events, [&, shard](Verdict& verdict, const VerifyProgress& progress) {
           check_log(access, shard, verdict, progress);
         }});
    parts.push_back(
        {fmt::format("tree {}", shard), events, [&, shard](Verdict& verdict, const VerifyProgress& progress) {
           check_tree(subject, options, shard, verdict, progress);
         }});
    if (!subject.indexes.empty() && subject.indexes[shard]) {
      parts.push_back(
          {fmt::format("index {}", shard), events, [&, shard](Verdict& verdict, const VerifyProgress& progress) {
             check_index_part(subject, shard, verdict, progress);
           }});
    }
  }
  parts.push_back({"files", 0, [&](Verdict& verdict, const VerifyProgress&) { check_files(access, verdict); }});
  if (!options.brokers.empty()) {
    parts.push_back({"Kafka", all, [&](Verdict& verdict, const VerifyProgress& progress) {
                       check_kafka_part(access, options, verdict, progress);
                     }});
  }
  if (!subject.views) return parts;
  parts.push_back({"stores", 0, [&](Verdict& verdict, const VerifyProgress&) { check_view_files(subject, verdict); }});
  if (subject.keys) {
    parts.push_back({"keys", 0, [&](Verdict& verdict, const VerifyProgress&) { check_keys(subject, verdict); }});
  }
  const auto status = subject.views->status(wall_clock().now());
  bool all_there = true;
  for (const ViewName view : all_views) {
    if (failure_of(status, view) != nullptr) {
      all_there = false;
    } else if (view != ViewName::accounts || subject.keys) {
      parts.push_back({fmt::format("view {}", to_text(view)), all,
                       [&, view, all](Verdict& verdict, const VerifyProgress& progress) {
                         check_view(*subject.views, view, all, verdict, progress);
                       }});
    }
  }
  if (all_there) {
    parts.push_back({"sums", 0, [&](Verdict& verdict, const VerifyProgress&) { check_sums(*subject.views, verdict); }});
  }
  return parts;
}

}  // namespace daybook
