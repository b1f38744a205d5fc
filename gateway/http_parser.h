// One HTTP/1.x request from bytes to Request: Beast's parser with our strictness on top (RFC 9112). Knows no socket;
// its header hides Beast, so that one translation unit instantiates it.
//
// Refused beyond Beast: more than one Content-Length (also equal ones, also "5, 5"), Content-Length beside
// Transfer-Encoding, any Transfer-Encoding but "chunked", Transfer-Encoding in HTTP/1.0, HTTP/1.1 without exactly one
// Host, a target that parse_target refuses. Trailer fields of a chunked body are checked and forgotten: they never
// become headers.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "gateway/http_message.h"
#include "gateway/http_response.h"

namespace daybook {

/// Not thread-safe. Reused from request to request.
class RequestParser {
 public:
  enum class State { need_more, complete, failed };
  struct Failure {
    TransportProblem problem = TransportProblem::malformed_request;
    std::string_view detail;  ///< A sentence with static lifetime.
  };

  RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Forgets everything and expects a new request.
  void begin();
  /// Parses what it can of `bytes` and returns how many are done with. The others must be given again, followed by
  /// more. `bytes` is all that was received and not yet done with; not empty, and not to be called once complete or
  /// failed.
  std::size_t feed(std::string_view bytes);

  State state() const;
  const Failure& failure() const;
  bool header_done() const;
  /// The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const;
  bool keep_alive() const;
  bool http_1_0() const;
  /// The request; what was parsed of it if it is not complete.
  Request& request();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
