#include "gateway/http_server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/gateway/raw_client.h"

using namespace daybook;
using namespace std::string_literals;
using daybook::test::get;
using daybook::test::post;
using daybook::test::RawClient;
using daybook::test::RawResponse;

namespace {

/// Answers at once with what it was asked.
void echo(Request request, Responder responder) {
  std::string body = request.method_text + " " + request.path + " " + request.body;
  responder.send({.content_type = "text/plain", .headers = {{"X-Echo", "yes"}}, .body = std::move(body)});
}

/// A handler that keeps the Responders until the test lets them go.
class Waiting {
 public:
  Handler handler() {
    return [this](Request, Responder responder) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(responder));
      arrived_.notify_all();
    };
  }
  /// Waits for a request.
  Responder take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !kept_.empty(); });
    Responder first = std::move(kept_.front());
    kept_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Responder> kept_;
};

HttpServerOptions small() {
  return {.body_bytes_max = 100, .header_bytes_max = 1000, .drain_timeout_ms = 5000};
}

class Server {
 public:
  explicit Server(Handler handler, HttpServerOptions options = small())
      : server_(std::move(options), std::move(handler)) {
    server_.start();
  }
  HttpServer* operator->() { return &server_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  HttpServer server_;
};

void check_problem(const RawResponse& response, int status, const std::string& code) {
  CHECK(response.status == status);
  CHECK(response.header("content-type") == "application/problem+json");
  CHECK(response.header("connection") == "close");
  CHECK(response.body.find("\"code\":\"" + code + "\"") != std::string::npos);
  CHECK(response.body.find("\"status\":" + std::to_string(status)) != std::string::npos);
  CHECK(response.body.find("\"request_id\":\"" + response.header("request-id") + "\"") != std::string::npos);
}

/// Sends `bytes` on a connection of its own and expects a refusal that ends it.
void check_refused(Server& server, std::string_view bytes, int status, const std::string& code) {
  CAPTURE(bytes.substr(0, 200));
  RawClient client(server.port());
  client.send(bytes);
  check_problem(client.read_response(), status, code);
  CHECK(client.read_to_end().empty());
}

}  // namespace

TEST_CASE("requests on one connection are answered one after the other") {
  Server server(echo);
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const RawResponse response = client.ask(post("/a%20b?c=d", "body"));
    CHECK(response.status == 200);
    CHECK(response.body == "POST /a b body");
    CHECK(response.header("content-type") == "text/plain");
    CHECK(response.header("x-echo") == "yes");
    CHECK(response.header("date").size() == 29);
    CHECK_FALSE(response.has("connection"));
  }
  CHECK(server->connections() == 1);
}

TEST_CASE("pipelined requests are answered in order, also when answered later") {
  Waiting waiting;
  Server server(waiting.handler());
  RawClient client(server.port());
  client.send(get("/1") + get("/2") + get("/3"));
  for (const char* body : {"one", "two", "three"}) waiting.take().send({.body = body});
  for (const char* body : {"one", "two", "three"}) CHECK(client.read_response().body == body);
}

TEST_CASE("a thousand pipelined requests are answered") {
  Server server(echo);
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 1000; ++i) all += get("/" + std::to_string(i));
  std::thread sender([&] { client.send(all); });
  for (int i = 0; i < 1000; ++i) CHECK(client.read_response().body == "GET /" + std::to_string(i) + " ");
  sender.join();
}

TEST_CASE("HEAD has the headers and not the body") {
  Server server(echo);
  RawClient client(server.port());
  client.send("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\n" + get("/y"));
  const RawResponse response = client.read_response(true);
  CHECK(response.status == 200);
  CHECK(response.header("content-length") == "8");
  CHECK(client.read_response().body == "GET /y ");
}

TEST_CASE("204 has neither body nor Content-Length") {
  Server server([](Request, Responder responder) { responder.send({.status = 204}); });
  RawClient client(server.port());
  const RawResponse response = client.ask(get("/"));
  CHECK(response.status == 204);
  CHECK_FALSE(response.has("content-length"));
  CHECK_FALSE(response.has("content-type"));
  CHECK(client.ask(get("/")).status == 204);
}

