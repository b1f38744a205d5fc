#include "engine/aes_gcm.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <memory>

#include "domain/assert.h"
#include "engine/openssl_call.h"

namespace daybook {
namespace {

struct CipherRelease {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const EVP_CIPHER* aes_256_gcm() {
  static const std::unique_ptr<EVP_CIPHER, CipherRelease> fetched(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return fetched.get();
}

/// Making a context costs more than using it: one a thread.
EVP_CIPHER_CTX* context_of_this_thread() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, CipherRelease> context(EVP_CIPHER_CTX_new());
  ensure(context != nullptr, "GCM context");
  return context.get();
}

/// Wipes the context's key schedule at the end: a purged key must not live on in an idle thread. (The reset clears what
/// it frees, and costs 10 ns; setting another key over it costs 190.)
class Forget {
 public:
  explicit Forget(EVP_CIPHER_CTX* context) : context_(context) {}
  ~Forget() { EVP_CIPHER_CTX_reset(context_); }
  Forget(const Forget&) = delete;
  Forget& operator=(const Forget&) = delete;

 private:
  EVP_CIPHER_CTX* context_;
};

int length_of(std::string_view text) {
  ensure(text.size() <= 1U << 30, "a text for GCM is at most a gibibyte");
  return static_cast<int>(text.size());
}

}  // namespace

SecretKey::~SecretKey() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

Wipe::~Wipe() {
  OPENSSL_cleanse(text_.data(), text_.size());
}

std::string gcm_encrypt(const SecretKey& key, std::string_view nonce, const AssociatedData& associated,
                        std::string_view clear, std::size_t tag_bytes) {
  ensure(nonce.size() == nonce_bytes, "a GCM nonce has 12 bytes");
  auto* context = context_of_this_thread();
  const Forget forget(context);
  must(EVP_EncryptInit_ex2(context, aes_256_gcm(), key.bytes.data(), data_of(nonce), nullptr), "GCM init");
  int size = 0;
  for (const auto part : associated) {
    must(EVP_EncryptUpdate(context, nullptr, &size, data_of(part), length_of(part)), "GCM associated data");
  }
  std::string out(clear.size() + tag_bytes, '\0');
  must(EVP_EncryptUpdate(context, data_of(out), &size, data_of(clear), length_of(clear)), "GCM text");
  auto* tag = data_of(out) + clear.size();
  must(EVP_EncryptFinal_ex(context, tag, &size), "GCM end");
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_bytes), tag), "GCM tag");
  return out;
}

std::optional<std::string> gcm_decrypt(const SecretKey& key, std::string_view nonce, const AssociatedData& associated,
                                       std::string_view sealed, std::size_t tag_bytes) {
  ensure(tag_bytes <= gcm_tag_bytes_max, "a GCM tag has at most 16 bytes");
  if (nonce.size() != nonce_bytes || sealed.size() < tag_bytes) return std::nullopt;
  const auto text = sealed.substr(0, sealed.size() - tag_bytes);
  std::array<unsigned char, gcm_tag_bytes_max> tag{};
  std::memcpy(tag.data(), sealed.data() + text.size(), tag_bytes);

  auto* context = context_of_this_thread();
  const Forget forget(context);
  must(EVP_DecryptInit_ex2(context, aes_256_gcm(), key.bytes.data(), data_of(nonce), nullptr), "GCM init");
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_bytes), tag.data()), "GCM tag");
  int size = 0;
  for (const auto part : associated) {
    must(EVP_DecryptUpdate(context, nullptr, &size, data_of(part), length_of(part)), "GCM associated data");
  }
  std::string out(text.size(), '\0');
  must(EVP_DecryptUpdate(context, data_of(out), &size, data_of(text), length_of(text)), "GCM text");
  if (EVP_DecryptFinal_ex(context, tag.data(), &size) == 1) return out;
  OPENSSL_cleanse(out.data(), out.size());  // Not authentic: nobody may see what it would have been.
  return std::nullopt;
}

}  // namespace daybook
