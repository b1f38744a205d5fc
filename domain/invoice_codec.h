// The bytes of invoices, and of what is billed, within state rows, and of invoices as rows of their own
// (domain/state_codec.h).
#pragma once

#include "domain/billed_charges.h"
#include "domain/byte_codec.h"
#include "domain/invoice.h"

namespace daybook {

void encode(ByteWriter& codec, const Invoice& invoice);
/// False: it is damaged.
bool decode(ByteReader& codec, Invoice& invoice);
void encode(ByteWriter& codec, const std::vector<CreditNoteShare>& shares);
bool decode(ByteReader& codec, std::vector<CreditNoteShare>& shares);

void encode(ByteWriter& codec, const BilledCharge& billed);
/// Likewise.
bool decode(ByteReader& codec, BilledCharge& billed);

}  // namespace daybook
