// The bytes of subscriptions within state rows, and as rows of their own (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/subscription.h"

namespace daybook {

void encode(ByteWriter& codec, const Subscription& subscription);
/// False: it is damaged.
bool decode(ByteReader& codec, Subscription& subscription);

}  // namespace daybook
