#include "gateway/http_parser.h"

#include <doctest/doctest.h>

#include <string>

#include "gateway/limits.h"

using namespace daybook;

namespace {

constexpr std::size_t header_bytes_max = 1000;
constexpr std::size_t body_bytes_max = 100;

/// Feeds `text` in pieces, as a connection would.
void feed(RequestParser& parser, std::string_view text, std::size_t piece_bytes) {
  std::string pending;
  while (!text.empty() && parser.state() == RequestParser::State::need_more) {
    pending += text.substr(0, piece_bytes);
    text.remove_prefix(std::min(piece_bytes, text.size()));
    pending.erase(0, parser.feed(pending));
  }
}

}  // namespace

TEST_CASE("a request is the same however its bytes are cut") {
  const std::string_view text =
      "\r\nPOST /a?b=c HTTP/1.1\r\nHost: test\r\nX-Thing:  v w \r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    RequestParser parser(header_bytes_max, body_bytes_max);
    feed(parser, text, piece);
    REQUIRE(parser.state() == RequestParser::State::complete);
    const Request& request = parser.request();
    CHECK(request.method == Method::post);
    CHECK(request.method_text == "POST");
    CHECK(request.target == "/a?b=c");
    CHECK(request.path == "/a");
    CHECK(request.query_value("b") == "c");
    CHECK(request.header("x-thing") == "v w");
    CHECK(request.header("x-trailer").empty());
    CHECK(request.body == "hello world");
  }
}

// Beast 1.81 asserts n >= 5 in parse_chunk_header, which ends a process built without NDEBUG.
TEST_CASE("an empty chunked body arriving byte by byte is an empty body") {
  RequestParser parser(header_bytes_max, body_bytes_max);
  feed(parser, "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1);
  CHECK(parser.state() == RequestParser::State::complete);
  CHECK(parser.request().body.empty());
}

TEST_CASE("header bytes and header fields are limited, at the limit and one past") {
  const std::string start = "GET / HTTP/1.1\r\nHost: test\r\nX: ";
  for (const std::size_t piece : {1UL, 7UL, 5000UL}) {
    const std::string filling(header_bytes_max - start.size() - 4, 'x');
    RequestParser at_limit(header_bytes_max, body_bytes_max);
    feed(at_limit, start + filling + "\r\n\r\n", piece);
    CHECK(at_limit.state() == RequestParser::State::complete);
    RequestParser past(header_bytes_max, body_bytes_max);
    feed(past, start + filling + "x\r\n\r\n", piece);
    REQUIRE(past.state() == RequestParser::State::failed);
    CHECK(past.failure().problem == TransportProblem::headers_too_large);
  }
  std::string many = "GET / HTTP/1.1\r\nHost: test\r\n";
  for (std::size_t i = 1; i < limits::http_headers_max; ++i) many += "X: y\r\n";
  RequestParser at_limit(header_bytes_max, body_bytes_max);
  feed(at_limit, many + "\r\n", 5000);
  CHECK(at_limit.state() == RequestParser::State::complete);
  RequestParser past(header_bytes_max, body_bytes_max);
  feed(past, many + "X: y\r\n\r\n", 5000);
  REQUIRE(past.state() == RequestParser::State::failed);
  CHECK(past.failure().problem == TransportProblem::headers_too_large);
}

TEST_CASE("a chunk header or trailer without end is refused") {
  const std::string start = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& endless :
       {start + "5;" + std::string(2000, 'x'), start + "0\r\nX: " + std::string(2000, 'x')}) {
    RequestParser parser(header_bytes_max, body_bytes_max);
    feed(parser, endless, 100);
    CHECK(parser.state() == RequestParser::State::failed);
  }
}

TEST_CASE("a parser begun again remembers nothing") {
  RequestParser parser(header_bytes_max, body_bytes_max);
  feed(parser, "GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n", 5000);
  CHECK(parser.state() == RequestParser::State::failed);
  parser.begin();
  feed(parser, "GET /b HTTP/1.0\r\n\r\n", 5000);
  REQUIRE(parser.state() == RequestParser::State::complete);
  CHECK(parser.request().headers.empty());
  CHECK(parser.http_1_0());
  CHECK_FALSE(parser.keep_alive());
}
