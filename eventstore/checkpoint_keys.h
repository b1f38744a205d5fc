// The keys that sign a log's checkpoints, one or two a shard, and those that did.
//
// File keys/checkpoint (text, mode 0600), one key a line, oldest first: a signer key ("PRIVATE+KEY+...", signed_note.h)
// signs every checkpoint of the origin it is named after; a verifier key is one that no longer does, kept so that what
// it signed can still be checked. rotate() adds a new signer to each shard beside the one there is, and reduces older
// ones to their verifier keys: for one rotation's time each checkpoint has two signatures, and whoever knows either key
// can check it.
// Threads: any; who signs never waits for a rotation's disk.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/checkpoint.h"
#include "eventstore/directory.h"

namespace daybook {

inline constexpr std::string_view log_name_default = "daybook";
inline constexpr std::size_t log_name_bytes_max = 200;

class CheckpointKeys {
 public:
  struct Options {
    std::filesystem::path folder;  ///< keys/ of the data directory.
    DirectoryFormat format;
    std::string log_name;    ///< For a new file: log_name_default if empty. Else it must be what the file says.
    bool read_only = false;  ///< Makes nothing; a missing file has no keys.
  };
  /// Makes what is missing: the file at first start, and keys for a new log id. Throws StorageFault: a file that others
  /// can read, that is damaged, or of another log name.
  explicit CheckpointKeys(const Options& options);

  /// <log name>/<log id>/shard-<n>
  std::string origin(ShardNumber shard) const;
  /// The signed checkpoint of that head. Requires a file that has keys.
  std::string sign(ShardNumber shard, const TreeHead& head) const;
  /// All keys that ever signed for a log in this directory, oldest first.
  std::vector<VerifierKey> verifiers() const;
  /// Adds a new key for each shard, which signs once it is durable. Throws StorageFault: then nothing has changed.
  void rotate();

 private:
  struct Key {
    VerifierKey verifier;
    std::optional<SignerKey> signer;  ///< Nothing if it no longer signs.
  };

  using Keys = std::vector<Key>;

  Keys read(std::string_view text) const;
  void add(Keys& keys, ShardNumber shard) const;
  void write(const Keys& keys) const;
  std::shared_ptr<const Keys> keys() const;

  std::filesystem::path path_;
  DirectoryFormat format_;
  std::string log_name_;
  std::mutex rotating_;               ///< One rotation at a time.
  mutable std::mutex mutex_;          ///< Of keys_.
  std::shared_ptr<const Keys> keys_;  ///< What the file holds, or held before the rotation under way.
};

}  // namespace daybook
