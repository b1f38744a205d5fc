#include "eventstore/checkpoint_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "eventstore/durable_file.h"

namespace daybook {
namespace {

constexpr std::size_t file_bytes_max = 16 << 20;
constexpr std::size_t signers_max = 2;  ///< Of one origin: the newest key and the one before it.

bool is_log_name(std::string_view name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_/";
  return !name.empty() && name.size() <= log_name_bytes_max && name.find_first_not_of(allowed) == name.npos &&
         name.front() != '/' && name.back() != '/';
}

void check_private(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw StorageFault(fmt::format("reading {}: {}", path.string(), std::strerror(errno)));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw StorageFault(
        fmt::format("others can read the checkpoint keys: run chmod 600 {}, and if they may have read them, "
                    "rotate the keys",
                    path.string()));
  }
}

}  // namespace

CheckpointKeys::CheckpointKeys(const Options& options)
    : path_(options.folder / "checkpoint"), format_(options.format), log_name_(options.log_name) {
  Keys keys;
  if (std::filesystem::exists(path_)) {
    check_private(path_);
    auto text = read_small_file(path_, file_bytes_max).value_or("");
    keys = read(text);
    OPENSSL_cleanse(text.data(), text.size());
    const std::string known = parse_log_origin(keys.back().verifier.name)->log_name;
    if (!log_name_.empty() && log_name_ != known) {
      throw StorageFault(
          fmt::format("this log's checkpoints are signed as \"{}\", which cannot become \"{}\": those who check them "
                      "know it by that name",
                      known, log_name_));
    }
    log_name_ = known;
  }
  if (log_name_.empty()) log_name_ = log_name_default;
  if (!is_log_name(log_name_)) {
    throw StorageFault(
        fmt::format("\"{}\" is no name for a log: 1 to {} letters, digits, dots, hyphens, underscores "
                    "and slashes within, such as ledger.example.com",
                    log_name_, log_name_bytes_max));
  }
  if (!options.read_only) {
    const std::size_t before = keys.size();
    for (ShardNumber shard = 0; shard < format_.shards; ++shard) {
      const std::string name = origin(shard);
      bool has_signer = false;
      for (const Key& key : keys) has_signer = has_signer || (key.signer && key.verifier.name == name);
      if (!has_signer) add(keys, shard);
    }
    if (keys.size() != before) write(keys);
  }
  keys_ = std::make_shared<const Keys>(std::move(keys));
}

CheckpointKeys::Keys CheckpointKeys::read(std::string_view text) const {
  Keys keys;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    auto signer = SignerKey::parse(line);
    const auto verifier = signer ? signer->verifier() : parse_verifier_key(line);
    if (end == text.npos || !verifier || !parse_log_origin(verifier->name)) break;
    keys.push_back({*verifier, std::move(signer)});
    text.remove_prefix(end + 1);
  }
  if (!text.empty() || keys.empty()) {
    throw StorageFault(fmt::format(
        "{} is damaged in line {}: restore keys/ from a backup. Without it new checkpoints cannot be signed "
        "by a key that auditors know",
        path_.string(), number));
  }
  return keys;
}

std::shared_ptr<const CheckpointKeys::Keys> CheckpointKeys::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::string CheckpointKeys::origin(ShardNumber shard) const {
  return format_log_origin({log_name_, format_.log_id, shard});
}

void CheckpointKeys::add(Keys& keys, ShardNumber shard) const {
  SignerKey signer = SignerKey::make(origin(shard));
  keys.push_back({signer.verifier(), std::move(signer)});
}

void CheckpointKeys::write(const Keys& keys) const {
  std::string text;
  for (const Key& key : keys) text += (key.signer ? key.signer->text() : format_verifier_key(key.verifier)) + '\n';
  write_file_atomically(path_, text);
  OPENSSL_cleanse(text.data(), text.size());
}

std::string CheckpointKeys::sign(ShardNumber shard, const TreeHead& head) const {
  const Checkpoint checkpoint{origin(shard), head, {}};
  std::vector<SignerKey> signers;
  const auto known = keys();
  for (auto key = known->rbegin(); key != known->rend(); ++key) {
    if (key->signer && key->verifier.name == checkpoint.origin) signers.push_back(*key->signer);
  }
  if (signers.empty()) {
    throw StorageFault(fmt::format("there is no key for checkpoints of {}: start the server once", checkpoint.origin));
  }
  return sign_note(format_checkpoint(checkpoint), signers);
}

std::vector<VerifierKey> CheckpointKeys::verifiers() const {
  std::vector<VerifierKey> all;
  const auto known = keys();
  for (const Key& key : *known) all.push_back(key.verifier);
  return all;
}

void CheckpointKeys::rotate() {
  const std::lock_guard one_at_a_time(rotating_);
  Keys keys = *this->keys();
  for (ShardNumber shard = 0; shard < format_.shards; ++shard) {
    add(keys, shard);
    std::size_t signers = 0;
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      if (key->signer && key->verifier.name == origin(shard) && ++signers > signers_max) key->signer.reset();
    }
  }
  write(keys);
  auto rotated = std::make_shared<const Keys>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(rotated);
}

}  // namespace daybook
