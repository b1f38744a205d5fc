#include "projections/event_json.h"

#include "domain/flat_string.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "projections/event_plan.h"
#include "projections/json_text.h"
#include "schemas/envelope_bfbs.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::string_view null = "null";
constexpr std::string_view unknown = "unknown";

/// The string, table or vector that the offset at `at` points to.
template <typename T>
const T* follow(const std::uint8_t* at) {
  return reinterpret_cast<const T*>(at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at));
}

template <typename T>
const T& struct_at(const std::uint8_t* at) {
  return *reinterpret_cast<const T*>(at);
}

/// A number of any width; an uint64 beyond int64 wraps and is only ever shown through append_integer.
std::int64_t read_integer(reflection::BaseType scalar, const std::uint8_t* at) {
  switch (scalar) {
    case reflection::Byte:
      return flatbuffers::ReadScalar<std::int8_t>(at);
    case reflection::UByte:
      return flatbuffers::ReadScalar<std::uint8_t>(at);
    case reflection::Short:
      return flatbuffers::ReadScalar<std::int16_t>(at);
    case reflection::UShort:
      return flatbuffers::ReadScalar<std::uint16_t>(at);
    case reflection::Int:
      return flatbuffers::ReadScalar<std::int32_t>(at);
    case reflection::UInt:
      return flatbuffers::ReadScalar<std::uint32_t>(at);
    default:
      return flatbuffers::ReadScalar<std::int64_t>(at);
  }
}

void append_integer(std::string& out, reflection::BaseType scalar, std::int64_t value) {
  if (scalar == reflection::ULong) {
    append_json_integer(out, static_cast<std::uint64_t>(value));
  } else {
    append_json_integer(out, value);
  }
}

void append_text(std::string& out, const flatbuffers::String* text) {
  if (text == nullptr) {
    out += null;
  } else {
    append_json_string(out, view(text));
  }
}

/// Null for never, and for what is on no calendar: stored bytes may hold any number.
void append_instant(std::string& out, const schema::Instant* instant) {
  const Instant at = instant == nullptr ? never : Instant{instant->us()};
  if (!is_on_calendar(at)) {
    out += null;
    return;
  }
  out += '"';
  append_rfc3339(out, at);
  out += '"';
}

/// Three letters, or null for what is no currency.
void append_currency(std::string& out, std::uint32_t packed) {
  const char letters[] = {static_cast<char>(packed >> 16), static_cast<char>(packed >> 8), static_cast<char>(packed)};
  for (const char letter : letters) {
    if (letter < 'A' || letter > 'Z') {
      out += null;
      return;
    }
  }
  out += '"';
  out.append(letters, sizeof(letters));
  out += '"';
}

/// Null for none, and for numbers that no id can hold. Without a prefix it is the 20 characters alone.
void append_entity(std::string& out, std::string_view prefix, const schema::EntityRef& stored) {
  const EntityRef ref{stored.stream_ordinal(), stored.stream_version(), stored.shard(), stored.slot()};
  const bool has_id = ref.stream_ordinal > 0 && ref.stream_ordinal < id_ordinal_end && ref.stream_version > 0 &&
                      ref.stream_version < id_version_end && ref.shard < id_shard_end && ref.slot < id_slot_end;
  if (!has_id) {
    out += null;
    return;
  }
  out += '"';
  const std::size_t start = out.size();
  append_id(out, prefix, ref);
  if (prefix.empty()) out.erase(start, 1);
  out += '"';
}

/// The id of the event or command at that place in the log; null for a place that has none, as in a dry run.
void append_log_id(std::string& out, std::uint16_t shard, std::uint64_t position,
                   void (*append)(std::string&, std::uint16_t, std::uint64_t)) {
  if (shard >= id_shard_end || position == 0 || position >= id_position_end) {
    out += null;
    return;
  }
  out += '"';
  append(out, shard, position);
  out += '"';
}

/// Members are appended with a comma in front of each; this makes the first comma the brace.
void close_object(std::string& out, std::size_t start) {
  if (out.size() == start) {
    out += '{';
  } else {
    out[start] = '{';
  }
  out += '}';
}

