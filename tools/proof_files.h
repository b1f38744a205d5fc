// What the commands about checkpoints and proofs read: notes, proofs and verifier keys from files, and a directory's
// tree beside a live server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/checkpoint.h"
#include "eventstore/checkpoint_keys.h"
#include "eventstore/merkle_check.h"
#include "tools/log_access.h"

namespace daybook {

/// The whole file. Throws StorageFault if it cannot be read or is larger than any note or proof.
std::string read_text_file(const std::filesystem::path& path);

/// Each of `texts` is a verifier key, or a file with one a line. Throws std::invalid_argument that names the wrong one.
std::vector<VerifierKey> read_verifier_keys(const std::vector<std::string>& texts);

/// A checkpoint that somebody kept, accepted by one of the keys.
struct KeptCheckpoint {
  std::string log_id;
  ShardNumber shard = 0;
  KnownHead known;
};
/// Throws std::invalid_argument, naming the file, if it is not the checkpoint of a Daybook log or none of `keys` signed
/// it; StorageFault if it cannot be read.
KeptCheckpoint read_kept_checkpoint(const std::string& file, const std::vector<VerifierKey>& keys);

/// The same of a note's text; `source` is what messages call it.
KeptCheckpoint open_kept_checkpoint(const std::string& note, const std::string& source,
                                    const std::vector<VerifierKey>& keys);

/// A shard's tree as of the log's snapshot.
std::unique_ptr<MerkleTree> open_tree(const LogAccess& access, ShardNumber shard);

/// The directory's own keys. Throws StorageFault if they cannot be read.
CheckpointKeys open_checkpoint_keys(const LogAccess& access);

}  // namespace daybook
