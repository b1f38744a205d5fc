// The judge of the Merkle tree: hashes the whole log again and compares every stored node and every head that anybody
// has kept (the head witness, an auditor's checkpoint) with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventstore/merkle_tree.h"
#include "eventstore/verify.h"

namespace daybook {

/// A head that the log must have had.
struct KnownHead {
  TreeHead head;
  std::string source;  ///< For the message: "the head witness", a file's name.
};

struct MerkleCheck {
  std::uint64_t leaves = 0;
  std::uint64_t nodes = 0;  ///< Stored ones that were compared.
  std::uint64_t heads = 0;  ///< Known ones that were compared.
  TreeHead head;            ///< What the log gives.
  std::uint64_t problems_found = 0;
  std::vector<LogProblem> problems;  ///< In log order, at most log_problems_max.
  bool ok() const { return problems_found == 0; }
};

/// Reads 1 to head as of now. A wrong tile names its first event. Damage ends the walk and is a problem itself; throws
/// StorageFault only for a failed read.
MerkleCheck check_merkle(const EventLog& log, ShardNumber shard, const MerkleTree& tree, std::vector<KnownHead> known,
                         const VerifyProgress& progress = {});

}  // namespace daybook
