// A plain blocking HTTP/1.1 client over POSIX sockets, for tests: it sends exactly the bytes it is told to, so
// malformed and slow requests can be made, and it shares no code with the server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace daybook::test {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names lower-case.
  std::string body;
  bool has(std::string_view name) const { return headers.contains(std::string(name)); }
  std::string header(std::string_view name) const;
};

/// Throws std::runtime_error when the server does not do what was waited for within ten seconds, or resets.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// All of `bytes`, unless the server has closed (it may refuse before it has read everything).
  void send(std::string_view bytes);
  /// One whole response; `to_head`: it has no body whatever its Content-Length. 1xx are responses of their own.
  RawResponse read_response(bool to_head = false);
  RawResponse ask(std::string_view bytes) {
    send(bytes);
    return read_response();
  }
  /// The next chunk of a body that is sent in chunks, after read_response(); empty for the last one.
  std::string read_chunk();
  /// Waits for the server to close; what it sent before (and read_response() did not take).
  std::string read_to_end();
  void finish_sending();

 private:
  bool receive();

  int socket_ = -1;
  std::string received_;
};

/// Whether a new connection to the port is refused.
bool connection_refused(std::uint16_t port);

/// "GET path HTTP/1.1" with a Host, and `more` header lines (each ending in CRLF).
std::string get(std::string_view path, std::string_view more = {});
std::string post(std::string_view path, std::string_view body, std::string_view more = {});

}  // namespace daybook::test
