#include "eventstore/stream_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace daybook {

void StreamCheck::take(Position position, const EnvelopeView& envelope) {
  check_place(position, envelope);
  check_stream(position, envelope);
  check_command(position, envelope);
}

void StreamCheck::skip_damage() {
  ++damages_;
  open_command_.reset();
  within_cut_command_ = true;
}

void StreamCheck::finish(Position head) {
  if (!open_command_) return;
  report_(open_command_->first, fmt::format("the log ends at {} within an atomic command: {} of {} events are there",
                                            head, open_command_->next_index, open_command_->size));
}

void StreamCheck::check_place(Position position, const EnvelopeView& envelope) {
  if (envelope.shard != shard_ || envelope.position != position) {
    report_(position,
            fmt::format("the envelope says that it stands at {}", to_string({envelope.shard, envelope.position})));
  }
  if (envelope.recorded_at_us <= recorded_at_us_) {
    report_(position, fmt::format("recorded_at is {} us, not after the {} us of the event before",
                                  envelope.recorded_at_us, recorded_at_us_));
  }
  recorded_at_us_ = std::max(recorded_at_us_, envelope.recorded_at_us);
}

void StreamCheck::check_stream(Position position, const EnvelopeView& envelope) {
  const auto ordinal = envelope.stream_ordinal;
  const auto [place, is_new] = streams_.try_emplace(ordinal);
  auto& stream = place->second;
  if (is_new) {
    check_new_stream(position, envelope);
    stream.name = envelope.stream;
    stream.decided_at_us = envelope.decided_at_us;
  } else if (stream.name != envelope.stream) {
    report_(position, fmt::format("stream ordinal {} has another stream's name than before", ordinal));
  }
  const bool may_jump = stream.damages_seen != damages_ && envelope.stream_version > stream.version;
  if (envelope.stream_version != stream.version + 1 && !may_jump) {
    report_(position, fmt::format("stream version {} of ordinal {} follows {}", envelope.stream_version, ordinal,
                                  stream.version));
  }
  if (envelope.decided_at_us < stream.decided_at_us) {
    report_(position, fmt::format("decided_at is {} us, before the {} us of the stream's event before",
                                  envelope.decided_at_us, stream.decided_at_us));
  }
  stream.version = envelope.stream_version;
  stream.decided_at_us = std::max(stream.decided_at_us, envelope.decided_at_us);
  stream.damages_seen = damages_;
}

void StreamCheck::check_new_stream(Position position, const EnvelopeView& envelope) {
  const auto ordinal = envelope.stream_ordinal;
  if (damages_ == 0 && ordinal != streams_.size()) {
    report_(position, fmt::format("stream ordinal {} is first seen where {} is due", ordinal, streams_.size()));
  }
  const auto [known, is_first] = ordinals_.try_emplace(std::string(envelope.stream), ordinal);
  if (!is_first) {
    report_(position, fmt::format("the stream of ordinal {} has ordinal {} already", ordinal, known->second));
  }
}

void StreamCheck::check_command(Position position, const EnvelopeView& envelope) {
  const auto index = envelope.command_index;
  const auto size = envelope.command_size;
  if (within_cut_command_ && index > 0) return;
  within_cut_command_ = false;
  const bool is_due = open_command_ ? index == open_command_->next_index && size == open_command_->size : index == 0;
  if (index >= size || !is_due) {
    const auto due = open_command_ ? fmt::format("{} of {}", open_command_->next_index, open_command_->size)
                                   : std::string("the first of one");
    report_(position, fmt::format("event {} of {} of an atomic command, where {} is due", index, size, due));
    open_command_.reset();
    within_cut_command_ = index > 0;
    if (index > 0 || size == 0) return;
  }
  if (!open_command_) open_command_ = OpenCommand{position, 0, size};
  open_command_->next_index = static_cast<std::uint16_t>(index + 1);
  if (open_command_->next_index == size) open_command_.reset();
}

}  // namespace daybook
