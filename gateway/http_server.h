// The HTTP/1.1 server: listens, reads requests, hands each to one handler and writes its response. Knows no route, and
// nothing of billing.
//
// Operation: one thread of its own runs everything (on two cores one I/O thread beats two). Connections are
// kept alive; pipelined requests are handled one after the other, in order. What the transport refuses by itself (400,
// 408, 413, 431, 503) is a problem+json with a Request-Id, after which the connection closes.
// Concurrency: the handler runs on the I/O thread and must not block; its Responder may be used from any thread.
// Limits: HttpServerOptions, defaults in limits.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http_message.h"
#include "gateway/limits.h"

namespace daybook {

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< A numeric IPv4 or IPv6 address, or "localhost" (127.0.0.1).
  std::uint16_t port = 0;             ///< 0: the kernel picks one, see HttpServer::port().
  std::size_t body_bytes_max = limits::http_body_bytes_max;
  std::size_t header_bytes_max = limits::http_header_bytes_max;
  std::size_t connections_max = limits::http_connections_max;
  std::uint32_t idle_timeout_ms = limits::http_idle_timeout_ms;
  std::uint32_t read_timeout_ms = limits::http_read_timeout_ms;
  std::uint32_t write_timeout_ms = limits::http_write_timeout_ms;
  std::uint32_t drain_timeout_ms = limits::http_drain_timeout_ms;
  /// Told, on the I/O thread, of what escaped from the handler (the client has its 500) or from posted work (no request
  /// id). For the log; it must not throw.
  std::function<void(std::string_view request_id, std::string_view what)> on_escaped_exception = {};
};

/// Timeouts are looked at every quarter of the shortest of them (5 to 250 ms), so they fire that much late at most.
class HttpServer {
 public:
  HttpServer(HttpServerOptions options, Handler handler);
  /// Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds, listens and starts the I/O thread. Once.
  /// Throws std::system_error, its text naming address and port, if the address is no address or cannot be bound.
  void start();

  /// The port listened on. After start().
  std::uint16_t port() const;

  /// Runs `work` on the I/O thread; Responders used in it resume their connections at once, so a whole group of answers
  /// costs one post. Any thread. After stop() `work` is destroyed without being run.
  void post(std::function<void()> work);

  /// Connections open now, those being refused included. Any thread.
  std::size_t connections() const;

  /// Stops accepting, closes idle connections, lets requests in progress finish for drain_timeout_ms at most, cuts the
  /// rest off, joins the thread and destroys the handler. Not from the I/O thread. A second call does nothing.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace daybook
