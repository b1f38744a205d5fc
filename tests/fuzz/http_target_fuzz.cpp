// The request target's parser: whatever it accepts keeps the promises that routes and handlers rely on.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/http_target.h"
#include "gateway/limits.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

std::string encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kept.find(c) != std::string_view::npos) {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      encoded.append(1, '%').append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
    }
  }
  return encoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  const auto parsed = parse_target({reinterpret_cast<const char*>(data), size});
  const auto* target = std::get_if<HttpTarget>(&parsed);
  if (target == nullptr) return 0;

  require(target->path.starts_with('/') && is_clean_utf8(target->path));
  require((target->path + "/").find("/../") == std::string::npos);
  require((target->path + "/").find("/./") == std::string::npos);
  require(target->query.size() <= limits::http_query_pairs_max);
  // Written again with everything encoded, it reads the same.
  std::string again = encode(target->path, "/");
  for (std::size_t i = 0; i < target->query.size(); ++i) {
    const auto& [name, value] = target->query[i];
    require(!name.empty() && is_clean_utf8(name) && is_clean_utf8(value));
    again.append(i == 0 ? "?" : "&").append(encode(name, "")).append("=").append(encode(value, ""));
  }
  if (again.size() > limits::http_target_bytes_max) return 0;
  const auto second = parse_target(again);
  const auto* same = std::get_if<HttpTarget>(&second);
  require(same != nullptr && same->path == target->path && same->query == target->query);
  return 0;
}
