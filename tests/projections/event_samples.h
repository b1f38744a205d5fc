// Payloads and envelopes for tests of whatever reads any event: built by reflection over the binary schema, so that a
// new event or field needs no line here.
#pragma once

#include <flatbuffers/reflection.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>

namespace daybook::test {

/// Builds tables of any shape, each value different from the last.
class SampleWriter {
 public:
  /// Fills every field. With a generator: leaves fields out and takes any values, broken UTF-8 and unnamed enum
  /// members included.
  SampleWriter(const reflection::Schema& schema, flatbuffers::FlatBufferBuilder& builder,
               std::mt19937_64* random = nullptr)
      : schema_(schema), builder_(builder), random_(random) {}

  flatbuffers::uoffset_t table(const reflection::Object& object);
  std::string text(std::string_view field);

 private:
  std::uint64_t number();
  bool left_out() { return random_ != nullptr && (*random_)() % 4 == 0; }
  void add_scalar(const reflection::Field& field);
  void add_struct(std::uint16_t offset, const reflection::Object& object);
  flatbuffers::uoffset_t reference(const reflection::Field& field);
  flatbuffers::uoffset_t list(const reflection::Field& field);
  std::string struct_bytes(const reflection::Object& object);

  const reflection::Schema& schema_;
  flatbuffers::FlatBufferBuilder& builder_;
  std::mt19937_64* random_;
  std::uint64_t count_ = 0;
};

const reflection::Schema& embedded_schema();
/// The table of the union's member of that number; null for none.
const reflection::Object* event_object(const reflection::Schema& schema, std::uint8_t number);

/// An envelope with every field filled.
std::string full_envelope(std::uint8_t number);
/// An envelope with nothing but its place, and a payload without any field.
std::string empty_envelope(std::uint8_t number);
std::string random_envelope(std::uint8_t number, std::mt19937_64& random);
/// An envelope at 0:17 of default/acme with the payload that `write` leaves in the builder.
std::string envelope_of(std::uint8_t number,
                        const std::function<flatbuffers::uoffset_t(flatbuffers::FlatBufferBuilder&)>& write);

/// Whether every field of the event's table, and of the tables below it, is there.
bool is_complete(std::string_view envelope);
bool verifies(std::string_view envelope);

}  // namespace daybook::test
