// The writer of one shard: see ARCHITECTURE.md. Everything that decides runs on its one thread, so billing code
// needs no lock; what other threads see is the queue, the committed position and the published books.
//
// A group: take what is waiting; run the agenda; for each piece of work in order: repeat? due work, If-Match, decide,
// encode, fold; then one synced append, the head witness, the indexes, and all answers at once. A failed append stops
// the shard: everybody in the group is answered not_ready (storage_full if there was no room), and the shard reloads
// from the log. While the disk's reserve is reached, commands are refused and the agenda rests; reads go on.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "domain/deciders/decision.h"
#include "engine/agenda.h"
#include "engine/engine.h"
#include "engine/envelope.h"
#include "engine/stream_cache.h"
#include "engine/subjects.h"
#include "eventstore/envelope_view.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/stream_index.h"

namespace daybook {

/// A repeat whose answer needs the state as it was: folded from the log, off the writer thread.
struct LateReplay {
  std::string stream;
  std::uint64_t version = 0;  ///< The state's version that the answer shows.
  Subject subject;
  std::uint64_t entry_version = 0;  ///< Of the unit movement, for a unit entry.
  Answer answer;
  Done done;
};

/// What a shard needs of the engine.
struct ShardParts {
  ShardNumber number = 0;
  EventLog* log = nullptr;
  DataDirectory* directory = nullptr;
  Keyring* keys = nullptr;
  Clock* clock = nullptr;
  bool sandbox = false;
  bool collects = false;
  const TimeZones* zones = nullptr;
  std::size_t cache_bytes = 0;
  std::uint64_t dirty_lag_events = dirty_lag_events_default;
  std::uint64_t free_bytes_min = 0;  ///< Less room on the log's disk: commands are refused.
  rocksdb::Env* env = nullptr;
  OpenRowStore open_rows;
  std::function<AccountDecider> decide;
  std::function<DueDecider> decide_due;
  bool threads = true;  ///< False: the shard runs in its caller's thread, by step() and write_index().
  std::function<void(std::vector<std::function<void()>>)> complete;
  std::function<void(ShardNumber, Position)> committed;
  std::function<void(LateReplay)> replay_later;
};

class Shard {
 public:
  explicit Shard(ShardParts parts);
  ~Shard();

  /// Brings indexes and states to the head of the log. Throws StorageFault, CorruptLog.
  void recover();
  void start();
  /// One round of the writer, which waits for nothing: takes what is queued, runs what is due, commits them as one
  /// group and answers. The shard's own thread calls it each time there is something to do; without threads, the
  /// caller.
  void step();
  /// Without threads: writes what the index holds in memory.
  void write_index();
  /// False if the queue is full or the shard is stopping: nothing was taken.
  bool submit(std::vector<std::unique_ptr<Work>> work);
  void stop();

  Position committed() const { return committed_.load(std::memory_order_acquire); }
  bool is_ready() const { return !failed_.load(std::memory_order_acquire); }
  bool is_full() const { return short_of_space_ || ran_out_; }
  std::string status() const;
  Instant now(const std::string& book, EntityRef test_clock) const;
  std::optional<std::pair<std::string, ApiKey>> find_api_key(std::string_view digest) const;
  /// Never null.
  std::shared_ptr<const Catalogue> catalogue(const std::string& book) const;
  std::shared_ptr<const Offers> offers(const std::string& book) const;
  /// As of the last commit; the first book belongs to one shard and is there always.
  void add_books(std::vector<BookShown>& books) const;
  std::optional<BookShown> find_book(const std::string& book) const;
  BookMode mode_of(const std::string& book) const;
  /// Of one that says nothing, what the server is for.
  BookMode mode_of(const BookProfile& profile) const;
  /// The index as of now; a reload replaces it. Null while the shard has none.
  std::shared_ptr<const StreamIndex> index() const;
  /// The Merkle tree, likewise.
  std::shared_ptr<const MerkleTree> tree() const;
  Engine::Counters counters() const;