/// Walks one event's payload along its plan.
class PayloadWriter {
 public:
  PayloadWriter(std::string& out, const EventPlan& event, std::string_view stream, const Unseal* unseal)
      : out_(out), event_(event), stream_(stream), unseal_(unseal) {}

  void write_table(const flatbuffers::Table& table, const TablePlan& plan) {
    const std::size_t start = out_.size();
    bool currency_due = !plan.amounts.empty();
    for (const auto& field : plan.fields) {
      const std::uint8_t* at = table.GetAddressOf(field.offset);
      if (at == nullptr && (plan.sparse || field.sparse)) continue;
      out_ += field.label;
      if (at == nullptr) {
        write_absent(field);
      } else {
        write_value(field, field.kind, at);
      }
      if (currency_due && field.kind == FieldKind::money) {
        write_currency(table, plan);
        currency_due = false;
      }
    }
    close_object(out_, start);
  }

 private:
  void write_absent(const FieldPlan& field) {
    if (field.optional) {
      out_ += null;
      return;
    }
    switch (field.kind) {
      case FieldKind::boolean:
      case FieldKind::integer:
      case FieldKind::decimal:
      case FieldKind::enumeration:
      case FieldKind::currency:
        write_number(field, field.kind, field.absent);
        return;
      case FieldKind::list:
        out_ += "[]";
        return;
      default:
        out_ += null;
    }
  }

  void write_number(const FieldPlan& field, FieldKind kind, std::int64_t value) {
    switch (kind) {
      case FieldKind::boolean:
        out_ += value != 0 ? "true" : "false";
        return;
      case FieldKind::decimal:
        append_json_decimal(out_, value, field.places);
        return;
      case FieldKind::currency:
        append_currency(out_, static_cast<std::uint32_t>(value));
        return;
      case FieldKind::enumeration:
        write_name(*field.names, value);
        return;
      default:
        append_integer(out_, field.scalar, value);
    }
  }

  void write_name(const EnumPlan& names, std::int64_t value) {
    const auto number = static_cast<std::uint64_t>(value);
    if (number < names.size() && !names[number].empty()) {
      out_ += names[number];
    } else {
      append_json_string(out_, unknown);
    }
  }

  /// `at` is where the value, or the offset to it, stands.
  void write_value(const FieldPlan& field, FieldKind kind, const std::uint8_t* at) {
    switch (kind) {
      case FieldKind::boolean:
        write_number(field, kind, *at);
        return;
      case FieldKind::integer:
      case FieldKind::decimal:
      case FieldKind::enumeration:
      case FieldKind::currency:
        write_number(field, kind, read_integer(field.scalar, at));
        return;
      case FieldKind::string: {
        const std::string_view text = view(follow<flatbuffers::String>(at));
        if (!field.json || !append_json_value(out_, text)) append_json_string(out_, text);
        return;
      }
      case FieldKind::bytes:
        append_json_base64(out_, view(follow<flatbuffers::Vector<std::uint8_t>>(at)));
        return;
      case FieldKind::instant:
        append_instant(out_, &struct_at<schema::Instant>(at));
        return;
      case FieldKind::money:
        append_json_integer(out_, struct_at<schema::Money>(at).minor());
        return;
      case FieldKind::entity:
        append_entity(out_, field.prefix, struct_at<schema::EntityRef>(at));
        return;
      case FieldKind::draw:
        write_draw(struct_at<schema::Draw>(at));
        return;
      case FieldKind::sealed:
        write_sealed(field, *follow<schema::Sealed>(at));
        return;
      case FieldKind::table:
        write_table(*follow<flatbuffers::Table>(at), *field.table);
        return;
      case FieldKind::list:
        write_list(field, *follow<flatbuffers::VectorOfAny>(at));
        return;
    }
  }

  void write_list(const FieldPlan& field, const flatbuffers::VectorOfAny& list) {
    out_ += '[';
    const std::uint8_t* at = list.Data();
    for (flatbuffers::uoffset_t i = 0; i < list.size(); ++i, at += field.stride) {
      if (i != 0) out_ += ',';
      write_value(field, field.element, at);
    }
    out_ += ']';
  }

