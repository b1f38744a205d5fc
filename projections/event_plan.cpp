#include "projections/event_plan.h"

#include <flatbuffers/reflection.h>
#include <algorithm>
#include <stdexcept>

#include "domain/ascii.h"
#include "domain/flat_string.h"
#include "domain/native.h"  // before common_generated.h, which names its types without including it
#include "schemas/common_generated.h"

namespace daybook {
namespace {

constexpr std::string_view schema_namespace = "daybook.schema.";
/// Largest number of an enum member that is planned; the plan is dense.
constexpr std::int64_t enum_value_max = 255;

/// The attribute of that name; null if there is none. (Not LookupByKey: its strcmp makes g++ 12 with
/// AddressSanitizer warn of a read beyond the string.)
template <typename Declaration>
const reflection::KeyValue* find_attribute(const Declaration& declaration, std::string_view name) {
  if (declaration.attributes() == nullptr) return nullptr;
  for (const auto* attribute : *declaration.attributes()) {
    if (view(attribute->key()) == name) return attribute;
  }
  return nullptr;
}

template <typename Declaration>
bool has_attribute(const Declaration& declaration, std::string_view name) {
  return find_attribute(declaration, name) != nullptr;
}

/// The attribute's text, empty if there is none.
template <typename Declaration>
std::string attribute(const Declaration& declaration, std::string_view name) {
  const auto* found = find_attribute(declaration, name);
  return found == nullptr || found->value() == nullptr ? std::string() : found->value()->str();
}

/// Fills one schema's plan. Tables are made first, empty, so that fields can point at any of them.
class Planner {
 public:
  explicit Planner(const reflection::Schema& schema) : schema_(schema) {}

