// The bytes of credit notes and adjustments, within state rows and as rows of their own (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/credit_note.h"

namespace daybook {

void encode(ByteWriter& codec, const CreditNote& note);
/// False: it is damaged.
bool decode(ByteReader& codec, CreditNote& note);
void encode(ByteWriter& codec, const InvoiceAdjustment& adjustment);
bool decode(ByteReader& codec, InvoiceAdjustment& adjustment);

}  // namespace daybook
