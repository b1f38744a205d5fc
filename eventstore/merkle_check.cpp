#include "eventstore/merkle_check.h"

#include <fmt/format.h>

#include <algorithm>

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
    const Position last = (number + 1) << level;
    if (level < merkle_tile_level || last > tree_.stored_leaves()) return;
    ++check_.nodes;
    const Position first = (number << level) + 1;
    try {
      if (tree_.stored_node(level, number) == hash) return;
    } catch (const StorageFault&) {
      // A row of another length: as wrong as another hash.
    }
    report(first, fmt::format("the stored node over the events up to {} is not what they hash to: one of them was "
                              "changed, or the node",
                              last));
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
  MerkleCheck check_;
};

}  // namespace

MerkleCheck check_merkle(const EventLog& log, ShardNumber shard, const MerkleTree& tree, std::vector<KnownHead> known,
                         const VerifyProgress& progress) {
  return MerkleChecker(log, shard, tree, std::move(known), progress).run();
}

}  // namespace daybook
