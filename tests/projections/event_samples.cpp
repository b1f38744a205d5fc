#include "tests/projections/event_samples.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "schemas/envelope_bfbs.h"
#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

constexpr std::int64_t first_instant_us = 1'767'323'045'678'901;  // 2026-01-02T03:04:05.678901Z
constexpr std::int64_t hour_us = 3'600'000'000;
constexpr std::uint32_t sample_currency = 'U' << 16 | 'S' << 8 | 'D';
constexpr std::size_t list_length = 2;

std::vector<const reflection::Field*> fields_of(const reflection::Object& object) {
  std::vector<const reflection::Field*> fields(object.fields()->size());
  for (const auto* field : *object.fields()) fields.at(field->id()) = field;
  return fields;
}

bool is_struct(const reflection::Schema& schema, const reflection::Type& type) {
  return type.base_type() == reflection::Obj &&
         schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()))->is_struct();
}

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace

std::uint64_t SampleWriter::number() {
  ++count_;
  if (random_ == nullptr) return count_;
  const std::uint64_t any = (*random_)();
  return any % 3 == 0 ? any : any % 100;
}

std::string SampleWriter::text(std::string_view field) {
  ++count_;
  if (random_ == nullptr) return std::string(field) + " \"" + std::to_string(count_) + "\" \xC3\xA9\n";
  std::string text((*random_)() % 24, ' ');
  for (char& c : text) c = static_cast<char>((*random_)() % 2 == 0 ? (*random_)() % 128 : (*random_)());
  return text;
}

std::string SampleWriter::struct_bytes(const reflection::Object& object) {
  const std::string name = object.name()->str().substr(std::strlen("daybook.schema."));
  const std::uint64_t n = number();
  const schema::EntityRef entity(n, n + 1, 0, static_cast<std::uint16_t>(n % 4));
  const auto signed_n = static_cast<std::int64_t>(n);
  if (name == "EntityRef") return bytes_of(entity);
  if (name == "Draw") return bytes_of(schema::Draw(entity, signed_n));
  if (name == "Money") return bytes_of(schema::Money(signed_n, random_ != nullptr && n % 2 == 0 ? 0 : sample_currency));
  const auto us = static_cast<std::uint64_t>(first_instant_us) + n * static_cast<std::uint64_t>(hour_us);
  return bytes_of(schema::Instant(static_cast<std::int64_t>(us)));
}

void SampleWriter::add_struct(std::uint16_t offset, const reflection::Object& object) {
  const std::string bytes = struct_bytes(object);
  builder_.StartStruct(static_cast<std::size_t>(object.minalign()));
  builder_.PushBytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  builder_.AddStructOffset(offset, builder_.EndStruct());
}

void SampleWriter::add_scalar(const reflection::Field& field) {
  const auto& type = *field.type();
  std::uint64_t value = field.name()->str() == "currency" ? sample_currency : number();
  if (type.base_type() == reflection::Bool) value = random_ == nullptr ? 1 : value % 2;
  if (type.index() >= 0 && random_ == nullptr) {
    const auto* members = schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index()))->values();
    value = static_cast<std::uint64_t>(members->Get(members->size() - 1)->value());
  }
  switch (flatbuffers::GetTypeSize(type.base_type())) {
    case 1:
      return builder_.AddElement<std::uint8_t>(field.offset(), static_cast<std::uint8_t>(value));
    case 2:
      return builder_.AddElement<std::uint16_t>(field.offset(), static_cast<std::uint16_t>(value));
    case 4:
      return builder_.AddElement<std::uint32_t>(field.offset(), static_cast<std::uint32_t>(value));
    default:
      return builder_.AddElement<std::uint64_t>(field.offset(), value);
  }
}

