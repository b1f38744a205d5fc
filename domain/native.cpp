// Field by field, both ways. Nothing is checked here: a value is checked where it enters, and the log's own checksum
// guards what is read back.
#include "domain/native.h"

#include "schemas/common_generated.h"

namespace flatbuffers {

daybook::schema::Instant Pack(const daybook::Instant& value) {
  return daybook::schema::Instant(daybook::micros(value));
}
daybook::Instant UnPack(const daybook::schema::Instant& stored) {
  return daybook::Instant{stored.us()};
}

daybook::schema::Money Pack(const daybook::Money& value) {
  return daybook::schema::Money(value.minor, value.currency.packed);
}
daybook::Money UnPack(const daybook::schema::Money& stored) {
  return {stored.minor(), {stored.currency()}};
}

daybook::schema::EntityRef Pack(const daybook::EntityRef& value) {
  return daybook::schema::EntityRef(value.stream_ordinal, value.stream_version, value.shard, value.slot);
}
daybook::EntityRef UnPack(const daybook::schema::EntityRef& stored) {
  return {stored.stream_ordinal(), stored.stream_version(), stored.shard(), stored.slot()};
}

daybook::schema::Draw Pack(const daybook::Draw& value) {
  return daybook::schema::Draw(Pack(value.grant), value.amount);
}
daybook::Draw UnPack(const daybook::schema::Draw& stored) {
  return {UnPack(stored.grant()), stored.amount()};
}

}  // namespace flatbuffers
