// The bytes of payments, within state rows and as rows of their own (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/payment.h"

namespace daybook {

void encode(ByteWriter& codec, const Payment& payment);
/// False: it is damaged.
bool decode(ByteReader& codec, Payment& payment);

}  // namespace daybook
