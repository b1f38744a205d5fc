// The bytes of a response, written by hand into a buffer that the connection reuses, and the problems that the
// transport itself reports (RFC 9457). Knows no socket and no route.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "gateway/http_message.h"

namespace daybook {

/// What the transport refuses by itself, before or instead of a handler.
enum class TransportProblem {
  malformed_request,  ///< 400
  request_timeout,    ///< 408
  payload_too_large,  ///< 413
  headers_too_large,  ///< 431
  internal,           ///< 500
  not_ready,          ///< 503, with Retry-After
};

/// The problem as application/problem+json with its Request-Id header. `detail` is one sentence of our own text, never
/// the client's.
Response transport_problem(TransportProblem problem, std::string_view detail, std::string_view request_id);

/// [A-Za-z0-9_.:-]{1,64}
bool is_valid_request_id(std::string_view text);
/// "req_" and 22 random characters of base32 (110 bits).
std::string new_request_id();

/// The value of the Date header (RFC 9110 section 5.6.7), rendered once a second. One thread.
class DateHeader {
 public:
  std::string_view now();

 private:
  std::time_t rendered_at_ = -1;
  std::string text_;
};

struct ResponseFraming {
  bool http_1_0 = false;  ///< The request was HTTP/1.0: keep-alive must be said.
  bool close = false;     ///< The connection ends after this response.
  bool head = false;      ///< The request was HEAD.
};

/// Whether a response of this status to this request carries body bytes.
bool sends_body(const Response& response, ResponseFraming framing);

/// Whether the headers can be written as they are: names are tokens, values have no control characters.
bool has_sound_headers(const Response& response);

/// Appends a piece of a body without an end: one chunk (the last one if empty), or the bare bytes in HTTP/1.0.
void append_chunk(std::string& out, std::string_view piece, ResponseFraming framing);

/// Appends status line, headers and the blank line; the body is the caller's to send, if sends_body().
void append_response_head(std::string& out, const Response& response, ResponseFraming framing, std::string_view date);

}  // namespace daybook
