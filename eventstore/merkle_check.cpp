#include "eventstore/merkle_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace daybook {
namespace {

class MerkleChecker {
 public:
  MerkleChecker(const EventLog& log, ShardNumber shard, const MerkleTree& tree, std::vector<KnownHead> known,
                const VerifyProgress& progress)
      : log_(log), shard_(shard), tree_(tree), known_(std::move(known)), progress_(progress) {
    std::ranges::stable_sort(known_, {}, [](const KnownHead& one) { return one.head.size; });
  }

  MerkleCheck run() {
    check_known();
    try {
      walk();
    } catch (const CorruptLog& damage) {
      report(frontier_.size() + 1, fmt::format("the tree was not checked from here on: {}", damage.what()));
      return std::move(check_);
    }
    for (; next_known_ < known_.size(); ++next_known_) {
      const KnownHead& late = known_[next_known_];
      report(frontier_.size(),
             fmt::format("the log ends here, but {} is of a log of {} events: the end of it is missing", late.source,
                         late.head.size));
    }
    check_.head = {frontier_.size(), frontier_.root(hasher_)};
    return std::move(check_);
  }

 private:
  void report(Position position, std::string text) {
    ++check_.problems_found;
    if (check_.problems.size() < log_problems_max) check_.problems.push_back({position, std::move(text)});
  }

  void walk() {
    const Position head = log_.head(shard_);
    const MerkleFrontier::Completed compare = [this](unsigned level, std::uint64_t number, const MerkleHash& hash) {
      check_node(level, number, hash);
    };
    const auto reader = log_.read_forward(shard_, 1);
    StoredEvent event;
    while (reader->next(event)) {
      frontier_.append(hasher_.leaf(event.envelope), hasher_, compare);
      ++check_.leaves;
      check_known();
      if (progress_ && check_.leaves % verify_progress_events == 0) progress_(event.position, head);
    }
    if (progress_) progress_(head, head);
  }

  void check_node(unsigned level, std::uint64_t number, const MerkleHash& hash) {
    if (level == merkle_branch_level) branches_.push_back(hash);
    if (level < merkle_tile_level || (number + 1) << level > tree_.stored_leaves()) return;
    if (level == merkle_tile_level) check_branches(number);
    compare(level, number, hash, [&] { return tree_.stored_node(level, number); });
  }

  /// Of the tile that has just been hashed.
  void check_branches(std::uint64_t tile) {
    std::optional<std::vector<MerkleHash>> stored;
    for (std::uint64_t i = 0; i < merkle_tile_branches; ++i) {
      compare(merkle_branch_level, tile * merkle_tile_branches + i, branches_.at(i), [&] {
        if (!stored) stored = tree_.stored_branches(tile);
        return stored ? std::optional(stored->at(i)) : std::nullopt;
      });
    }
    branches_.clear();
  }

  void compare(unsigned level, std::uint64_t number, const MerkleHash& hash,
               const std::function<std::optional<MerkleHash>()>& stored) {
    ++check_.nodes;
    try {
      if (stored() == hash) return;
    } catch (const StorageFault&) {
      // A row of another length: as wrong as another hash.
    }
    report((number << level) + 1,
           fmt::format("the stored node over the events up to {} is not what they hash to: one of them was changed, or "
                       "the node",
                       (number + 1) << level));
  }

  void check_known() {
    for (; next_known_ < known_.size() && known_[next_known_].head.size == frontier_.size(); ++next_known_) {
      const KnownHead& one = known_[next_known_];
      ++check_.heads;
      if (frontier_.root(hasher_) == one.head.root) continue;
      report(one.head.size,
             fmt::format("the events up to here do not give the root of {}: history was changed", one.source));
    }
  }

  const EventLog& log_;
  const ShardNumber shard_;
  const MerkleTree& tree_;
  std::vector<KnownHead> known_;  ///< By size.
  std::size_t next_known_ = 0;
  const VerifyProgress& progress_;
  MerkleHasher hasher_;
  MerkleFrontier frontier_;
  std::vector<MerkleHash> branches_;  ///< Of the tile that is being hashed.
  MerkleCheck check_;
};

}  // namespace

MerkleCheck check_merkle(const EventLog& log, ShardNumber shard, const MerkleTree& tree, std::vector<KnownHead> known,
                         const VerifyProgress& progress) {
  return MerkleChecker(log, shard, tree, std::move(known), progress).run();
}

}  // namespace daybook
