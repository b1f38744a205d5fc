// The Merkle tree of one shard's log: the frontier at its head, in memory, and nodes in a row store of their own that
// may be deleted (views/merkle-<shard>): those of the levels from 8 up, and of each complete tile of 256 leaves the
// sixteen branches of 16 leaves. The leaves of a branch are hashed again from the log when a proof needs them; those of
// the tile that is not complete are kept in memory. So a proof over 10^8 events hashes 32 events and reads some fifty
// rows.
//
//   node       := level:u16be number:u64be -> hash:byte[32]     the layout of a log row's key; level >= 8
//   branches   := 4:u16be number:u64be -> hash:byte[32][16]     those of one tile, under the first one's number
//   checkpoint := "c" -> tiles:u64le                            every node of the first so many tiles is there
//
// Operation: the shard's writer append()s each group before it is committed and commit()s when it is; a node is put
// before anybody can see a head that needs it. After a crash the leaves since the checkpoint are hashed again.
// Threads: append and commit from one thread; everything else from any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/merkle.h"
#include "eventstore/row_store.h"

namespace daybook {

inline constexpr unsigned merkle_tile_level = 8;
inline constexpr std::uint64_t merkle_tile_leaves = std::uint64_t{1} << merkle_tile_level;
inline constexpr unsigned merkle_branch_level = 4;
inline constexpr std::uint64_t merkle_tile_branches = std::uint64_t{1} << (merkle_tile_level - merkle_branch_level);
/// Of the row store. 1: with rows of branches.
inline constexpr std::uint32_t merkle_row_format = 1;

class MerkleTree {
 public:
  struct Options {
    std::filesystem::path directory;  ///< views/merkle-<shard>.
    ShardNumber shard = 0;
    bool read_only =
        false;           ///< Beside a live server, or without its folder: what is not stored is hashed from the log.
    TreeHead witnessed;  ///< Of the head witness; size 0 if there is none.
    rocksdb::Env* env = nullptr;  ///< For fault injection in tests.
    OpenRowStore open_rows = RowStore::open;
  };

  /// Opens or makes the folder, and hashes what is in the log behind its checkpoint. Stored nodes that do not lead to
  /// the witnessed root are made again from the log. Throws StorageFault if the log itself does not lead there, if the
  /// nodes are ahead of the log (of another one), or for a failed read or write; CorruptLog.
  MerkleTree(const Options& options, const EventLog& log);
  ~MerkleTree();
  MerkleTree(const MerkleTree&) = delete;
  MerkleTree& operator=(const MerkleTree&) = delete;

  /// The tree with the envelopes added; nobody sees it before commit(). If the group's append fails, throw this object
  /// away and open another one.
  TreeHead append(std::span<const std::string_view> envelopes);
  /// The log has what was appended: stores the nodes and shows the head. Throws StorageFault.
  void commit();

  /// The last committed one.
  TreeHead head() const;
  /// The tree over the first `size` events. Requires size <= head().size; throws StorageFault, CorruptLog.
  TreeHead head_at(std::uint64_t size) const;
  /// That the event at `position` is in the tree of `size`. Requires 1 <= position <= size <= head().size; throws
  /// StorageFault, CorruptLog.
  std::vector<MerkleHash> prove_inclusion(Position position, std::uint64_t size) const;
  /// That the tree of `from` is the beginning of that of `to`. Requires from <= to <= head().size; throws StorageFault,
  /// CorruptLog.
  std::vector<MerkleHash> prove_consistency(std::uint64_t from, std::uint64_t to) const;

  /// How many leaves' nodes were stored when it was opened.
  std::uint64_t stored_leaves() const { return stored_leaves_; }
  /// A node as it is stored; nothing if there is none. Requires level >= merkle_tile_level. Throws StorageFault.
  std::optional<MerkleHash> stored_node(unsigned level, std::uint64_t number) const;
  /// A complete node, stored or hashed from the log when it was opened. Requires level >= merkle_tile_level and all its
  /// leaves within the head. Throws StorageFault.
  MerkleHash node(unsigned level, std::uint64_t number) const { return row_at({level, number}, 1).front(); }
  /// The branches of a tile as they are stored; nothing if they are not. Throws StorageFault.
  std::optional<std::vector<MerkleHash>> stored_branches(std::uint64_t tile) const;

 private:
  class Nodes;
  /// What one row holds: a node, or the branches of a tile.
  using Place = std::pair<unsigned, std::uint64_t>;  ///< Level and number, of the first node.
  using Row = std::vector<MerkleHash>;
  /// The tile at the head, which is not complete.
  struct Tail {
    std::uint64_t tile = 0;
    std::vector<MerkleHash> leaves;
  };

  void restore(std::uint64_t tiles);
  void grow(std::span<const std::string_view> envelopes);
  void check_witnessed(const TreeHead& witnessed);
  void store_pending();
  std::optional<Row> stored_row(const Place& place, std::size_t hashes) const;
  Row row_at(const Place& place, std::size_t hashes) const;
  Tail tail() const;

  const EventLog& log_;
  const ShardNumber shard_;
  const std::filesystem::path directory_;
  std::unique_ptr<RowStore> store_;  ///< Null if it is read-only and there is no folder.
  const bool read_only_;
  std::uint64_t stored_leaves_ = 0;
  MerkleHasher hasher_;
  MerkleFrontier frontier_;
  std::vector<std::pair<Place, Row>> pending_;  ///< Complete, not stored yet.
  std::map<Place, Row> unstored_;               ///< Read-only: what the checkpoint lacks.
  Row growing_leaves_, growing_branches_;       ///< Of the tile that the next leaf belongs to.
  TreeHead appended_;
  mutable std::mutex head_mutex_;
  TreeHead head_;
  Tail tail_;  ///< At head_.
};

}  // namespace daybook
