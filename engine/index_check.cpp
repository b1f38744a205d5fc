#include "engine/index_check.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/stream_cache.h"
#include "eventstore/envelope_view.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// A stream's positions are asked for so many at a time.
constexpr std::uint64_t positions_per_look = 64;

/// A stream as far as it is folded, and what the index has of it.
struct FoldedStream {
  std::string name;
  bool is_book = false;
  AccountState account;
  BookState book;
  std::uint64_t row_version = 0;    ///< Of the stored state row; 0 without one.
  std::uint64_t due_version = 0;    ///< The row must be at least of this version: its last up to the checkpoint.
  std::vector<Position> positions;  ///< As the index has them, from positions_from on.
  std::uint64_t positions_from = 1;
};

class IndexChecker {
 public:
  IndexChecker(const EventLog& log, ShardNumber shard, const StreamIndex& index, const VerifyProgress& progress)
      : log_(log), shard_(shard), index_(index), progress_(progress), checkpoint_(index.checkpoint()) {}

  IndexCheck run() {
    const Position head = log_.head(shard_);
    if (checkpoint_ > head) {
      report(head, fmt::format("the index's checkpoint {} is ahead of the log's head {}", checkpoint_, head));
      return std::move(check_);
    }
    const auto reader = log_.read_forward(shard_, 1);
    StoredEvent event;
    while (reader->next(event)) {
      check_event(event);
      if (progress_ && event.position % verify_progress_events == 0) progress_(event.position, head);
    }
    for (const auto& stream : streams_) {
      if (stream) check_end(*stream);
    }
    const std::uint64_t stored = index_.count_keys(checkpoint_);
    if (stored != keys_matched_) {
      report(checkpoint_, fmt::format("the index holds {} idempotency keys up to here, of which the log has {}", stored,
                                      keys_matched_));
    }
    if (progress_) progress_(head, head);
    return std::move(check_);
  }

 private:
  void report(Position position, std::string text) {
    ++check_.problems_found;
    if (check_.problems.size() < log_problems_max) check_.problems.push_back({position, std::move(text)});
  }

  void check_event(const StoredEvent& event) {
    const EnvelopeView view = view_envelope(event.envelope);
    FoldedStream& stream = stream_of(event.position, view);
    if (event.position <= checkpoint_) {
      stream.due_version = view.stream_version;
      check_position(stream, event.position, view);
      check_key(event.position, view);
    }
    fold(stream, event);
    if (view.stream_version == stream.row_version) check_row(stream, event.position);
  }

  FoldedStream& stream_of(Position position, const EnvelopeView& view) {
    if (streams_.size() <= view.stream_ordinal) streams_.resize(view.stream_ordinal * 2 + 16);
    auto& stream = streams_[view.stream_ordinal];
    if (stream) return *stream;
    stream = std::make_unique<FoldedStream>();
    stream->name = view.stream;
    stream->is_book = is_book_stream(view.stream);
    if (const auto row = index_.state_row(view.stream)) stream->row_version = version_of(*row, stream->is_book);
    const bool is_named = index_.stream_name(view.stream_ordinal) == view.stream &&
                          index_.stream_ordinal(view.stream) == view.stream_ordinal;
    if (!is_named && position <= checkpoint_) {
      report(position,
             fmt::format("the index does not have stream {} under its ordinal {}", view.stream, view.stream_ordinal));
    }
    return *stream;
  }

  /// 0 if the row cannot be read.
  static std::uint64_t version_of(const std::string& row, bool is_book) {
    if (is_book) {
      const auto state = decode_book(row);
      return state ? state->version : 0;
    }
    const auto state = decode_account(row);
    return state ? state->version : 0;
  }

  void check_position(FoldedStream& stream, Position position, const EnvelopeView& view) {
    ++check_.positions;
    const std::uint64_t version = view.stream_version;
    if (version - stream.positions_from >= stream.positions.size()) {
      stream.positions = index_.positions(view.stream_ordinal, version, version + positions_per_look - 1);
      stream.positions_from = version;
    }
    const std::uint64_t at = version - stream.positions_from;
    if (at < stream.positions.size() && stream.positions[at] == position) return;
    report(position, fmt::format("the index does not find the event at version {} of stream {}", version, view.stream));
  }

  void check_key(Position position, const EnvelopeView& view) {
    if (view.idempotency_key.empty() || view.command_index != 0) return;
    ++check_.keys;
    const auto found = index_.find_key(hash_key(book_of_stream(view.stream), view.principal, view.idempotency_key));
    if (found == position) ++keys_matched_;
    // A key may have been used again after its time; then the later one is indexed.
    if (!found || *found < position) report(position, "the index does not find the event's idempotency key");
  }

  void fold(FoldedStream& stream, const StoredEvent& event) {
    const schema::Envelope& envelope = *schema::GetEnvelope(event.envelope.data());
    if (stream.is_book) {
      evolve(stream.book, envelope);
      return;
    }
    evolve(stream.account, envelope);
    if (!stream.account.has_ended()) return;
    const AccountState::Ended ended = stream.account.take_ended();
    if (envelope.stream_version() > stream.row_version) return;  // Stored together with a later state row.
    for_each_row(ended, [&](EntityRef id, const std::string& row) { check_ended(event.position, id, row); });
  }

  void check_ended(Position position, EntityRef id, const std::string& expected) {
    ++check_.ended;
    if (index_.entity_row(id.stream_ordinal, id.stream_version, id.slot) == expected) return;
    report(position, "the row of what ended here is missing, or not what its events fold to");
  }

  /// The stream is folded up to the version of its row.
  void check_row(FoldedStream& stream, Position position) {
    ++check_.states;
    const std::string folded = stream.is_book ? encode_state(stream.book) : encode_state(stream.account);
    if (index_.state_row(stream.name) != folded) {
      report(position, fmt::format("the state row of {}: not what its events fold to", stream.name));
    }
    if (stream.is_book || stream.account.next_due() == never) return;
    ++check_.due;
    const std::int64_t due_us = micros(stream.account.next_due());
    const ClockRef clock{std::string(book_of_stream(stream.name)), stream.account.details.test_clock};
    for (const auto& row : index_.due(due_list(clock), due_us, due_us + 1)) {
      if (row.ordinal == stream.account.ordinal) return;
    }
    report(position, fmt::format("the index does not have what is next due of {}", stream.name));
  }

  void check_end(const FoldedStream& stream) {
    const std::uint64_t version = stream.is_book ? stream.book.version : stream.account.version;
    if (stream.row_version > version) {
      report(log_.head(shard_), fmt::format("the state row of {}: of version {}, but the log ends at its version {}",
                                            stream.name, stream.row_version, version));
    } else if (stream.row_version < stream.due_version) {
      report(checkpoint_,
             fmt::format("the state row of {}: missing, unreadable or older than the index's checkpoint", stream.name));
    }
  }

  const EventLog& log_;
  const ShardNumber shard_;
  const StreamIndex& index_;
  const VerifyProgress& progress_;
  const Position checkpoint_;
  std::vector<std::unique_ptr<FoldedStream>> streams_;  ///< By ordinal.
  std::uint64_t keys_matched_ = 0;
  IndexCheck check_;
};

}  // namespace

IndexCheck check_index(const EventLog& log, ShardNumber shard, const StreamIndex& index,
                       const VerifyProgress& progress) {
  return IndexChecker(log, shard, index, progress).run();
}

}  // namespace daybook
