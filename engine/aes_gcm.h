// AES-256-GCM (NIST SP 800-38D) and what keeps keys from staying in memory. Knows nothing of files or of what is
// sealed; OpenSSL stays behind it. Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

inline constexpr std::size_t key_bytes = 32;
inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t gcm_tag_bytes_max = 16;

/// An AES-256 or HMAC key that leaves nothing behind.
struct SecretKey {
  std::array<unsigned char, key_bytes> bytes{};

  SecretKey() = default;
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();
};

/// Wipes a text that held a secret at the end of the scope. The text must not grow meanwhile.
class Wipe {
 public:
  explicit Wipe(std::string& text) : text_(text) {}
  ~Wipe();
  Wipe(const Wipe&) = delete;
  Wipe& operator=(const Wipe&) = delete;

 private:
  std::string& text_;
};

/// Up to three parts, authenticated as if they were one text.
using AssociatedData = std::array<std::string_view, 3>;

/// Ciphertext and tag. Requires a nonce of nonce_bytes that this key never sees again and a tag of 12 to 16 bytes.
std::string gcm_encrypt(const SecretKey& key, std::string_view nonce, const AssociatedData& associated,
                        std::string_view clear, std::size_t tag_bytes);
/// The clear text; nothing if key, nonce, associated data, text and tag do not belong together. Any bytes may be given.
std::optional<std::string> gcm_decrypt(const SecretKey& key, std::string_view nonce, const AssociatedData& associated,
                                       std::string_view sealed, std::size_t tag_bytes);

}  // namespace daybook
