#include "gateway/command_parser.h"

#include <array>
#include <memory>
#include <utility>

#include "domain/ascii.h"
#include "gateway/bulk_limits.h"
#include "gateway/command_fields.h"
#include "gateway/command_reader.h"
#include "gateway/tax_question.h"

namespace daybook {
namespace {

using simdjson::dom::element;

/// Keeps its buffers up to this; a larger document gets a parser of its own.
constexpr std::size_t kept_parser_bytes = 256 * 1024;

/// A parser that refuses nesting beyond the limit.
std::unique_ptr<simdjson::dom::parser> make_parser(std::size_t bytes) {
  auto parser = std::make_unique<simdjson::dom::parser>();
  if (parser->allocate(std::max<std::size_t>(bytes, 4096), json_depth_max) != simdjson::SUCCESS) return nullptr;
  return parser;
}

simdjson::dom::parser& kept_parser() {
  thread_local const std::unique_ptr<simdjson::dom::parser> parser = make_parser(kept_parser_bytes);
  return *parser;
}

/// simdjson refuses integers beyond 64 bits; JSON does not. Replaces them, outside strings, by the nearest that fits,
/// so that they are refused as out of range, by name. `changed` tells whether there was one.
std::string clamp_integers(std::string_view text, bool& changed) {
  constexpr std::size_t digits_max = 18;
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string || !(is_digit(c) || c == '-')) {
      if (in_string && c == '\\' && i + 1 < text.size()) out += text[i++];
      if (c == '"') in_string = !in_string;
      out += text[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && (is_digit(text[end]) || std::string_view(".eE+-").find(text[end]) != text.npos)) ++end;
    const std::string_view number = text.substr(i, end - i);
    const std::string_view digits = number.substr(number[0] == '-' ? 1 : 0);
    const bool is_integer = digits.find_first_not_of("0123456789") == digits.npos;
    if (is_integer && digits.size() > digits_max && digits[0] != '0') {
      changed = true;
      out += number[0] == '-' ? "-9223372036854775807" : "9223372036854775807";
    } else {
      out += number;
    }
    i = end;
  }
  return out;
}

std::string_view reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "is not valid UTF-8";
    case simdjson::DEPTH_ERROR:
      return "nests too deep";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "is too large";
    case simdjson::EMPTY:
      return "is empty";
    case simdjson::NUMBER_ERROR:
      return "holds a number that is not JSON or beyond 64 bits";
    default:
      return "is not one valid JSON value";
  }
}

/// Parses with the given parser; the element lives until its next use.
bool parse_json(simdjson::dom::parser& parser, std::string_view text, element& out, Faults& faults) {
  // simdjson numbers its depth from the document itself; the limit was set when the parser was made.
  simdjson::error_code error = parser.parse(text.data(), text.size()).get(out);
  if (error == simdjson::NUMBER_ERROR) {
    bool changed = false;
    const std::string clamped = clamp_integers(text, changed);
    if (changed) error = parser.parse(clamped).get(out);
  }
  if (error == simdjson::SUCCESS) return true;
  faults.malformed("", fault_codes::invalid_json, "the body " + std::string(reason_of(error)));
  return false;
}

/// One command's kind: how its object is read.
struct Kind {
  std::string_view name;
  Command (*read)(CommandReader& reader);
  bool has_account_target;
};

/// Whether a command describes an account as its target.
struct AccountTargetFinder {
  bool found = false;
  template <class T>
  void operator()(std::string_view, T&, const Rule& rule) {
    found = found || rule.target == TargetKind::account;
  }
  template <class Describe>
  void object(std::string_view, Describe) {}
  template <class Items, class Describe>
  void list(std::string_view, Items&, const Rule&, Describe) {}
  void given(const std::optional<std::vector<std::string>>&) {}
};

template <class C>
Kind kind_of() {
  C sample{};
  AccountTargetFinder finder;
  describe(sample, finder);
  return {C::name_of_command,
          [](CommandReader& reader) {
            C command{};
            describe(command, reader);
            reader.finish();
            return Command(std::move(command));
          },
          finder.found};
}

