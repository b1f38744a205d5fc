// What calls of OpenSSL need around them: their one way to fail, and its bytes in our texts.
#pragma once

#include <string>
#include <string_view>

#include "domain/assert.h"

namespace daybook {

/// For calls that fail only without memory or when they are used wrongly.
inline void must(int result, std::string_view call) {
  ensure(result == 1, call);
}

inline const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* data_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace daybook
