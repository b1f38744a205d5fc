#include "engine/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "engine/openssl_call.h"

namespace daybook {

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string mac(32, '\0');
  std::size_t size = 0;
  const unsigned char* made = EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                                        data_of(message), message.size(), data_of(mac), mac.size(), &size);
  ensure(made != nullptr && size == mac.size(), "an HMAC-SHA256 has 32 bytes");
  return mac;
}

bool is_same_secret(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace daybook
