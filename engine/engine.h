// The one path from a command to committed events.
//
// Operation: submit() puts work into its shard's bounded queue; the shard's writer thread takes what is waiting as one
// group, decides, appends the group as one synced write, and only then hands all its answers to the completion sink in
// one call. Reads of one account run on the same thread in the same order, after the account's due work, and are
// answered after the group they are in: so they are linearizable.
// Concurrency: everything here may be called from any thread unless it says otherwise. No lock is held while deciding.
// Limits: engine/limits.h.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/commands.h"
#include "domain/deciders/decision.h"
#include "engine/answer.h"
#include "engine/clock.h"
#include "engine/limits.h"
#include "engine/principal.h"
#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "eventstore/row_store.h"

namespace daybook {

class CheckpointKeys;
class Keyring;
class MerkleTree;
class StreamIndex;

using Done = std::function<void(Answer)>;

/// A command to decide, or a read of one account or book: exactly one of `command` and the three functions is set.
struct Work {
  std::optional<Command> command;
  CommandContext context;
  /// Runs on the writer thread; copies what it needs. The state is null if there is no such account in the principal's
  /// book. Must be quick: it holds up the shard.
  std::function<void(const AccountState*, LogPosition head, Instant now)> read_account;
  /// Likewise, with what a command of the principal would be decided with now; not called if there is no such account.
  std::function<void(const AccountState&, const DecisionContext&)> foresee;
  std::string account_id;           ///< Of these two, unless `entity` names it.
  std::optional<EntityRef> entity;  ///< They read the account that this entity belongs to; the state then holds the
                                    ///< entity even if it has ended.
  std::function<void(const BookState&, LogPosition head, Instant now)> read_book;
  Done done;  ///< Called by the completion sink's executor, once.
};

using AccountDecider = Decision(const AccountState&, const Command&, const DecisionContext&);
using DueDecider = Decision(const AccountState&, const DueItem&, const DecisionContext&);

/// How the engine opens what it stands on, and who decides: the real parts, unless the simulation or a test brings its
/// own.
struct EngineGround {
  std::function<std::unique_ptr<DataDirectory>()> open_directory;  ///< Empty: the one at Options::data.
  std::function<std::unique_ptr<EventLog>(const EventLog::Options&)> open_log = EventLog::open;
  std::function<std::unique_ptr<Keyring>()> open_keyring;  ///< Empty: the directory's.
  OpenRowStore open_rows = RowStore::open;
  /// What the commands on accounts, and what is due of them, come to.
  std::function<AccountDecider> decide = static_cast<AccountDecider*>(&daybook::decide);
  std::function<DueDecider> decide_due = &daybook::decide_due;
};

class Engine {
 public:
  struct Options {
    std::filesystem::path data;
    ShardNumber shards = 1;  ///< For a new directory.
    bool sandbox = false;    ///< Books that nobody created are test books (--dev); else they are live.
    bool collects = false;   ///< Somebody finds out what becomes of payments: a test clock waits for it on its way.
    bool sync = true;
    Clock* clock = nullptr;  ///< The wall clock if null.
    std::size_t cache_bytes = 64 << 20;
    std::filesystem::path master_key_file;  ///< Empty: keys/master.key, made if absent.
    const TimeZones* zones = nullptr;       ///< What periods are computed with; the system's if null.
    std::uint64_t free_bytes_min = 0;  ///< With less room on the disk than this, commands are refused; 0: no reserve.
    std::string log_name;              ///< Of the checkpoints (eventstore/checkpoint_keys.h).
    rocksdb::Env* env = nullptr;       ///< For fault injection in tests; the default one if null.
    std::uint64_t dirty_lag_events = dirty_lag_events_default;  ///< How much later a changed state's row is written.
    EngineGround ground;
    bool threads = true;  ///< False: nothing happens but in step() and write_index(), in the caller's thread.
  };

  /// Opens the directory, brings the indexes to the head of the log, and starts the writers (unless without threads).
  static std::unique_ptr<Engine> open(const Options& options);
  virtual ~Engine() = default;

  /// Receives the answers of a group at once and must run every closure, soon, on whatever thread it likes. Set before
  /// the first submit; without one the closures run on the writer thread.
  virtual void set_completion_sink(std::function<void(std::vector<std::function<void()>>)> sink) = 0;
  /// Called on the writer thread after each commit; must only wake somebody.
  virtual void add_commit_listener(std::function<void(ShardNumber, Position)> listener) = 0;

