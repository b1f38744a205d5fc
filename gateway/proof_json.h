// Proofs as JSON: the same document over HTTP and from the command line, so that whoever checks one needs not know
// where it came from. Hashes and events are base64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/merkle.h"
#include "eventstore/position.h"

namespace daybook {

/// With `is_shown` false the event's hash stands there without the event.
std::string inclusion_json(LogPosition at, std::uint64_t size, std::string_view envelope, bool is_shown,
                           const std::vector<MerkleHash>& proof);
std::string consistency_json(ShardNumber shard, std::uint64_t from, std::uint64_t to,
                             const std::vector<MerkleHash>& proof);

}  // namespace daybook
