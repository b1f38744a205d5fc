// Reads one JSON object into the members that a command describes. Private to command_parser.cpp and its test; the only
// header that sees simdjson.
#pragma once

#include <simdjson.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/command_parser.h"
#include "gateway/field_rule.h"
#include "gateway/field_value.h"

namespace daybook::schema {
struct PlanLimitT;
}

namespace daybook {

class CommandReader {
 public:
  using Element = simdjson::dom::element;

  /// Reads the members of `object` once; repeated ones are faults at once. `parent` is the object's own pointer.
  CommandReader(simdjson::dom::object object, std::string parent, const CommandTarget& target, Faults& faults);

  /// A member described by a command.
  template <class T>
  void operator()(std::string_view name, T& member, const Rule& rule) {
    const Element* element = take(name, rule);
    if (rule.target != TargetKind::none && take_target(name, member, rule, element)) return;
    if (element == nullptr) {
      if (all_cleared_ && rule.clearable) clear(member);
      if (rule.required && !all_cleared_) missing(name);
      return;
    }
    const std::string pointer = json_pointer(parent_, name);
    if (element->is_null()) return read_null(member, rule, pointer);
    read(*element, member, rule, pointer);
  }

  /// A described object with members of its own; null clears them all, or counts as absent.
  template <class Describe>
  void object(std::string_view name, Describe describe_members) {
    const Element* element = take(name, {});
    if (element == nullptr) return;
    const CommandTarget no_target;
    simdjson::dom::object inner;
    if (!element->is_null() && element->get(inner) != simdjson::SUCCESS) {
      return wrong_type(json_pointer(parent_, name), "object");
    }
    CommandReader reader(inner, json_pointer(parent_, name), no_target, faults_, element->is_null());
    describe_members(reader);
    reader.finish();
  }

  /// A list of objects, each with members of its own; null counts as absent. Of T or of std::unique_ptr<T>.
  template <class Item, class Describe>
  void list(std::string_view name, std::vector<Item>& items, const Rule& rule, Describe describe_item) {
    const Element* element = take(name, rule);
    if (element == nullptr) {
      if (rule.required) missing(name);
      return;
    }
    if (element->is_null() && !rule.required) return;
    const std::string pointer = json_pointer(parent_, name);
    simdjson::dom::array array;
    if (element->get(array) != simdjson::SUCCESS) return wrong_type(pointer, "array");
    if (!accept_length(array.size(), rule, pointer)) return;
    items.clear();
    const CommandTarget no_target;
    for (const Element item : array) {
      const std::string at = json_pointer(pointer, std::to_string(items.size()));
      simdjson::dom::object inner;
      auto& made = new_item(items);
      if (item.get(inner) != simdjson::SUCCESS) {
        wrong_type(at, "object");
        continue;
      }
      CommandReader reader(inner, at, no_target, faults_);
      describe_item(made, reader);
      reader.finish();
    }
  }

  /// The names of the members that no description has taken yet, in order: what a partial update changes.
  void given(std::optional<std::vector<std::string>>& names) const;

  /// A string member that no command describes, such as "action"; nothing if absent or not a string.
  std::optional<std::string_view> text_member(std::string_view name);
  /// A member's value, known from now on.
  const Element* member(std::string_view name) { return take(name, {}); }
  /// What was not described is unknown.
  void finish();

 private:
  template <class T>
  static T& new_item(std::vector<std::unique_ptr<T>>& items) {
    return *items.emplace_back(std::make_unique<T>());
  }
  template <class T>
  static T& new_item(std::vector<T>& items) {
    return items.emplace_back();
  }

  struct Member {
    std::string_view name;
    Element value;
    bool taken = false;
  };
  CommandReader(simdjson::dom::object object, std::string parent, const CommandTarget& target, Faults& faults,
                bool all_cleared);
  void collect(simdjson::dom::object object);
  const Element* take(std::string_view name, const Rule& rule);

  bool take_target(std::string_view name, std::string& member, const Rule& rule, const Element* element);
  bool take_target(std::string_view name, EntityRef& member, const Rule& rule, const Element* element);
  template <class T>
  bool take_target(std::string_view, T&, const Rule&, const Element*) {
    return false;
  }
  /// The path's or line's value of a target; nothing if it says none. Refuses a body that says another.
  const std::string* outer_target(const std::optional<std::string>& given, std::string_view name,
                                  const Element* element);
  template <class T>
  void read_null(T&, const Rule& rule, const std::string& pointer) {
    if (rule.required) wrong_type(pointer, rule);
  }
  template <class T>
  void read_null(Change<T>& member, const Rule& rule, const std::string& pointer) {
    if (rule.clearable) return clear(member);
    wrong_type(pointer, rule);
  }
  template <class T>
  static void clear(T&) {}
  template <class T>
  static void clear(Change<T>& member) {
    member.kind = Change<T>::Kind::clear;
  }

  template <class T>
  void read(Element element, Change<T>& member, const Rule& rule, const std::string& pointer) {
    read(element, member.value, rule, pointer);
    member.kind = Change<T>::Kind::set;
  }
  template <class T>
  void read(Element element, std::optional<T>& member, const Rule& rule, const std::string& pointer) {
    read(element, member.emplace(), rule, pointer);
  }
  void read(Element element, Instant& member, const Rule& rule, const std::string& pointer);
  void read(Element element, std::string& member, const Rule& rule, const std::string& pointer);
  void read(Element element, Sensitive& member, const Rule& rule, const std::string& pointer);
  void read(Element element, Currency& member, const Rule& rule, const std::string& pointer);
  void read(Element element, Duration& member, const Rule& rule, const std::string& pointer);
  void read(Element element, EntityRef& member, const Rule& rule, const std::string& pointer);
  void read(Element element, std::int64_t& member, const Rule& rule, const std::string& pointer);
  void read(Element element, std::int32_t& member, const Rule& rule, const std::string& pointer);
  void read(Element element, std::uint16_t& member, const Rule& rule, const std::string& pointer);
  /// A currency, as the events hold it.
  void read(Element element, std::uint32_t& member, const Rule& rule, const std::string& pointer);
  void read(Element element, bool& member, const Rule& rule, const std::string& pointer);
  void read(Element element, std::vector<std::unique_ptr<schema::PlanLimitT>>& member, const Rule& rule,
            const std::string& pointer);
  void read(Element element, std::vector<std::string>& member, const Rule& rule, const std::string& pointer);
  template <class E>
    requires(std::is_enum_v<E> && !std::is_same_v<E, Instant>)
  void read(Element element, E& member, const Rule& rule, const std::string& pointer) {
    const std::optional<std::string_view> text = checked_text(element, rule, pointer);
    if (text) member = static_cast<E>(value_of_name(rule, *text));
  }
  /// The string if it obeys the rule; else a fault was added.
  std::optional<std::string_view> checked_text(Element element, const Rule& rule, const std::string& pointer);
  void read_names(Element element, std::vector<std::string>& member, const Rule& rule, const std::string& pointer);
  /// Whether a list is as long as it may be; else a fault was added.
  bool accept_length(std::size_t length, const Rule& rule, const std::string& pointer);
  void read_metadata(Element element, std::string& out, const std::string& pointer);

  void missing(std::string_view name);
  void wrong_type(std::string pointer, std::string_view expected);
  void wrong_type(std::string pointer, const Rule& rule);

  std::string parent_;
  const CommandTarget& target_;
  Faults& faults_;
  bool all_cleared_ = false;
  std::vector<Member> members_;
};

}  // namespace daybook