  void write_draw(const schema::Draw& draw) {
    out_ += "{\"grant\":";
    append_entity(out_, event_.draw_prefix, draw.grant());
    out_ += ",\"amount\":";
    append_json_integer(out_, draw.amount());
    out_ += '}';
  }

  /// All amounts of a table share their currency: the first that is there names it.
  void write_currency(const flatbuffers::Table& table, const TablePlan& plan) {
    out_ += ",\"currency\":";
    for (const auto offset : plan.amounts) {
      if (const std::uint8_t* at = table.GetAddressOf(offset)) {
        append_currency(out_, struct_at<schema::Money>(at).currency());
        return;
      }
    }
    out_ += null;
  }

  void write_sealed(const FieldPlan& field, const schema::Sealed& sealed) {
    if (sealed.key_id() == 0) {  // there was no text to seal
      out_ += null;
      return;
    }
    if (unseal_ == nullptr) {
      out_ += "{\"sealed\":true,\"key_id\":";
      append_json_integer(out_, sealed.key_id());
      out_ += ",\"nonce\":";
      append_json_base64(out_, view(sealed.nonce()));
      out_ += ",\"bytes\":";
      append_json_base64(out_, view(sealed.bytes()));
      out_ += '}';
      return;
    }
    if (field.secret) {
      out_ += "{\"sealed\":true}";
      return;
    }
    const auto text = (*unseal_)(sealed.key_id(), view(sealed.nonce()), view(sealed.bytes()), stream_, field.name);
    if (!text) {
      out_ += "{\"sealed\":true}";
    } else if (!field.json || !append_json_value(out_, *text)) {
      append_json_string(out_, *text);
    }
  }

  std::string& out_;
  const EventPlan& event_;
  std::string_view stream_;
  const Unseal* unseal_;
};

void append_actor(std::string& out, const schema::Actor* actor) {
  if (actor == nullptr) {
    out += null;
    return;
  }
  const std::string_view role = schema::EnumNameRole(actor->role());
  out += "{\"principal\":";
  append_text(out, actor->principal());
  out += ",\"role\":\"";
  out += role.empty() ? unknown : role;
  out += "\",\"credential\":";
  append_text(out, actor->credential());
  out += ",\"on_behalf_of\":";
  append_text(out, actor->on_behalf_of());
  out += '}';
}

/// A command without an id of its own is named by its first event.
void append_command(std::string& out, const schema::Envelope& envelope) {
  if (envelope.command_id() != nullptr) {
    append_text(out, envelope.command_id());
  } else {
    append_log_id(out, envelope.shard(), envelope.position() - envelope.command_index(), append_command_id);
  }
}

/// Everything of the envelope after the type and before the payload, and the payload's label.
void append_header(std::string& out, const schema::Envelope& envelope) {
  out += ",\"shard\":";
  append_json_integer(out, envelope.shard());
  out += ",\"position\":";
  append_json_integer(out, envelope.position());
  out += ",\"stream\":";
  append_text(out, envelope.stream());
  out += ",\"stream_version\":";
  append_json_integer(out, envelope.stream_version());
  out += ",\"recorded_at\":";
  append_instant(out, envelope.recorded_at());
  out += ",\"decided_at\":";
  append_instant(out, envelope.decided_at());
  out += ",\"effective_at\":";
  append_instant(out, envelope.effective_at());
  out += ",\"actor\":";
  append_actor(out, envelope.actor());
  out += ",\"command\":";
  append_text(out, envelope.command());
  out += ",\"command_id\":";
  append_command(out, envelope);
  out += ",\"idempotency_key\":";
  append_text(out, envelope.idempotency_key());
  out += ",\"correlation_id\":";
  append_text(out, envelope.correlation_id());
  out += ",\"causation_id\":";
  append_text(out, envelope.causation_id());
  out += ",\"request_id\":";
  append_text(out, envelope.request_id());
  out += ",\"traceparent\":";
  append_text(out, envelope.traceparent());
  out += ",\"command_index\":";
  append_json_integer(out, envelope.command_index());
  out += ",\"command_size\":";
  append_json_integer(out, envelope.command_size());
  out += ",\"data\":";
}

