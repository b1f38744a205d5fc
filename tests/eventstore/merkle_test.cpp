// The tree against the RFC's own recursive definitions, written down once more here, and against known roots.
#include "eventstore/merkle.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace daybook;

namespace {

constexpr std::uint64_t size_max = 600;

std::string hex(const MerkleHash& hash) {
  std::string text;
  for (const unsigned char byte : hash) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string text_of(std::uint64_t leaf) {
  return "event " + std::to_string(leaf);
}

/// RFC 9162's definitions, word for word, over leaves [begin, end) of D.
struct Definition {
  Definition() {
    for (std::uint64_t leaf = 0; leaf < size_max; ++leaf) leaves.push_back(hasher.leaf(text_of(leaf)));
  }

  /// k: the largest power of two smaller than n.
  static std::uint64_t split(std::uint64_t n) {
    std::uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }
  MerkleHash mth(std::uint64_t begin, std::uint64_t end) {
    if (begin == end) return hasher.empty();
    if (end - begin == 1) return leaves[begin];
    const auto found = known.find({begin, end});
    if (found != known.end()) return found->second;
    const std::uint64_t k = split(end - begin);
    const MerkleHash left = mth(begin, begin + k);
    const MerkleHash right = mth(begin + k, end);
    return known[{begin, end}] = hasher.node(left, right);
  }
  std::vector<MerkleHash> path(std::uint64_t m, std::uint64_t begin, std::uint64_t end) {
    if (end - begin == 1) return {};
    const std::uint64_t k = split(end - begin);
    const bool is_left = m < k;
    auto proof = is_left ? path(m, begin, begin + k) : path(m - k, begin + k, end);
    proof.push_back(is_left ? mth(begin + k, end) : mth(begin, begin + k));
    return proof;
  }
  std::vector<MerkleHash> subproof(std::uint64_t m, std::uint64_t begin, std::uint64_t end, bool is_whole) {
    if (m == end - begin) return is_whole ? std::vector<MerkleHash>{} : std::vector{mth(begin, end)};
    const std::uint64_t k = split(end - begin);
    const bool is_left = m <= k;
    auto proof = is_left ? subproof(m, begin, begin + k, is_whole) : subproof(m - k, begin + k, end, false);
    proof.push_back(is_left ? mth(begin + k, end) : mth(begin, begin + k));
    return proof;
  }
  TreeHead head(std::uint64_t size) { return {size, mth(0, size)}; }
  MerkleNodeAt nodes() {
    return [this](unsigned level, std::uint64_t number) { return mth(number << level, (number + 1) << level); };
  }

  MerkleHasher hasher;
  std::vector<MerkleHash> leaves;
  std::map<std::pair<std::uint64_t, std::uint64_t>, MerkleHash> known;
};

}  // namespace

TEST_CASE("the roots are those that Certificate Transparency's implementations agree on") {
  const std::vector<std::string> inputs = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  };
  const std::vector<std::string> roots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  MerkleHasher hasher;
  MerkleFrontier frontier;
  CHECK(hex(frontier.root(hasher)) == roots[0]);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    frontier.append(hasher.leaf(from_hex(inputs[i])), hasher);
    CHECK(hex(frontier.root(hasher)) == roots[i + 1]);
  }
}

TEST_CASE_FIXTURE(Definition, "a frontier has the defined root at every size, and completes every node once") {
  MerkleFrontier frontier;
  std::map<std::pair<unsigned, std::uint64_t>, MerkleHash> completed;
  for (std::uint64_t size = 0; size < size_max; ++size) {
    CHECK(frontier.size() == size);
    CHECK(frontier.root(hasher) == mth(0, size));
    frontier.append(leaves[size], hasher, [&](unsigned level, std::uint64_t number, const MerkleHash& hash) {
      CHECK(completed.emplace(std::pair(level, number), hash).second);
      CHECK(((number + 1) << level) == size + 1);
      CHECK(hash == mth(number << level, (number + 1) << level));
    });
  }
  for (unsigned level = 1; level < 10; ++level) {
    for (std::uint64_t number = 0; (number + 1) << level <= size_max; ++number) {
      CHECK(completed.contains({level, number}));
    }
  }
}

TEST_CASE_FIXTURE(Definition, "a frontier made of stored roots goes on as if it had never stopped") {
  for (std::uint64_t size = 0; size < 70; ++size) {
    std::vector<MerkleHash> roots;
    std::uint64_t begin = 0;
    for (std::uint64_t bit = 64; bit > 0; bit /= 2) {
      if ((size & bit) == 0) continue;
      roots.push_back(mth(begin, begin + bit));
      begin += bit;
    }
    MerkleFrontier frontier(size, roots);
    for (std::uint64_t leaf = size; leaf < 140; ++leaf) frontier.append(leaves[leaf], hasher);
    CHECK(frontier.root(hasher) == mth(0, 140));
  }
}

TEST_CASE_FIXTURE(Definition, "inclusion proofs are the defined ones, and verify for their leaf and size only") {
  for (std::uint64_t size = 1; size < size_max; size += size < 70 ? 1 : 53) {
    CHECK(merkle_root(size, hasher, nodes()) == mth(0, size));
    for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
      const auto proof = inclusion_proof(leaf, size, hasher, nodes());
      CHECK(proof == path(leaf, 0, size));
      CHECK(verify_inclusion(leaf, leaves[leaf], head(size), proof, hasher));
      CHECK_FALSE(verify_inclusion(leaf, leaves[(leaf + 1) % size_max], head(size), proof, hasher));
      CHECK_FALSE(verify_inclusion(leaf + 1, leaves[leaf], head(size), proof, hasher));
      CHECK_FALSE(verify_inclusion(leaf, leaves[leaf], {size, mth(0, size - 1)}, proof, hasher));
      CHECK_FALSE(verify_inclusion(leaf + size, leaves[leaf], head(size), proof, hasher));
    }
  }
}

