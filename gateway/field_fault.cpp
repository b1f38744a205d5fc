#include "gateway/field_fault.h"

#include "gateway/field_rule.h"

namespace daybook {
namespace {

constexpr std::size_t pointer_name_bytes_max = 128;

/// The longest prefix of at most so many bytes that ends between two UTF-8 characters.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace

void Faults::malformed(std::string pointer, std::string_view code, std::string detail) {
  is_malformed = true;
  if (list.size() < faults_max) list.push_back({std::move(pointer), code, std::move(detail)});
}

void Faults::invalid(std::string pointer, std::string_view code, std::string detail) {
  if (list.size() < faults_max) list.push_back({std::move(pointer), code, std::move(detail)});
}

std::string json_pointer(std::string_view parent, std::string_view name) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : cut(name, pointer_name_bytes_max)) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

}  // namespace daybook
