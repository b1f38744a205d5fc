// All views of one log: folding them behind the writer, querying, rebuilding and checking them.
//
// Operation: one follower thread wakes on committed() and folds (checkpoint, committed] of every shard into every view;
// rows and checkpoint of a view are written together, so that each event is applied exactly once whatever is killed
// when. Each view has a folder views/<name>/ with generations <n>/ and a file CURRENT that names the live one; a view
// without one, or of another fold version, is folded again from position 1.
// Reading: take a reader (a consistent snapshot), after wait_for() if the answer must hold everything up to a position.
// Faults: an event that a view cannot fold stops that view only (state failed, message); failed reads and writes are
// retried with a growing pause, over a store that is opened again at its last durable batch.
// Threads: everything here may be called from any thread, unless it says otherwise.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/log.h"
#include "projections/accounts_view.h"
#include "projections/audit_view.h"
#include "projections/balances_view.h"
#include "projections/corrections_view.h"
#include "projections/credits_view.h"
#include "projections/invoices_view.h"
#include "projections/journal_view.h"
#include "projections/outbox.h"
#include "projections/payments_view.h"
#include "projections/refunds_view.h"
#include "projections/subscriptions_view.h"
#include "projections/units_view.h"
#include "projections/view_fold.h"
#include "projections/view_name.h"

namespace daybook {

enum class ViewState : std::uint8_t { live, rebuilding, failed };
/// "live", "rebuilding" (folding from the beginning; reads are answered from what is folded so far), "failed".
std::string_view to_text(ViewState state);

/// How far a rebuild has come. `rate` and the time left: events a second since it started.
struct RebuildProgress {
  bool running = false;
  std::uint64_t done = 0;   ///< Events folded.
  std::uint64_t total = 0;  ///< Events to fold, as of now.
  double rate = 0;
  std::string error;  ///< Why the last one failed; empty if it did not.
};

struct ViewStatus {
  ViewName name{};
  ShardNumber shard = 0;
  Position position = 0;  ///< The checkpoint.
  Position head = 0;      ///< Of the log.
  std::uint64_t lag_events = 0;
  double lag_seconds = 0;  ///< Age of the oldest event that is not in the view; 0 if there is none.
  ViewState state = ViewState::live;
  std::string message;  ///< Why it failed, and what to do.
  RebuildProgress rebuild;
};

/// A row that is not what a fold from position 1 gives.
struct ViewDifference {
  enum class Kind : std::uint8_t { missing, unexpected, different };
  Kind kind = Kind::different;
  std::string key;       ///< Printable: bytes outside ASCII as \xNN.
  LogPosition position;  ///< The checkpoint at which both were compared.
};

struct ViewCheck {
  ViewName name{};
  std::uint64_t rows = 0;
  std::uint64_t events = 0;  ///< Folded for the comparison.
  std::uint64_t differences_found = 0;
  std::vector<ViewDifference> differences;  ///< The first view_differences_max of them.
  std::string error;                        ///< The fold from zero failed, or the view has stopped; else empty.
  bool passed() const { return differences_found == 0 && error.empty(); }
};

inline constexpr std::size_t view_differences_max = 100;
using CheckProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// What the views say of each other: sums that must agree. Empty: they do.
struct Reconciliation {
  std::vector<std::string> failures;  ///< Sentences naming book, currency and both sums.
  std::uint64_t books = 0;
  bool is_of_fresh_folds = false;  ///< The views stood at different positions.
  bool passed() const { return failures.empty(); }
};

class Projections {
 public:
  struct Options {
    std::filesystem::path directory;  ///< The views/ folder. Only the views' own folders in it are touched.
    const EventLog* log = nullptr;    ///< Must outlive the object.
    StreamPositions streams;          ///< For event lists of one stream.
    EmailDigest email_digest;         ///< For search by e-mail. Any thread that folds.
    bool read_only = false;           ///< Beside a live server: no follower; a view that is missing has state failed.
    bool follow = true;               ///< False: no thread; the caller folds with catch_up().
    std::size_t batch_events_max = 16'384;
    std::size_t batch_bytes_max = 8 << 20;
    std::size_t cache_bytes = 8 << 20;            ///< Rows that a live view keeps in memory between batches.
    std::size_t rebuild_cache_bytes = 192 << 20;  ///< The same for all that one thread folds from the beginning.
    std::size_t block_cache_bytes = 16 << 20;     ///< Of each view's store.
    std::size_t flush_bytes = 32 << 20;           ///< What each view's store holds in memory before it is on the disk.
    rocksdb::Env* env = nullptr;                  ///< For fault injection in tests; the default one if null.
    OpenRowStore open_rows = RowStore::open;
    /// How long the follower lets events gather while nobody waits: rows touched often are then written once.
    std::chrono::milliseconds linger{100};
  };

