// One connection, and what all connections of a server share. Internal to http_server.cpp, http_session.cpp and
// http_session_stream.cpp, the only ones that may include it: it needs Asio.
//
// A session is one coroutine: read a request, call the handler, await the answer, write it, again. It awaits only its
// own socket and its own answer. Deadlines cost a store: one sweep over all sessions looks at them (HttpServer).
#pragma once

#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http_parser.h"
#include "gateway/http_response.h"
#include "gateway/http_server.h"

namespace daybook {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
template <typename T>
using Awaitable = asio::awaitable<T, Executor>;
/// The completion token of every await here: an error is a value (a peer's hang-up is nothing exceptional).
inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_value{use_awaitable};

using SteadyClock = std::chrono::steady_clock;

class Session;

/// Shared by the server, its coroutines and its sessions, because a Responder may outlive all of them. I/O thread only,
/// but for post(), on_io_thread() and connections.
class ServerCore {
 public:
  ServerCore(HttpServerOptions server_options, Handler server_handler)
      : options(std::move(server_options)), handler(std::move(server_handler)) {}

  const HttpServerOptions options;
  Handler handler;
  asio::io_context io{1};
  DateHeader date;
  std::vector<Session*> sessions;  ///< Open ones; each removes itself.
  std::size_t refusals = 0;        ///< How many of them are only told 503.
  bool draining = false;
  std::function<void()> on_session_closed;
  std::atomic<std::size_t> connections = 0;

  bool on_io_thread() { return io.get_executor().running_in_this_thread(); }

  /// Work from any thread; false (and `work` unused) once closed. The lock makes sure that nothing is left behind in
  /// the io_context, where it would keep the sessions alive that keep the io_context alive.
  template <typename Work>
  bool post(Work&& work) {
    const std::lock_guard lock(posting_);
    if (closed_) return false;
    asio::post(io, std::forward<Work>(work));
    return true;
  }
  void close_posting() {
    const std::lock_guard lock(posting_);
    closed_ = true;
  }

  void report_escaped(std::string_view request_id) noexcept;

 private:
  std::mutex posting_;
  bool closed_ = false;
};

/// Bytes received and not yet parsed, contiguous.
class ReadBuffer {
 public:
  bool empty() const { return begin_ == end_; }
  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  /// Room for `count` more; valid until the next call of any but view() and empty().
  asio::mutable_buffer prepare(std::size_t count);
  void commit(std::size_t count) { end_ += count; }
  /// Gives memory beyond `kept_bytes` back if the buffer is empty.
  void shrink(std::size_t kept_bytes);

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Shared by its coroutine and the Responder of its request.
class Session final : public AnswerSink, public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<ServerCore> core, Socket socket);

  /// Serves until the connection ends.
  static Awaitable<void> serve(std::shared_ptr<Session> self);
  /// Answers 503 and closes.
  static Awaitable<void> refuse(std::shared_ptr<Session> self);

  void answer(Response response) override;
  void dropped() noexcept override;

  /// Cancels what the session waits for if its deadline has passed.
  void expire(SteadyClock::time_point now);
  /// Ends it if no request is under way; otherwise it ends after that request.
  void drain();
  /// Ends it whatever it does.
  void abort();

 private:
  class Registration;
  enum class Phase { idle, reading, answering, streaming, writing, lingering };

  Awaitable<bool> read_request();
  Awaitable<bool> write(std::string_view bytes);
  Awaitable<bool> write_response();
  Awaitable<bool> write_stream();
  Awaitable<void> fail(RequestParser::Failure failure);
  Awaitable<void> linger();

  void enter(Phase phase, std::uint32_t timeout_ms);
  void enter_answering();
  void call_handler();
  void answer_arrived();
  void ask_for_piece();
  void piece_arrived(std::string piece);
  void watch_peer();
  template <typename Token>
  auto async_answer(Token token);
  bool try_write(std::string_view& bytes);
  void compose(bool close);

  const std::shared_ptr<ServerCore> core_;
  Socket socket_;
  RequestParser parser_;
  ReadBuffer in_;
  std::string out_;
  std::string_view body_out_;  ///< The part of the response that is sent from where it lies.

  Phase phase_ = Phase::idle;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;
  bool aborted_ = false;

  std::string request_id_;  ///< The client's, if valid; else empty.
  ResponseFraming framing_;
  Response answer_;  ///< Written by whoever answers, before answer_arrived().
  bool answered_ = false;
  std::optional<asio::any_completion_handler<void()>> waiter_;

  std::shared_ptr<BodySource> source_;  ///< While a response without an end is sent.
  std::string piece_;
  bool peer_gone_ = false;  ///< Noticed between two pieces.
};

/// Completes when answer_arrived() is called.
template <typename Token>
auto Session::async_answer(Token token) {
  return asio::async_initiate<Token, void()>([this](auto handler) { waiter_.emplace(std::move(handler)); }, token);
}

}  // namespace daybook
