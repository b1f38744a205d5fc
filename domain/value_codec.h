// Values that are parts of several state rows (domain/state_codec.h): one description serves both directions.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <memory>
#include <utility>

#include "domain/byte_codec.h"

namespace daybook {

template <class C>
void visit_id(C& codec, auto& id) {
  codec.number(id.stream_ordinal);
  codec.number(id.stream_version);
  codec.number(id.shard);
  codec.number(id.slot);
}

template <class C>
void visit_sealed(C& codec, auto& value) {
  codec.number(value.key_id);
  codec.text(value.nonce);
  codec.text(value.bytes);
}

/// A table of an event in its own format: `Table` is the generated accessor.
template <class Table>
void visit_table(ByteWriter& codec, const std::shared_ptr<const typename Table::NativeTableType>& value) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Table::Pack(builder, value.get()));
  codec.text({reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
}
/// False: it is damaged.
template <class Table>
bool visit_table(ByteReader& codec, std::shared_ptr<const typename Table::NativeTableType>& value) {
  std::string bytes;
  codec.text(bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!codec.ok() || !verifier.VerifyBuffer<Table>(nullptr)) return false;
  auto unpacked = std::make_shared<typename Table::NativeTableType>();
  flatbuffers::GetRoot<Table>(bytes.data())->UnPackTo(unpacked.get());
  value = std::move(unpacked);
  return true;
}

}  // namespace daybook
