// How each event's payload becomes JSON, worked out once from the binary schema: a flat list of fields per table, with
// everything that reflection would look up by name resolved to labels, offsets and pointers. event_json walks it. It
// knows the value types of schemas/common.fbs by name, and no event.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flatbuffers/reflection_generated.h>

namespace daybook {

/// What a field, or an element of a list, is in JSON.
enum class FieldKind : std::uint8_t {
  boolean,
  integer,
  decimal,  ///< An integer shown as a decimal string.
  enumeration,
  currency,  ///< A uint32 named "currency": three letters.
  string,
  bytes,  ///< [ubyte]: base64.
  instant,
  money,
  entity,
  draw,
  sealed,
  table,
  list
};

struct TablePlan;

/// The members of an enum as JSON strings, quotes included, by number; empty where the schema has no member.
using EnumPlan = std::vector<std::string>;

struct FieldPlan {
  std::string name;
  std::string label;  ///< ,"name": with its leading comma.
  FieldKind kind = FieldKind::integer;
  FieldKind element = FieldKind::integer;          ///< Of a list.
  reflection::BaseType scalar = reflection::None;  ///< Width and sign of a number, of a list's elements too.
  std::uint16_t offset = 0;                        ///< In the table's vtable.
  std::uint32_t stride = 0;                        ///< Bytes from one element of a list to the next.
  bool optional = false;                           ///< A scalar that may be null.
  bool sparse = false;                             ///< Left out when it is absent.
  bool secret = false;                             ///< Sealed, and never shown in clear.
  bool json = false;                               ///< The text, clear or sealed, is a JSON value.
  unsigned places = 0;                             ///< Of a decimal.
  std::int64_t absent = 0;                         ///< A scalar's default.
  std::string prefix;                              ///< Of an entity's id.
  const EnumPlan* names = nullptr;
  const TablePlan* table = nullptr;
};

struct TablePlan {
  std::vector<FieldPlan> fields;  ///< In the order of their ids.
  bool sparse = false;            ///< Absent members are left out.
  /// The vtable offsets of all amounts, which share one "currency"; empty if a member of that name says it.
  std::vector<std::uint16_t> amounts;
};

/// One member of the event union.
struct EventPlan {
  std::string name;
  std::string topic;
  std::string draw_prefix;  ///< Of the grants that the event's draws name.
  const TablePlan* table = nullptr;
};

struct SchemaPlan {
  std::vector<std::unique_ptr<const TablePlan>> tables;  ///< By the schema's object index; null for structs.
  std::vector<std::unique_ptr<const EnumPlan>> enums;    ///< By the schema's enum index; null for unions.
  std::vector<EventPlan> events;                         ///< By the union's number; no table where it has no member.
};

/// Verifies the binary schema (flatc -b --schema) and plans all of its tables.
/// Throws std::logic_error, which names the field, for a broken schema and for a type that has no JSON form yet.
SchemaPlan plan_schema(std::string_view binary_schema);

}  // namespace daybook
