#include "domain/given_back.h"

#include <algorithm>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/invoices_generated.h"

namespace daybook {

void GivenBack::add(const Invoice& invoice) {
  for (const auto& line : invoice.lines) {
    if (!line->credits) continue;
    parts_.push_back({line->credits->invoice, line->credits->number, line->credits->credited, invoice.id});
    if (parts_.size() <= parts_max) continue;
    forgotten_ = std::max(forgotten_, parts_.front().invoice);
    parts_.erase(parts_.begin());
  }
}

void GivenBack::undo(EntityRef invoice) {
  std::erase_if(parts_, [&](const GivenBackPart& part) { return part.by == invoice; });
}

}  // namespace daybook
