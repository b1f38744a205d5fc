// Every event ever stored decodes for ever: golden/<Type>.v<n>.bin is an envelope as some release wrote it, with every
// field that the event had then, and <Type>.v<n>.json is its JSON, one member a line. DAYBOOK_UPDATE_GOLDEN=1 writes
// the .json files again and adds a .bin where an event is new or has grown; a .bin that is there is never changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "projections/event_json.h"
#include "tests/projections/event_samples.h"

namespace daybook::test {
namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(DAYBOOK_SOURCE_DIR) / "tests/projections/golden";
const bool update = std::getenv("DAYBOOK_UPDATE_GOLDEN") != nullptr;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

/// The same JSON with each member and element on a line of its own.
std::string one_member_a_line(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += json[++i];
      in_string = c != '"';
      continue;
    }
    const auto is_bracket = [&](std::size_t at, std::string_view set) { return set.find(json[at]) != set.npos; };
    // An empty object or array stays on its line.
    if (is_bracket(i, "}]") && !is_bracket(i - 1, "{[")) out.append("\n").append(2 * (depth - 1), ' ');
    if (is_bracket(i, "}]")) --depth;
    out += c;
    if (is_bracket(i, "{[")) ++depth;
    if (is_bracket(i, "{[,") && !is_bracket(i + 1, "}]")) out.append("\n").append(2 * depth, ' ');
    in_string = c == '"';
  }
  return out + "\n";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The first lines that differ, as a diff shows them.
std::string difference(const std::string& expected, const std::string& actual) {
  const auto before = lines_of(expected);
  const auto after = lines_of(actual);
  const auto [left, right] = std::ranges::mismatch(before, after);
  std::string out = "\n  line " + std::to_string(left - before.begin() + 1) + ":\n";
  for (auto line = left; line != before.end() && line - left < 3; ++line) out += "  - " + *line + "\n";
  for (auto line = right; line != after.end() && line - right < 3; ++line) out += "  + " + *line + "\n";
  return out + "  (DAYBOOK_UPDATE_GOLDEN=1 accepts this)";
}

/// Compares byte for byte with the golden file of that name, or writes it.
void check_golden(const std::string& name, const std::string& json) {
  const fs::path path = golden / name;
  if (update) write_file(path, json);
  const std::string expected = read_file(path);
  const bool same = expected == json;
  CHECK_MESSAGE(same, name, difference(expected, json));
}

fs::path stored_path(const std::string& type, int version) {
  return golden / (type + ".v" + std::to_string(version) + ".bin");
}

int newest_version(const std::string& type) {
  int version = 0;
  while (fs::exists(stored_path(type, version + 1))) ++version;
  return version;
}

TEST_CASE("every event of the schema is stored with each of its fields") {
  const EventRenderer renderer;
  std::uint8_t number = 0;
  for (const auto& type : renderer.event_types()) {
    ++number;
    const int newest = newest_version(type);
    const bool stored = newest > 0 && is_complete(read_file(stored_path(type, newest)));
    if (!stored && update) write_file(stored_path(type, newest + 1), full_envelope(number));
    CHECK_MESSAGE((stored || update), type, " is new or has grown: DAYBOOK_UPDATE_GOLDEN=1 stores it");
  }
}

TEST_CASE("every stored event decodes and renders as its golden file says") {
  const EventRenderer renderer;
  std::size_t count = 0;
  for (const auto& type : renderer.event_types()) {
    for (int version = 1; version <= newest_version(type); ++version, ++count) {
      const std::string envelope = read_file(stored_path(type, version));
      REQUIRE_MESSAGE(verifies(envelope), type);
      CHECK(renderer.type_name(envelope) == type);
      std::string json;
      renderer.append_event(json, envelope);
      check_golden(type + ".v" + std::to_string(version) + ".json", one_member_a_line(json));
    }
  }
  const auto is_stored = [](const auto& entry) { return entry.path().extension() == ".bin"; };
  CHECK(std::ranges::count_if(fs::directory_iterator(golden), is_stored) == static_cast<std::ptrdiff_t>(count));
}

TEST_CASE("every event with everything absent renders as the golden file says") {
  const EventRenderer renderer;
  const auto types = renderer.event_types();
  std::string json = "[";
  for (std::uint8_t number = 1; number <= types.size(); ++number) {
    const std::string envelope = empty_envelope(number);
    REQUIRE(verifies(envelope));
    if (number > 1) json += ',';
    renderer.append_event(json, envelope);
  }
  check_golden("absent.json", one_member_a_line(json + "]"));
}

}  // namespace
}  // namespace daybook::test
