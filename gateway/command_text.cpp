#include "gateway/command_text.h"

#include "gateway/command_fields.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

/// Appends name=value; for each member that is there. Strings are quoted, so no two commands share a text.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  template <class T>
  void operator()(std::string_view name, const T& member, const Rule& rule) {
    if (!rule.in_fingerprint && rule.target == TargetKind::account && name == "account_id") return;
    const std::size_t start = out_.size();
    out_ += name;
    out_ += '=';
    if (!write(member)) return out_.resize(start);
    out_ += ';';
  }
  template <class Describe>
  void object(std::string_view name, Describe describe_members) {
    out_ += name;
    out_ += '{';
    describe_members(*this);
    out_ += '}';
  }
  template <class Item, class Describe>
  void list(std::string_view name, std::vector<Item>& items, const Rule&, Describe describe_item) {
    if (items.empty()) return;
    out_ += name;
    out_ += '[';
    for (Item& item : items) {
      out_ += '{';
      describe_item(item_of(item), *this);
      out_ += '}';
    }
    out_ += ']';
  }
  void given(const std::optional<std::vector<std::string>>& names) {
    if (!names) return;
    out_ += "given=";
    write(*names);
    out_ += ';';
  }

 private:
  template <class T>
  static T& item_of(std::unique_ptr<T>& item) {
    return *item;
  }
  template <class T>
  static T& item_of(T& item) {
    return item;
  }

  bool write(const std::string& text) {
    append_json_string(out_, text);
    return !text.empty();
  }
  bool write(const Sensitive& member) { return write(member.clear); }
  bool write(const std::vector<std::string>& list) {
    for (const std::string& text : list) append_json_string(out_, text);
    return !list.empty();
  }
  bool write(std::int64_t number) {
    append_json_integer(out_, number);
    return true;
  }
  bool write(std::uint16_t number) { return write(std::int64_t{number}); }
  bool write(std::int32_t number) { return write(std::int64_t{number}); }
  bool write(std::uint32_t number) { return write(std::int64_t{number}); }
  bool write(const std::vector<std::unique_ptr<schema::PlanLimitT>>& limits) {
    for (const auto& limit : limits) {
      append_json_string(out_, limit->metric);
      if (!write(limit->limit)) out_ += "null";
    }
    return !limits.empty();
  }
  bool write(bool value) {
    out_ += value ? '1' : '0';
    return true;
  }
  bool write(Currency currency) { return write(std::int64_t{currency.packed}); }
  bool write(EntityRef id) {
    append_id(out_, "id", id);
    return true;
  }
  bool write(const Duration& length) {
    write(std::int64_t{length.months});
    out_ += ',';
    write(std::int64_t{length.days});
    out_ += ',';
    return write(length.micros);
  }
  template <class E>
    requires std::is_enum_v<E>
  bool write(E value) {
    return write(static_cast<std::int64_t>(value));
  }
  template <class T>
  bool write(const std::optional<T>& value) {
    return value && write(*value);
  }
  /// Cleared differs from left alone.
  template <class T>
  bool write(const Change<T>& change) {
    if (change.is_none()) return false;
    if (change.is_set()) {
      write(change.value);
    } else {
      out_ += "null";
    }
    return true;
  }

  std::string& out_;
};

struct NameCollector {
  std::vector<std::string>& names;
  std::string parent = {};
  template <class T>
  void operator()(std::string_view name, const T&, const Rule&) {
    names.push_back(parent + std::string(name));
  }
  template <class Describe>
  void object(std::string_view name, Describe describe_members) {
    names.emplace_back(parent + std::string(name));
    NameCollector inner{names, parent + std::string(name) + "/"};
    describe_members(inner);
  }
  template <class T, class Describe>
  void list(std::string_view name, const std::vector<std::unique_ptr<T>>&, const Rule&, Describe describe_item) {
    collect_item<T>(name, describe_item);
  }
  template <class T, class Describe>
  void list(std::string_view name, const std::vector<T>&, const Rule&, Describe describe_item) {
    collect_item<T>(name, describe_item);
  }
  template <class T, class Describe>
  void collect_item(std::string_view name, Describe describe_item) {
    names.emplace_back(parent + std::string(name));
    NameCollector inner{names, parent + std::string(name) + "/"};
    T sample;
    describe_item(sample, inner);
  }
  void given(const std::optional<std::vector<std::string>>&) {}
};

template <std::size_t... I>
std::vector<std::string> collect(std::string_view command_name, std::index_sequence<I...>) {
  std::vector<std::string> names;
  const auto one = [&](auto sample) {
    if (decltype(sample)::name_of_command != command_name) return;
    NameCollector collector{names};
    describe(sample, collector);
  };
  (one(std::variant_alternative_t<I, Command>{}), ...);
  return names;
}

}  // namespace

std::string canonical_text(const Command& command) {
  std::string text;
  text.reserve(192);
  std::visit(
      [&](const auto& one) {
        using C = std::decay_t<decltype(one)>;
        text += C::name_of_command;
        text += ';';
        CanonicalWriter writer(text);
        // Descriptions take a mutable command, because reading fills it; writing does not touch it.
        describe(const_cast<C&>(one), writer);
      },
      command);
  return text;
}

std::vector<std::string> member_names(std::string_view command_name) {
  return collect(command_name, std::make_index_sequence<std::variant_size_v<Command>>());
}

}  // namespace daybook
