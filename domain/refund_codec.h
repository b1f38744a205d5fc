// The bytes of refunds, disputes and what these leave of a payment, within state rows and as rows of their own
// (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/refund.h"

namespace daybook {

void encode(ByteWriter& codec, const Refund& refund);
/// False: it is damaged.
bool decode(ByteReader& codec, Refund& refund);

void encode(ByteWriter& codec, const Dispute& dispute);
bool decode(ByteReader& codec, Dispute& dispute);

void encode(ByteWriter& codec, const PaymentReversals& reversals);
void decode(ByteReader& codec, PaymentReversals& reversals);

}  // namespace daybook