  SchemaPlan run() {
    for (const auto* declaration : *schema_.enums()) plan_.enums.push_back(plan_enum(*declaration));
    for (const auto* object : *schema_.objects()) {
      tables_.push_back(object->is_struct() ? nullptr : std::make_unique<TablePlan>());
    }
    for (flatbuffers::uoffset_t i = 0; i < tables_.size(); ++i) {
      if (tables_[i]) plan_table(*schema_.objects()->Get(i), *tables_[i]);
    }
    plan_events();
    for (auto& table : tables_) plan_.tables.push_back(std::move(table));
    return std::move(plan_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw std::logic_error("binary schema: " + owner_ + (field_.empty() ? "" : "." + field_) + ": " + what);
  }

  void require(bool condition, const char* what) const {
    if (!condition) refuse(what);
  }

  std::unique_ptr<const EnumPlan> plan_enum(const reflection::Enum& declaration) {
    owner_ = declaration.name()->str();
    if (declaration.is_union()) return nullptr;
    auto names = std::make_unique<EnumPlan>();
    for (const auto* member : *declaration.values()) {
      require(member->value() >= 0 && member->value() <= enum_value_max, "enum members are numbered 0 to 255");
      const auto number = static_cast<std::size_t>(member->value());
      if (names->size() <= number) names->resize(number + 1);
      (*names)[number] = '"' + member->name()->str() + '"';
    }
    return names;
  }

  void plan_table(const reflection::Object& object, TablePlan& table) {
    owner_ = object.name()->str();
    field_.clear();
    table.sparse = has_attribute(object, "sparse");
    // The envelope's own members are written by event_json; its union is not a field of any payload.
    if (&object == schema_.root_table()) return;
    std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
    std::erase_if(fields, [](const auto* field) { return field->deprecated(); });
    std::ranges::sort(fields, {}, &reflection::Field::id);
    for (const auto* field : fields) table.fields.push_back(plan_field(*field));
    field_.clear();
    name_currency(table);
  }

  FieldPlan plan_field(const reflection::Field& field) {
    field_ = field.name()->str();
    FieldPlan plan;
    plan.name = field_;
    plan.label = ",\"" + field_ + "\":";
    plan.offset = field.offset();
    // Reflection calls every string, list and table optional too.
    plan.optional = field.optional() && flatbuffers::IsScalar(field.type()->base_type());
    plan.absent = field.default_integer();
    plan.sparse = has_attribute(field, "sparse");
    plan.prefix = attribute(field, "prefix");
    plan.json = attribute(field, "purpose") == "json";
    plan.secret = attribute(field, "purpose") == "secret";
    const auto& type = *field.type();
    plan.kind = kind_of(type.base_type(), type.index(), plan);
    if (plan.kind == FieldKind::list) plan_element(type, plan);
    if (has_attribute(field, "decimal")) plan_decimal(attribute(field, "decimal"), plan);
    if (plan.kind == FieldKind::integer && plan.scalar == reflection::UInt && plan.name == "currency") {
      plan.kind = FieldKind::currency;
    }
    return plan;
  }

  /// The kind of a field or an element. `plan` gets what that kind needs.
  FieldKind kind_of(reflection::BaseType type, std::int32_t index, FieldPlan& plan) const {
    switch (type) {
      case reflection::Bool:
        return FieldKind::boolean;
      case reflection::Byte:
      case reflection::UByte:
      case reflection::Short:
      case reflection::UShort:
      case reflection::Int:
      case reflection::UInt:
      case reflection::Long:
      case reflection::ULong:
        plan.scalar = type;
        if (index < 0) return FieldKind::integer;
        plan.names = plan_.enums.at(static_cast<std::size_t>(index)).get();
        require(plan.names != nullptr, "a union's type outside of the envelope has no JSON form");
        return FieldKind::enumeration;
      case reflection::String:
        return FieldKind::string;
      case reflection::Vector:
        return FieldKind::list;
      case reflection::Obj:
        return kind_of_object(static_cast<flatbuffers::uoffset_t>(index), plan);
      default:
        refuse(std::string(reflection::EnumNameBaseType(type)) + " has no JSON form");
    }
  }

  FieldKind kind_of_object(flatbuffers::uoffset_t index, FieldPlan& plan) const {
    const auto& object = *schema_.objects()->Get(index);
    const auto full_name = view(object.name());
    const auto name = full_name.starts_with(schema_namespace) ? full_name.substr(schema_namespace.size()) : full_name;
    if (!object.is_struct()) {
      plan.table = tables_.at(index).get();
      return name == "Sealed" ? FieldKind::sealed : FieldKind::table;
    }
    if (name == "Instant") return checked(object, sizeof(schema::Instant), FieldKind::instant);
    if (name == "Money") return checked(object, sizeof(schema::Money), FieldKind::money);
    if (name == "EntityRef") return checked(object, sizeof(schema::EntityRef), FieldKind::entity);
    if (name == "Draw") return checked(object, sizeof(schema::Draw), FieldKind::draw);
    refuse("the struct " + object.name()->str() + " has no JSON form");
  }

  FieldKind checked(const reflection::Object& object, std::size_t bytes, FieldKind kind) const {
    require(static_cast<std::size_t>(object.bytesize()) == bytes, "the struct is not the one this build knows");
    return kind;
  }

  void plan_element(const reflection::Type& type, FieldPlan& plan) const {
    if (type.element() == reflection::UByte && type.index() < 0) {
      plan.kind = FieldKind::bytes;
      return;
    }
    plan.element = kind_of(type.element(), type.index(), plan);
    require(plan.element != FieldKind::list && plan.element != FieldKind::money, "a list of these has no JSON form");
    const auto stride = flatbuffers::GetTypeSizeInline(type.element(), type.index(), schema_);
    plan.stride = static_cast<std::uint32_t>(stride);
  }

  void plan_decimal(const std::string& places, FieldPlan& plan) const {
    require(plan.kind == FieldKind::integer && plan.scalar == reflection::Long, "a decimal is an int64");
    const bool digits = !places.empty() && places.size() <= 2 && std::ranges::all_of(places, is_digit);
    require(digits && std::stoul(places) <= 18, "a decimal has 0 to 18 places");
    plan.kind = FieldKind::decimal;
    plan.places = static_cast<unsigned>(std::stoul(places));
  }

  /// A table's amounts bring their currency, unless it has a member of that name.
  static void name_currency(TablePlan& table) {
    if (std::ranges::find(table.fields, "currency", &FieldPlan::name) != table.fields.end()) return;
    for (const auto& field : table.fields) {
      if (field.kind == FieldKind::money) table.amounts.push_back(field.offset);
    }
  }

  void plan_events() {
    const auto& fields = *schema_.root_table()->fields();
    const auto found = std::ranges::find_if(fields, [](const auto* field) { return view(field->name()) == "event"; });
    const reflection::Field* field = found == fields.end() ? nullptr : *found;
    owner_ = schema_.root_table()->name()->str();
    field_ = "event";
    require(field != nullptr && field->type()->base_type() == reflection::Union, "the union of events is not there");
    const auto* declaration = schema_.enums()->Get(static_cast<flatbuffers::uoffset_t>(field->type()->index()));
    for (const auto* member : *declaration->values()) {
      owner_ = member->name()->str();
      require(member->value() >= 0 && member->value() <= enum_value_max, "union members are numbered 0 to 255");
      const auto number = static_cast<std::size_t>(member->value());
      if (plan_.events.size() <= number) plan_.events.resize(number + 1);
      if (number != 0) plan_.events[number] = plan_event(*member);
    }
  }

  EventPlan plan_event(const reflection::EnumVal& member) const {
    const auto index = static_cast<flatbuffers::uoffset_t>(member.union_type()->index());
    EventPlan event;
    event.name = member.name()->str();
    event.topic = attribute(*schema_.objects()->Get(index), "topic");
    event.draw_prefix = event.topic == "credits" ? "cr" : "ug";
    event.table = tables_.at(index).get();
    require(event.table != nullptr, "an event is a table");
    require(!event.topic.empty(), "an event names its topic");
    return event;
  }

  const reflection::Schema& schema_;
  std::vector<std::unique_ptr<TablePlan>> tables_;
  SchemaPlan plan_;
  std::string owner_;  ///< What is being planned, for messages.
  std::string field_;
};

}  // namespace

SchemaPlan plan_schema(std::string_view binary_schema) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(binary_schema.data()), binary_schema.size());
  if (!reflection::VerifySchemaBuffer(verifier)) throw std::logic_error("binary schema: the bytes do not verify");
  const auto& schema = *reflection::GetSchema(binary_schema.data());
  if (schema.root_table() == nullptr) throw std::logic_error("binary schema: it has no root table");
  return Planner(schema).run();
}

}  // namespace daybook
