// The bridge between the value types and flatc's structs of schemas/common.fbs, found by the generated headers through
// `native_include`. Deliberately light: it comes before FlatBuffers in every generated event header, and must be
// included before schemas/common_generated.h, which names these types and functions without declaring them.
#pragma once

#include "domain/id.h"
#include "domain/instant.h"
#include "domain/money.h"

namespace daybook::schema {
struct Instant;
struct Money;
struct EntityRef;
struct Draw;
}  // namespace daybook::schema

// The names and the namespace are flatc's.
namespace flatbuffers {

daybook::schema::Instant Pack(const daybook::Instant& value);
daybook::Instant UnPack(const daybook::schema::Instant& stored);

daybook::schema::Money Pack(const daybook::Money& value);
daybook::Money UnPack(const daybook::schema::Money& stored);

daybook::schema::EntityRef Pack(const daybook::EntityRef& value);
daybook::EntityRef UnPack(const daybook::schema::EntityRef& stored);

daybook::schema::Draw Pack(const daybook::Draw& value);
daybook::Draw UnPack(const daybook::schema::Draw& stored);

}  // namespace flatbuffers