  /// Opens what is there, deletes leftovers of a crash, and starts the follower. Throws StorageFault.
  static std::unique_ptr<Projections> open(const Options& options);
  /// Stops the follower and a rebuild under way. Readers may outlive the object (not the log).
  virtual ~Projections() = default;

  /// The writer's note that the log has grown (Engine::add_commit_listener). Only wakes.
  virtual void committed(ShardNumber shard, Position position) = 0;
  /// Waits until the view holds everything up to `position`; true if it does. False after the timeout, or at once if
  /// the view has failed.
  virtual bool wait_for(ViewName view, ShardNumber shard, Position position, std::chrono::milliseconds timeout) = 0;
  /// Folds everything up to the log's head in the caller's thread (with or without a follower).
  virtual void catch_up() = 0;

  // Readers, each over a consistent snapshot. They throw StorageFault if the view could not be opened at all.
  virtual AccountsReader accounts() const = 0;
  virtual BalancesReader balances() const = 0;
  virtual CreditsReader credits() const = 0;
  virtual UnitsReader units() const = 0;
  virtual InvoicesReader invoices() const = 0;
  virtual SubscriptionsReader subscriptions() const = 0;
  virtual CorrectionsReader corrections() const = 0;
  virtual PaymentsReader payments() const = 0;
  virtual RefundsReader refunds() const = 0;
  virtual JournalReader journal() const = 0;
  virtual AuditReader audit() const = 0;
  virtual OutboxReader outbox() const = 0;
  virtual ViewSnapshot snapshot(ViewName view) const = 0;

  /// One entry a view and shard. `now` (wall time) is for lag_seconds.
  virtual std::vector<ViewStatus> status(Instant now) const = 0;
  /// 32 hex digits over every row in key order, checkpoints included: equal logs give equal digests, however they were
  /// folded. Reads the whole view.
  virtual std::string digest(ViewName view) const = 0;

  /// Folds a fresh copy while the old one serves, then swaps. Returns when done; throws if the fold fails or a rebuild
  /// of that view is under way (StorageFault).
  virtual void rebuild(ViewName view) = 0;
  /// The same in the background; status() tells how it goes. False if one is under way.
  virtual bool start_rebuild(ViewName view) = 0;
  /// All views, as many at a time as threads; `progress` is called about every second with the sums over all views.
  /// For offline use.
  virtual void rebuild_all(unsigned threads, const std::function<void(const RebuildProgress&)>& progress) = 0;

  /// Folds from zero into a temporary folder and compares with the live view, row by row, at its checkpoint.
  /// `progress` is told how many events of how many are folded, over all shards. Any number of views at a time.
  virtual ViewCheck check_view(ViewName view, const CheckProgress& progress = {}) const = 0;
  /// Debits equal credits in every currency; balances add up to the journal's customer_credit and receivable; what
  /// remains of open credits adds up to customer_credit, and of open invoices to receivable. At one position of all
  /// views; where they stand at different ones, as they are written beside a live server, over fresh folds of them up
  /// to the log's head.
  virtual Reconciliation reconcile() const = 0;

  virtual std::uint64_t disk_bytes(ViewName view) const = 0;
};

}  // namespace daybook