flatbuffers::uoffset_t SampleWriter::list(const reflection::Field& field) {
  const auto element = field.type()->element();
  const auto index = static_cast<flatbuffers::uoffset_t>(field.type()->index());
  const std::size_t length = random_ == nullptr ? list_length : (*random_)() % 4;
  if (element == reflection::UByte) {
    std::string bytes = random_ == nullptr ? field.name()->str() + std::to_string(++count_) : text("");
    return builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()).o;
  }
  if (element == reflection::Long || element == reflection::UInt) {
    std::vector<std::uint64_t> wide;
    for (std::size_t i = 0; i < length; ++i) wide.push_back(number());
    if (element == reflection::Long) return builder_.CreateVector(wide).o;
    return builder_.CreateVector(std::vector<std::uint32_t>(wide.begin(), wide.end())).o;
  }
  if (element == reflection::Obj && schema_.objects()->Get(index)->is_struct()) {
    const auto& object = *schema_.objects()->Get(index);
    const auto size = static_cast<std::size_t>(object.bytesize());
    builder_.StartVector(length * size / static_cast<std::size_t>(object.minalign()),
                         static_cast<std::size_t>(object.minalign()));
    for (std::size_t i = 0; i < length; ++i) {
      const std::string bytes = struct_bytes(object);
      builder_.PushBytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    return builder_.EndVector(length);
  }
  std::vector<flatbuffers::Offset<void>> offsets;
  for (std::size_t i = 0; i < length; ++i) {
    const auto offset = element == reflection::String ? builder_.CreateString(text(field.name()->str())).o
                                                      : table(*schema_.objects()->Get(index));
    offsets.emplace_back(offset);
  }
  return builder_.CreateVector(offsets).o;
}

flatbuffers::uoffset_t SampleWriter::reference(const reflection::Field& field) {
  switch (field.type()->base_type()) {
    case reflection::String:
      return builder_.CreateString(text(field.name()->str())).o;
    case reflection::Vector:
      return list(field);
    default:
      return table(*schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(field.type()->index())));
  }
}

flatbuffers::uoffset_t SampleWriter::table(const reflection::Object& object) {
  // What a table refers to must stand before it.
  std::vector<std::pair<const reflection::Field*, flatbuffers::uoffset_t>> present;
  for (const auto* field : fields_of(object)) {
    if (left_out()) continue;
    const bool inlined = flatbuffers::IsScalar(field->type()->base_type()) || is_struct(schema_, *field->type());
    present.emplace_back(field, inlined ? 0 : reference(*field));
  }
  const auto start = builder_.StartTable();
  for (const auto& [field, offset] : present) {
    if (offset != 0) {
      builder_.AddOffset(field->offset(), flatbuffers::Offset<void>(offset));
    } else if (flatbuffers::IsScalar(field->type()->base_type())) {
      add_scalar(*field);
    } else {
      add_struct(field->offset(), *schema_.objects()->Get(static_cast<flatbuffers::uoffset_t>(field->type()->index())));
    }
  }
  return builder_.EndTable(start);
}

const reflection::Schema& embedded_schema() {
  return *reflection::GetSchema(envelope_bfbs().data());
}

const reflection::Object* event_object(const reflection::Schema& schema, std::uint8_t number) {
  const auto fields = fields_of(*schema.root_table());
  const auto event = std::ranges::find_if(fields, [](const auto* field) { return field->name()->str() == "event"; });
  const auto& type = *(*event)->type();
  const auto* members = schema.enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index()))->values();
  const auto* member = members->LookupByKey(number);
  if (member == nullptr || number == 0) return nullptr;
  return schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(member->union_type()->index()));
}

namespace {

std::string finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<schema::Envelope> root) {
  schema::FinishEnvelopeBuffer(builder, root);
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

}  // namespace