 private:
  struct Group {
    std::string bytes;              ///< Envelopes, one after the other.
    std::vector<std::size_t> ends;  ///< Where each ends.
    IndexUpdate update;
    std::vector<std::pair<Done, Answer>> answers;
    std::vector<LateReplay> late;
    std::vector<Stream*> touched;
    std::map<KeyHash, Position> keys;  ///< Idempotency keys of this group.
    std::set<std::string, std::less<>> changed_books;
    std::vector<std::uint64_t> purged_keys;  ///< Of accounts that are purged by this group.
    std::string_view envelope(std::size_t i) const;
  };

  void run();
  /// Until there is something to do; false if there is nothing left and the shard is stopping.
  bool wait_for_work();
  std::vector<std::unique_ptr<Work>> take();
  /// The states of the accounts that are named there.
  void prefetch(const std::vector<std::unique_ptr<Work>>& work);
  /// While the index is too far behind.
  void wait_for_index();
  /// The last answers, and everything that is written behind.
  void close();
  void run_agenda();
  /// What is due by that clock; `left` says how many items the group still takes.
  void run_due_by(const ClockRef& clock, Instant up_to, std::size_t& left);
  /// Lets the test clock come nearer to where it was sent; false: there is more to run.
  bool run_test_clock(const ClockRef& clock, Instant& come_to, std::size_t& left);
  /// Whether an account of the clock has a payment that was attempted and has no result; not for ever.
  bool waits_for_payments(const ClockRef& clock);
  void note_payments(const Stream& stream);
  /// The test clock has something to run from now on.
  void wake_test_clock(const ClockRef& clock);
  void process(Work& work);
  void decide_for_account(Work& work, Stream& stream, Instant now);
  void decide_for_book(Work& work, Stream& stream, Instant now);
  void run_read(Work& work);
  /// The stream of the work's account or entity; null if the principal's book does not have it.
  Stream* stream_of(const Work& work);
  /// The account's stream that the entity belongs to; null if the book does not have it.
  Stream* stream_of(EntityRef entity, const std::string& book);
  /// Whose payment it is about, and its body under that account's key. Neither stays of what is about none.
  void seal_received(ReceiveProviderEvent& command, const std::string& book);
  void load_ended(Stream& stream, EntityRef entity);
  /// What the command refers to beside the entity that it names.
  void load_references(Stream& stream, const Command& command);
  bool answer_repeat(Work& work);
  /// How many items there were.
  std::size_t run_due(Stream& stream, Instant up_to);
  DecisionContext context_for(const Stream& stream, Role role, Instant now);
  /// One atomic command: the decision's events for the stream, then those for its book's.
  void append(Stream& stream, const Decision& decision, const CommandContext& context, std::string_view command,
              Instant decided_at);
  void append_to(Stream& stream, const std::vector<PendingEvent>& events, EnvelopeHead& head);
  void answer(Work& work, Answer answer);
  void reject(Work& work, Stream* stream, Rejection rejection, const Subject& subject, Instant now);
  Answer dry_run(const Work& work, const Stream& stream, const Decision& decision, Instant now);
  /// The event's bytes, of this group or of the log.
  std::string envelope_at(Position position) const;
  /// The stream version of the last event that a command has in the stream of its first one, which stands at `first`.
  std::uint64_t last_own_version(Position first, const EnvelopeView& view) const;
  void commit();
  /// What the command whose first event stands at `first` asked of a provider: a payment or a refund, if it did.
  std::optional<EntityRef> intent_of(Position first, const EnvelopeView& view) const;
  /// Shows the payment or refund, and keeps the answer back until its result is known if the work waits for that.
  void answer_or_wait(Work& work, Stream& stream, const Subject& subject, EntityRef intent, Answer result);
  /// A result has come.
  void release_result_waiters(Stream& stream, EntityRef intent);
  /// Those whose time is over; all of them, if it is the last group.
  void release_late_result_waiters(bool all);
  /// Hands out the answers; all of them, if it is the last.
  void finish_group(bool is_last = false);
  void fail(const StorageFault& fault);
  void look_at_space();
  void reload();
  void open_tree();
  void store_dirty(std::size_t at_least, bool all);
  void publish_books();
  void release_clock_waiters(bool all);
  Position next_position() const { return committed_.load(std::memory_order_relaxed) + 1 + group_.ends.size(); }
  Instant account_now(const Stream& stream);
  /// The book's own time for a clock that the book does not have.
  Instant clock_now(const std::string& book, EntityRef test_clock);
  /// The book's own stream, which may be empty still.
  Stream& book_stream_of(const std::string& book);
  Instant book_now(const std::string& book);
  /// Up to when the book's accounts owe something to time: not beyond its end.
  Instant due_limit(const std::string& book, Instant up_to);
  LogPosition at(Position position) const { return {parts_.number, position}; }

