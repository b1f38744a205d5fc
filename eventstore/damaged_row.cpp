#include "eventstore/damaged_row.h"

#include <fmt/format.h>

namespace daybook {

DamagedRow::DamagedRow(const std::filesystem::path& store, std::string_view key, std::string_view why)
    : StorageFault(
          fmt::format("the row {} of {} {}: stop the server, delete that folder and start again, or rebuild the "
                      "view; it is folded from the log",
                      printable(key), store.string(), why)) {}

DamagedRow DamagedRow::in_views(std::string_view finding) {
  return DamagedRow(
      fmt::format("{}: stop the server, delete views/ and start again, it is folded from the log", finding));
}

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

}  // namespace daybook
