#include "domain/id.h"

#include <doctest/doctest.h>

#include "tests/domain/dies.h"
#include "tests/domain/property.h"

namespace daybook {
namespace {

constexpr EntityRef sample{1, 2, 0, 31};
constexpr EntityRef largest{id_ordinal_end - 1, id_version_end - 1, id_shard_end - 1, id_slot_end - 1};

/// Few bits or many, so that neighbours and ties are common.
template <class Number>
Number any_below(Number first, Number end) {
  const Number small = end < 4 ? end : static_cast<Number>(4);
  return *rc::gen::oneOf(rc::gen::inRange<Number>(first, small),
                         rc::gen::resize(100, rc::gen::inRange<Number>(first, end)));
}

EntityRef any_ref() {
  EntityRef ref;
  ref.stream_ordinal = any_below<std::uint64_t>(1, id_ordinal_end);
  ref.stream_version = any_below<std::uint64_t>(1, id_version_end);
  ref.shard = any_below<std::uint16_t>(0, id_shard_end);
  ref.slot = any_below<std::uint16_t>(0, id_slot_end);
  return ref;
}

TEST_CASE("an entity's id is its prefix and twenty characters") {
  CHECK(format_id("cr", sample) == "cr_0000000001000000020z");
  CHECK(format_id("sub", {1, 1, 0, 0}) == "sub_00000000010000000100");
  CHECK(format_id("inv", largest) == "inv_zzzzzzzzzzzzzzzzzzzz");
  CHECK(format_id("cr", {32, 1, 33, 0}) == "cr_11000000100000000100");
  std::string out = "to ";
  append_id(out, "cr", sample);
  CHECK(out == "to cr_0000000001000000020z");
}

TEST_CASE("an id is read back") {
  CHECK(parse_id("cr", "cr_0000000001000000020z") == sample);
  CHECK(parse_id("inv", "inv_zzzzzzzzzzzzzzzzzzzz") == largest);
}

TEST_CASE("any other text is not an id") {
  for (const std::string_view text : {"",
                                      "cr",
                                      "cr_",
                                      "cr_0000000001000000020",
                                      "cr_0000000001000000020z0",
                                      "cr-0000000001000000020z",
                                      "CR_0000000001000000020z",
                                      "cn_0000000001000000020z",
                                      "cr_0000000001000000020Z",
                                      "cr_000000000100000002iz",
                                      "cr_000000000100000002lz",
                                      "cr_000000000100000002oz",
                                      "cr_000000000100000002uz",
                                      "cr_0000000001 00000020z",
                                      "cr_0000000000000000020z",
                                      "cr_0000000001000000000z",
                                      "crx0000000001000000020z",
                                      " cr_000000001000000020z",
                                      "cr_00000000010000000\xc3\xa9z",
                                      "cr_dry_1",
                                      "0000000001000000020z"}) {
    CHECK_MESSAGE(parse_id("cr", text) == std::nullopt, text);
  }
}

TEST_CASE("none has no id, nor has what does not fit") {
  CHECK(EntityRef{}.is_none());
  CHECK_FALSE(sample.is_none());
  CHECK(test::is_a_bug([] { format_id("cr", EntityRef{}); }));
  CHECK(test::is_a_bug([] { format_id("cr", {0, 1, 0, 0}); }));
  CHECK(test::is_a_bug([] { format_id("cr", {id_ordinal_end, 1, 0, 0}); }));
  CHECK(test::is_a_bug([] { format_id("cr", {1, id_version_end, 0, 0}); }));
  CHECK(test::is_a_bug([] { format_id("cr", {1, 1, id_shard_end, 0}); }));
  CHECK(test::is_a_bug([] { format_id("cr", {1, 1, 0, id_slot_end}); }));
}

TEST_CASE("the laws of ids") {
  test::always("an id is read back as what was written", [] {
    const EntityRef ref = any_ref();
    RC_ASSERT(parse_id("cr", format_id("cr", ref)) == ref);
  });
  test::always("ids sort as shard, ordinal, version and slot", [] {
    const EntityRef a = any_ref(), b = any_ref();
    RC_ASSERT((format_id("cr", a) <=> format_id("cr", b)) == (a <=> b));
  });
  test::always("whatever is read is written as the same text", [] {
    const auto letter = rc::gen::elementOf(std::string("0123456789abcdefghjkmnpqrstvwxyziloAZ_"));
    const std::string text = "cr_" + *rc::gen::container<std::string>(20, letter);
    const auto ref = parse_id("cr", text);
    RC_ASSERT((!ref || format_id("cr", *ref) == text));
  });
  test::always("events' ids sort by shard and position and are read back", [] {
    const LogRef a{any_below<std::uint16_t>(0, id_shard_end), any_below<std::uint64_t>(1, id_position_end)};
    const LogRef b{any_below<std::uint16_t>(0, id_shard_end), any_below<std::uint64_t>(1, id_position_end)};
    RC_ASSERT((format_event_id(a.shard, a.position) <=> format_event_id(b.shard, b.position)) == (a <=> b));
    RC_ASSERT(parse_event_id(format_event_id(a.shard, a.position)) == a);
    RC_ASSERT(parse_command_id(format_command_id(a.shard, a.position)) == a);
  });
}

TEST_CASE("entities are ordered by shard first") {
  CHECK(EntityRef{9, 9, 0, 9} < EntityRef{1, 1, 1, 0});
  CHECK(EntityRef{1, 9, 0, 9} < EntityRef{2, 1, 0, 0});
  CHECK(EntityRef{1, 1, 0, 9} < EntityRef{1, 2, 0, 0});
  CHECK(EntityRef{1, 1, 0, 1} < EntityRef{1, 1, 0, 2});
}

TEST_CASE("events and commands are named by shard and position") {
  CHECK(format_event_id(0, 1) == "evt_000000000001");
  CHECK(format_event_id(1, 32) == "evt_010000000010");
  CHECK(format_event_id(id_shard_end - 1, id_position_end - 1) == "evt_zzzzzzzzzzzz");
  CHECK(format_command_id(0, 42) == "cmd_00000000001a");
  CHECK(parse_event_id("evt_00000000001a") == LogRef{0, 42});
  CHECK(parse_command_id("cmd_00000000001a") == LogRef{0, 42});
  for (const std::string_view text : {"", "evt_", "evt_000000000000", "evt_00000000001", "evt_0000000000001",
                                      "cmd_000000000001", "evt-000000000001", "evt_00000000000A", "evt_00000000000u"}) {
    CHECK_MESSAGE(parse_event_id(text) == std::nullopt, text);
  }
  CHECK(parse_command_id("evt_000000000001") == std::nullopt);
  CHECK(test::is_a_bug([] { format_event_id(0, 0); }));
  CHECK(test::is_a_bug([] { format_event_id(0, id_position_end); }));
  CHECK(test::is_a_bug([] { format_event_id(id_shard_end, 1); }));
}

}  // namespace
}  // namespace daybook