std::string envelope_of(std::uint8_t number,
                        const std::function<flatbuffers::uoffset_t(flatbuffers::FlatBufferBuilder&)>& write) {
  flatbuffers::FlatBufferBuilder builder;
  const flatbuffers::Offset<void> payload(write(builder));
  const auto stream = builder.CreateString("default/acme");
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_position(17);
  envelope.add_stream(stream);
  envelope.add_stream_ordinal(1);
  envelope.add_stream_version(3);
  envelope.add_event_type(static_cast<schema::Event>(number));
  envelope.add_event(payload);
  return finish(builder, envelope.Finish());
}

std::string empty_envelope(std::uint8_t number) {
  return envelope_of(number, [](auto& builder) { return builder.EndTable(builder.StartTable()); });
}

std::string full_envelope(std::uint8_t number) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);
  SampleWriter samples(embedded_schema(), builder);
  const flatbuffers::Offset<void> payload(samples.table(*event_object(embedded_schema(), number)));
  const auto actor =
      schema::CreateActorDirect(builder, "key:key_dev", schema::Role::support_rep, "key_dev", "user:ann");
  const schema::Instant recorded_at(first_instant_us);
  const schema::Instant decided_at(first_instant_us - 1);
  const schema::Instant effective_at(first_instant_us - hour_us);
  const std::vector<std::uint8_t> fingerprint(16, 0xAB);
  const auto envelope = schema::CreateEnvelopeDirect(
      builder, 1, 2, 3, 17, "default/acme", 4, 5, &recorded_at, &decided_at, &effective_at, actor, "DoSomething",
      "cmd_given", "key-1 \"quoted\"", &fingerprint, "correlation", "causation", "request",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 1, 2, 6, static_cast<schema::Event>(number), payload);
  return finish(builder, envelope);
}

std::string random_envelope(std::uint8_t number, std::mt19937_64& random) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);
  SampleWriter samples(embedded_schema(), builder, &random);
  const flatbuffers::Offset<void> payload(samples.table(*event_object(embedded_schema(), number)));
  const auto actor = schema::CreateActorDirect(builder, samples.text("").c_str(), static_cast<schema::Role>(random()));
  const schema::Instant recorded_at(static_cast<std::int64_t>(random()));
  const std::string key = samples.text("");
  const auto envelope = schema::CreateEnvelopeDirect(
      builder, 1, static_cast<std::uint16_t>(random()), 0, random(), samples.text("").c_str(), 1, 1, &recorded_at,
      nullptr, &recorded_at, random() % 2 == 0 ? actor : flatbuffers::Offset<schema::Actor>(), nullptr, nullptr,
      key.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr, static_cast<std::uint16_t>(random()), 0, 0,
      static_cast<schema::Event>(number), payload);
  return finish(builder, envelope);
}

namespace {

bool is_complete(const reflection::Object& object, const flatbuffers::Table& table) {
  const auto& schema = embedded_schema();
  for (const auto* field : *object.fields()) {
    if (!table.CheckField(field->offset())) return false;
    const auto& type = *field->type();
    const bool is_list = type.base_type() == reflection::Vector;
    if ((is_list ? type.element() : type.base_type()) != reflection::Obj) continue;
    const auto& below = *schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
    if (below.is_struct()) continue;
    if (!is_list) {
      if (!is_complete(below, *flatbuffers::GetFieldT(table, *field))) return false;
      continue;
    }
    const auto* list = flatbuffers::GetFieldAnyV(table, *field);
    if (list->size() == 0) return false;
    if (!is_complete(below, *flatbuffers::GetAnyVectorElemPointer<const flatbuffers::Table>(list, 0))) return false;
  }
  return true;
}

}  // namespace

bool is_complete(std::string_view envelope) {
  const auto* root = schema::GetEnvelope(envelope.data());
  const auto* object = event_object(embedded_schema(), static_cast<std::uint8_t>(root->event_type()));
  return is_complete(*object, *static_cast<const flatbuffers::Table*>(root->event()));
}

bool verifies(std::string_view envelope) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(envelope.data()), envelope.size());
  return schema::VerifyEnvelopeBuffer(verifier);
}

}  // namespace daybook::test
