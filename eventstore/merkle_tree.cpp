#include "eventstore/merkle_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "eventstore/damaged_row.h"
#include "eventstore/log_row.h"

namespace daybook {
namespace {

constexpr std::string_view checkpoint_key = "c";
/// The nodes of some 230,000 events: what a crash leaves to be hashed again takes a quarter of a second.
constexpr std::size_t flush_bytes = 128 << 10;
/// Of 10 million events the nodes have 24 MB; a proof reads some fifty of their rows.
constexpr std::size_t block_cache_bytes = 16 << 20;
constexpr std::size_t pending_rows_max = 4'096;  ///< While the log is hashed at start.

RowKey node_key(unsigned level, std::uint64_t number) {
  return make_row_key(static_cast<ShardNumber>(level), number);
}

std::string_view view(const RowKey& key) {
  return {key.data(), key.size()};
}

std::string_view bytes_of(const std::vector<MerkleHash>& hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size() * sizeof(MerkleHash)};
}

std::unique_ptr<RowStore> open_store(const MerkleTree::Options& options) {
  if (options.read_only && !std::filesystem::exists(options.directory)) return nullptr;
  RowStore::Options store;
  store.directory = options.directory;
  store.row_format = merkle_row_format;
  store.read_only = options.read_only;
  store.block_cache_bytes = block_cache_bytes;
  store.flush_bytes = flush_bytes;
  store.env = options.env;
  try {
    return options.open_rows(store);
  } catch (const OtherRowFormat&) {
    if (!options.read_only) throw;
    return nullptr;  // Another release's: everything is hashed from the log.
  }
}

std::uint64_t stored_tiles(const MerkleTree::Options& options, const RowStore* store) {
  const auto row = store ? store->get(checkpoint_key) : std::nullopt;
  if (!row) return 0;
  std::uint64_t tiles = 0;
  if (row->size() != sizeof tiles) {
    throw DamagedRow(options.directory, checkpoint_key, "has another length than was written");
  }
  std::memcpy(&tiles, row->data(), sizeof tiles);
  return tiles;
}

}  // namespace

// --- nodes of any level, for one proof ------------------------------------------------------------------------------

/// Gives every complete node of the tree as it was when this was made; keeps what it had to hash.
class MerkleTree::Nodes {
 public:
  explicit Nodes(const MerkleTree& tree) : tree_(tree), tail_(tree.tail()) {
    subtrees_.try_emplace({merkle_tile_level, tail_.tile}, levels_over(std::move(tail_.leaves)));
  }

  MerkleHasher hasher;
  MerkleNodeAt at() {
    return [this](unsigned level, std::uint64_t number) { return node(level, number); };
  }

 private:
  /// Complete nodes by level, from the lowest that was given up.
  using Levels = std::vector<std::vector<MerkleHash>>;

  MerkleHash node(unsigned level, std::uint64_t number) {
    if (level >= merkle_tile_level) return tree_.node(level, number);
    const bool is_in_tail = number >> (merkle_tile_level - level) == tail_.tile;
    const bool is_in_branch = !is_in_tail && level < merkle_branch_level;
    const unsigned bottom = is_in_tail || is_in_branch ? 0 : merkle_branch_level;
    const unsigned top = is_in_branch ? merkle_branch_level : merkle_tile_level;
    const std::uint64_t subtree = number >> (top - level);
    const auto [found, is_new] = subtrees_.try_emplace({top, subtree});
    if (is_new) found->second = is_in_branch ? hash_branch(subtree) : levels_over(branches_of(subtree));
    return found->second.at(level - bottom).at(number - (subtree << (top - level)));
  }

  Levels levels_over(std::vector<MerkleHash> bottom) {
    Levels levels;
    levels.push_back(std::move(bottom));
    while (levels.back().size() > 1) {
      const auto& below = levels.back();
      std::vector<MerkleHash> above;
      for (std::size_t i = 0; i + 1 < below.size(); i += 2) above.push_back(hasher.node(below[i], below[i + 1]));
      levels.push_back(std::move(above));
    }
    return levels;
  }

