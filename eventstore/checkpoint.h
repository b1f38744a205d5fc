// A checkpoint of a shard's log: the head of its Merkle tree as the text that is signed (C2SP tlog-checkpoint).
//
//   checkpoint := origin "\n" size "\n" base64(root:byte[32]) "\n" (extension "\n")*
//   The origin says whose log it is, and is the name of its keys: <log name>/<log id>/shard-<n>. size is decimal
//   without leading zeros. Our own checkpoints have no extension lines; those of others are kept and mean nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/merkle.h"
#include "eventstore/position.h"
#include "eventstore/signed_note.h"

namespace daybook {

/// Whose log a checkpoint of ours is.
struct LogOrigin {
  std::string log_name;
  std::string log_id;
  ShardNumber shard = 0;
};
/// <log name>/<log id>/shard-<n>
std::string format_log_origin(const LogOrigin& origin);
/// Nothing for any other text.
std::optional<LogOrigin> parse_log_origin(std::string_view text);

struct Checkpoint {
  std::string origin;
  TreeHead head;
  std::vector<std::string> extensions;
  bool operator==(const Checkpoint&) const = default;
};

std::string format_checkpoint(const Checkpoint& checkpoint);
/// Nothing for any other text.
std::optional<Checkpoint> parse_checkpoint(std::string_view text);

/// A signed checkpoint that was checked.
struct OpenedCheckpoint {
  Checkpoint checkpoint;
  std::vector<VerifierKey> signers;  ///< Never empty.
};
/// Throws std::invalid_argument, saying why, unless `note` is a checkpoint that one of `known` has signed under a name
/// that is its origin.
OpenedCheckpoint open_checkpoint(std::string_view note, const std::vector<VerifierKey>& known);

}  // namespace daybook
