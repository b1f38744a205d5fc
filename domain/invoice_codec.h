// The bytes of invoices within state rows, and as rows of their own (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/invoice.h"

namespace daybook {

void encode(ByteWriter& codec, const Invoice& invoice);
/// False: it is damaged.
bool decode(ByteReader& codec, Invoice& invoice);
void encode(ByteWriter& codec, const std::vector<CreditNoteShare>& shares);
bool decode(ByteReader& codec, std::vector<CreditNoteShare>& shares);

}  // namespace daybook
