#include "engine/keyring.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "domain/assert.h"
#include "engine/aes_gcm.h"
#include "engine/openssl_call.h"
#include "eventstore/durable_file.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t field_tag_bytes = 16;
constexpr std::size_t slot_tag_bytes = 12;
constexpr std::size_t slot_bytes = key_slot_bytes;
constexpr std::size_t hmac_bytes_max = 32;
constexpr std::size_t batch_keys = 1024;
constexpr std::size_t cached_keys_max = 16'384;
constexpr std::size_t cached_purposes_max = 4096;
static_assert(slot_bytes == sizeof(std::uint64_t) + nonce_bytes + key_bytes + slot_tag_bytes);
static_assert(512 % slot_bytes == 0, "a slot never crosses a sector");

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* pointer) const {
    release(pointer);
  }
};
using DigestPointer = std::unique_ptr<EVP_MD, Releaser<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using MacPointer = std::unique_ptr<EVP_MAC, Releaser<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Releaser<EVP_MAC_CTX_free>>;
using KdfPointer = std::unique_ptr<EVP_KDF, Releaser<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Releaser<EVP_KDF_CTX_free>>;

// --- derived keys ---------------------------------------------------------------------------------------------------

const EVP_MD* sha256_digest() {
  static const DigestPointer fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched.get();
}

/// HKDF-SHA256 (RFC 5869) without salt, which a uniform secret does not need.
SecretKey derive_key(const SecretKey& master, std::string_view purpose) {
  static const KdfPointer hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(EVP_KDF_CTX_new(hkdf.get()));
  ensure(context != nullptr, "HKDF context");
  std::string digest = "SHA256";
  auto secret = master;
  std::string info(purpose);
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.bytes.data(), secret.bytes.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  SecretKey key;
  must(EVP_KDF_derive(context.get(), key.bytes.data(), key.bytes.size(), parameters.data()), "HKDF derive");
  return key;
}

/// HMAC-SHA256 with the key set, to be duplicated for each message: setting the key is half of the work.
MacContext keyed_hmac(const SecretKey& key) {
  static const MacPointer hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext context(EVP_MAC_CTX_new(hmac.get()));
  ensure(context != nullptr, "HMAC context");
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end(),
  };
  must(EVP_MAC_init(context.get(), key.bytes.data(), key.bytes.size(), parameters.data()), "HMAC init");
  return context;
}

// --- the master key -------------------------------------------------------------------------------------------------

constexpr std::string_view hex_digits = "0123456789abcdef";

SecretKey parse_master_key(const fs::path& file, std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  SecretKey key;
  bool valid = text.size() == 2 * key_bytes;
  for (std::size_t i = 0; valid && i < text.size(); ++i) {
    const auto digit = hex_digits.find(text[i]);
    valid = digit != std::string_view::npos;
    auto& byte = key.bytes[i / 2];
    if (valid) byte = static_cast<unsigned char>((byte & 15U) << 4U | digit);
  }
  if (!valid) {
    throw StorageFault(fmt::format("{} is not a master key: it must hold {} lower-case hex digits and nothing else",
                                   file.string(), 2 * key_bytes));
  }
  return key;
}

SecretKey read_master_key(const fs::path& file) {
  const FileDescriptor descriptor(file, O_RDONLY);
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0) {
    throw StorageFault(fmt::format("reading {}: {}", file.string(), std::strerror(errno)));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw StorageFault(
        fmt::format("others can read the master key: run chmod 600 {}, and if they may have read it, "
                    "move to a new one",
                    file.string()));
  }
  auto text = descriptor.read_at(0, 2 * key_bytes + 2);
  const Wipe wipe(text);
  return parse_master_key(file, text);
}

void make_master_key(const fs::path& file) {
  auto bytes = random_bytes(key_bytes);
  const Wipe wipe_bytes(bytes);
  std::string text;
  text.reserve(2 * key_bytes + 1);
  const Wipe wipe_text(text);
  for (const char byte : bytes) {
    text += hex_digits[static_cast<unsigned char>(byte) >> 4U];
    text += hex_digits[static_cast<unsigned char>(byte) & 15U];
  }
  text += '\n';
  write_file_atomically(file, text);
}