  std::vector<MerkleHash> branches_of(std::uint64_t tile) {
    return tree_.row_at({merkle_branch_level, tile * merkle_tile_branches}, merkle_tile_branches);
  }

  /// Of a branch that is complete.
  Levels hash_branch(std::uint64_t number) {
    std::vector<MerkleHash> leaves(std::size_t{1} << merkle_branch_level);
    // Backwards, because a reader that goes forward reads megabytes ahead.
    const auto reader = tree_.log_.read_backward(tree_.shard_, (number + 1) << merkle_branch_level);
    StoredEvent event;
    for (auto leaf = leaves.rbegin(); leaf != leaves.rend() && reader->next(event); ++leaf) {
      *leaf = hasher.leaf(event.envelope);
    }
    return levels_over(std::move(leaves));
  }

  const MerkleTree& tree_;
  Tail tail_;
  std::map<Place, Levels> subtrees_;  ///< By the place of the root.
};

// --- opening --------------------------------------------------------------------------------------------------------

MerkleTree::MerkleTree(const Options& options, const EventLog& log)
    : log_(log),
      shard_(options.shard),
      directory_(options.directory),
      store_(open_store(options)),
      read_only_(options.read_only) {
  const Position head = log_.head(shard_);
  std::uint64_t tiles = stored_tiles(options, store_.get());
  if (tiles > head / merkle_tile_leaves) {
    if (!read_only_) {
      throw StorageFault(
          "the Merkle tree is ahead of the log: views/ belongs to another log; delete it and start again");
    }
    tiles = head / merkle_tile_leaves;  // A live server has gone on since the log's snapshot.
  }
  stored_leaves_ = tiles * merkle_tile_leaves;
  restore(tiles);
  check_witnessed(options.witnessed);
}

MerkleTree::~MerkleTree() = default;

/// The frontier from the nodes of so many tiles and the log behind them.
void MerkleTree::restore(std::uint64_t tiles) {
  std::vector<MerkleHash> roots;
  std::uint64_t done = 0;
  for (unsigned bit = 64; bit-- > 0;) {
    if ((tiles >> bit & 1U) == 0) continue;
    roots.push_back(node(merkle_tile_level + bit, done >> bit));
    done += std::uint64_t{1} << bit;
  }
  frontier_ = MerkleFrontier(tiles * merkle_tile_leaves, std::move(roots));
  growing_leaves_.clear();
  growing_branches_.clear();
  const auto reader = log_.read_forward(shard_, frontier_.size() + 1);
  StoredEvent event;
  while (reader->next(event)) {
    grow({&event.envelope, 1});
    if (pending_.size() >= pending_rows_max) store_pending();
  }
  append({});
  commit();
}

void MerkleTree::check_witnessed(const TreeHead& witnessed) {
  if (witnessed.size == 0 || witnessed.size > frontier_.size() || witnessed.root == MerkleHash{}) return;
  if (head_at(witnessed.size) == witnessed) return;
  if (stored_leaves_ > 0 && !read_only_) {
    stored_leaves_ = 0;
    restore(0);
    if (head_at(witnessed.size) == witnessed) return;
  }
  throw StorageFault(
      fmt::format("the events up to {} do not give the Merkle root that was written beside them: the log was changed. "
                  "Run `daybook verify`, and restore the log from a backup or from Kafka",
                  to_string({shard_, witnessed.size})));
}

// --- growing --------------------------------------------------------------------------------------------------------

TreeHead MerkleTree::append(std::span<const std::string_view> envelopes) {
  grow(envelopes);
  appended_ = {frontier_.size(), frontier_.root(hasher_)};
  return appended_;
}

