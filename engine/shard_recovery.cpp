// The shard after a failed write, and at start: everything that is held in memory is made again from the log and the
// index's checkpoint.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "domain/evolve.h"
#include "engine/keyring.h"
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/shard_detail.h"
#include "eventstore/envelope_view.h"

namespace daybook {

void Shard::look_at_space() {
  const auto now = parts_.clock->steady();
  if (now < next_space_look_) return;
  next_space_look_ = now + space_look_period;
  const std::uint64_t free_bytes = parts_.log->free_disk_bytes();
  const bool is_short = free_bytes < parts_.free_bytes_min;
  if (is_short != short_of_space_) {
    spdlog::warn("shard {}: {} MiB are free on the disk, the reserve is {} MiB: commands are {}", parts_.number,
                 free_bytes >> 20, parts_.free_bytes_min >> 20, is_short ? "refused" : "taken again");
  }
  short_of_space_ = is_short;
}

void Shard::fail(const StorageFault& fault) {
  spdlog::error("shard {}: stopped: {}", parts_.number, fault.what());
  {
    const std::unique_lock lock(books_mutex_);
    failure_ = fault.what();
  }
  ran_out_ = dynamic_cast<const DiskFull*>(&fault) != nullptr;
  failed_ = true;
  next_space_look_ = {};  // reload() must know how it stands now
  const RejectionCode code = ran_out_ ? RejectionCode::storage_full : RejectionCode::not_ready;
  for (LateReplay& late : group_.late) {
    late.answer = Answer{};
    late.answer.rejection.code = code;
    group_.answers.emplace_back(std::move(late.done), std::move(late.answer));
  }
  group_.late.clear();
  // What was decided in this group is not known to be stored.
  for (auto& [done, answer] : group_.answers) {
    answer = Answer{};
    answer.rejection.code = code;
  }
  group_.bytes.clear();
  group_.ends.clear();
  group_.keys.clear();
  group_.update = {};
  group_.changed_books.clear();
  group_.purged_keys.clear();
}

void Shard::reload() {
  // Opening writes: without room it would fail, and take from the readers what is still open.
  if (ran_out_ && short_of_space_) return;
  try {
    // A fault of another part, or another shard has reopened it: readers need not be disturbed.
    if (parts_.log->has_failed()) parts_.log->reopen();
    recover();
    {
      const std::unique_lock lock(books_mutex_);
      failure_.clear();
    }
    ran_out_ = false;
    failed_ = false;
    spdlog::info("shard {}: reloaded from the log at position {}", parts_.number, committed());
    // The group that failed may be there after all: followers have not heard of it.
    parts_.committed(parts_.number, committed());
  } catch (const StorageFault& fault) {
    ran_out_ = dynamic_cast<const DiskFull*>(&fault) != nullptr;
    const std::unique_lock lock(books_mutex_);
    failure_ = fault.what();
  }
}

void Shard::open_tree() {
  const HeadWitness witnessed = parts_.directory->read_witness(parts_.number);
  if (witnessed.position > parts_.log->head(parts_.number)) {
    throw StorageFault(
        fmt::format("the log of shard {} ends at {}, but {} was written before: stop the server and run "
                    "`daybook verify`",
                    parts_.number, parts_.log->head(parts_.number), witnessed.position));
  }
  MerkleTree::Options options;
  options.directory = parts_.directory->views_path() / ("merkle-" + std::to_string(parts_.number));
  options.shard = parts_.number;
  options.witnessed = {witnessed.position, witnessed.root};
  options.env = parts_.env;
  options.open_rows = parts_.open_rows;
  auto opened = std::make_shared<MerkleTree>(options, *parts_.log);
  const std::unique_lock lock(books_mutex_);
  tree_ = std::move(opened);
}

void Shard::recover() {
  last_book_ = nullptr;
  moving_clocks_.clear();
  clock_payments_.clear();
  agenda_.reset();
  cache_.reset();
  {
    const std::unique_lock lock(books_mutex_);
    index_.reset();  // readers that hold it still keep its folder locked: opening it again fails until they are done
    tree_.reset();
  }
  open_tree();
  std::shared_ptr<StreamIndex> opened =
      StreamIndex::open({.directory = parts_.directory->views_path() / ("index-" + std::to_string(parts_.number)),
                         .row_format = fold_version,
                         .block_cache_bytes = parts_.cache_bytes / 4,
                         .env = parts_.env,
                         .open_rows = parts_.open_rows,
                         .threads = parts_.threads});
  {
    const std::unique_lock lock(books_mutex_);
    index_ = std::move(opened);
  }
  cache_ = std::make_unique<StreamCache>(*index_, parts_.cache_bytes);
  agenda_ = std::make_unique<Agenda>(*index_, *cache_);
  const Position head = parts_.log->head(parts_.number);
  const Position checkpoint = index_->checkpoint();
  if (checkpoint > head) {
    throw StorageFault("the index is ahead of the log: views/ belongs to another log; delete it and start again");
  }
  last_ordinal_ = index_->streams();
  last_recorded_ = {};
  if (head > 0) last_recorded_ = Instant{view_envelope(parts_.log->read_one(parts_.number, head)).recorded_at_us};
  committed_ = checkpoint;

  const auto reader = parts_.log->read_forward(parts_.number, checkpoint + 1);
  StoredEvent event;
  while (reader->next(event)) {
    const EnvelopeView view = view_envelope(event.envelope);
    IndexUpdate update;
    Stream& stream = cache_->find_or_make(view.stream);
    if (stream.ordinal == 0) {
      cache_->number(stream, view.stream_ordinal);
      last_ordinal_ = std::max(last_ordinal_, view.stream_ordinal);
      update.new_streams.emplace_back(view.stream_ordinal, stream.name);
    }
    // A row may have been stored ahead of the index's checkpoint.
    if (view.stream_version > stream.version) {
      if (stream.is_book) {
        evolve(stream.book_state, envelope_root(event.envelope));
      } else {
        evolve(stream.account, envelope_root(event.envelope));
      }
      stream.version = view.stream_version;
    }
    // A crash may have come between the event and the end of its key; or keys/ is older than the log.
    const schema::Envelope& envelope = envelope_root(event.envelope);
    if (envelope.event_type() == schema::Event::AccountPurged && parts_.keys->is_living(envelope.sealing_key())) {
      parts_.keys->purge(envelope.sealing_key());
    }
    cache_->touch(stream);
    cache_->mark_dirty(stream, event.position);
    update.positions.push_back({view.stream_ordinal, view.stream_version, event.position});
    if (!view.idempotency_key.empty() && view.command_index == 0) {
      update.keys.emplace_back(hash_key(stream.book, view.principal, view.idempotency_key), event.position);
    }
    update.checkpoint = cache_->oldest_dirty().first_dirty - 1;
    index_->add(std::move(update));
    committed_ = event.position;
    store_dirty(1, false);
    if (event.position % 1'024 == 0) {
      cache_->shrink();
      wait_for_index();
    }
  }
  committed_ = head;
  wall_ = parts_.clock->now();
  for (const std::string& book : index_->books()) {
    group_.changed_books.insert(book);
    cache_->find_or_make(book_stream(book));
  }
  {
    const std::unique_lock lock(books_mutex_);
    for (const std::string& name : group_.changed_books) {
      publish_book(name, cache_->find_or_make(book_stream(name)).book_state);
    }
  }
  for (const std::string& book : group_.changed_books) {
    agenda_->has_due({book, {}}, book_now(book));
    for (const auto& [id, clock] : book_stream_of(book).book_state.test_clocks) wake_test_clock({book, id});
  }
  group_.changed_books.clear();
}

}  // namespace daybook
