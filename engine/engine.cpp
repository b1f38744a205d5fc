// The engine's parts put together: directory, log, keys, a writer a shard, and one thread for answers that need
// history.
#include "engine/engine.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <map>
#include <thread>

#include "domain/evolve.h"
#include "engine/history.h"
#include "engine/keyring.h"
#include "engine/shard.h"
#include "engine/system_zones.h"
#include "eventstore/checkpoint_keys.h"
#include "eventstore/damaged_row.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr auto witness_period = std::chrono::milliseconds(100);

class RunningEngine final : public Engine {
 public:
  explicit RunningEngine(const Options& options) : clock_(options.clock ? options.clock : &wall_clock()) {
    const EngineGround& ground = options.ground;
    directory_ = ground.open_directory
                     ? ground.open_directory()
                     : DataDirectory::open(options.data, DataDirectory::Access::change, options.shards);
    EventLog::Options log_options;
    log_options.directory = directory_->log_path();
    log_options.shards = directory_->format().shards;
    log_options.sync = options.sync;
    log_options.env = options.env;
    log_ = ground.open_log(log_options);
    check_witness(*log_, *directory_);
    keyring_ =
        ground.open_keyring ? ground.open_keyring() : Keyring::open(directory_->keys_path(), options.master_key_file);
    checkpoint_keys_ = std::make_unique<CheckpointKeys>(
        CheckpointKeys::Options{directory_->keys_path(), directory_->format(), options.log_name});
    for (ShardNumber number = 0; number < log_->shards(); ++number) {
      ShardParts parts;
      parts.number = number;
      parts.log = log_.get();
      parts.directory = directory_.get();
      parts.keys = keyring_.get();
      parts.clock = clock_;
      parts.sandbox = options.sandbox;
      parts.collects = options.collects;
      parts.zones = options.zones != nullptr ? options.zones : &system_time_zones();
      parts.cache_bytes = options.cache_bytes / log_->shards();
      parts.dirty_lag_events = options.dirty_lag_events;
      parts.free_bytes_min = options.free_bytes_min;
      parts.env = options.env;
      parts.open_rows = ground.open_rows;
      parts.decide = ground.decide;
      parts.decide_due = ground.decide_due;
      parts.threads = options.threads;
      parts.complete = [this](std::vector<std::function<void()>> answers) { complete(std::move(answers)); };
      parts.committed = [this](ShardNumber shard, Position position) {
        const std::lock_guard lock(listeners_mutex_);
        for (const auto& listener : listeners_) listener(shard, position);
      };
      parts.replay_later = [this](LateReplay late) { replay_later(std::move(late)); };
      shards_.push_back(std::make_unique<Shard>(std::move(parts)));
      shards_.back()->recover();
    }
    for (const auto& shard : shards_) shard->start();
    if (options.threads) background_ = std::thread([this] { run_background(); });
  }

  ~RunningEngine() override { RunningEngine::stop(); }

  void set_completion_sink(std::function<void(std::vector<std::function<void()>>)> sink) override {
    sink_ = std::move(sink);
  }
  void add_commit_listener(std::function<void(ShardNumber, Position)> listener) override {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
  }

  bool submit(Work work) override {
    Shard& shard = *shards_[shard_of(work.context.principal.book)];
    std::vector<std::unique_ptr<Work>> one;
    one.push_back(std::make_unique<Work>(std::move(work)));
    return shard.submit(std::move(one));
  }

  bool submit(std::vector<Work> work) override {
    if (work.empty()) return true;
    // A principal belongs to one book, so what comes together belongs to one shard, but for commands on books.
    std::map<ShardNumber, std::vector<std::unique_ptr<Work>>> parts;
    for (Work& one : work) {
      parts[shard_of(one.context.principal.book)].push_back(std::make_unique<Work>(std::move(one)));
    }
    bool is_first = true;
    for (auto& [number, part] : parts) {
      std::vector<Done> waiting;
      if (!is_first) std::transform(part.begin(), part.end(), std::back_inserter(waiting), done_of);
      if (!shards_[number]->submit(std::move(part))) {
        if (is_first) return false;
        refuse_all(std::move(waiting));
      }
      is_first = false;
    }
    return true;
  }

  History account_as_of(const std::string& book, const std::string& account_id, std::optional<Instant> at,
                        std::optional<LogPosition> position) const override {
    return fold(shard_of(book), account_stream(book, account_id), {at, position, {}});
  }

  History account_of_entity_as_of(const std::string& book, EntityRef entity, std::optional<Instant> at,
                                  std::optional<LogPosition> position) const override {
    const ShardNumber shard = shard_of(book);
    if (entity.shard != shard) return {};
    const auto index = index_of(shard);
    const auto stream = index->stream_name(entity.stream_ordinal);
    if (!stream || book_of_stream(*stream) != book || is_book_stream(*stream)) return {};
    return fold(shard, *stream, {at, position, {}});
  }

