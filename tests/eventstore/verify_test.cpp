// verify_log finds each kind of damage that can be planted in a log.
#include "eventstore/verify.h"

#include <doctest/doctest.h>

#include "eventstore/log_row.h"
#include "tests/eventstore/envelope_builder.h"
#include "tests/eventstore/log_fixture.h"

using namespace daybook;
using daybook::test::build_envelope;
using daybook::test::EnvelopeFields;
using daybook::test::Group;
using daybook::test::LogFixture;
using daybook::test::sound_history;

namespace {

struct VerifyFixture : LogFixture {
  /// The history in groups of 4, each a row.
  void write(const std::vector<EnvelopeFields>& history) {
    for (std::size_t i = 0; i < history.size(); i += 4) {
      const auto end = history.begin() + static_cast<std::ptrdiff_t>(std::min(i + 4, history.size()));
      append(Group(std::vector(history.begin() + static_cast<std::ptrdiff_t>(i), end)).envelopes());
    }
  }
  LogCheck verify() { return verify_log(log(), 0); }
  /// Replaces the row at `first` behind the log's back.
  void replace_row(Position first, const std::vector<std::string>& envelopes) {
    close();
    const std::vector<std::string_view> views(envelopes.begin(), envelopes.end());
    std::string row;
    encode_row(0, first, views, row);
    plant_row(0, first, row);
  }
};

/// The one problem of `check`, as "position: text"; how many there are if it is not one.
std::string only_problem(const LogCheck& check) {
  if (check.problems_found != 1) return std::to_string(check.problems_found) + " problems";
  return std::to_string(check.problems[0].position) + ": " + check.problems[0].text;
}

bool is_problem(const LogCheck& check, Position position, const std::string& part) {
  const auto text = only_problem(check);
  CAPTURE(text);
  const bool same = text.starts_with(std::to_string(position) + ": ") && text.find(part) != std::string::npos;
  CHECK(same);
  return same;
}

}  // namespace

TEST_CASE_FIXTURE(VerifyFixture, "an empty log is sound") {
  const auto check = verify();
  CHECK(check.ok());
  CHECK(check.events == 0);
}

TEST_CASE_FIXTURE(VerifyFixture, "a sound log is counted and has no problems") {
  write(sound_history(0, 1, 40));
  const auto check = verify();
  CHECK(check.ok());
  CHECK(check.problems.empty());
  CHECK(check.events == 40);
  CHECK(check.rows == 10);
  CHECK(check.streams == 3);
  CHECK(check.bytes > 40 * 100);
}

TEST_CASE_FIXTURE(VerifyFixture, "each shard is verified by itself") {
  options.shards = 2;
  write(sound_history(0, 1, 8));
  append(Group(sound_history(1, 1, 5)).envelopes(), 1);
  CHECK(verify_log(log(), 0).ok());
  CHECK(verify_log(log(), 0).events == 8);
  CHECK(verify_log(log(), 1).ok());
  CHECK(verify_log(log(), 1).events == 5);
}

