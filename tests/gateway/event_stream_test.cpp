#include <doctest/doctest.h>

#include <future>
#include <random>
#include <thread>

#include "eventstore/fault.h"
#include "gateway/event_reader.h"
#include "gateway/http_server.h"
#include "tests/gateway/raw_client.h"
#include "tests/gateway/served.h"

namespace daybook::test {
namespace {

constexpr std::string_view everything = "from=1970-01-01T00:00:00Z";

/// The gateway behind a real server.
struct Live : Served {
  explicit Live(Gateway::Options options = dev_options())
      : Served(std::move(options)), http({}, [this](Request request, Responder responder) {
          gateway->handle(std::move(request), std::move(responder));
        }) {
    http.start();
  }
  ~Live() { http.stop(); }

  void open_account(const std::string& id) {
    const Response response = post("/v1/accounts", R"({"id":")" + id + R"(","name":"N","email":"n@e.test"})");
    REQUIRE_MESSAGE(response.status == 201, response.body);
  }
  void allocate(const std::string& account, std::vector<Header> headers = {}) {
    const Response response =
        post("/v1/accounts/" + account + "/unit-credits/allocate", R"({"amount":5})", std::move(headers));
    REQUIRE_MESSAGE(response.status == 201, response.body);
  }
  /// Ids of the matches as the list has them.
  std::vector<std::string> listed(std::string_view query) {
    const std::string body = get("/v1/events?limit=200&" + std::string(query)).body;
    std::vector<std::string> ids;
    for (int i = 0;; ++i) {
      const std::string id = json_at(body, "/data/" + std::to_string(i) + "/id");
      if (id.empty()) return ids;
      ids.push_back(id.substr(1, id.size() - 2));
    }
  }

  HttpServer http;
};

/// One reader of the stream.
class Follower {
 public:
  struct Message {
    std::string id, event, data;
  };

  Follower(const Live& live, std::string_view query, std::string_view more = {}, std::string_view key = "dbk_dev")
      : client_(live.http.port()) {
    std::string headers = "Authorization: Bearer " + std::string(key) + "\r\n" + std::string(more);
    client_.send(daybook::test::get("/v1/events/stream?" + std::string(query), headers));
    response = client_.read_response();
  }

  /// The next message, with data or without; nothing at the end of the stream.
  std::optional<Message> next() {
    std::size_t end = text_.find("\n\n");
    while (end == std::string::npos) {
      const std::string chunk = client_.read_chunk();
      if (chunk.empty()) return std::nullopt;
      text_ += chunk;
      end = text_.find("\n\n");
    }
    Message message;
    for (std::size_t at = 0; at < end;) {
      const std::size_t line_end = text_.find('\n', at);
      const std::string line = text_.substr(at, line_end - at);
      if (line.starts_with("id: ")) message.id = line.substr(4);
      if (line.starts_with("event: ")) message.event = line.substr(7);
      if (line.starts_with("data: ")) message.data = line.substr(6);
      at = line_end + 1;
    }
    text_.erase(0, end + 2);
    if (!message.id.empty()) last_id = message.id;
    return message;
  }
  /// The next event; its id must be the one that its data have.
  std::string next_event() {
    for (auto message = next(); message; message = next()) {
      if (message->data.empty()) continue;
      CHECK(json_at(message->data, "/id") == '"' + message->id + '"');
      type = json_at(message->data, "/type");
      data = message->data;
      return message->id;
    }
    return {};
  }

  RawResponse response;
  std::string last_id, type, data;

