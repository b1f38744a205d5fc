#include "gateway/http_parser.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <string>
#include <utility>

#include "gateway/http_target.h"
#include "gateway/limits.h"

namespace daybook {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using ErrorCode = beast::error_code;
using Text = beast::string_view;

Method to_method(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

std::string lower_case(Text text) {
  std::string lower(text.data(), text.size());
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Beast's callbacks, filling a Request. A refusal sets failure() and any error code, which stops the parser.
class BeastParser final : public http::basic_parser<true> {
 public:
  explicit BeastParser(std::size_t body_bytes_max) { body_limit(body_bytes_max); }

  Request request;
  std::optional<RequestParser::Failure> failure;
  bool http_1_0 = false;
  bool expects_continue = false;

 private:
  void fail(ErrorCode& error, TransportProblem problem, std::string_view detail) {
    failure = RequestParser::Failure{problem, detail};
    error = http::error::bad_value;
  }
  void fail(ErrorCode& error, std::string_view detail) { fail(error, TransportProblem::malformed_request, detail); }

  void on_request_impl(http::verb verb, Text method_text, Text target, int version, ErrorCode&) override {
    request.method = to_method(verb);
    request.method_text.assign(method_text.data(), method_text.size());
    request.target.assign(target.data(), target.size());
    http_1_0 = version == 10;
  }
  void on_response_impl(int, Text, int, ErrorCode&) override {}

  void on_field_impl(http::field field, Text name, Text value, ErrorCode& error) override {
    if (is_header_done()) return;  // a trailer
    if (request.headers.size() == limits::http_headers_max) {
      return fail(error, TransportProblem::headers_too_large, "The request has too many header fields.");
    }
    switch (field) {
      case http::field::host:
        ++hosts_;
        break;
      case http::field::content_length:
        if (++lengths_ > 1 || value.find(',') != Text::npos) {
          return fail(error, "The request has more than one Content-Length.");
        }
        break;
      case http::field::transfer_encoding:
        ++encodings_;
        if (!beast::iequals(value, "chunked")) return fail(error, "Transfer-Encoding must be \"chunked\".");
        break;
      case http::field::expect:
        expects_continue = beast::iequals(value, "100-continue");
        break;
      default:
        break;
    }
    request.headers.push_back({lower_case(name), std::string(value.data(), value.size())});
  }

  void on_header_impl(ErrorCode& error) override {
    if (lengths_ > 0 && encodings_ > 0) {
      return fail(error, "The request has both Content-Length and Transfer-Encoding.");
    }
    if (http_1_0) {
      if (encodings_ > 0) return fail(error, "HTTP/1.0 has no Transfer-Encoding.");
      expects_continue = false;
    } else if (hosts_ == 0) {
      return fail(error, "The request has no Host.");
    }
    if (hosts_ > 1) return fail(error, "The request has more than one Host.");

    auto parsed = daybook::parse_target(request.target);
    if (const auto* refusal = std::get_if<TargetError>(&parsed)) return fail(error, to_text(*refusal));
    auto& target = std::get<HttpTarget>(parsed);
    request.path = std::move(target.path);
    request.query = std::move(target.query);
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
    if (length) request.body.reserve(std::min<std::size_t>(*length, limits::http_body_reserved_bytes));
  }
  std::size_t on_body_impl(Text bytes, ErrorCode&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ErrorCode& error) override {
    return on_body_impl(bytes, error);
  }
  void on_finish_impl(ErrorCode&) override {}

  int hosts_ = 0;
  int lengths_ = 0;
  int encodings_ = 0;
};

RequestParser::Failure explain(const ErrorCode& error) {
  if (error == http::error::body_limit) {
    return {TransportProblem::payload_too_large, "The request body is larger than this server takes."};
  }
  if (error == http::error::header_limit) {
    return {TransportProblem::headers_too_large, "The request line and headers are larger than this server takes."};
  }
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length ||
      error == http::error::bad_transfer_encoding) {
    return {TransportProblem::malformed_request, "The request's Content-Length or Transfer-Encoding is not valid."};
  }
  if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension) {
    return {TransportProblem::malformed_request, "The request's chunked body is not well-formed."};
  }
  if (error == http::error::bad_version) {
    return {TransportProblem::malformed_request, "The request is not HTTP/1.1 or HTTP/1.0."};
  }
  return {TransportProblem::malformed_request, "The request is not well-formed HTTP."};
}

/// "0\r\n\r\n"
constexpr std::size_t shortest_chunked_body_bytes = 5;

}  // namespace