// --- the slots ------------------------------------------------------------------------------------------------------

/// A key id as the slot and its associated data have it: u64, little-endian.
std::string encode_key_id(std::uint64_t key_id) {
  std::string bytes(sizeof key_id, '\0');
  std::memcpy(bytes.data(), &key_id, sizeof key_id);
  return bytes;
}

bool is_blank(std::string_view slot) {
  return slot.find_first_not_of('\0') == std::string_view::npos;  // Purged, or never written so far.
}

std::string wrap_key(const SecretKey& master, std::uint64_t key_id, const SecretKey& key, std::string_view nonce) {
  std::string clear(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  const Wipe wipe(clear);
  const auto id = encode_key_id(key_id);
  auto slot = id;
  slot += nonce;
  slot += gcm_encrypt(master, nonce, {id}, clear, slot_tag_bytes);
  ensure(slot.size() == slot_bytes, "a slot has its fixed size");
  return slot;
}

/// Nothing if the slot is not what was written there under this master key.
std::optional<SecretKey> unwrap_key(const SecretKey& master, std::uint64_t key_id, std::string_view slot) {
  const auto id = encode_key_id(key_id);
  if (slot.substr(0, id.size()) != id) return std::nullopt;
  const auto nonce = slot.substr(id.size(), nonce_bytes);
  const auto wrapped = slot.substr(id.size() + nonce_bytes);
  auto clear = gcm_decrypt(master, nonce, {id}, wrapped, slot_tag_bytes);
  if (!clear) return std::nullopt;
  const Wipe wipe(*clear);
  SecretKey key;
  std::memcpy(key.bytes.data(), clear->data(), key_bytes);
  return key;
}

/// The file of slots. Threads: reading any; writing one at a time, the caller sees to it.
class SlotFile {
 public:
  SlotFile(const fs::path& path, bool read_only) : file_(path, read_only ? O_RDONLY : O_RDWR | O_CREAT) {}

  const fs::path& path() const { return file_.path(); }
  /// Whole slots in the file. A crash in the middle of a batch leaves part of one: nobody was given its keys.
  std::uint64_t count() const { return fs::file_size(file_.path()) / slot_bytes; }
  /// The slot's bytes; nothing if it is blank or past the end.
  std::optional<std::string> read(std::uint64_t key_id) const {
    auto slot = file_.read_at(offset(key_id), slot_bytes);
    if (slot.size() < slot_bytes || is_blank(slot)) return std::nullopt;
    return slot;
  }
  void write(std::uint64_t first_key_id, std::string_view slots) { file_.write_at(offset(first_key_id), slots); }
  void sync() {
    if (::fdatasync(file_.number()) != 0) {
      throw StorageFault(fmt::format("syncing {}: {}", path().string(), std::strerror(errno)));
    }
  }

 private:
  static std::uint64_t offset(std::uint64_t key_id) { return (key_id - 1) * slot_bytes; }

  FileDescriptor file_;
};

/// No file has a slot beyond: offsets stay within off_t, whatever an event claims.
constexpr std::uint64_t key_id_max = std::uint64_t{1} << 56;
bool is_key_id(std::uint64_t key_id) {
  return key_id >= 1 && key_id <= key_id_max;
}

/// Throws unless the newest living slot opens. It is nearly always one that was never handed out, so never purged.
void check_master_key(const SlotFile& slots, const SecretKey& master, const fs::path& master_file) {
  for (auto key_id = slots.count(); key_id > 0; --key_id) {
    const auto slot = slots.read(key_id);
    if (!slot) continue;
    if (unwrap_key(master, key_id, *slot)) return;
    throw StorageFault(
        fmt::format("the master key in {} does not open {}: it belongs to another directory, or the "
                    "file is damaged. Name the master key that this directory was made with, or restore "
                    "its keys/ folder from a backup",
                    master_file.string(), slots.path().string()));
  }
}

// --- keys in memory -------------------------------------------------------------------------------------------------

/// The keys used last, oldest out first. Threads: none of its own.
class KeyCache {
 public:
  const SecretKey* find(std::uint64_t key_id) {
    const auto found = by_id_.find(key_id);
    if (found == by_id_.end()) return nullptr;
    newest_first_.splice(newest_first_.begin(), newest_first_, found->second);
    return &found->second->key;
  }
  void insert(std::uint64_t key_id, const SecretKey& key) {
    if (by_id_.size() == cached_keys_max) {
      by_id_.erase(newest_first_.back().key_id);
      newest_first_.pop_back();
    }
    newest_first_.push_front({key_id, key});
    by_id_.emplace(key_id, newest_first_.begin());
  }
  void erase(std::uint64_t key_id) {
    const auto found = by_id_.find(key_id);
    if (found == by_id_.end()) return;
    newest_first_.erase(found->second);
    by_id_.erase(found);
  }

 private:
  struct Entry {
    std::uint64_t key_id;
    SecretKey key;
  };
  std::list<Entry> newest_first_;
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id_;
};

class FileKeyring final : public Keyring {
 public:
  FileKeyring(const fs::path& slots, const SecretKey& master, const fs::path& master_file, bool read_only)
      : master_(master), read_only_(read_only), slots_(slots, read_only) {
    check_master_key(slots_, master_, master_file);
    durable_ = slots_.count();
    next_ = durable_ + 1;  // What is left of the last batch may have been handed out.
    if (!read_only && durable_ == 0) {
      extend();
      sync_folder(slots.parent_path());
    }
  }

  std::uint64_t new_key() override {
    expect_writable("making a key");
    const std::scoped_lock lock(issuing_);
    if (next_ > durable_) extend();
    return next_++;
  }

  bool is_living(std::uint64_t key_id) override { return living_key(key_id).has_value(); }

  Sealed seal(std::uint64_t key_id, std::string_view stream, std::string_view field, std::string_view clear) override {
    const auto key = living_key(key_id);
    if (!key) throw StorageFault(fmt::format("key {} is purged: nothing can be sealed with it any more", key_id));
    auto nonce = random_bytes(nonce_bytes);
    auto bytes = gcm_encrypt(*key, nonce, {stream, "|", field}, clear, field_tag_bytes);
    return {key_id, std::move(nonce), std::move(bytes)};
  }

  std::optional<std::string> unseal(const Sealed& sealed, std::string_view stream, std::string_view field) override {
    const auto key = living_key(sealed.key_id);
    if (!key) return std::nullopt;
    return gcm_decrypt(*key, sealed.nonce, {stream, "|", field}, sealed.bytes, field_tag_bytes);
  }

  void purge(std::uint64_t key_id) override {
    expect_writable("purging a key");
    ensure(is_key_id(key_id), "the key to purge was given out once");
    {
      // Together with living_key(): a thread that has just read the slot cannot put the key back.
      const std::scoped_lock lock(using_);
      cache_.erase(key_id);
      if (slots_.read(key_id)) slots_.write(key_id, std::string(slot_bytes, '\0'));
    }
    slots_.sync();  // Also when the slot was blank: an earlier purge may have failed in its sync.
  }

  std::string hmac(std::string_view purpose, std::string_view message, std::size_t bytes) override {
    ensure(bytes <= hmac_bytes_max, "an HMAC-SHA256 has 32 bytes");
    const auto context = copy_of_hmac(purpose);
    std::string out(hmac_bytes_max, '\0');
    std::size_t size = 0;
    must(EVP_MAC_update(context.get(), data_of(message), message.size()), "HMAC text");
    must(EVP_MAC_final(context.get(), data_of(out), &size, out.size()), "HMAC end");
    out.resize(bytes);
    return out;
  }

 private:
  void expect_writable(std::string_view doing) const {
    if (!read_only_) return;
    throw StorageFault(fmt::format("{} needs {}, which was opened for reading only", doing, slots_.path().string()));
  }

  /// Writes the next batch and syncs it. Requires issuing_ (or the constructor).
  void extend() {
    auto random = random_bytes(batch_keys * (key_bytes + nonce_bytes));
    const Wipe wipe(random);
    std::string batch;
    batch.reserve(batch_keys * slot_bytes);
    for (std::size_t i = 0; i < batch_keys; ++i) {
      const auto drawn = std::string_view(random).substr(i * (key_bytes + nonce_bytes), key_bytes + nonce_bytes);
      SecretKey key;
      std::memcpy(key.bytes.data(), drawn.data(), key_bytes);
      batch += wrap_key(master_, durable_ + 1 + i, key, drawn.substr(key_bytes));
    }
    slots_.write(durable_ + 1, batch);
    slots_.sync();
    durable_ += batch_keys;
  }

  /// A copy of the key; nothing if it is purged or was never made.
  std::optional<SecretKey> living_key(std::uint64_t key_id) {
    if (!is_key_id(key_id)) return std::nullopt;
    const std::scoped_lock lock(using_);
    if (const auto* cached = cache_.find(key_id)) return *cached;
    const auto slot = slots_.read(key_id);
    if (!slot) return std::nullopt;
    const auto key = unwrap_key(master_, key_id, *slot);
    if (!key) {
      throw StorageFault(fmt::format("slot {} of {} is damaged: restore the keys/ folder from a backup", key_id,
                                     slots_.path().string()));
    }
    cache_.insert(key_id, *key);
    return key;
  }

  MacContext copy_of_hmac(std::string_view purpose) {
    {
      const std::shared_lock lock(purposes_lock_);
      if (const auto found = purposes_.find(purpose); found != purposes_.end()) return duplicate(found->second);
    }
    auto keyed = keyed_hmac(derive_key(master_, purpose));
    const std::scoped_lock lock(purposes_lock_);
    if (purposes_.size() == cached_purposes_max) purposes_.clear();  // A memo: all of it can be derived again.
    return duplicate(purposes_.try_emplace(std::string(purpose), std::move(keyed)).first->second);
  }
  static MacContext duplicate(const MacContext& context) {
    MacContext copy(EVP_MAC_CTX_dup(context.get()));
    ensure(copy != nullptr, "HMAC copy");
    return copy;
  }

  const SecretKey master_;
  const bool read_only_;
  SlotFile slots_;

  std::mutex issuing_;
  std::uint64_t durable_ = 0;  ///< The last key id whose slot is synced.
  std::uint64_t next_ = 1;

  std::mutex using_;
  KeyCache cache_;

  std::shared_mutex purposes_lock_;
  std::map<std::string, MacContext, std::less<>> purposes_;
};

/// Makes folder and master key at the first start. A folder with slots but without its master key is no first start.
void prepare_files(const fs::path& keys, const fs::path& own_master, const fs::path& slots) {
  make_private_folder(keys);
  sync_folder(keys.has_parent_path() ? keys.parent_path() : fs::path("."));
  if (own_master.empty() || fs::exists(own_master)) return;
  if (fs::exists(slots) && fs::file_size(slots) > 0) {
    throw StorageFault(
        fmt::format("{} is missing, and without it nothing in {} can be opened: restore it from where "
                    "you keep it, or name the file that holds it",
                    own_master.string(), slots.string()));
  }
  make_master_key(own_master);
}

}  // namespace