  std::vector<Position> stream_positions(const std::string& stream, std::uint64_t from_version,
                                         std::uint64_t to_version) const override {
    const ShardNumber shard = shard_of(std::string(book_of_stream(stream)));
    const auto index = index_of(shard);
    const auto ordinal = stream_ordinal(*index, stream);
    if (!ordinal) return {};
    return index->positions(*ordinal, from_version, to_version);
  }

  std::optional<std::pair<std::string, ApiKey>> find_api_key(std::string_view digest) const override {
    for (const auto& shard : shards_) {
      if (auto found = shard->find_api_key(digest)) return found;
    }
    return std::nullopt;
  }

  const EventLog& log() const override { return *log_; }
  DataDirectory& directory() override { return *directory_; }
  Keyring& keyring() override { return *keyring_; }
  std::shared_ptr<const MerkleTree> tree(ShardNumber shard) const override { return shards_.at(shard)->tree(); }
  CheckpointKeys& checkpoint_keys() override { return *checkpoint_keys_; }
  ShardNumber shard_of(const std::string& book) const override {
    return static_cast<ShardNumber>(XXH3_64bits(book.data(), book.size()) % shards_.size());
  }
  LogPosition committed(const std::string& book) const override {
    const ShardNumber shard = shard_of(book);
    return {shard, shards_[shard]->committed()};
  }
  bool is_ready() const override {
    for (const auto& shard : shards_) {
      if (!shard->is_ready()) return false;
    }
    return true;
  }
  bool is_full() const override {
    for (const auto& shard : shards_) {
      if (shard->is_full()) return true;
    }
    return false;
  }
  std::string status() const override {
    for (const auto& shard : shards_) {
      if (std::string why = shard->status(); !why.empty()) return why;
    }
    return {};
  }
  Instant now(const std::string& book, EntityRef test_clock) const override {
    return shards_[shard_of(book)]->now(book, test_clock);
  }
  std::shared_ptr<const Catalogue> catalogue(const std::string& book) const override {
    return shards_[shard_of(book)]->catalogue(book);
  }
  std::shared_ptr<const Offers> offers(const std::string& book) const override {
    return shards_[shard_of(book)]->offers(book);
  }

  std::vector<BookShown> books() const override {
    std::vector<BookShown> all;
    for (const auto& shard : shards_) shard->add_books(all);
    const auto is_default = [](const BookShown& book) { return book.id == default_book; };
    if (std::none_of(all.begin(), all.end(), is_default)) all.push_back({std::string(default_book), {}, {}});
    const auto is_less = [](const BookShown& a, const BookShown& b) { return a.id < b.id; };
    std::sort(all.begin(), all.end(), is_less);
    return all;
  }
  std::optional<BookShown> find_book(const std::string& book) const override {
    return shards_[shard_of(book)]->find_book(book);
  }
  BookMode mode_unless_said() const override { return shards_.front()->mode_of(BookProfile()); }
  BookMode mode_of(const std::string& book) const override { return shards_[shard_of(book)]->mode_of(book); }

  Counters counters() const override {
    Counters sum;
    for (const auto& shard : shards_) {
      const Counters one = shard->counters();
      sum.events += one.events;
      sum.groups += one.groups;
      sum.commands += one.commands;
      sum.cache_hits += one.cache_hits;
      sum.cache_misses += one.cache_misses;
      sum.queue_length += one.queue_length;
      sum.state_cache_bytes += one.state_cache_bytes;
      sum.append_seconds += one.append_seconds;
      for (std::size_t type = 0; type < sum.events_by_type.size(); ++type) {
        sum.events_by_type[type] += one.events_by_type[type];
      }
    }
    return sum;
  }

  void step(ShardNumber shard) override {
    shards_.at(shard)->step();
    std::unique_lock lock(background_mutex_);
    answer_late(lock);
  }
  void write_index(ShardNumber shard) override { shards_.at(shard)->write_index(); }

  void stop() override {
    for (const auto& shard : shards_) shard->stop();
    {
      const std::lock_guard lock(background_mutex_);
      stopping_ = true;
    }
    background_wake_.notify_all();
    if (background_.joinable()) background_.join();
  }

 private:
  static Done done_of(const std::unique_ptr<Work>& work) { return work->done; }
  void refuse_all(std::vector<Done> waiting) {
    std::vector<std::function<void()>> answers;
    for (Done& done : waiting) {
      answers.emplace_back([done = std::move(done)] {
        Answer refused;
        refused.rejection.code = RejectionCode::not_ready;
        done(std::move(refused));
      });
    }
    complete(std::move(answers));
  }

  void complete(std::vector<std::function<void()>> answers) {
    if (sink_) return sink_(std::move(answers));
    for (const auto& answer : answers) answer();
  }

  /// Throws StorageFault while a stopped shard has none.
  std::shared_ptr<const StreamIndex> index_of(ShardNumber shard) const {
    auto index = shards_[shard]->index();
    if (!index) throw StorageFault("shard " + std::to_string(shard) + " is stopped and has no index open");
    return index;
  }