const schema::Envelope& envelope_at(std::string_view bytes) {
  return *schema::GetEnvelope(bytes.data());
}

/// The plan of the envelope's event; null for one that the schema does not know.
const EventPlan* find_event(const SchemaPlan& plan, const schema::Envelope& envelope) {
  const auto number = static_cast<std::size_t>(envelope.event_type());
  return number < plan.events.size() && plan.events[number].table != nullptr ? &plan.events[number] : nullptr;
}

void append_payload(std::string& out, const EventPlan* event, const schema::Envelope& envelope, const Unseal* unseal) {
  const auto* payload = static_cast<const flatbuffers::Table*>(envelope.event());
  if (event == nullptr || payload == nullptr) {
    out += null;
  } else {
    PayloadWriter(out, *event, view(envelope.stream()), unseal).write_table(*payload, *event->table);
  }
}

bool names_resource(const FieldPlan& field) {
  if (field.kind == FieldKind::entity) return true;
  return field.kind == FieldKind::string && field.name.ends_with("_id") && field.name != "account_id";
}

void append_named(std::string& out, const EventPlan* event, const schema::Envelope& envelope) {
  const auto* payload = static_cast<const flatbuffers::Table*>(envelope.event());
  const std::size_t start = out.size();
  if (event != nullptr && payload != nullptr) {
    for (const FieldPlan& field : event->table->fields) {
      const std::uint8_t* at = names_resource(field) ? payload->GetAddressOf(field.offset) : nullptr;
      if (at == nullptr) continue;
      out += field.label;
      if (field.kind == FieldKind::entity) {
        append_entity(out, field.prefix, struct_at<schema::EntityRef>(at));
      } else {
        append_text(out, follow<flatbuffers::String>(at));
      }
    }
  }
  close_object(out, start);
}

}  // namespace

EventRenderer::EventRenderer() : EventRenderer(envelope_bfbs()) {}
EventRenderer::EventRenderer(std::string_view binary_schema)
    : plan_(std::make_unique<const SchemaPlan>(plan_schema(binary_schema))) {}
EventRenderer::~EventRenderer() = default;
EventRenderer::EventRenderer(EventRenderer&&) noexcept = default;
EventRenderer& EventRenderer::operator=(EventRenderer&&) noexcept = default;

void EventRenderer::append_event(std::string& out, std::string_view envelope, const Unseal* unseal) const {
  const auto& root = envelope_at(envelope);
  const EventPlan* event = find_event(*plan_, root);
  out += "{\"object\":\"event\",\"id\":";
  append_log_id(out, root.shard(), root.position(), append_event_id);
  out += ",\"type\":\"";
  out += event == nullptr ? unknown : event->name;
  out += '"';
  append_header(out, root);
  append_payload(out, event, root, unseal);
  out += '}';
}

void EventRenderer::append_data(std::string& out, std::string_view envelope, const Unseal* unseal) const {
  const auto& root = envelope_at(envelope);
  append_payload(out, find_event(*plan_, root), root, unseal);
}

void EventRenderer::append_resources(std::string& out, std::string_view envelope) const {
  const auto& root = envelope_at(envelope);
  append_named(out, find_event(*plan_, root), root);
}

std::string_view EventRenderer::type_name(std::string_view envelope) const {
  const EventPlan* event = find_event(*plan_, envelope_at(envelope));
  return event == nullptr ? unknown : event->name;
}

std::string_view EventRenderer::topic(std::string_view envelope) const {
  const EventPlan* event = find_event(*plan_, envelope_at(envelope));
  return event == nullptr ? std::string_view() : event->topic;
}

std::vector<std::string> EventRenderer::event_types() const {
  std::vector<std::string> names;
  for (const auto& event : plan_->events) {
    if (event.table != nullptr) names.push_back(event.name);
  }
  return names;
}

std::string_view EventRenderer::topic_of(std::string_view type_name) const {
  for (const auto& event : plan_->events) {
    if (event.table != nullptr && event.name == type_name) return event.topic;
  }
  return {};
}

}  // namespace daybook