struct RequestParser::Impl {
  std::size_t header_bytes_max;
  std::size_t body_bytes_max;
  std::optional<BeastParser> parser;  // Beast's cannot be reset, only replaced
  std::size_t header_bytes = 0;
  bool skipped_blank_line = false;
  State state = State::need_more;
  Failure failure;

  void fail(Failure why) {
    state = State::failed;
    failure = why;
  }

  /// One call of Beast's parser; how many bytes it took.
  std::size_t put(std::string_view bytes) {
    ErrorCode error;
    const std::size_t taken = parser->put({bytes.data(), bytes.size()}, error);
    if (error && error != http::error::need_more) {
      fail(parser->failure ? *parser->failure : explain(error));
    } else if (parser->is_done()) {
      state = State::complete;
    }
    return taken;
  }

  std::size_t feed_header(std::string_view bytes) {
    std::size_t skipped = 0;
    // RFC 9112 section 2.2: one empty line before the request line is ignored.
    if (!parser->got_some() && !skipped_blank_line && bytes.front() == '\r') {
      if (bytes.size() == 1) return 0;
      if (bytes[1] == '\n') {
        skipped_blank_line = true;
        skipped = 2;
        bytes.remove_prefix(2);
        if (bytes.empty()) return skipped;
      }
    }
    const std::size_t taken = put(bytes);
    header_bytes += taken;
    const bool done = parser->is_header_done();
    const std::size_t pending = done ? 0 : bytes.size() - taken;
    if (state != State::failed &&
        (header_bytes > header_bytes_max || (!done && header_bytes + pending >= header_bytes_max))) {
      fail(explain(http::error::header_limit));
    }
    return skipped + taken;
  }

  std::size_t feed_body(std::string_view bytes) {
    // Beast 1.81 asserts (and without NDEBUG aborts) when the last chunk comes first and in pieces of fewer bytes.
    if (parser->chunked() && parser->request.body.empty() && bytes.size() < shortest_chunked_body_bytes) return 0;
    const std::size_t taken = put(bytes);
    // What stays pending within a body is a chunk's header or the trailer.
    if (state == State::need_more && bytes.size() - taken > header_bytes_max) {
      fail({TransportProblem::malformed_request, "The request's chunk header or trailer is too long."});
    }
    return taken;
  }
};

RequestParser::RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : impl_(new Impl{
          .header_bytes_max = header_bytes_max, .body_bytes_max = body_bytes_max, .parser = {}, .failure = {}}) {
  begin();
}
RequestParser::~RequestParser() = default;

void RequestParser::begin() {
  BeastParser& parser = impl_->parser.emplace(impl_->body_bytes_max);
  // Ours is the exact limit over request line and fields; Beast's holds for each of the two.
  parser.header_limit(static_cast<std::uint32_t>(impl_->header_bytes_max + 1));
  impl_->header_bytes = 0;
  impl_->skipped_blank_line = false;
  impl_->state = State::need_more;
  impl_->failure = {};
}

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  if (!header_done()) {
    taken = impl_->feed_header(bytes);
    if (!header_done()) return taken;
    impl_->parser->eager(true);
  }
  if (impl_->state == State::need_more && taken < bytes.size()) taken += impl_->feed_body(bytes.substr(taken));
  return taken;
}

RequestParser::State RequestParser::state() const {
  return impl_->state;
}
const RequestParser::Failure& RequestParser::failure() const {
  return impl_->failure;
}
bool RequestParser::header_done() const {
  return impl_->parser->is_header_done();
}
bool RequestParser::expects_continue() const {
  return impl_->parser->expects_continue;
}
bool RequestParser::keep_alive() const {
  return impl_->parser->keep_alive();
}
bool RequestParser::http_1_0() const {
  return impl_->parser->http_1_0;
}
Request& RequestParser::request() {
  return impl_->parser->request;
}

}  // namespace daybook
