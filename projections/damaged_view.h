// A row of a view that is not what was written there. The log has everything, so the remedy is always the same.
#pragma once

#include <string>

#include "eventstore/fault.h"

namespace daybook {

class DamagedView : public StorageFault {
 public:
  explicit DamagedView(const std::string& what) : StorageFault(what + " in a view: rebuild the view") {}
};

}  // namespace daybook