TEST_CASE_FIXTURE(VerifyFixture, "progress is told every 10,000 events and at the end") {
  append(Group(sound_history(0, 1, 25'000)).envelopes());
  std::vector<Position> told;
  const auto check = verify_log(log(), 0, [&](Position done, Position total) {
    CHECK(total == 25'000);
    told.push_back(done);
  });
  CHECK(check.ok());
  CHECK(told == std::vector<Position>{10'000, 20'000, 25'000});
}

TEST_CASE_FIXTURE(VerifyFixture, "a flipped bit in a row is one problem, and the rest is still checked") {
  write(sound_history(0, 1, 40));
  close();
  auto row = stored_row(0, 17);
  row[100] = static_cast<char>(row[100] ^ 1);
  plant_row(0, 17, row);
  const auto check = verify();
  is_problem(check, 17, "checksum");
  CHECK(check.events == 36);
}

TEST_CASE_FIXTURE(VerifyFixture, "missing rows are found in front, in the middle and behind a damaged one") {
  write(sound_history(0, 1, 40));
  close();
  delete_row(0, 1);
  is_problem(verify(), 1, "up to 4 are missing");
  close();
  delete_row(0, 17);
  const auto check = verify();
  CHECK(check.problems_found == 2);
  CHECK(check.problems[1].position == 17);
}

TEST_CASE_FIXTURE(VerifyFixture, "rows that overlap are found") {
  const auto history = sound_history(0, 1, 12);
  write(history);
  replace_row(5, Group(sound_history(0, 5, 6)).envelopes());
  const auto check = verify();
  CHECK(check.problems[0].position == 9);
  CHECK(check.problems[0].text.find("within the row before") != std::string::npos);
}

TEST_CASE_FIXTURE(VerifyFixture, "an envelope that is no FlatBuffer is found") {
  auto envelopes = Group(sound_history(0, 5, 4)).envelopes();
  write(sound_history(0, 1, 12));
  envelopes[2] = "this is not an envelope at all";
  replace_row(5, envelopes);
  is_problem(verify(), 7, "FlatBuffer");
}

TEST_CASE_FIXTURE(VerifyFixture, "each number that does not fit is found at its event") {
  struct Planted {
    const char* part;
    void (*plant)(EnvelopeFields&);
  };
  const std::vector<Planted> damages{
      {"stands at 1:7", [](EnvelopeFields& fields) { fields.shard = 1; }},
      {"stands at 0:8", [](EnvelopeFields& fields) { fields.position = 8; }},
      {"stream version 4 ", [](EnvelopeFields& fields) { fields.stream_version = 4; }},
      {"another stream's name", [](EnvelopeFields& fields) { fields.stream = "default/other"; }},
      {"recorded_at", [](EnvelopeFields& fields) { fields.recorded_at_us -= 1'000'000; }},
      {"decided_at", [](EnvelopeFields& fields) { fields.decided_at_us -= 3'000'001; }},
      {"event 1 of 1", [](EnvelopeFields& fields) { fields.command_index = 1; }},
      {"event 0 of 0", [](EnvelopeFields& fields) { fields.command_size = 0; }},
  };
  auto history = sound_history(0, 1, 7);  // Position 7 is version 3 of stream 1.
  write(history);
  for (const auto& damage : damages) {
    auto last = history[6];
    damage.plant(last);
    replace_row(5, {build_envelope(history[4]), build_envelope(history[5]), build_envelope(last)});
    is_problem(verify(), 7, damage.part);
  }
}

TEST_CASE_FIXTURE(VerifyFixture, "clocks at their limits are sound") {
  auto history = sound_history(0, 1, 8);
  history[6].recorded_at_us = history[5].recorded_at_us + 1;
  history[6].decided_at_us = history[3].decided_at_us;
  write(history);
  CHECK(verify().ok());
}

TEST_CASE_FIXTURE(VerifyFixture, "a new stream whose ordinal or first version is not the next is found") {
  auto history = sound_history(0, 1, 7);
  history[6].stream = "default/new";
  history[6].stream_version = 1;
  history[6].stream_ordinal = 5;
  write(history);
  is_problem(verify(), 7, "ordinal 5 is first seen where 4 is due");
  history[6].stream_ordinal = 4;
  history[6].stream_version = 2;
  replace_row(5, Group(std::vector(history.begin() + 4, history.end())).envelopes());
  is_problem(verify(), 7, "stream version 2 ");
  history[6].stream_version = 1;
  history[6].stream = history[0].stream;
  replace_row(5, Group(std::vector(history.begin() + 4, history.end())).envelopes());
  is_problem(verify(), 7, "has ordinal 1 already");
}

TEST_CASE_FIXTURE(VerifyFixture, "a whole atomic command is sound, one that is cut, mixed or open is found") {
  auto history = sound_history(0, 1, 12);
  for (const std::size_t i : {4U, 5U, 6U}) {
    history[i].command_index = static_cast<std::uint16_t>(i - 4);
    history[i].command_size = 3;
  }
  write(history);
  CHECK(verify().ok());
  const auto replace = [&] {
    replace_row(5, Group(std::vector(history.begin() + 4, history.begin() + 8)).envelopes());
  };
  const auto problem_of = [&](std::uint16_t index, std::uint16_t size) {
    history[6].command_index = index;
    history[6].command_size = size;
    replace();
    return only_problem(verify());
  };
  CHECK(problem_of(0, 1) == "7: event 0 of 1 of an atomic command, where 2 of 3 is due");
  CHECK(problem_of(2, 4) == "7: event 2 of 4 of an atomic command, where 2 of 3 is due");
  CHECK(problem_of(1, 3) == "7: event 1 of 3 of an atomic command, where 2 of 3 is due");
  CHECK(problem_of(3, 3) == "7: event 3 of 3 of an atomic command, where 2 of 3 is due");
  CHECK(problem_of(0, 0) == "7: event 0 of 0 of an atomic command, where 2 of 3 is due");
}

TEST_CASE_FIXTURE(VerifyFixture, "a command whose beginning is damaged is not reported a second time") {
  auto history = sound_history(0, 1, 12);
  for (const std::size_t i : {6U, 7U, 8U, 9U}) {
    history[i].command_index = static_cast<std::uint16_t>(i - 6);
    history[i].command_size = 4;
  }
  write(history);
  close();
  plant_row(0, 5, "no row");
  is_problem(verify(), 5, "too short");
}

TEST_CASE_FIXTURE(VerifyFixture, "a log that ends within an atomic command is found") {
  auto history = sound_history(0, 1, 6);
  history[5].command_size = 2;
  write(history);
  is_problem(verify(), 6, "1 of 2 events are there");
}

TEST_CASE_FIXTURE(VerifyFixture, "problems beyond the cap are counted, not listed") {
  auto history = sound_history(0, 1, 150);
  for (auto& fields : history) fields.shard = 9;
  write(history);
  const auto check = verify();
  CHECK(check.problems_found == 150);
  CHECK(check.problems.size() == log_problems_max);
}