TEST_CASE("a chunked body is put together") {
  Server server(echo);
  RawClient client(server.port());
  const RawResponse response = client.ask(
      "POST /c HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n");
  CHECK(response.body == "POST /c abc0123456789");
}

TEST_CASE("a client that expects 100 Continue gets it, and none if it would be refused anyway") {
  Server server(echo);
  RawClient client(server.port());
  client.send("POST /e HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(client.read_response().status == 100);
  for (const char* piece : {"h", "e", "l", "l"}) {
    client.send(piece);
    CHECK(RawClient(server.port()).ask(get("/")).status == 200);  // so the server has seen the piece
  }
  CHECK(client.ask("o").body == "POST /e hello");  // no second 100 before it
  check_refused(server, "POST /e HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n", 413,
                "payload_too_large");
}

TEST_CASE("HTTP/1.0 closes after the answer unless it asks to keep alive") {
  Server server(echo);
  RawClient once(server.port());
  CHECK(once.ask("GET /a HTTP/1.0\r\n\r\n").header("connection") == "close");
  CHECK(once.read_to_end().empty());
  RawClient again(server.port());
  for (int i = 0; i < 2; ++i) {
    CHECK(again.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection") == "keep-alive");
  }
}

TEST_CASE("Connection: close is obeyed") {
  Server server(echo);
  RawClient client(server.port());
  CHECK(client.ask(get("/", "Connection: close\r\n") + get("/ignored")).header("connection") == "close");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a client that has finished sending still gets its answer") {
  Server server(echo);
  RawClient client(server.port());
  client.send(get("/last"));
  client.finish_sending();
  CHECK(client.read_response().body == "GET /last ");
  CHECK(client.read_to_end().empty());
}

TEST_CASE("the body's limit holds, at the limit and one past, plain and chunked") {
  Server server(echo);
  const std::string full(100, 'x');
  const std::string chunked = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  RawClient client(server.port());
  CHECK(client.ask(post("/", full)).body == "POST / " + full);
  CHECK(client.ask(chunked + "32\r\n" + full.substr(50) + "\r\n32\r\n" + full.substr(50) + "\r\n0\r\n\r\n").body ==
        "POST / " + full);
  check_refused(server, post("/", full + "x"), 413, "payload_too_large");
  check_refused(server, chunked + "32\r\n" + full.substr(50) + "\r\n33\r\n" + full.substr(49) + "\r\n0\r\n\r\n", 413,
                "payload_too_large");
}

TEST_CASE("a client still sending what is refused can read why") {
  Server server(echo);
  const std::string far_too_large = post("/", std::string(900'000, 'x'));
  for (int i = 0; i < 10; ++i) check_refused(server, far_too_large, 413, "payload_too_large");
}

TEST_CASE("large bodies pass both ways") {
  Server server([](Request request, Responder responder) { responder.send({.body = std::move(request.body)}); },
                {.body_bytes_max = 4 << 20});
  std::string large(4 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 7);
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    std::thread sender([&] { client.send(post("/", large)); });
    const RawResponse response = client.read_response();
    sender.join();
    CHECK((response.body == large));
  }
}

TEST_CASE("the header's limit holds, at the limit and one past") {
  Server server(echo);
  const std::string start = "GET / HTTP/1.1\r\nHost: test\r\nX: ";
  const std::string filling(1000 - start.size() - 4, 'x');
  RawClient client(server.port());
  CHECK(client.ask(start + filling + "\r\n\r\n").status == 200);
  check_refused(server, start + filling + "x\r\n\r\n", 431, "headers_too_large");
  check_refused(server, std::string(1000, 'x'), 431, "headers_too_large");
}

TEST_CASE("requests that could be read in two ways are refused") {
  Server server(echo);
  const std::string start = "POST / HTTP/1.1\r\nHost: test\r\n";
  const std::string chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string rows[] = {
      start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
      start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      start + "Content-Length: 5, 5\r\n\r\nhello",
      start + "Content-Length: +5\r\n\r\nhello",
      start + "Content-Length: -5\r\n\r\nhello",
      start + "Content-Length: 0x5\r\n\r\nhello",
      start + "Content-Length: 5 5\r\n\r\nhello",
      start + "Content-Length:\r\n\r\nhello",
      start + "Content-Length : 5\r\n\r\nhello",
      start + "Content-Length: 99999999999999999999\r\n\r\nhello",
      start + "Transfer-Encoding: gzip\r\n\r\nhello",
      start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      start + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      start + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
      start + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      chunked + "x\r\nhello\r\n0\r\n\r\n",
      chunked + "-5\r\nhello\r\n0\r\n\r\n",
      chunked + "0x5\r\nhello\r\n0\r\n\r\n",
      chunked + "5\r\nhelloX\r\n0\r\n\r\n",
      chunked + "5\nhello\r\n0\r\n\r\n",
      chunked + "10000000000000005\r\nhello\r\n0\r\n\r\n",
      chunked + "0\r\nContent-Length: 5\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
      "GET /\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
      "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\nbad header\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s,
      "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03 not for us\r\n\r\n",
      get("/%zz"),
      get("/a%00"),
      get("/a%FF"),
      get("/?a=%0d%0aX:"),
      get("/?=1"),
      get("/../etc"),
      get("http://a/"),
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (const std::string& row : rows) check_refused(server, row, 400, "malformed_request");
  RawClient client(server.port());
  CHECK(client.ask(get("/still-fine")).status == 200);
}

TEST_CASE("a refusal keeps a valid Request-Id and replaces any other") {
  Server server(echo);
  const auto id_of = [&server](const std::string& sent) {
    RawClient client(server.port());
    return client.ask(get("/%zz", "Request-Id: " + sent + "\r\n")).header("request-id");
  };
  const std::string longest(64, 'a');
  CHECK(id_of("Az_.:-9") == "Az_.:-9");
  CHECK(id_of(longest) == longest);
  for (const std::string& bad : {longest + "a", std::string("a b"), std::string("a\"b"), std::string("")}) {
    const std::string made = id_of(bad);
    CHECK(made.size() == 26);
    CHECK(made.starts_with("req_"));
    CHECK(made.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 4) == std::string::npos);
    CHECK(made != id_of(bad));
  }
}

TEST_CASE("a slow request gets 408 and disturbs nobody") {
  Server server(echo, {.read_timeout_ms = 100});
  RawClient slow_header(server.port());
  RawClient slow_body(server.port());
  RawClient other(server.port());
  slow_header.send("GET / HTTP/1.1\r\nHo");
  slow_body.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n123");
  check_problem(slow_header.read_response(), 408, "request_timeout");
  CHECK(slow_header.read_to_end().empty());
  check_problem(slow_body.read_response(), 408, "request_timeout");
  CHECK(other.ask(get("/fine")).status == 200);
}

TEST_CASE("dripping bytes does not extend the time for a request") {
  Server server(echo, {.body_bytes_max = 1 << 30, .read_timeout_ms = 100});
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n");
  std::jthread dripper([&client](std::stop_token stop) {
    while (!stop.stop_requested()) client.send("x"), std::this_thread::yield();
  });
  check_problem(client.read_response(), 408, "request_timeout");
}

TEST_CASE("an idle connection is closed without a word") {
  Server server(echo, {.idle_timeout_ms = 50});
  RawClient never_asked(server.port());
  RawClient asked_once(server.port());
  CHECK(asked_once.ask(get("/")).status == 200);
  CHECK(never_asked.read_to_end().empty());
  CHECK(asked_once.read_to_end().empty());
}

TEST_CASE("a handler may take longer than every timeout") {
  Waiting waiting;
  Server server(waiting.handler(), {.idle_timeout_ms = 50, .read_timeout_ms = 50, .write_timeout_ms = 50});
  RawClient slow(server.port());
  slow.send(get("/slow"));
  Responder responder = waiting.take();
  RawClient idle(server.port());
  CHECK(idle.read_to_end().empty());  // so the timeouts have passed
  responder.send({.body = "late"});
  CHECK(slow.read_response().body == "late");
}

TEST_CASE("a client that does not read its answer is cut off") {
  Server server([](Request, Responder responder) { responder.send({.body = std::string(32 << 20, 'x')}); },
                {.write_timeout_ms = 100});
  RawClient client(server.port());
  client.send(get("/"));
  while (server->connections() == 0) std::this_thread::yield();
  while (server->connections() > 0) std::this_thread::yield();
  CHECK(client.read_to_end().size() < (32 << 20));
}

TEST_CASE("a connection too many is told so, and the others go on") {
  Server server(echo, {.connections_max = 2});
  RawClient first(server.port());
  CHECK(first.ask(get("/")).status == 200);
  {
    RawClient second(server.port());
    CHECK(second.ask(get("/")).status == 200);
    RawClient third(server.port());
    const RawResponse refusal = third.ask(get("/"));
    check_problem(refusal, 503, "not_ready");
    CHECK(refusal.header("retry-after") == "1");
    CHECK(third.read_to_end().empty());
    CHECK(second.ask(get("/")).status == 200);
  }
  while (server->connections() > 1) std::this_thread::yield();
  RawClient after(server.port());
  CHECK(after.ask(get("/")).status == 200);
  CHECK(first.ask(get("/")).status == 200);
}

TEST_CASE("answers from other threads reach their own requests") {
  Waiting waiting;
  Server server([&waiting, keep = waiting.handler()](Request request, Responder responder) {
    keep(request, std::move(responder));
  });
  constexpr int clients = 8;
  constexpr int requests = 50;
  std::vector<std::jthread> threads;
  threads.reserve(clients + 2);
  for (int worker = 0; worker < 2; ++worker) {
    threads.emplace_back([&waiting] {
      for (int i = 0; i < clients * requests / 2; ++i) waiting.take().send({.body = "answer"});
    });
  }
  std::atomic<int> right = 0;
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&server, &right] {
      RawClient client(server.port());
      for (int i = 0; i < requests; ++i) right += client.ask(get("/")).body == "answer" ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(right == clients * requests);
}

TEST_CASE("one post answers a whole group on the I/O thread") {
  Waiting waiting;
  Server server(waiting.handler());
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto group = std::make_shared<std::vector<Responder>>();
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(get("/"));
    group->push_back(waiting.take());
  }
  server->post([group] {
    int number = 0;
    for (Responder& responder : *group) responder.send({.body = std::to_string(number++)});
  });
  for (std::size_t i = 0; i < clients.size(); ++i) CHECK(clients[i]->read_response().body == std::to_string(i));
}

TEST_CASE("a Responder dropped without an answer answers 500") {
  Waiting waiting;
  Server server(waiting.handler());
  RawClient client(server.port());
  client.send(get("/", "Request-Id: mine\r\n"));
  { const Responder dropped = waiting.take(); }
  const RawResponse response = client.read_response();
  CHECK(response.status == 500);
  CHECK(response.header("request-id") == "mine");
  CHECK(response.body.find("\"code\":\"internal\"") != std::string::npos);
  client.send(get("/"));
  waiting.take().send({.body = "next"});
  CHECK(client.read_response().body == "next");
}

TEST_CASE("an exception from the handler answers 500, reveals nothing and is reported") {
  std::string reported;
  HttpServerOptions options = small();
  options.on_escaped_exception = [&reported](std::string_view request_id, std::string_view what) {
    reported = std::string(request_id) + " " + std::string(what);
  };
  Server server(
      [](Request request, Responder responder) {
        if (request.path == "/late") responder.send({.body = "answered"});
        throw std::runtime_error("secret");
      },
      options);
  RawClient client(server.port());
  const RawResponse response = client.ask(get("/", "Request-Id: mine\r\n"));
  CHECK(response.status == 500);
  CHECK(response.body.find("secret") == std::string::npos);
  CHECK(client.ask(get("/late")).body == "answered");
  server->stop();
  CHECK(reported == " secret");
}

TEST_CASE("an exception from posted work does not end the server") {
  Server server(echo);
  server->post([] { throw std::runtime_error("posted"); });
  RawClient client(server.port());
  CHECK(client.ask(get("/")).status == 200);
}

TEST_CASE("a Responder answers once") {
  struct Sink final : AnswerSink {
    int answers = 0;
    int drops = 0;
    void answer(Response) override { ++answers; }
    void dropped() noexcept override { ++drops; }
  };
  const auto sink = std::make_shared<Sink>();
  {
    Responder responder(sink);
    responder.send({});
    CHECK_THROWS_AS(responder.send({}), std::logic_error);
    Responder moved(std::move(responder));
    CHECK_FALSE(moved);
  }
  CHECK(sink->answers == 1);
  CHECK(sink->drops == 0);
  {
    Responder first(sink);
    first = Responder(sink);  // the one it held is dropped
    CHECK(sink->drops == 1);
  }
  CHECK(sink->drops == 2);
}

TEST_CASE("a response that would split is replaced by 500") {
  Server server([](Request request, Responder responder) {
    if (request.path == "/value") responder.send({.headers = {{"X", "a\r\nSet-Cookie: b"}}});
    if (request.path == "/name") responder.send({.headers = {{"X: a\r\nY", "b"}}});
    if (request.path == "/type") responder.send({.content_type = "a\nb"});
  });
  RawClient client(server.port());
  for (const char* path : {"/value", "/name", "/type"}) {
    const RawResponse response = client.ask(get(path));
    CHECK(response.status == 500);
    CHECK_FALSE(response.has("set-cookie"));
    CHECK(response.header("request-id").starts_with("req_"));
  }
}

TEST_CASE("stopping finishes the request in progress, closes idle connections and refuses new ones") {
  Waiting waiting;
  Server server(waiting.handler());
  RawClient idle(server.port());
  RawClient busy(server.port());
  busy.send(get("/"));
  Responder responder = waiting.take();
  std::jthread stopper([&server] { server->stop(); });
  CHECK(idle.read_to_end().empty());
  CHECK(test::connection_refused(server.port()));
  responder.send({.body = "finished"});
  const RawResponse response = busy.read_response();
  CHECK(response.body == "finished");
  CHECK(response.header("connection") == "close");
  CHECK(busy.read_to_end().empty());
}

TEST_CASE("stopping cuts off what does not finish in time, and later answers go nowhere") {
  Waiting waiting;
  HttpServerOptions options = small();
  options.drain_timeout_ms = 50;
  std::optional<Responder> late;
  {
    Server server(waiting.handler(), options);
    RawClient busy(server.port());
    RawClient half(server.port());
    half.send("GET / HT");
    busy.send(get("/"));
    late = waiting.take();
    server->stop();
    CHECK(busy.read_to_end().empty());
    CHECK(half.read_to_end().empty());
    CHECK(server->connections() == 0);
    server->stop();
    server->post([] { FAIL("ran after stop"); });
  }
  late->send({.body = "too late"});
}

TEST_CASE("an address that cannot be listened on is named") {
  Server server(echo);
  const auto message_of = [](HttpServerOptions options) {
    HttpServer second(std::move(options), echo);
    try {
      second.start();
    } catch (const std::system_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string taken = message_of({.port = server.port()});
  CHECK(taken.find("127.0.0.1 port " + std::to_string(server.port())) != std::string::npos);
  CHECK(taken.find("Address already in use") != std::string::npos);
  CHECK(message_of({.address = "nonsense"}).find("nonsense") != std::string::npos);
}