 private:
  RawClient client_;
  std::string text_;
};

std::string id_at(Position position) {
  return format_event_id(0, position);
}

Gateway::Options with_heartbeat(std::uint32_t heartbeat_ms) {
  Gateway::Options options = Served::dev_options();
  options.event_stream_heartbeat_ms = heartbeat_ms;
  return options;
}

}  // namespace

TEST_CASE_FIXTURE(Live, "events are followed as they are committed, from the moment of the request on") {
  open_account("a");
  Follower follower(*this, "");
  CHECK(follower.response.status == 200);
  CHECK(follower.response.header("content-type") == "text/event-stream");
  CHECK(follower.response.header("cache-control") == "no-store");
  CHECK(follower.response.has("request-id"));
  const auto first = follower.next();
  CHECK(first->id == id_at(1));
  CHECK(first->data.empty());
  allocate("a");
  allocate("a");
  CHECK(follower.next_event() == id_at(2));
  CHECK(follower.type == "\"UnitCreditsAllocated\"");
  CHECK(json_at(follower.data, "/data/amount") == "5");
  CHECK(follower.next_event() == id_at(3));
}

TEST_CASE_FIXTURE(Live, "a stream of an empty log has no cursor until there is an event") {
  Follower follower(*this, "");
  CHECK(follower.next()->id.empty());
  open_account("a");
  CHECK(follower.next_event() == id_at(1));
}

TEST_CASE_FIXTURE(Live,
                  "readers that come back with Last-Event-ID lose nothing and get nothing twice while writes go on") {
  open_account("a");
  constexpr Position events = 400;
  std::jthread writer([this] {
    for (Position i = 1; i < events; ++i) allocate("a");
  });
  std::mt19937 random(7);
  std::string last;
  Position expected = 1;
  while (expected <= events) {
    const std::string header = last.empty() ? "" : "Last-Event-ID: " + last + "\r\n";
    Follower follower(*this, everything, header);
    REQUIRE(follower.response.status == 200);
    for (auto count = random() % 40; count > 0 && expected <= events; --count) {
      REQUIRE(follower.next_event() == id_at(expected));
      ++expected;
    }
    last = follower.last_id;
  }
}

TEST_CASE_FIXTURE(Live, "history comes first, from a time or after an event, and then what is new") {
  open_account("a");
  for (int i = 0; i < 5; ++i) allocate("a");
  clock.now_us += 1'000'000;
  const std::string from = "from=" + format_rfc3339(clock.now());
  Follower of_all(*this, everything), after(*this, "starting_after=" + id_at(4)), since(*this, from);
  Follower header_wins(*this, "starting_after=" + id_at(1), "Last-Event-ID: " + id_at(5) + "\r\n");
  allocate("a");
  for (Position at = 1; at <= 7; ++at) CHECK(of_all.next_event() == id_at(at));
  for (Position at = 5; at <= 7; ++at) CHECK(after.next_event() == id_at(at));
  for (Position at = 6; at <= 7; ++at) CHECK(header_wins.next_event() == id_at(at));
  CHECK(since.next_event() == id_at(7));
}

TEST_CASE_FIXTURE(Live, "a stream has the matches that the list has, and what matches later") {
  open_account("a");
  open_account("b");
  const std::string key = make_key(R"("role":"super_admin")");
  const std::vector<Header> other{{"authorization", "Bearer " + key}, {"request-id", "req-of-test"}};
  for (int i = 0; i < 3; ++i) {
    allocate("a");
    allocate("b", other);
    const Response credit =
        post("/v1/credits", R"({"account_id":"b","amount":1,"currency":"USD","type":"goodwill","reason":"r"})", other);
    REQUIRE_MESSAGE(credit.status == 201, credit.body);
  }
  const std::string actor = json_at(get("/v1/events?type=CreditIssued").body, "/data/0/actor/principal");
  for (const std::string& query :
       {std::string("account_id=b"), std::string("type=UnitCreditsAllocated"),
        std::string("correlation_id=req-of-test"), "actor=" + actor.substr(1, actor.size() - 2),
        std::string("account_id=b&type=UnitCreditsAllocated"), std::string("type=NoSuchEvent")}) {
    CAPTURE(query);
    const auto expected = listed(query);
    CHECK(expected.empty() == (query == "type=NoSuchEvent"));
    Follower follower(*this, query + "&" + std::string(everything));
    for (const std::string& id : expected) CHECK(follower.next_event() == id);
    if (expected.empty()) continue;
    allocate("a");
    allocate("b", other);
    CHECK(follower.next_event() == listed(query)[expected.size()]);
  }
}

TEST_CASE("a heartbeat moves the cursor on over events that do not match") {
  Live live(with_heartbeat(10));
  live.open_account("a");
  Follower follower(live, "type=CreditIssued");
  live.allocate("a");
  while (follower.last_id != id_at(2)) CHECK(follower.next()->data.empty());
}

TEST_CASE_FIXTURE(Live, "within one account a stream has that account's events only") {
  open_account("a");
  open_account("b");
  const std::string key = make_key(R"("role":"api_key","account_id":"a","scopes":["events:read"])");
  Follower follower(*this, everything, {}, key);
  allocate("b");
  allocate("a");
  CHECK(follower.next_event() == id_at(1));
  follower.next_event();
  CHECK(json_at(follower.data, "/stream") == "\"default/a\"");
  CHECK(Follower(*this, "account_id=b", {}, key).response.status == 404);
  CHECK(Follower(*this, "", {}, make_key(R"("role":"finance_viewer")")).response.status == 403);
  CHECK(Follower(*this, "", {}, "dbk_none").response.status == 401);
}

TEST_CASE_FIXTURE(Live, "an auditor follows everything, with personal data masked") {
  Follower follower(*this, "type=AccountOpened", {}, make_key(R"("role":"auditor")"));
  open_account("a");
  follower.next_event();
  CHECK(json_at(follower.data, "/data/email") == R"({"sealed":true})");
}

TEST_CASE_FIXTURE(Live, "a stream shows nothing of another book") {
  Follower follower(*this, everything);
  Work work;
  OpenAccount command;
  command.account_id = "elsewhere";
  command.name.clear = "N";
  command.email.clear = "n@e.test";
  work.command = command;
  work.context.principal.book = "other";
  work.context.principal.name = "key:other";
  work.context.principal.role = Role::super_admin;
  std::promise<bool> accepted;
  work.done = [&](Answer answer) { accepted.set_value(answer.accepted()); };
  REQUIRE(engine->submit(std::move(work)));
  REQUIRE(accepted.get_future().get());
  open_account("a");
  CHECK(follower.next_event() == id_at(2));
}

TEST_CASE_FIXTURE(Live, "a cursor that is none, of another log or malformed, is refused by its name") {
  open_account("a");
  struct Row {
    std::string query, header;
    int status;
    std::string_view pointer;
  };
  const Row rows[] = {{"starting_after=1", "", 422, "?starting_after"},
                      {"starting_after=" + id_at(2), "", 422, "?starting_after"},
                      {"starting_after=" + format_event_id(1, 1), "", 422, "?starting_after"},
                      {"", "Last-Event-ID: 0:1\r\n", 422, "Last-Event-ID"},
                      {"", "Last-Event-ID: " + id_at(2) + "\r\n", 422, "Last-Event-ID"},
                      {"", "Last-Event-ID: " + format_event_id(1, 1) + "\r\n", 422, "Last-Event-ID"},
                      {"from=now", "", 422, "?from"},
                      {"account_id=~book", "", 422, "?account_id"},
                      {"limit=10", "", 400, "?limit"},
                      {"to=2030-01-01T00:00:00Z", "", 400, "?to"}};
  for (const Row& row : rows) {
    CAPTURE(row.query);
    CAPTURE(row.header);
    const Follower follower(*this, row.query, row.header);
    CHECK(follower.response.status == row.status);
    CHECK(json_at(follower.response.body, "/errors/0/pointer") == '"' + std::string(row.pointer) + '"');
  }
  CHECK(Follower(*this, "starting_after=" + id_at(1)).response.status == 200);  // the head itself is no fault
}

TEST_CASE("one stream more than there may be is 503, and a reader who leaves makes room") {
  Gateway::Options options = Served::dev_options();
  options.event_streams_max = 2;
  Live live(options);
  Follower first(live, "");
  auto second = std::make_unique<Follower>(live, "");
  CHECK(second->response.status == 200);
  const Follower third(live, "");
  CHECK(third.response.status == 503);
  CHECK(third.response.has("retry-after"));
  second.reset();
  int status = 503;
  for (int attempt = 0; attempt < 10'000 && status == 503; ++attempt) status = Follower(live, "").response.status;
  CHECK(status == 200);
}

TEST_CASE("a key that is revoked ends its streams") {
  Live live(with_heartbeat(10));
  const Response made = live.post("/v1/api-keys", R"({"name":"n","role":"auditor"})");
  const std::string id = json_at(made.body, "/id"), secret = json_at(made.body, "/secret");
  Follower follower(live, everything, {}, secret.substr(1, secret.size() - 2));
  CHECK(follower.next_event() == id_at(1));
  CHECK(live.call(Method::del, "/v1/api-keys/" + id.substr(1, id.size() - 2)).status == 200);
  while (const auto message = follower.next()) CHECK(message->data.find("ApiKeyRevoked") == std::string::npos);
}

TEST_CASE_FIXTURE(Live, "a stopping server ends the streams, and the next one goes on where they were") {
  open_account("a");
  Follower follower(*this, everything);
  CHECK(follower.next_event() == id_at(1));
  http.stop();
  CHECK(follower.next_event().empty());
  CHECK(follower.last_id == id_at(1));
}

TEST_CASE("the message about a damaged event names its position") {
  std::string piece;
  append_problem_message(piece, CorruptLog(0, 42, "damaged"));
  CHECK(piece == "event: problem\ndata: {\"code\":\"event_corrupt\",\"position\":\"0:42\"}\n\n");
}

}  // namespace daybook::test
