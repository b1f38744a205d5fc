// The bytes of checkout sessions, within state rows and as rows of their own (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/checkout.h"

namespace daybook {

void encode(ByteWriter& codec, const CheckoutSession& session);
/// False: it is damaged.
bool decode(ByteReader& codec, CheckoutSession& session);

}  // namespace daybook
