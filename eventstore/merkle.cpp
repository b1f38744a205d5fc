#include "eventstore/merkle.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr unsigned char leaf_prefix = 0x00;
constexpr unsigned char node_prefix = 0x01;

void must(int result) {
  if (result != 1) throw StorageFault("SHA-256 of the Merkle tree failed: OpenSSL has no memory or no such digest");
}

/// The largest power of two smaller than `size`. Requires size > 1.
std::uint64_t split_of(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

}  // namespace

std::optional<MerkleHash> to_merkle_hash(std::string_view bytes) {
  MerkleHash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

// --- hashing --------------------------------------------------------------------------------------------------------

struct MerkleHasher::Context {
  EVP_MD* digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  Context() = default;
  ~Context() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(digest);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void begin() { must(EVP_DigestInit_ex2(context, digest, nullptr)); }
  void add(const void* bytes, std::size_t size) { must(EVP_DigestUpdate(context, bytes, size)); }
  MerkleHash end() {
    MerkleHash hash;
    must(EVP_DigestFinal_ex(context, hash.data(), nullptr));
    return hash;
  }
};

MerkleHasher::MerkleHasher() : context_(std::make_unique<Context>()) {
  must(context_->digest != nullptr && context_->context != nullptr ? 1 : 0);
}
MerkleHasher::~MerkleHasher() = default;
MerkleHasher::MerkleHasher(MerkleHasher&&) noexcept = default;
MerkleHasher& MerkleHasher::operator=(MerkleHasher&&) noexcept = default;

MerkleHash MerkleHasher::leaf(std::string_view envelope) {
  context_->begin();
  context_->add(&leaf_prefix, 1);
  context_->add(envelope.data(), envelope.size());
  return context_->end();
}

MerkleHash MerkleHasher::node(const MerkleHash& left, const MerkleHash& right) {
  // In one piece: a second and third call of the library cost as much as the compression.
  std::array<unsigned char, 1 + 2 * std::tuple_size_v<MerkleHash>> bytes;
  bytes[0] = node_prefix;
  std::memcpy(bytes.data() + 1, left.data(), left.size());
  std::memcpy(bytes.data() + 1 + left.size(), right.data(), right.size());
  context_->begin();
  context_->add(bytes.data(), bytes.size());
  return context_->end();
}

MerkleHash MerkleHasher::empty() {
  return plain({});
}

MerkleHash MerkleHasher::plain(std::string_view message) {
  context_->begin();
  context_->add(message.data(), message.size());
  return context_->end();
}

// --- the frontier ---------------------------------------------------------------------------------------------------

MerkleFrontier::MerkleFrontier(std::uint64_t size, std::vector<MerkleHash> roots)
    : size_(size), roots_(std::move(roots)) {}

void MerkleFrontier::append(const MerkleHash& leaf, MerkleHasher& hasher, const Completed& completed) {
  MerkleHash hash = leaf;
  // As in counting: each trailing one bit of the size is a complete tree that the new one doubles.
  for (unsigned level = 0; (size_ >> level & 1U) != 0; ++level) {
    hash = hasher.node(roots_.back(), hash);
    roots_.pop_back();
    if (completed) completed(level + 1, size_ >> (level + 1), hash);
  }
  roots_.push_back(hash);
  ++size_;
}

MerkleHash MerkleFrontier::root(MerkleHasher& hasher) const {
  if (roots_.empty()) return hasher.empty();
  MerkleHash hash = roots_.back();
  for (std::size_t i = roots_.size() - 1; i > 0; --i) hash = hasher.node(roots_[i - 1], hash);
  return hash;
}

// --- making proofs --------------------------------------------------------------------------------------------------

namespace {

/// The root of the leaves [begin, end), a range that the RFC's splits lead to: `begin` is a multiple of the smallest
/// power of two that is not less than its length. Requires begin < end.
MerkleHash range_root(std::uint64_t begin, std::uint64_t end, MerkleHasher& hasher, const MerkleNodeAt& node_at) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return node_at(level, begin >> level);
  }
  const std::uint64_t middle = begin + split_of(size);
  const MerkleHash left = range_root(begin, middle, hasher, node_at);
  return hasher.node(left, range_root(middle, end, hasher, node_at));
}

}  // namespace

