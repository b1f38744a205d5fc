#include "eventstore/verify.h"

#include <fmt/format.h>

#include "eventstore/envelope_view.h"
#include "eventstore/log_row.h"
#include "eventstore/stream_check.h"

namespace daybook {
namespace {

class LogVerifier {
 public:
  LogVerifier(const EventLog& log, ShardNumber shard, const VerifyProgress& progress)
      : log_(log),
        shard_(shard),
        head_(log.head(shard)),
        progress_(progress),
        streams_(shard, [this](Position position, std::string text) { report(position, std::move(text)); }) {}

  LogCheck run() {
    try {
      log_.for_each_row(shard_, 1, [this](Position first, std::string_view bytes) {
        check_row(first, bytes);
        return true;
      });
    } catch (const CorruptLog& damage) {
      report(due_, fmt::format("the file that holds it cannot be read, so nothing up to {} was checked: {}", head_,
                               damage.what()));
      streams_.skip_damage();
      due_ = head_ + 1;
    }
    check_end();
    if (progress_) progress_(head_, head_);
    check_.streams = streams_.streams();
    return std::move(check_);
  }

 private:
  void report(Position position, std::string text) {
    ++check_.problems_found;
    if (check_.problems.size() < log_problems_max) check_.problems.push_back({position, std::move(text)});
  }

  void check_row(Position first, std::string_view bytes) {
    ++check_.rows;
    check_.bytes += bytes.size();
    check_joint(first);
    const RowView row(shard_, first, bytes);
    due_ = row.damage().empty() ? row.last() + 1 : first;
    is_due_known_ = row.damage().empty();
    if (!is_due_known_) {
      report(first, std::string(row.damage()));
      streams_.skip_damage();
      return;
    }
    for (Position position = row.first(); position <= row.last(); ++position) check_event(position, row);
  }

  /// Rows must join: each begins where the one before it ended.
  void check_joint(Position first) {
    if (is_due_known_ && first > due_) {
      report(due_, fmt::format("events up to {} are missing", first - 1));
      streams_.skip_damage();
    }
    if (first < due_) report(first, fmt::format("a row begins here within the row before, which ends at {}", due_ - 1));
  }

  void check_event(Position position, const RowView& row) {
    ++check_.events;
    const auto envelope = row.envelope(position);
    if (verify_envelope(envelope)) {
      streams_.take(position, view_envelope(envelope));
    } else {
      report(position, "the envelope does not verify as a FlatBuffer of ours");
      streams_.skip_damage();
    }
    if (progress_ && check_.events % verify_progress_events == 0) progress_(position, head_);
  }

  void check_end() {
    if (is_due_known_ && due_ <= head_) report(due_, fmt::format("events up to the head, {}, are missing", head_));
    if (head_ > 0 && check_.events == 0) report(1, "nothing could be checked although the log is not empty");
    streams_.finish(head_);
  }

  const EventLog& log_;
  const ShardNumber shard_;
  const Position head_;
  const VerifyProgress& progress_;
  LogCheck check_;
  StreamCheck streams_;
  Position due_ = 1;          ///< Where the next row must begin, if is_due_known_.
  bool is_due_known_ = true;  ///< Not behind a damaged row, whose end cannot be read.
};

}  // namespace

LogCheck verify_log(const EventLog& log, ShardNumber shard, const VerifyProgress& progress) {
  return LogVerifier(log, shard, progress).run();
}

}  // namespace daybook