std::unique_ptr<Keyring> Keyring::open(const fs::path& keys, const fs::path& master_key_file, bool read_only) {
  const auto own_master = keys / "master.key";
  const auto slots = keys / key_slots_file;
  const bool is_own = master_key_file.empty() || master_key_file == own_master;
  if (!read_only) prepare_files(keys, is_own ? own_master : fs::path(), slots);
  const auto& master_file = is_own ? own_master : master_key_file;
  return std::make_unique<FileKeyring>(slots, read_master_key(master_file), master_file, read_only);
}

std::string random_bytes(std::size_t bytes) {
  std::string drawn(bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes) {
    const auto got = ::getrandom(drawn.data() + filled, bytes - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw StorageFault(fmt::format("drawing random bytes: {}", std::strerror(errno)));
    filled += static_cast<std::size_t>(got);
  }
  return drawn;
}

std::string sha256(std::string_view message) {
  thread_local const DigestContext context(EVP_MD_CTX_new());
  std::string out(key_bytes, '\0');
  unsigned int size = 0;
  must(EVP_DigestInit_ex2(context.get(), sha256_digest(), nullptr), "SHA-256 init");
  must(EVP_DigestUpdate(context.get(), message.data(), message.size()), "SHA-256 text");
  must(EVP_DigestFinal_ex(context.get(), data_of(out), &size), "SHA-256 end");
  return out;
}

}  // namespace daybook
