#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>

#include "gateway/http_server.h"
#include "tests/gateway/raw_client.h"

using namespace daybook;
using daybook::test::get;
using daybook::test::RawClient;
using daybook::test::RawResponse;

namespace {

/// Gives `pieces` pieces at once and then nothing, or the end.
class Pieces final : public BodySource {
 public:
  Pieces(std::string piece, int pieces, bool ends) : piece_(std::move(piece)), left_(pieces), ends_(ends) {}
  void next(Ready ready) override {
    if (left_-- > 0) {
      ++given;
      return ready(piece_);
    }
    if (ends_) return ready({});
    const std::lock_guard lock(mutex_);
    ready_ = std::move(ready);
    waits.set_value();
  }
  void stop() noexcept override {
    Ready forgotten;
    {
      const std::lock_guard lock(mutex_);
      forgotten = std::move(ready_);
    }
    stopped.set_value();
  }
  std::atomic<int> given = 0;
  std::promise<void> waits, stopped;

 private:
  const std::string piece_;
  int left_;
  const bool ends_;
  std::mutex mutex_;
  Ready ready_;
};

bool happens(std::promise<void>& promise) {
  return promise.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready;
}

/// Answers /stream with the source, anything else with its path.
struct Streaming {
  explicit Streaming(std::shared_ptr<Pieces> pieces, HttpServerOptions options = {})
      : server(std::move(options), [pieces](Request request, Responder responder) {
          if (request.path != "/stream") return responder.send({.body = request.path});
          responder.send({.content_type = "text/plain", .source = pieces});
        }) {
    server.start();
  }
  HttpServer server;
};

}  // namespace

TEST_CASE("a body without a length comes in chunks, and the connection goes on after its end") {
  const auto pieces = std::make_shared<Pieces>("piece", 2, true);
  Streaming streaming(pieces);
  RawClient client(streaming.server.port());
  client.send(get("/stream") + get("/next"));
  const RawResponse response = client.read_response();
  CHECK(response.status == 200);
  CHECK(response.header("transfer-encoding") == "chunked");
  CHECK_FALSE(response.has("content-length"));
  CHECK(client.read_chunk() == "piece");
  CHECK(client.read_chunk() == "piece");
  CHECK(client.read_chunk().empty());
  CHECK(happens(pieces->stopped));
  CHECK(client.read_response().body == "/next");
}

TEST_CASE("an HTTP/1.0 client gets the bare bytes until the connection ends") {
  Streaming streaming(std::make_shared<Pieces>("piece", 3, true));
  RawClient client(streaming.server.port());
  client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const RawResponse response = client.read_response();
  CHECK_FALSE(response.has("transfer-encoding"));
  CHECK(response.header("connection") == "close");
  CHECK(client.read_to_end() == "piecepiecepiece");
}

TEST_CASE("HEAD gets the stream's headers and no piece of it") {
  const auto pieces = std::make_shared<Pieces>("piece", 3, true);
  Streaming streaming(pieces);
  RawClient client(streaming.server.port());
  client.send("HEAD /stream HTTP/1.1\r\nHost: test\r\n\r\n" + get("/next"));
  CHECK(client.read_response(true).header("transfer-encoding") == "chunked");
  CHECK(client.read_response().body == "/next");
  CHECK(pieces->given == 0);
}

TEST_CASE("a reader that does not read is paced by its socket, and cut off after the write time-out") {
  const auto pieces = std::make_shared<Pieces>(std::string(64 * 1024, 'x'), 1'000'000, true);
  Streaming streaming(pieces, {.write_timeout_ms = 200});
  RawClient client(streaming.server.port());
  client.send(get("/stream"));
  CHECK(happens(pieces->stopped));
  CHECK(pieces->given < 1024);  // What fits the kernel's buffers, and one more.
}

TEST_CASE("a peer that hangs up between two pieces is noticed") {
  const auto pieces = std::make_shared<Pieces>("piece", 1, false);
  Streaming streaming(pieces);
  {
    RawClient client(streaming.server.port());
    client.send(get("/stream"));
    client.read_response();
    CHECK(client.read_chunk() == "piece");
    CHECK(happens(pieces->waits));
  }
  CHECK(happens(pieces->stopped));
}

TEST_CASE("a stopping server ends a stream that waits, whole and at once") {
  const auto pieces = std::make_shared<Pieces>("piece", 1, false);
  Streaming streaming(pieces, {.drain_timeout_ms = 60'000});
  RawClient client(streaming.server.port());
  client.send(get("/stream"));
  client.read_response();
  CHECK(client.read_chunk() == "piece");
  CHECK(happens(pieces->waits));
  streaming.server.stop();
  CHECK(client.read_chunk().empty());
  CHECK(client.read_to_end().empty());
  CHECK(happens(pieces->stopped));
}