TEST_CASE_FIXTURE(Definition, "consistency proofs are the defined ones, and verify for their two trees only") {
  for (std::uint64_t to = 0; to < size_max; to += to < 70 ? 1 : 53) {
    for (std::uint64_t from = 0; from <= to; ++from) {
      const auto proof = consistency_proof(from, to, hasher, nodes());
      if (from > 0) CHECK(proof == subproof(from, 0, to, true));
      CHECK(verify_consistency(head(from), head(to), proof, hasher));
      if (from == 0) continue;
      CHECK_FALSE(
          verify_consistency({from, leaves[0] == mth(0, from) ? leaves[1] : leaves[0]}, head(to), proof, hasher));
      CHECK_FALSE(verify_consistency(head(from), {to, leaves[599]}, proof, hasher));
      if (from < to) CHECK_FALSE(verify_consistency(head(to), head(from), proof, hasher));
    }
  }
}

TEST_CASE_FIXTURE(Definition, "a proof with any hash changed, added, left out or exchanged does not verify") {
  std::mt19937_64 chance(20261121);
  for (int round = 0; round < 400; ++round) {
    const std::uint64_t to = 2 + chance() % (size_max - 2);
    const std::uint64_t from = 1 + chance() % (to - 1);
    for (const bool is_inclusion : {true, false}) {
      const auto verifies = [&](const std::vector<MerkleHash>& proof) {
        return is_inclusion ? verify_inclusion(from, leaves[from], head(to), proof, hasher)
                            : verify_consistency(head(from), head(to), proof, hasher);
      };
      const auto right =
          is_inclusion ? inclusion_proof(from, to, hasher, nodes()) : consistency_proof(from, to, hasher, nodes());
      REQUIRE(verifies(right));
      for (std::size_t i = 0; i < right.size(); ++i) {
        auto changed = right;
        changed[i][chance() % 32] ^= static_cast<unsigned char>(1U << chance() % 8);
        CHECK_FALSE(verifies(changed));
        auto shorter = right;
        shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(verifies(shorter));
        auto longer = right;
        longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), right[i]);
        CHECK_FALSE(verifies(longer));
        if (i == 0) continue;
        auto exchanged = right;
        std::swap(exchanged[i], exchanged[i - 1]);
        CHECK_FALSE(verifies(exchanged));
      }
      auto longer = right;
      longer.push_back(leaves[0]);
      CHECK_FALSE(verifies(longer));
    }
  }
}

TEST_CASE_FIXTURE(Definition,
                  "trees of one size need the same root and no proof; the empty tree needs the empty root") {
  CHECK(verify_consistency(head(5), head(5), {}, hasher));
  CHECK_FALSE(verify_consistency(head(5), {5, mth(0, 4)}, {}, hasher));
  CHECK_FALSE(verify_consistency(head(5), head(5), {leaves[0]}, hasher));
  CHECK(verify_consistency(head(0), head(5), {}, hasher));
  CHECK_FALSE(verify_consistency({0, leaves[0]}, head(5), {}, hasher));
  CHECK_FALSE(verify_consistency(head(0), head(5), {leaves[0]}, hasher));
  CHECK_FALSE(verify_inclusion(0, leaves[0], head(0), {}, hasher));
}

TEST_CASE_FIXTURE(Definition, "a node is no leaf, although its way to the root is right") {
  CHECK_FALSE(verify_inclusion(0, mth(0, 5), head(5), {}, hasher));
  CHECK_FALSE(verify_inclusion(0, mth(0, 2), head(4), {mth(2, 4)}, hasher));
  CHECK_FALSE(verify_inclusion(1, mth(2, 4), head(4), {mth(0, 2)}, hasher));
  CHECK_FALSE(verify_consistency({3, mth(0, 4)}, head(8), {mth(4, 8)}, hasher));
}

TEST_CASE_FIXTURE(Definition, "numbers near 2^64 are refused or proved without going astray") {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  CHECK_FALSE(verify_inclusion(most, leaves[0], {most, leaves[1]}, {}, hasher));
  CHECK_FALSE(verify_inclusion(most - 1, leaves[0], {most, leaves[1]}, {leaves[2]}, hasher));
  CHECK_FALSE(verify_consistency({most - 1, leaves[0]}, {most, leaves[1]}, {leaves[2]}, hasher));
  // A tree of 2^40 equal leaves: each level has one node.
  std::vector<MerkleHash> levels{leaves[0]};
  for (int level = 0; level < 40; ++level) levels.push_back(hasher.node(levels.back(), levels.back()));
  const MerkleNodeAt equal = [&](unsigned level, std::uint64_t) { return levels.at(level); };
  const std::uint64_t size = (std::uint64_t{1} << 40) - 1;
  const TreeHead large{size, merkle_root(size, hasher, equal)};
  const auto proof = inclusion_proof(size / 3, size, hasher, equal);
  CHECK(verify_inclusion(size / 3, leaves[0], large, proof, hasher));
  const TreeHead small{size / 7, merkle_root(size / 7, hasher, equal)};
  CHECK(verify_consistency(small, large, consistency_proof(size / 7, size, hasher, equal), hasher));
}