template <std::size_t... I>
std::array<Kind, sizeof...(I)> make_kinds(std::index_sequence<I...>) {
  return {kind_of<std::variant_alternative_t<I, Command>>()...};
}

const Kind* find_kind(std::string_view name) {
  static const auto kinds = make_kinds(std::make_index_sequence<std::variant_size_v<Command>>());
  for (const Kind& kind : kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

/// What one command's members say beyond their own values.
void check_together(const Command& command, const std::string& parent, Faults& faults) {
  const auto check_advance = [&](const auto& advance) {
    if (advance.advance.has_value() != advance.to.has_value()) return;
    faults.invalid(parent, fault_codes::required, "give exactly one of advance and to");
  };
  if (const auto* clock = std::get_if<AdvanceSandboxClock>(&command)) check_advance(*clock);
  if (const auto* clock = std::get_if<AdvanceTestClock>(&command)) check_advance(*clock);
  if (const auto* key = std::get_if<CreateApiKey>(&command)) {
    const bool in_one_account = key->role >= Role::account_owner;
    if (in_one_account && key->account_id.empty()) {
      faults.invalid(json_pointer(parent, "account_id"), fault_codes::required, "is required for this role");
    }
    if (!in_one_account && !key->account_id.empty()) {
      faults.invalid(json_pointer(parent, "account_id"), fault_codes::conflict, "is only for roles within an account");
    }
    if (key->role != Role::api_key && !key->scopes.empty()) {
      faults.invalid(json_pointer(parent, "scopes"), fault_codes::conflict, "are only for the role api_key");
    }
  }
}

std::optional<Command> read_command(const Kind& kind, simdjson::dom::object object, const std::string& parent,
                                    const CommandTarget& target, std::string_view extra_member, Faults& faults) {
  CommandReader reader(object, parent, target, faults);
  if (!extra_member.empty()) reader.member(extra_member);
  Command command = kind.read(reader);
  if (faults.empty()) check_together(command, parent, faults);
  if (!faults.empty()) return std::nullopt;
  return command;
}

/// The body as an object; an empty body is an empty object.
bool parse_object(std::string_view body, simdjson::dom::object& object, Faults& faults) {
  if (body.size() > command_body_bytes_max) {
    faults.malformed("", fault_codes::too_long, "the body is larger than a command may be");
    return false;
  }
  element root;
  if (!parse_json(kept_parser(), body.empty() ? std::string_view("{}") : body, root, faults)) return false;
  if (root.get(object) == simdjson::SUCCESS) return true;
  faults.malformed("", fault_codes::wrong_type, "the body must be a JSON object");
  return false;
}

struct NoMembers {};
void describe(NoMembers&, CommandReader&) {}

template <class Question>
Faults read_question(std::string_view body, Question& question) {
  Faults faults;
  simdjson::dom::object object;
  if (!parse_object(body, object, faults)) return faults;
  const CommandTarget no_target;
  CommandReader reader(object, "", no_target, faults);
  describe(question, reader);
  reader.finish();
  return faults;
}

/// An idempotency key: visible ASCII, 1 to 255 characters.
bool is_idempotency_key(std::string_view key) {
  if (key.empty() || key.size() > 255) return false;
  for (const char c : key) {
    if (c < 0x21 || c > 0x7E) return false;
  }
  return true;
}

ParsedLine read_line(element root) {
  ParsedLine line;
  Faults& faults = line.faults;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    faults.malformed("", fault_codes::wrong_type, "a command must be a JSON object");
    return line;
  }
  const CommandTarget no_target;
  CommandReader reader(object, "", no_target, faults);
  const std::optional<std::string_view> name = reader.text_member("command");
  CommandTarget target;
  if (const auto account = reader.text_member("account_id")) target.account_id = std::string(*account);
  if (const auto key = reader.text_member("idempotency_key")) {
    line.idempotency_key = std::string(*key);
    if (!is_idempotency_key(*key)) {
      faults.invalid("/idempotency_key", fault_codes::invalid, "must be 1 to 255 visible ASCII characters");
    }
  }
  const element* params = reader.member("params");
  reader.finish();
  const Kind* kind = name ? find_kind(*name) : nullptr;
  if (kind == nullptr) {
    if (!name && !faults.is_malformed) faults.invalid("/command", fault_codes::required, "is required");
    if (name) faults.invalid("/command", fault_codes::invalid, "is not the name of a command");
    return line;
  }
  if (target.account_id && !kind->has_account_target) {
    faults.invalid("/account_id", fault_codes::conflict, "this command is about an entity or the book: leave it out");
  }
  simdjson::dom::object members;
  if (params != nullptr && params->get(members) != simdjson::SUCCESS) {
    faults.malformed("/params", fault_codes::wrong_type, "must be a JSON object");
    return line;
  }
  if (params == nullptr) {
    // The members of an empty object, so that what is required is named.
    thread_local simdjson::dom::parser empty_parser;
    if (empty_parser.parse(std::string_view("{}")).get(members) != simdjson::SUCCESS) return line;
  }
  line.command = read_command(*kind, members, "/params", target, {}, faults);
  return line;
}

}  // namespace

