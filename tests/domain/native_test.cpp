#include "domain/native.h"

#include <doctest/doctest.h>

#include "schemas/common_generated.h"

namespace daybook {
namespace {

constexpr Money native_amount{-1'234, currency_of("EUR")};
constexpr EntityRef ref{1, 2, 3, 4};

/// What flatbuffers stores is what was packed.
template <class Value>
bool survives(const Value& value) {
  return flatbuffers::UnPack(flatbuffers::Pack(value)) == value;
}

TEST_CASE("a value survives being packed") {
  CHECK(survives(Instant{1'795'230'846'000'001}));
  CHECK(survives(never));
  CHECK(survives(native_amount));
  CHECK(survives(ref));
  CHECK(survives(Draw{ref, -5}));
}

TEST_CASE("each field is stored under its own name") {
  CHECK(flatbuffers::Pack(Instant{7}).us() == 7);
  CHECK(flatbuffers::Pack(native_amount).minor() == -1'234);
  CHECK(flatbuffers::Pack(native_amount).currency() == ('E' << 16 | 'U' << 8 | 'R'));
  const schema::EntityRef stored = flatbuffers::Pack(ref);
  CHECK(stored.stream_ordinal() == 1);
  CHECK(stored.stream_version() == 2);
  CHECK(stored.shard() == 3);
  CHECK(stored.slot() == 4);
  CHECK(flatbuffers::Pack(Draw{ref, -5}).amount() == -5);
}

TEST_CASE("a table of the object API carries the domain's own types") {
  schema::PostingT posting;
  posting.account = 1'100;
  posting.side = schema::Side::credit;
  posting.amount = native_amount;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Posting::Pack(builder, &posting));
  const auto* stored = flatbuffers::GetRoot<schema::Posting>(builder.GetBufferPointer());
  schema::PostingT unpacked;
  stored->UnPackTo(&unpacked);
  CHECK(unpacked == posting);
  CHECK(flatbuffers::UnPack(*stored->amount()) == native_amount);
}

}  // namespace
}  // namespace daybook
