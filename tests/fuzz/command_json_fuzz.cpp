// The parser of commands: whatever it accepts is a complete command with values in their limits, and one text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/check.h"
#include "gateway/bulk_limits.h"
#include "gateway/command_parser.h"
#include "gateway/command_text.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

void check_line(const daybook::ParsedLine& line) {
  require(line.command.has_value() == line.faults.empty());
  if (!line.command) return;
  const std::string text = daybook::canonical_text(*line.command);
  require(!text.empty() && daybook::valid_utf8(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_line(parse_command_line(text));
  bool is_array = false;
  static_cast<void>(parse_command_array(text, bulk_lines_max, is_array, check_line));
  CommandTarget target;
  target.account_id = "acme";
  target.entity_id = "cr_00000000010000000100";
  target.is_from_path = true;
  const ParsedCommand typed = parse_command("UpdateAccount", text, target);
  require(typed.command.has_value() == typed.faults.empty());
  const ParsedCommand action = parse_credit_action(text, target);
  require(action.command.has_value() == action.faults.empty());
  return 0;
}