MerkleHash merkle_root(std::uint64_t size, MerkleHasher& hasher, const MerkleNodeAt& node_at) {
  return size == 0 ? hasher.empty() : range_root(0, size, hasher, node_at);
}

std::vector<MerkleHash> inclusion_proof(std::uint64_t leaf, std::uint64_t size, MerkleHasher& hasher,
                                        const MerkleNodeAt& node_at) {
  std::vector<MerkleHash> proof;
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool is_left = leaf < middle;
    proof.push_back(is_left ? range_root(middle, end, hasher, node_at) : range_root(begin, middle, hasher, node_at));
    (is_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

std::vector<MerkleHash> consistency_proof(std::uint64_t from, std::uint64_t to, MerkleHasher& hasher,
                                          const MerkleNodeAt& node_at) {
  std::vector<MerkleHash> proof;
  if (from == 0 || from == to) return proof;
  // SUBPROOF of section 2.1.4.1, from the top down.
  std::uint64_t begin = 0, end = to;
  while (from != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool is_left = from <= middle;
    proof.push_back(is_left ? range_root(middle, end, hasher, node_at) : range_root(begin, middle, hasher, node_at));
    (is_left ? end : begin) = middle;
  }
  if (begin != 0) proof.push_back(range_root(begin, end, hasher, node_at));  // Else it is the old root, known already.
  std::reverse(proof.begin(), proof.end());
  return proof;
}

// --- checking proofs ------------------------------------------------------------------------------------------------

bool verify_inclusion(std::uint64_t leaf, const MerkleHash& leaf_hash, const TreeHead& head,
                      const std::vector<MerkleHash>& proof, MerkleHasher& hasher) {
  if (leaf >= head.size) return false;
  std::uint64_t number = leaf, last = head.size - 1;
  MerkleHash root = leaf_hash;
  for (const MerkleHash& sibling : proof) {
    if (last == 0) return false;
    if ((number & 1U) != 0 || number == last) {
      root = hasher.node(sibling, root);
      while ((number & 1U) == 0 && number != 0) {
        number >>= 1;
        last >>= 1;
      }
    } else {
      root = hasher.node(root, sibling);
    }
    number >>= 1;
    last >>= 1;
  }
  return last == 0 && root == head.root;
}

bool verify_consistency(const TreeHead& from, const TreeHead& to, const std::vector<MerkleHash>& proof,
                        MerkleHasher& hasher) {
  if (from.size > to.size) return false;
  if (from.size == to.size) return proof.empty() && from.root == to.root;
  if (from.size == 0) return proof.empty() && from.root == hasher.empty();
  // A complete old tree is a node of the new one: the proof leaves it out.
  const bool is_complete = std::has_single_bit(from.size);
  std::size_t next = 0;
  if (!is_complete && proof.empty()) return false;
  const MerkleHash start = is_complete ? from.root : proof[next++];
  std::uint64_t number = from.size - 1, last = to.size - 1;
  while ((number & 1U) != 0) {
    number >>= 1;
    last >>= 1;
  }
  MerkleHash old_root = start, new_root = start;
  for (; next < proof.size(); ++next) {
    if (last == 0) return false;
    if ((number & 1U) != 0 || number == last) {
      old_root = hasher.node(proof[next], old_root);
      new_root = hasher.node(proof[next], new_root);
      while ((number & 1U) == 0 && number != 0) {
        number >>= 1;
        last >>= 1;
      }
    } else {
      new_root = hasher.node(new_root, proof[next]);
    }
    number >>= 1;
    last >>= 1;
  }
  return last == 0 && old_root == from.root && new_root == to.root;
}

}  // namespace daybook
