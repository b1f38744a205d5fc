#include "eventstore/envelope_view.h"

#include <doctest/doctest.h>

#include "tests/eventstore/envelope_builder.h"

using namespace daybook;
using daybook::test::build_envelope;
using daybook::test::EnvelopeFields;

TEST_CASE("the view has what the store reads of an envelope") {
  EnvelopeFields fields;
  fields.shard = 3;
  fields.position = 42;
  fields.stream = "default/acme";
  fields.stream_ordinal = 7;
  fields.stream_version = 9;
  fields.idempotency_key = "order-1";
  fields.fingerprint = std::string("\0\1\2\3", 4);
  fields.command_index = 1;
  fields.command_size = 2;
  const auto envelope = build_envelope(fields);
  REQUIRE(verify_envelope(envelope));
  const auto view = view_envelope(envelope);
  CHECK(view.format == 1);
  CHECK(view.shard == 3);
  CHECK(view.position == 42);
  CHECK(view.stream == "default/acme");
  CHECK(view.stream_ordinal == 7);
  CHECK(view.stream_version == 9);
  CHECK(view.recorded_at_us == fields.recorded_at_us);
  CHECK(view.decided_at_us == fields.decided_at_us);
  CHECK(view.principal == "key:key_1");
  CHECK(view.command == "IssueCredit");
  CHECK(view.idempotency_key == "order-1");
  CHECK(view.fingerprint == fields.fingerprint);
  CHECK(view.correlation_id.empty());
  CHECK(view.command_index == 1);
  CHECK(view.command_size == 2);
  CHECK(view.sealing_key == 0);
  CHECK(view.event_type != 0);
}

TEST_CASE("bytes that cannot be read safely do not verify") {
  const auto envelope = build_envelope({});
  CHECK_FALSE(verify_envelope(""));
  CHECK_FALSE(verify_envelope("short"));
  CHECK_FALSE(verify_envelope(std::string(400, '\xff')));
  CHECK_FALSE(verify_envelope(std::string(400, '\0')));
  for (std::size_t size = 0; size < envelope.size(); size += 4) {
    CHECK_FALSE(verify_envelope(std::string_view(envelope).substr(0, size)));
  }
  auto other_identifier = envelope;
  other_identifier.replace(4, 4, "DBK2");
  CHECK_FALSE(verify_envelope(other_identifier));
}

TEST_CASE("an envelope with any byte changed verifies or not, but is always safe to view when it does") {
  const auto envelope = build_envelope({});
  std::size_t viewed = 0;
  for (std::size_t i = 0; i < envelope.size(); ++i) {
    for (const int change : {1, 0x80, 0xff}) {
      auto changed = envelope;
      changed[i] = static_cast<char>(changed[i] ^ change);
      if (!verify_envelope(changed)) continue;
      const auto view = view_envelope(changed);
      viewed += view.stream.size() + view.principal.size() + view.command.size();
    }
  }
  CHECK(viewed > 0);
}
