// The bytes of discounts and coupons within state rows (domain/state_codec.h).
#pragma once

#include <vector>

#include "domain/byte_codec.h"
#include "domain/coupons.h"

namespace daybook {

void encode(ByteWriter& codec, const Offers& offers);
void encode(ByteWriter& codec, const Redemptions& redemptions);
void encode(ByteWriter& codec, const std::vector<AccountDiscount>& discounts);

/// False: it is damaged.
bool decode(ByteReader& codec, Offers& offers);
bool decode(ByteReader& codec, Redemptions& redemptions);
bool decode(ByteReader& codec, std::vector<AccountDiscount>& discounts);

}  // namespace daybook
