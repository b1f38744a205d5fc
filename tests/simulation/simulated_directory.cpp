#include "tests/simulation/simulated_directory.h"

#include <cstring>

namespace daybook::test {
namespace {

std::string cell_of(ShardNumber shard) {
  return "head-" + std::to_string(shard);
}

}  // namespace

void SimulatedDirectory::witness(ShardNumber shard, HeadWitness head) {
  std::string bytes(sizeof head.position + sizeof head.row_checksum, '\0');
  std::memcpy(bytes.data(), &head.position, sizeof head.position);
  std::memcpy(bytes.data() + sizeof head.position, &head.row_checksum, sizeof head.row_checksum);
  bytes.append(bytes_of(head.root));
  disk_.write_cell(cell_of(shard), std::move(bytes));
}

HeadWitness SimulatedDirectory::read_witness(ShardNumber shard) const {
  HeadWitness head;
  const std::string bytes = disk_.read_cell(cell_of(shard));
  if (bytes.empty()) return head;
  std::memcpy(&head.position, bytes.data(), sizeof head.position);
  std::memcpy(&head.row_checksum, bytes.data() + sizeof head.position, sizeof head.row_checksum);
  const auto root = to_merkle_hash(std::string_view(bytes).substr(sizeof head.position + sizeof head.row_checksum));
  if (root) head.root = *root;
  return head;
}

}  // namespace daybook::test
