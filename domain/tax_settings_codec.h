// The bytes of a book's own tax rates within its state row (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/tax_settings.h"

namespace daybook {

void encode(ByteWriter& codec, const OwnTaxRates& rates);
/// False: it is damaged.
bool decode(ByteReader& codec, OwnTaxRates& rates);

}  // namespace daybook
