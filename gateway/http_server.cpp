#include "gateway/http_server.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "gateway/http_session.h"

namespace daybook {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
using std::chrono::milliseconds;

/// What listens and what looks at the clock; on the I/O thread once started.
struct Listener {
  explicit Listener(std::shared_ptr<ServerCore> shared)
      : core(std::move(shared)), acceptor(core->io), sweep_timer(core->io), retry_timer(core->io) {}

  const std::shared_ptr<ServerCore> core;
  Acceptor acceptor;
  Timer sweep_timer;
  Timer retry_timer;
  SteadyClock::time_point drain_deadline = SteadyClock::time_point::max();
};

[[noreturn]] void throw_cannot_listen(const HttpServerOptions& options, const error_code& error) {
  const std::string place = options.address + " port " + std::to_string(options.port);
  throw std::system_error(error.value(), std::generic_category(), "cannot listen on " + place);
}

void listen(Acceptor& acceptor, const HttpServerOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error) throw_cannot_listen(options, error);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(limits::http_backlog_connections, error);
  if (error) throw_cannot_listen(options, error);
}

void welcome(const std::shared_ptr<ServerCore>& core, Socket socket) {
  const bool full = core->sessions.size() - core->refusals >= core->options.connections_max;
  if (full && core->refusals >= limits::http_refusals_max) return;
  auto session = std::make_shared<Session>(core, std::move(socket));
  if (full) {
    asio::co_spawn(core->io, Session::refuse(std::move(session)), asio::detached);
  } else {
    asio::co_spawn(core->io, Session::serve(std::move(session)), asio::detached);
  }
}

Awaitable<void> accept_connections(std::shared_ptr<Listener> listener) {
  while (!listener->core->draining) {
    Socket socket(listener->core->io);
    const auto [error] = co_await listener->acceptor.async_accept(socket, as_value);
    if (listener->core->draining) break;
    if (!error) {
      welcome(listener->core, std::move(socket));
    } else if (error != asio::error::connection_aborted) {  // no descriptors or memory left: others may give some back
      listener->retry_timer.expires_after(milliseconds(limits::http_accept_retry_ms));
      const auto [ignored] = co_await listener->retry_timer.async_wait(as_value);
      static_cast<void>(ignored);
    }
  }
}

milliseconds sweep_interval(const HttpServerOptions& options) {
  const std::uint32_t shortest =
      std::min({options.idle_timeout_ms, options.read_timeout_ms, options.write_timeout_ms, options.drain_timeout_ms});
  return milliseconds(std::clamp<std::uint32_t>(shortest / 4, 5, 250));
}

/// Ends sessions whose deadline has passed; returns when the server has drained.
Awaitable<void> sweep(std::shared_ptr<Listener> listener) {
  ServerCore& core = *listener->core;
  const milliseconds interval = sweep_interval(core.options);
  while (!core.draining || !core.sessions.empty()) {
    listener->sweep_timer.expires_after(interval);
    const auto [ignored] = co_await listener->sweep_timer.async_wait(as_value);
    static_cast<void>(ignored);
    const SteadyClock::time_point now = SteadyClock::now();
    for (Session* session : core.sessions) {
      if (now >= listener->drain_deadline) {
        session->abort();
      } else {
        session->expire(now);
      }
    }
  }
}

void run(ServerCore& core) {
  for (;;) {
    try {
      core.io.run();
      return;
    } catch (...) {  // from posted work; a session's or a handler's never gets here
      core.report_escaped({});
    }
  }
}

}  // namespace

struct HttpServer::Impl {
  std::shared_ptr<ServerCore> core;
  std::shared_ptr<Listener> listener;  ///< Shared with its two coroutines.
  std::uint16_t port = 0;
  std::thread thread;
};

HttpServer::HttpServer(HttpServerOptions options, Handler handler) : impl_(new Impl) {
  impl_->core = std::make_shared<ServerCore>(std::move(options), std::move(handler));
}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::start() {
  if (impl_->listener) throw std::logic_error("HttpServer: started twice");
  auto listener = std::make_shared<Listener>(impl_->core);
  listen(listener->acceptor, impl_->core->options);
  impl_->port = listener->acceptor.local_endpoint().port();
  impl_->core->on_session_closed = [core = impl_->core.get(), timer = &listener->sweep_timer] {
    if (core->draining && core->sessions.empty()) timer->cancel();
  };
  asio::co_spawn(impl_->core->io, accept_connections(listener), asio::detached);
  asio::co_spawn(impl_->core->io, sweep(listener), asio::detached);
  impl_->listener = std::move(listener);
  impl_->thread = std::thread([core = impl_->core] { run(*core); });
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::size_t HttpServer::connections() const {
  return impl_->core->connections;
}

void HttpServer::post(std::function<void()> work) {
  impl_->core->post(std::move(work));
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  if (impl_->core->on_io_thread()) throw std::logic_error("HttpServer: stopped from its own thread");
  impl_->core->post([listener = impl_->listener] {
    ServerCore& core = *listener->core;
    core.draining = true;
    error_code ignored;
    listener->acceptor.close(ignored);
    listener->retry_timer.cancel();
    listener->drain_deadline = SteadyClock::now() + milliseconds(core.options.drain_timeout_ms);
    for (Session* session : core.sessions) session->drain();
    if (core.sessions.empty()) listener->sweep_timer.cancel();
  });
  impl_->thread.join();
  // Work posted since the loop ended: answers for connections that are gone find nobody waiting.
  impl_->core->close_posting();
  impl_->core->io.restart();
  run(*impl_->core);
  impl_->core->handler = nullptr;
}

}  // namespace daybook
