// The balanced journal lines of an event, whichever it is. The one list of events that move money outside the domain.
#pragma once

#include "projections/fold_event.h"
#include "schemas/common_generated.h"

namespace daybook {

using Postings = flatbuffers::Vector<flatbuffers::Offset<schema::Posting>>;

/// Whether the event has lines, whatever they say.
bool has_postings(const FoldEvent& event);
/// Null if the event posts nothing. Every posting has a positive amount and a side; else the event is refused.
const Postings* postings_of(const FoldEvent& event);

}  // namespace daybook
