// The Merkle tree of a log as RFC 9162 section 2.1 defines it: how leaves and nodes are hashed, the frontier that grows
// with the log, and proofs. Knows hashes only: where leaves and stored nodes come from is merkle_tree's business.
//
//   leaf  := SHA-256(0x00 envelope)            of the event at position p: leaf number p - 1
//   node  := SHA-256(0x01 left right)
//   empty := SHA-256()                         the root of a tree without leaves
//
// A node is named by its level and its number in it: node (l, i) is the root of the leaves [i * 2^l, (i + 1) * 2^l).
// Only such complete nodes are ever stored. Source of all algorithms: RFC 9162 sections 2.1.1 to 2.1.4.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace daybook {

using MerkleHash = std::array<unsigned char, 32>;

/// The root of the tree over the first `size` events.
struct TreeHead {
  std::uint64_t size = 0;
  MerkleHash root{};
  bool operator==(const TreeHead&) const = default;
};

inline std::string_view bytes_of(const MerkleHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}
/// Nothing unless it has the length of a hash.
std::optional<MerkleHash> to_merkle_hash(std::string_view bytes);

/// SHA-256 with one reused context (half the time of a fresh one for an envelope). Threads: one at a time.
class MerkleHasher {
 public:
  MerkleHasher();
  ~MerkleHasher();
  MerkleHasher(MerkleHasher&&) noexcept;
  MerkleHasher& operator=(MerkleHasher&&) noexcept;

  MerkleHash leaf(std::string_view envelope);
  MerkleHash node(const MerkleHash& left, const MerkleHash& right);
  MerkleHash empty();
  /// Plain SHA-256, for key ids.
  MerkleHash plain(std::string_view message);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// The roots of the complete trees that a growing tree consists of, largest first: all it takes to append to it.
class MerkleFrontier {
 public:
  /// Receives each node that a leaf has completed, from the leaf's parent (level 1) upwards.
  using Completed = std::function<void(unsigned level, std::uint64_t number, const MerkleHash& hash)>;

  MerkleFrontier() = default;
  /// A tree of `size` leaves whose complete trees have `roots`, largest first: one for each one bit of `size`. Any
  /// store of complete nodes holds them, so the frontier needs no form on disk of its own.
  MerkleFrontier(std::uint64_t size, std::vector<MerkleHash> roots);

  /// One hash a leaf on average, beside the leaf's own.
  void append(const MerkleHash& leaf, MerkleHasher& hasher, const Completed& completed = {});
  std::uint64_t size() const { return size_; }
  /// At most 63 hashes.
  MerkleHash root(MerkleHasher& hasher) const;

 private:
  std::uint64_t size_ = 0;
  std::vector<MerkleHash> roots_;
};

/// Gives a complete node; level 0 are the leaves. May throw (CorruptLog, StorageFault).
using MerkleNodeAt = std::function<MerkleHash(unsigned level, std::uint64_t number)>;

/// The root of the first `size` leaves.
MerkleHash merkle_root(std::uint64_t size, MerkleHasher& hasher, const MerkleNodeAt& node_at);
/// That leaf number `leaf` is in the tree of `size` leaves (RFC 9162 section 2.1.3.1), lowest level first.
/// Requires leaf < size.
std::vector<MerkleHash> inclusion_proof(std::uint64_t leaf, std::uint64_t size, MerkleHasher& hasher,
                                        const MerkleNodeAt& node_at);
/// That the tree of `from` leaves is the beginning of the one of `to` (section 2.1.4.1). Empty for from = 0, whose tree
/// every tree begins with, and for from = to. Requires from <= to.
std::vector<MerkleHash> consistency_proof(std::uint64_t from, std::uint64_t to, MerkleHasher& hasher,
                                          const MerkleNodeAt& node_at);

/// Whether the proof shows that leaf number `leaf` of the tree `head` has the hash `leaf_hash` (section 2.1.3.2).
/// Anything may be given.
bool verify_inclusion(std::uint64_t leaf, const MerkleHash& leaf_hash, const TreeHead& head,
                      const std::vector<MerkleHash>& proof, MerkleHasher& hasher);
/// Whether the proof shows that the tree `from` is the beginning of the tree `to` (section 2.1.4.2). Trees of one size
/// need the same root and an empty proof; an empty tree must have the empty root. Anything may be given.
bool verify_consistency(const TreeHead& from, const TreeHead& to, const std::vector<MerkleHash>& proof,
                        MerkleHasher& hasher);

}  // namespace daybook
