// What a row store and those who decode its rows throw for a row that is not what was written there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "eventstore/fault.h"

namespace daybook {

/// A row of a store that is folded from the log is damaged, or means nothing. Opening the store again does not help,
/// folding it again does.
class DamagedRow : public StorageFault {
 public:
  explicit DamagedRow(const std::string& what) : StorageFault(what) {}
  /// Names the row by its key, and says what to do. `why` is a predicate: "has another length".
  DamagedRow(const std::filesystem::path& store, std::string_view key, std::string_view why);
  /// For a finding that several rows of views/ show together; says what to do behind it.
  static DamagedRow in_views(std::string_view finding);
};

/// Keys as text: bytes that are not printable ASCII as \xNN.
std::string printable(std::string_view bytes);

}  // namespace daybook
