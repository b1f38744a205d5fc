// The part of verify that looks across envelopes: streams, commands and clocks. One shard, fed in log order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "eventstore/envelope_view.h"
#include "eventstore/position.h"

namespace daybook {

/// Checks one envelope after the other against what the ones before it said, and reports what does not fit.
class StreamCheck {
 public:
  using Report = std::function<void(Position, std::string)>;

  StreamCheck(ShardNumber shard, Report report) : shard_(shard), report_(std::move(report)) {}

  /// `envelope` stands at `position` in the log, whatever it says itself.
  void take(Position position, const EnvelopeView& envelope);
  /// Some events could not be read here. What that must upset (jumps of versions and ordinals, a cut command) is not
  /// reported again, so that the list of problems names causes.
  void skip_damage();
  /// The end of the log is reached, `head` is its last position.
  void finish(Position head);
  std::uint64_t streams() const { return streams_.size(); }

 private:
  struct Stream {
    std::string name;
    std::uint64_t version = 0;
    std::int64_t decided_at_us = 0;
    std::uint64_t damages_seen = 0;  ///< damages_ when its last event was taken.
  };
  struct OpenCommand {
    Position first = 0;
    std::uint16_t next_index = 0;
    std::uint16_t size = 0;
  };

  void check_place(Position position, const EnvelopeView& envelope);
  void check_stream(Position position, const EnvelopeView& envelope);
  void check_new_stream(Position position, const EnvelopeView& envelope);
  void check_command(Position position, const EnvelopeView& envelope);

  ShardNumber shard_;
  Report report_;
  std::unordered_map<std::uint64_t, Stream> streams_;  ///< By ordinal.
  std::unordered_map<std::string, std::uint64_t> ordinals_;
  std::optional<OpenCommand> open_command_;
  std::int64_t recorded_at_us_ = 0;
  std::uint64_t damages_ = 0;
  bool within_cut_command_ = false;  ///< The rest of a command whose beginning is damaged, or reported already.
};

}  // namespace daybook