  /// Nothing for a stream that the index does not know. Throws DamagedRow if it knows the ordinal as another's.
  static std::optional<std::uint64_t> stream_ordinal(const StreamIndex& index, const std::string& stream) {
    const auto ordinal = index.stream_ordinal(stream);
    if (!ordinal || index.stream_name(*ordinal) == stream) return ordinal;
    throw DamagedRow::in_views("the stream index in views/ has " + stream + " under an ordinal that is not its own");
  }

  History fold(ShardNumber shard, const std::string& stream, const FoldLimit& limit) const {
    History history;
    const auto index = index_of(shard);
    const auto ordinal = stream_ordinal(*index, stream);
    if (!ordinal) return history;
    FoldedAccount folded = fold_account(*log_, *index, shard, *ordinal, limit);
    history.stream = stream;
    history.position = {shard, folded.position};
    if (folded.state.exists()) history.state = std::move(folded.state);
    return history;
  }

  void replay_later(LateReplay late) {
    {
      const std::lock_guard lock(background_mutex_);
      late_.push_back(std::move(late));
    }
    background_wake_.notify_all();
  }

  /// With `lock` open while one is answered.
  void answer_late(std::unique_lock<std::mutex>& lock) {
    while (!late_.empty()) {
      LateReplay late = std::move(late_.front());
      late_.pop_front();
      lock.unlock();
      answer(std::move(late));
      lock.lock();
    }
  }

  void run_background() {
    std::unique_lock lock(background_mutex_);
    while (true) {
      background_wake_.wait_for(lock, witness_period, [this] { return stopping_ || !late_.empty(); });
      answer_late(lock);
      if (stopping_ && late_.empty()) break;
      lock.unlock();
      try {
        directory_->sync_witness();
      } catch (const StorageFault& fault) {
        spdlog::error("the head witness could not be synced: {}", fault.what());
      }
      lock.lock();
    }
    try {
      directory_->sync_witness();
    } catch (const StorageFault& fault) {
      spdlog::error("the head witness could not be synced: {}", fault.what());
    }
  }

  /// The answer to a repeat, as of the position of the first one.
  void answer(LateReplay late) {
    try {
      const std::string book(book_of_stream(late.stream));
      const ShardNumber shard = shard_of(book);
      const auto index = index_of(shard);
      const auto ordinal = stream_ordinal(*index, late.stream);
      if (!ordinal) throw DamagedRow("the index does not know the stream of a repeated command");
      FoldLimit limit;
      limit.version = late.version;
      if (is_book_stream(late.stream)) {
        const FoldedBook folded = fold_book(*log_, *index, shard, *ordinal, limit);
        require_held(folded.state, late);
        show(late.answer, late.subject, folded.state, folded.state.decided_at);
        return complete_one(std::move(late));
      }
      FoldedAccount folded = fold_account(*log_, *index, shard, *ordinal, limit);
      std::optional<UnitMovement> entry;
      std::string actor;
      if (late.subject.kind == SubjectKind::unit_entry) {
        const auto positions = index->positions(*ordinal, late.entry_version, late.entry_version);
        if (positions.empty()) throw DamagedRow("the index does not know the event of a repeated command");
        const std::string stored = log_->read_one(shard, positions.front());
        const schema::Envelope& envelope = *schema::GetEnvelope(stored.data());
        entry = unit_movement(envelope);
        if (!entry) throw DamagedRow("the index leads to another event than that of a repeated command");
        if (envelope.actor() && envelope.actor()->principal()) actor = envelope.actor()->principal()->str();
      }
      require_held(folded.state, late);
      show(late.answer, late.subject, folded.state, entry, actor);
    } catch (const StorageFault& fault) {
      spdlog::error("a repeated command could not be answered: {}", fault.what());
      late.answer.rejection.code = RejectionCode::event_corrupt;
    }
    complete_one(std::move(late));
  }

  /// Throws DamagedRow unless the state is the one that the answer shows.
  template <class State>
  static void require_held(const State& state, const LateReplay& late) {
    if (state.version == late.version && holds(state, late.subject)) return;
    throw DamagedRow("the index does not know all events up to that of a repeated command");
  }

  void complete_one(LateReplay late) {
    std::vector<std::function<void()>> one;
    one.emplace_back(
        [done = std::move(late.done), answer = std::move(late.answer)]() mutable { done(std::move(answer)); });
    complete(std::move(one));
  }

  Clock* clock_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<Keyring> keyring_;
  std::unique_ptr<CheckpointKeys> checkpoint_keys_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::function<void(std::vector<std::function<void()>>)> sink_;
  std::mutex listeners_mutex_;  ///< They are added while the writers run.
  std::vector<std::function<void(ShardNumber, Position)>> listeners_;
  std::mutex background_mutex_;
  std::condition_variable background_wake_;
  std::deque<LateReplay> late_;
  bool stopping_ = false;
  std::thread background_;
};

}  // namespace

std::unique_ptr<Engine> Engine::open(const Options& options) {
  return std::make_unique<RunningEngine>(options);
}

}  // namespace daybook
