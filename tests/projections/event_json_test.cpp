#include "projections/event_json.h"

#include <doctest/doctest.h>
#include <flatbuffers/idl.h>
#include <simdjson.h>

#include <limits>
#include <map>
#include <stdexcept>

#include "schemas/envelope_bfbs.h"
#include "schemas/envelope_generated.h"
#include "tests/projections/event_samples.h"

namespace daybook::test {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;

constexpr std::uint32_t usd = 'U' << 16 | 'S' << 8 | 'D';
constexpr std::int64_t never_us = std::numeric_limits<std::int64_t>::max();

constexpr std::uint8_t number_of(schema::Event event) {
  return static_cast<std::uint8_t>(event);
}

std::string data_of(std::string_view envelope, const Unseal* unseal = nullptr) {
  static const EventRenderer renderer;
  std::string out;
  renderer.append_data(out, envelope, unseal);
  return out;
}

flatbuffers::Offset<schema::Sealed> seal(Builder& builder, std::string_view bytes) {
  const std::vector<std::uint8_t> text(bytes.begin(), bytes.end());
  const std::vector<std::uint8_t> nonce{1, 2, 3};
  return schema::CreateSealedDirect(builder, 7, &nonce, &text);
}

std::string credit_envelope() {
  return envelope_of(number_of(schema::Event::CreditIssued), [](Builder& builder) {
    const schema::EntityRef credit(1, 3, 0, 0);
    const schema::Money amount(5000, usd);
    const schema::Instant effective_at(0);
    const schema::Instant expires_at(never_us);
    const std::vector<flatbuffers::Offset<schema::Posting>> postings{
        schema::CreatePosting(builder, 4100, schema::Side::debit, &amount),
        schema::CreatePosting(builder, 2100, schema::Side::credit, &amount)};
    return schema::CreateCreditIssuedDirect(builder, &credit, "acme", &amount, schema::CreditType::promotion,
                                            seal(builder, "sorry"), -1, &effective_at, &expires_at,
                                            seal(builder, "{\"ticket\": 12}"), &postings)
        .o;
  });
}

TEST_CASE("an amount brings its currency once, never is null, and each posting shows its own") {
  const Unseal gone = [](auto, auto, auto, auto, auto) { return std::nullopt; };
  CHECK(data_of(credit_envelope(), &gone) ==
        R"({"credit":"cr_00000000010000000300","account_id":"acme","amount":5000,"currency":"USD","type":"promotion",)"
        R"("reason":{"sealed":true},"priority":-1,"effective_at":"1970-01-01T00:00:00Z","expires_at":null,)"
        R"("metadata":{"sealed":true},"postings":[{"account":4100,"side":"debit","amount":5000,"currency":"USD"},)"
        R"({"account":2100,"side":"credit","amount":5000,"currency":"USD"}]})");
}

TEST_CASE("a sealed member shows its bytes, its clear text or that it is sealed") {
  const std::string sealed = data_of(credit_envelope());
  CHECK(sealed.find(R"("reason":{"sealed":true,"key_id":7,"nonce":"AQID","bytes":"c29ycnk="})") != sealed.npos);

  const Unseal open = [](std::uint64_t key_id, std::string_view nonce, std::string_view bytes, std::string_view stream,
                         std::string_view field) {
    CHECK(key_id == 7);
    CHECK(nonce == "\x01\x02\x03");
    CHECK(stream == "default/acme");
    CHECK((field == "reason" || field == "metadata"));
    return std::optional(std::string(bytes));
  };
  const std::string clear = data_of(credit_envelope(), &open);
  CHECK(clear.find(R"("reason":"sorry")") != clear.npos);
  CHECK(clear.find(R"("metadata":{"ticket":12})") != clear.npos);
}

TEST_CASE("clear text that should be JSON and is not becomes a string") {
  const Unseal broken = [](auto, auto, auto, auto, auto) { return std::optional<std::string>("{\"a\":\n\xFF"); };
  const std::string json = data_of(credit_envelope(), &broken);
  CHECK(json.find("\"metadata\":\"{\\\"a\\\":\\n\xEF\xBF\xBD\"") != json.npos);
}

TEST_CASE("the field that unseals a nested member is its own name") {
  std::map<std::string, int> fields;
  const Unseal note = [&](auto, auto, auto, auto, std::string_view field) {
    ++fields[std::string(field)];
    return std::optional<std::string>("x");
  };
  data_of(full_envelope(number_of(schema::Event::AccountOpened)), &note);
  const std::map<std::string, int> opened{{"billing_email", 1}, {"city", 1},  {"company", 1},  {"email", 1},
                                          {"line1", 1},         {"line2", 1}, {"metadata", 1}, {"name", 1},
                                          {"tax_id", 1},        {"vat_id", 1}};
  CHECK(fields == opened);
  fields.clear();
  data_of(full_envelope(number_of(schema::Event::AccountDetailsChanged)), &note);
  CHECK(fields.size() == opened.size());
  CHECK(fields["name"] == 2);
}

TEST_CASE("details that did not change are left out, and cleared ones are empty") {
  const std::string envelope = envelope_of(number_of(schema::Event::AccountDetailsChanged), [](Builder& builder) {
    const auto before = schema::CreateAccountDetailsDirect(builder, 0, 0, 0, 0, "Europe/Paris", nullptr, nullptr);
    schema::AccountDetailsBuilder details(builder);
    details.add_tax_exempt(false);
    const auto after = details.Finish();
    return schema::CreateAccountDetailsChangedDirect(builder, nullptr, before, after).o;
  });
  CHECK(data_of(envelope) == R"({"changed":[],"before":{"time_zone":"Europe/Paris"},"after":{"tax_exempt":false}})");
}

TEST_CASE("a draw names a grant of its topic's kind, and none is null") {
  const auto draws = [](Builder& builder) {
    const std::vector<schema::Draw> taken{{schema::EntityRef(1, 3, 0, 1), 10}, {schema::EntityRef(), -4}};
    return schema::CreateUnitCreditsDeductedDirect(builder, "acme", "tokens", 6, &taken).o;
  };
  CHECK(data_of(envelope_of(number_of(schema::Event::UnitCreditsDeducted), draws)) ==
        R"({"account_id":"acme","unit":"tokens","amount":6,"draws":[{"grant":"ug_00000000010000000301","amount":10},)"
        R"({"grant":null,"amount":-4}],"reference":null,"reason":null})");
}

TEST_CASE("a command without an id of its own is named by its first event") {
  const EventRenderer renderer;
  Builder builder;
  const auto payload = schema::CreateApiKeyRevoked(builder).Union();
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_position(33);
  envelope.add_command_index(1);
  envelope.add_command_size(2);
  envelope.add_event_type(schema::Event::ApiKeyRevoked);
  envelope.add_event(payload);
  schema::FinishEnvelopeBuffer(builder, envelope.Finish());
  std::string out;
  renderer.append_event(out, {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
  CHECK(out.find(R"("id":"evt_000000000011")") != out.npos);
  CHECK(out.find(R"("command_id":"cmd_000000000010")") != out.npos);
}

TEST_CASE("numbers that no id, calendar or currency knows are null") {
  const std::string envelope = envelope_of(number_of(schema::Event::CreditConsumed), [](Builder& builder) {
    const schema::EntityRef credit(~std::uint64_t{0}, 3, 0xFFFF, 0xFFFF);
    const schema::Money amount(1, 0x222222);
    return schema::CreateCreditConsumedDirect(builder, &credit, "\xFF\"", &amount).o;
  });
  CHECK(data_of(envelope) ==
        "{\"credit\":null,\"account_id\":\"\xEF\xBF\xBD\\\"\",\"amount\":1,\"currency\":null,"
        "\"reason\":null,\"reference\":null,\"postings\":[]}");
}

TEST_CASE("an event of a newer release is unknown and has no data") {
  const EventRenderer renderer;
  const std::string envelope = empty_envelope(250);
  REQUIRE(verifies(envelope));
  std::string out;
  renderer.append_event(out, envelope);
  CHECK(out.find(R"("type":"unknown")") != out.npos);
  CHECK(out.ends_with(R"("data":null})"));
  CHECK(renderer.type_name(envelope) == "unknown");
  CHECK(renderer.topic(envelope).empty());
  CHECK(data_of(empty_envelope(0)) == "null");
}

TEST_CASE("events are listed in order, each with its topic") {
  const EventRenderer renderer;
  const auto types = renderer.event_types();
  REQUIRE(types.size() == static_cast<std::size_t>(schema::Event::MAX));
  for (std::size_t i = 0; i < types.size(); ++i) {
    CHECK(types[i] == schema::EnumNamesEvent()[i + 1]);
    CHECK_FALSE(renderer.topic_of(types[i]).empty());
    CHECK(renderer.topic(empty_envelope(static_cast<std::uint8_t>(i + 1))) == renderer.topic_of(types[i]));
  }
  CHECK(renderer.topic_of("CreditIssued") == "credits");
  CHECK(renderer.topic_of("AccountOpened") == "accounts");
  CHECK(renderer.topic_of("NONE").empty());
  CHECK(renderer.topic_of("").empty());
}

/// The binary schema of an envelope whose union's first member is the table `Thing`.
std::string schema_with(const std::string& thing) {
  const std::string text = R"(
    attribute "topic"; attribute "decimal"; attribute "sparse"; attribute "prefix"; attribute "purpose";
    namespace daybook.schema;
    struct Instant { us:int64; }
    struct Money { minor:int64; currency:uint32; }
    enum Color : int8 { red = 1, dark_blue = 2 })" +
                           thing + R"(
    union Event { Thing }
    table Envelope { event:Event; }
    root_type Envelope;)";
  flatbuffers::IDLOptions options;
  options.binary_schema_builtins = true;
  flatbuffers::Parser parser(options);
  REQUIRE_MESSAGE(parser.Parse(text.c_str()), parser.error_);
  parser.Serialize();
  return {reinterpret_cast<const char*>(parser.builder_.GetBufferPointer()), parser.builder_.GetSize()};
}

std::string data_by(const std::string& schema, std::string_view envelope) {
  std::string out;
  EventRenderer(schema).append_data(out, envelope);
  return out;
}

TEST_CASE("a payload written before a field was added shows it as absent") {
  const std::string older = "table Thing (topic: \"t\") { a:string; }";
  const std::string newer =
      "table Part (sparse) { x:string; } table Thing (topic: \"t\") { a:string; b:string; count:int32 = 5; "
      "color:Color = dark_blue; maybe:bool = null; parts:[Part]; at:Instant; price:Money; tags:[string]; }";
  const std::string envelope = envelope_of(1, [](Builder& builder) {
    const auto a = builder.CreateString("old");
    const auto start = builder.StartTable();
    builder.AddOffset(4, a);
    return builder.EndTable(start);
  });
  CHECK(data_by(schema_with(older), envelope) == R"({"a":"old"})");
  CHECK(data_by(schema_with("table Thing (topic: \"t\") { a:string; b:string (sparse); c:string; }"), envelope) ==
        R"({"a":"old","c":null})");
  CHECK(data_by(schema_with(newer), envelope) ==
        R"({"a":"old","b":null,"count":5,"color":"dark_blue","maybe":null,"parts":[],"at":null,)"
        R"("price":null,"currency":null,"tags":[]})");
}

TEST_CASE("a payload written after a field was added is read by the older schema") {
  const std::string envelope = full_envelope(1);
  CHECK(data_by(schema_with("table Thing (topic: \"t\") { account_id:string; }"), envelope) ==
        "{\"account_id\":\"account_id \\\"1\\\" \xC3\xA9\\n\"}");
}

TEST_CASE("decimals, unnamed enum members and every width of number have their form") {
  const std::string schema = schema_with(
      "table Thing (topic: \"t\") { price:int64 (decimal: \"6\"); color:Color = red; tiny:int8; large:uint64; "
      "colors:[Color]; numbers:[int16]; }");
  const std::string envelope = envelope_of(1, [](Builder& builder) {
    const auto colors = builder.CreateVector(std::vector<std::int8_t>{1, 2, 77, -1});
    const auto numbers = builder.CreateVector(std::vector<std::int16_t>{-32768, 3});
    const auto start = builder.StartTable();
    builder.AddElement<std::int64_t>(4, -1'250'000);
    builder.AddElement<std::int8_t>(6, 99);
    builder.AddElement<std::int8_t>(8, -128);
    builder.AddElement<std::uint64_t>(10, ~std::uint64_t{0});
    builder.AddOffset(12, colors);
    builder.AddOffset(14, numbers);
    return builder.EndTable(start);
  });
  CHECK(data_by(schema, envelope) == R"({"price":"-1.25","color":"unknown","tiny":-128,"large":18446744073709551615,)"
                                     R"("colors":["red","dark_blue","unknown","unknown"],"numbers":[-32768,3]})");
}

TEST_CASE("the amounts of a table share one currency, which an absent first amount does not hide") {
  const std::string fields = "{ net:Money; tax:Money; }";
  const std::string envelope = envelope_of(1, [](Builder& builder) {
    const schema::Money tax(19, usd);
    const auto start = builder.StartTable();
    builder.AddStruct(6, &tax);
    return builder.EndTable(start);
  });
  CHECK(data_by(schema_with("table Thing (topic: \"t\") " + fields), envelope) ==
        R"({"net":null,"currency":"USD","tax":19})");
  CHECK(data_by(schema_with("table Thing (topic: \"t\", sparse) " + fields), envelope) ==
        R"({"tax":19,"currency":"USD"})");
}

TEST_CASE("a schema that has no JSON form is refused with the field's name") {
  const std::pair<std::string, std::string> rows[] = {
      {"table Thing (topic: \"t\") { rate:double; }", "daybook.schema.Thing.rate"},
      {"struct Point { x:int32; } table Thing (topic: \"t\") { at:Point; }", "daybook.schema.Thing.at"},
      {"table Thing (topic: \"t\") { many:[Money]; }", "daybook.schema.Thing.many"},
      {"enum Negative : int8 { below = -1, zero = 0 } table Thing (topic: \"t\") { sign:Negative; }",
       "daybook.schema.Negative"},
      {"table Thing (topic: \"t\") { price:int32 (decimal: \"2\"); }", "daybook.schema.Thing.price"},
      {"table Thing (topic: \"t\") { price:int64 (decimal: \"19\"); }", "daybook.schema.Thing.price"},
      {"table Thing { a:string; }", "Thing"},
  };
  for (const auto& [thing, where] : rows) {
    std::string what;
    try {
      EventRenderer renderer(schema_with(thing));
    } catch (const std::logic_error& error) {
      what = error.what();
    }
    CHECK_MESSAGE(what.find(where) != what.npos, thing, ": ", what);
  }
}

TEST_CASE("a broken binary schema is refused") {
  CHECK_THROWS_AS(EventRenderer(""), std::logic_error);
  CHECK_THROWS_AS(EventRenderer(std::string(64, '\x7f')), std::logic_error);
  const std::string cut(envelope_bfbs().substr(0, envelope_bfbs().size() / 2));
  CHECK_THROWS_AS(EventRenderer{cut}, std::logic_error);
}

TEST_CASE("whatever an event holds, its JSON parses and is one line") {
  const std::uint64_t seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  const EventRenderer renderer;
  const auto events = static_cast<std::uint64_t>(schema::Event::MAX);
  const Unseal unseal = [&](auto, auto, std::string_view bytes, auto, auto) -> std::optional<std::string> {
    if (random() % 3 == 0) return std::nullopt;
    if (random() % 2 == 0) return "{ \"a\" : [ 1 ,\n 2 ] }";
    return std::string(bytes);
  };
  simdjson::dom::parser parser;
  std::string out;
  for (int round = 0; round < 10'000; ++round) {
    const auto number = static_cast<std::uint8_t>(random() % events + 1);
    const std::string envelope = random_envelope(number, random);
    REQUIRE(verifies(envelope));
    out.clear();
    renderer.append_event(out, envelope, random() % 2 == 0 ? &unseal : nullptr);
    simdjson::dom::object object;
    const auto failure = parser.parse(out).get(object);
    REQUIRE_MESSAGE(failure == simdjson::SUCCESS, out);
    REQUIRE(object["data"].is_object());
    REQUIRE(simdjson::minify(object["type"]) == '"' + std::string(renderer.type_name(envelope)) + '"');
    REQUIRE(out.find('\n') == out.npos);
  }
}

}  // namespace
}  // namespace daybook::test