bool is_command_name(std::string_view name) {
  return find_kind(name) != nullptr;
}

ParsedCommand parse_command(std::string_view name, std::string_view body, const CommandTarget& target) {
  ParsedCommand parsed;
  simdjson::dom::object object;
  if (!parse_object(body, object, parsed.faults)) return parsed;
  parsed.command = read_command(*find_kind(name), object, "", target, {}, parsed.faults);
  return parsed;
}

Faults parse_no_members(std::string_view body) {
  NoMembers nothing;
  return read_question(body, nothing);
}

Faults parse_question(std::string_view body, TaxQuestion& question) {
  return read_question(body, question);
}

Faults parse_question(std::string_view body, VatIdQuestion& question) {
  return read_question(body, question);
}

ParsedCommand parse_credit_action(std::string_view body, const CommandTarget& target) {
  ParsedCommand parsed;
  simdjson::dom::object object;
  if (!parse_object(body, object, parsed.faults)) return parsed;
  element action;
  std::string_view text;
  if (object["action"].get(action) != simdjson::SUCCESS) {
    parsed.faults.invalid("/action", fault_codes::required, "is required");
    return parsed;
  }
  if (action.get(text) != simdjson::SUCCESS) {
    parsed.faults.malformed("/action", fault_codes::wrong_type, "must be a JSON string");
    return parsed;
  }
  const std::string_view name = text == "consume"  ? ConsumeCredit::name_of_command
                                : text == "expire" ? ExpireCredit::name_of_command
                                : text == "void"   ? VoidCredit::name_of_command
                                                   : std::string_view();
  if (name.empty()) {
    parsed.faults.invalid("/action", fault_codes::invalid, "must be one of: consume, expire, void");
    return parsed;
  }
  parsed.command = read_command(*find_kind(name), object, "", target, "action", parsed.faults);
  return parsed;
}

Faults parse_command_array(std::string_view body, std::size_t lines_max, bool& is_array,
                           const std::function<void(ParsedLine)>& line) {
  Faults faults;
  std::unique_ptr<simdjson::dom::parser> own;
  if (body.size() > kept_parser_bytes) own = make_parser(body.size());
  element root;
  if (!parse_json(own ? *own : kept_parser(), body, root, faults)) return faults;
  simdjson::dom::array array;
  is_array = root.get(array) == simdjson::SUCCESS;
  if (!is_array) {
    if (!root.is_object()) {
      faults.malformed("", fault_codes::wrong_type, "the body must be a JSON array or object");
      return faults;
    }
    line(read_line(root));
    return faults;
  }
  if (array.size() > lines_max) {
    faults.malformed("", fault_codes::too_many, "has more than " + std::to_string(lines_max) + " commands");
    return faults;
  }
  for (const element item : array) line(read_line(item));
  return faults;
}

ParsedLine parse_command_line(std::string_view text) {
  ParsedLine line;
  if (text.size() > command_body_bytes_max) {
    line.faults.malformed("", fault_codes::too_long, "the line is larger than a command may be");
    return line;
  }
  element root;
  if (!parse_json(kept_parser(), text, root, line.faults)) return line;
  return read_line(root);
}

}  // namespace daybook
