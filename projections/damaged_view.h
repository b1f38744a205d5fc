// A row of a view that is not what was written there. The log has everything, so the remedy is always the same.
#pragma once

#include <string>

#include "eventstore/damaged_row.h"

namespace daybook {

class DamagedView : public DamagedRow {
 public:
  explicit DamagedView(const std::string& what) : DamagedRow(what + " in a view: rebuild the view") {}
};

}  // namespace daybook
