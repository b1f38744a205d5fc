#include "tools/proof_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "eventstore/durable_file.h"

namespace daybook {
namespace {

constexpr std::size_t text_bytes_max = 64 << 20;  ///< A proof holds one event of at most 16 MiB, as base64.

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
  auto text = read_small_file(path, text_bytes_max);
  if (!text) throw StorageFault(fmt::format("there is no file {}", path.string()));
  return std::move(*text);
}

std::vector<VerifierKey> read_verifier_keys(const std::vector<std::string>& texts) {
  std::vector<VerifierKey> keys;
  for (const std::string& text : texts) {
    std::error_code no_name;  // A key may be longer than a file's name can be.
    const bool is_file = std::filesystem::exists(text, no_name);
    std::string lines = is_file ? read_text_file(text) : text + '\n';
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', begin), lines.size());
      const std::string line = lines.substr(begin, end - begin);
      begin = end + 1;
      if (line.empty()) continue;
      const auto key = parse_verifier_key(line);
      if (!key) {
        throw std::invalid_argument(
            fmt::format("--verifier-key takes a key (name+id+base64, as `daybook keys checkpoint` prints it), or a "
                        "file of them: {}",
                        is_file ? "a line of " + text + " is none" : "this is neither"));
      }
      keys.push_back(*key);
    }
  }
  return keys;
}

KeptCheckpoint read_kept_checkpoint(const std::string& file, const std::vector<VerifierKey>& keys) {
  return open_kept_checkpoint(read_text_file(file), "the checkpoint " + file, keys);
}

KeptCheckpoint open_kept_checkpoint(const std::string& note, const std::string& source,
                                    const std::vector<VerifierKey>& keys) {
  try {
    const Checkpoint checkpoint = open_checkpoint(note, keys).checkpoint;
    const auto origin = parse_log_origin(checkpoint.origin);
    if (!origin) throw std::invalid_argument("it is of another kind of log, " + checkpoint.origin);
    return {origin->log_id, origin->shard, {checkpoint.head, source}};
  } catch (const std::invalid_argument& why) {
    throw std::invalid_argument(fmt::format("{}: {}", source, why.what()));
  }
}

std::unique_ptr<MerkleTree> open_tree(const LogAccess& access, ShardNumber shard) {
  MerkleTree::Options options;
  options.directory = access.directory->views_path() / ("merkle-" + std::to_string(shard));
  options.shard = shard;
  options.read_only = true;
  return std::make_unique<MerkleTree>(options, *access.log);
}

CheckpointKeys open_checkpoint_keys(const LogAccess& access) {
  return CheckpointKeys({access.directory->keys_path(), access.directory->format(), {}, true});
}

}  // namespace daybook