  ShardParts parts_;
  std::shared_ptr<StreamIndex> index_;  ///< Shared with readers; replaced under books_mutex_.
  std::shared_ptr<MerkleTree> tree_;    ///< Likewise.
  std::unique_ptr<StreamCache> cache_;
  std::unique_ptr<Agenda> agenda_;
  EnvelopeEncoder encoder_;
  Group group_;
  Stream* last_book_ = nullptr;  ///< The one that was asked for last; books are never let go.
  std::string scratch_;          ///< For names of streams.
  Instant wall_{};               ///< Read once a group.
  Instant last_recorded_{};
  std::uint64_t last_ordinal_ = 0;
  std::uint64_t group_number_ = 0;
  struct ClockWaiter {
    ClockRef clock;
    Instant to{};
    Done done;
    Answer answer;
  };
  bool has_come(const ClockWaiter& waiter);
  std::vector<ClockWaiter> clock_waiters_;
  /// Test clocks with something to run, advancing or not, and how far each has come.
  std::map<ClockRef, Instant> moving_clocks_;
  struct ClockPayments {
    std::set<std::uint64_t> accounts;  ///< Those with a payment whose result is not known, by their ordinals.
    std::optional<std::chrono::steady_clock::time_point> deadline;  ///< Since the clock waits for them.
  };
  std::map<ClockRef, ClockPayments> clock_payments_;  ///< Since the shard was opened; with accounts only.
  struct ResultWaiter {
    std::chrono::steady_clock::time_point deadline;
    std::string stream;
    Subject subject;
    Done done;
    Answer answer;
  };
  /// With what the intent has come to, or is as of now.
  void answer_waiter(Stream& stream, EntityRef intent, ResultWaiter& waiter);
  std::multimap<EntityRef, ResultWaiter> result_waiters_;

  mutable std::mutex queue_mutex_;
  std::condition_variable queue_wake_;
  std::vector<std::unique_ptr<Work>> queue_;
  bool stopping_ = false;
  bool is_stepped_ = false;  ///< Started without a thread, and not stopped yet.

  std::atomic<Position> committed_{0};
  std::atomic<bool> failed_{false};
  std::atomic<bool> short_of_space_{false};  ///< The reserve is reached.
  std::atomic<bool> ran_out_{false};         ///< The write that failed found no room.
  std::chrono::steady_clock::time_point next_space_look_;
  std::string failure_;  ///< Guarded by books_mutex_.

  struct PublishedBook {
    std::int64_t offset_us = 0;
    std::shared_ptr<const Catalogue> catalogue;
    std::shared_ptr<const Offers> offers;
    std::map<EntityRef, Instant> test_clocks;  ///< Where each goes.
    bool exists = false;
    BookProfile profile;
  };
  void publish_book(const std::string& name, const BookState& state);
  PublishedBook published(const std::string& book) const;
  mutable std::shared_mutex books_mutex_;
  std::map<std::string, PublishedBook> books_;
  std::unordered_map<std::string, std::pair<std::string, ApiKey>> keys_by_digest_;

  std::atomic<std::uint64_t> groups_{0}, commands_{0}, append_us_{0}, cache_hits_{0}, cache_misses_{0}, cache_bytes_{0};
  std::array<std::atomic<std::uint64_t>, 256> events_by_type_{};
  std::thread thread_;
};

}  // namespace daybook
