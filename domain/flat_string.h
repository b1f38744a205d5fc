// The strings and bytes of FlatBuffers tables, absent ones as empty.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

inline std::string text(const flatbuffers::String* value) {
  return value ? value->str() : std::string();
}
/// The table's own bytes.
inline std::string_view view(const flatbuffers::String* value) {
  return value ? value->string_view() : std::string_view();
}
inline std::string_view view(const flatbuffers::Vector<std::uint8_t>* bytes) {
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

}  // namespace daybook