void MerkleTree::grow(std::span<const std::string_view> envelopes) {
  const MerkleFrontier::Completed keep = [this](unsigned level, std::uint64_t number, const MerkleHash& hash) {
    if (level == merkle_branch_level) growing_branches_.push_back(hash);
    if (level == merkle_tile_level) {
      pending_.push_back({{merkle_branch_level, number * merkle_tile_branches}, growing_branches_});
      growing_branches_.clear();
      growing_leaves_.clear();
    }
    if (level >= merkle_tile_level) pending_.push_back({{level, number}, {hash}});
  };
  for (const std::string_view envelope : envelopes) {
    growing_leaves_.push_back(hasher_.leaf(envelope));
    frontier_.append(MerkleHash(growing_leaves_.back()), hasher_, keep);
  }
}

void MerkleTree::commit() {
  store_pending();
  const std::lock_guard lock(head_mutex_);
  head_ = appended_;
  tail_.tile = appended_.size / merkle_tile_leaves;
  tail_.leaves = growing_leaves_;
}

void MerkleTree::store_pending() {
  if (pending_.empty()) return;
  if (read_only_) {
    unstored_.insert(pending_.begin(), pending_.end());
  } else {
    const auto batch = store_->new_batch();
    for (const auto& [place, hashes] : pending_)
      batch->put(view(node_key(place.first, place.second)), bytes_of(hashes));
    const std::uint64_t tiles = frontier_.size() / merkle_tile_leaves;
    batch->put(checkpoint_key, {reinterpret_cast<const char*>(&tiles), sizeof tiles});
    store_->write(*batch);
  }
  pending_.clear();
}

// --- reading --------------------------------------------------------------------------------------------------------

TreeHead MerkleTree::head() const {
  const std::lock_guard lock(head_mutex_);
  return head_;
}

TreeHead MerkleTree::head_at(std::uint64_t size) const {
  Nodes nodes(*this);
  return {size, merkle_root(size, nodes.hasher, nodes.at())};
}

std::vector<MerkleHash> MerkleTree::prove_inclusion(Position position, std::uint64_t size) const {
  Nodes nodes(*this);
  return inclusion_proof(position - 1, size, nodes.hasher, nodes.at());
}

std::vector<MerkleHash> MerkleTree::prove_consistency(std::uint64_t from, std::uint64_t to) const {
  Nodes nodes(*this);
  return consistency_proof(from, to, nodes.hasher, nodes.at());
}

std::optional<MerkleHash> MerkleTree::stored_node(unsigned level, std::uint64_t number) const {
  const auto row = stored_row({level, number}, 1);
  return row ? std::optional(row->front()) : std::nullopt;
}

std::optional<std::vector<MerkleHash>> MerkleTree::stored_branches(std::uint64_t tile) const {
  return stored_row({merkle_branch_level, tile * merkle_tile_branches}, merkle_tile_branches);
}

std::optional<MerkleTree::Row> MerkleTree::stored_row(const Place& place, std::size_t hashes) const {
  const RowKey key = node_key(place.first, place.second);
  const auto stored = store_ ? store_->get(view(key)) : std::nullopt;
  if (!stored) return std::nullopt;
  Row row(hashes);
  if (stored->size() != hashes * sizeof(MerkleHash)) {
    throw DamagedRow(directory_, view(key), "has another length than was written");
  }
  std::memcpy(row.data(), stored->data(), stored->size());
  return row;
}

MerkleTree::Row MerkleTree::row_at(const Place& place, std::size_t hashes) const {
  const auto fresh = unstored_.find(place);
  if (fresh != unstored_.end()) return fresh->second;
  auto stored = stored_row(place, hashes);
  if (!stored) throw DamagedRow(directory_, view(node_key(place.first, place.second)), "is not there");
  return *std::move(stored);
}

MerkleTree::Tail MerkleTree::tail() const {
  const std::lock_guard lock(head_mutex_);
  return tail_;
}

}  // namespace daybook
