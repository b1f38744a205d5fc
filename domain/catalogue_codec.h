// The bytes of a book's plans within state rows (domain/state_codec.h).
#pragma once

#include "domain/byte_codec.h"
#include "domain/catalogue.h"

namespace daybook {

void encode(ByteWriter& codec, const Catalogue& catalogue);

/// False: it is damaged.
bool decode(ByteReader& codec, Catalogue& catalogue);

}  // namespace daybook