  /// False if a queue is full: nothing was taken, answer not_ready with Retry-After. Otherwise every `done` is called.
  virtual bool submit(Work work) = 0;
  /// All or none of them, in order per shard; for bulk. Of commands on books in several shards those of the first
  /// shard: a later one whose queue is full answers its own with not_ready.
  virtual bool submit(std::vector<Work> work) = 0;

  /// The account's state as it was after the last event with decided_at <= `at` (or position <= `position`), folded
  /// from the log; null if it did not exist then. Slow on long histories; call from a reader thread.
  struct History {
    std::optional<AccountState> state;
    std::string stream;
    LogPosition position;  ///< Of the last event folded.
  };
  virtual History account_as_of(const std::string& book, const std::string& account_id, std::optional<Instant> at,
                                std::optional<LogPosition> position) const = 0;
  /// Like account_as_of for the account that an entity belongs to.
  virtual History account_of_entity_as_of(const std::string& book, EntityRef entity, std::optional<Instant> at,
                                          std::optional<LogPosition> position) const = 0;
  /// Positions of a stream's events with versions in [from, to], ascending. Committed events only.
  virtual std::vector<Position> stream_positions(const std::string& stream, std::uint64_t from_version,
                                                 std::uint64_t to_version) const = 0;

  /// The key with that SHA-256 digest, as of the last commit; revoked ones too. Any book.
  virtual std::optional<std::pair<std::string, ApiKey>> find_api_key(std::string_view digest) const = 0;

  virtual const EventLog& log() const = 0;
  virtual DataDirectory& directory() = 0;
  virtual Keyring& keyring() = 0;
  /// The Merkle tree of a shard's log; a reload replaces it. Null while the shard has none. Hold it for one answer
  /// only: its folder is locked as long.
  virtual std::shared_ptr<const MerkleTree> tree(ShardNumber shard) const = 0;
  /// What signs the tree's heads.
  virtual CheckpointKeys& checkpoint_keys() = 0;
  virtual ShardNumber shard_of(const std::string& book) const = 0;
  virtual LogPosition committed(const std::string& book) const = 0;
  /// False after a failed write until the shard has reloaded from the log.
  virtual bool is_ready() const = 0;
  /// The disk is full, or its reserve is reached: commands are refused with storage_full until there is room.
  virtual bool is_full() const = 0;
  /// One line on why it is not ready or full, else empty.
  virtual std::string status() const = 0;
  /// The now of the accounts that live by that clock, none: the book's own, which is wall time plus its sandbox offset.
  /// Of a test clock that is advancing, where it goes.
  virtual Instant now(const std::string& book, EntityRef test_clock) const = 0;
  /// What the book sells, as of the last commit; never null.
  virtual std::shared_ptr<const Catalogue> catalogue(const std::string& book) const = 0;
  /// The book's discounts and coupons, likewise.
  virtual std::shared_ptr<const Offers> offers(const std::string& book) const = 0;

  /// The books that there are, as of the last commit, in the order of their ids; the first book always.
  virtual std::vector<BookShown> books() const = 0;
  /// One of them.
  virtual std::optional<BookShown> find_book(const std::string& book) const = 0;
  /// What books are for that nobody created: the first one, and those made by their first key.
  virtual BookMode mode_unless_said() const = 0;
  /// What the book is for.
  virtual BookMode mode_of(const std::string& book) const = 0;

  struct Counters {
    std::uint64_t events = 0, groups = 0, commands = 0, cache_hits = 0, cache_misses = 0, queue_length = 0;
    std::uint64_t state_cache_bytes = 0;
    double append_seconds = 0;
    std::array<std::uint64_t, 256> events_by_type{};  ///< Appended since the start, by member of the union.
  };
  virtual Counters counters() const = 0;

  // Without threads, from one thread:
  /// One round of the shard's writer: its group, if anything is queued or due, and every answer of it.
  virtual void step(ShardNumber shard) = 0;
  /// Writes what the shard's index holds in memory, as its own thread would every half second.
  virtual void write_index(ShardNumber shard) = 0;

  /// Finishes what is queued, writes the indexes, stops the writers. submit() returns false from now on.
  virtual void stop() = 0;
};

}  // namespace daybook
