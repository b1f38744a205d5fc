#include "gateway/http_session.h"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <cstring>
#include <exception>
#include <utility>

namespace daybook {

using boost::system::error_code;

void ServerCore::report_escaped(std::string_view request_id) noexcept {
  if (!options.on_escaped_exception) return;
  try {
    throw;
  } catch (const std::exception& error) {
    options.on_escaped_exception(request_id, error.what());
  } catch (...) {
    options.on_escaped_exception(request_id, "not a std::exception");
  }
}

void ReadBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

asio::mutable_buffer ReadBuffer::prepare(std::size_t count) {
  if (bytes_.size() - end_ < count && begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() - end_ < count) bytes_.resize(end_ + count);
  return {bytes_.data() + end_, bytes_.size() - end_};
}

void ReadBuffer::shrink(std::size_t kept_bytes) {
  if (empty() && bytes_.size() > kept_bytes) std::vector<char>().swap(bytes_);
}

/// The session's place among the open ones, as long as its coroutine runs.
class Session::Registration {
 public:
  Registration(Session& session, bool refused) : core_(session.core_), session_(&session), refused_(refused) {
    core_->sessions.push_back(session_);
    if (refused_) ++core_->refusals;
    core_->connections = core_->sessions.size();
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration() {
    error_code ignored;
    session_->socket_.close(ignored);
    auto& sessions = core_->sessions;
    const auto place = std::find(sessions.begin(), sessions.end(), session_);
    *place = sessions.back();
    sessions.pop_back();
    if (refused_) --core_->refusals;
    core_->connections = sessions.size();
    core_->on_session_closed();
  }

 private:
  const std::shared_ptr<ServerCore> core_;
  Session* const session_;
  const bool refused_;
};

Session::Session(std::shared_ptr<ServerCore> core, Socket socket)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      parser_(core_->options.header_bytes_max, core_->options.body_bytes_max) {
  error_code ignored;  // A connection already reset shows at its first read.
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Awaitable<void> Session::serve(std::shared_ptr<Session> self) {
  const Registration registration(*self, false);
  for (bool more = true; more;) {
    const bool complete = co_await self->read_request();
    if (!complete) break;
    self->call_handler();
    if (!self->answered_) co_await self->async_answer(use_awaitable);
    if (self->aborted_) break;
    self->compose(self->framing_.close || self->core_->draining);
    bool written = co_await self->write_response();
    if (written && self->source_) written = co_await self->write_stream();
    more = written && !self->framing_.close;
    if (written && !more) co_await self->linger();
  }
}

Awaitable<void> Session::refuse(std::shared_ptr<Session> self) {
  const Registration registration(*self, true);
  RequestParser::Failure failure{TransportProblem::not_ready, "The server has as many connections as it takes."};
  co_await self->fail(failure);
}

/// True once parser_ holds a whole request; false if the connection is to end, what had to be said having been said.
Awaitable<bool> Session::read_request() {
  parser_.begin();
  bool told_to_continue = false;
  enter(Phase::idle, core_->options.idle_timeout_ms);
  for (;;) {
    if (!in_.empty()) {
      if (phase_ == Phase::idle) enter(Phase::reading, core_->options.read_timeout_ms);
      const std::size_t taken = parser_.feed(in_.view());
      in_.consume(taken);
      if (parser_.state() == RequestParser::State::complete) co_return true;
      if (parser_.state() == RequestParser::State::failed) {
        RequestParser::Failure failure = parser_.failure();
        co_await fail(failure);
        co_return false;
      }
    }
    if (phase_ == Phase::idle && core_->draining) co_return false;
    if (parser_.header_done() && parser_.expects_continue() && !told_to_continue && in_.empty()) {
      told_to_continue = true;
      std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      const bool written = co_await write(go_on);
      if (!written) co_return false;
    }
    const asio::mutable_buffer room =
        in_.prepare(parser_.header_done() ? limits::http_body_read_bytes : limits::http_header_read_bytes);
    const auto [error, count] = co_await socket_.async_read_some(room, as_value);
    // expire() cancels nothing when a read has just completed, as it always has if bytes keep coming.
    const bool late = timed_out_ && phase_ == Phase::reading;
    if (error || late) {
      if (late && !aborted_) {
        RequestParser::Failure failure{TransportProblem::request_timeout, "The request took too long to arrive."};
        co_await fail(failure);
      }
      co_return false;
    }
    in_.commit(count);
  }
}

void Session::enter(Phase phase, std::uint32_t timeout_ms) {
  phase_ = phase;
  timed_out_ = false;
  deadline_ = SteadyClock::now() + std::chrono::milliseconds(timeout_ms);
}

/// How long an answer may take is the handler's to decide.
void Session::enter_answering() {
  phase_ = Phase::answering;
  deadline_ = SteadyClock::time_point::max();
}

void Session::call_handler() {
  Request& request = parser_.request();
  framing_ = {.http_1_0 = parser_.http_1_0(), .close = !parser_.keep_alive(), .head = request.method == Method::head};
  const std::string_view request_id = request.header("request-id");
  request_id_.assign(is_valid_request_id(request_id) ? request_id : std::string_view());
  answered_ = false;
  enter_answering();
  in_.shrink(limits::http_buffer_kept_bytes);
  try {
    // Whatever happens in the handler, the Responder sees to exactly one answer: unwinding drops it.
    core_->handler(std::move(request), Responder(shared_from_this()));
  } catch (...) {
    core_->report_escaped(request_id_);
  }
}

void Session::answer(Response response) {
  answer_ = std::move(response);
  if (core_->on_io_thread()) {
    answer_arrived();
  } else {
    core_->post([self = shared_from_this()] { self->answer_arrived(); });
  }
}

void Session::dropped() noexcept {
  try {
    const std::string request_id = request_id_.empty() ? new_request_id() : request_id_;
    answer(transport_problem(TransportProblem::internal, "The server could not complete the request.", request_id));
  } catch (...) {
    // Out of memory: the client is left to its own time-out.
  }
}

void Session::answer_arrived() {
  answered_ = true;
  if (!waiter_) return;
  asio::any_completion_handler<void()> waiter(std::move(*waiter_));
  waiter_.reset();
  std::move(waiter)();
}

/// Writes answer_ into out_ and, for what is large, leaves its body where it is.
void Session::compose(bool close) {
  if (!has_sound_headers(answer_)) {
    const std::string request_id = request_id_.empty() ? new_request_id() : request_id_;
    answer_ = transport_problem(TransportProblem::internal, "The server could not complete the request.", request_id);
  }
  framing_.close = close || (answer_.source && framing_.http_1_0);
  source_ = framing_.head ? nullptr : answer_.source;
  out_.clear();
  body_out_ = {};
  append_response_head(out_, answer_, framing_, core_->date.now());
  if (!sends_body(answer_, framing_)) return;
  if (answer_.body.size() <= limits::http_buffer_kept_bytes) {
    out_.append(answer_.body);
  } else {
    body_out_ = answer_.body;
  }
}

/// As much as the socket takes at once; false on an error.
bool Session::try_write(std::string_view& bytes) {
  while (!bytes.empty()) {
    error_code error;
    const std::size_t count = socket_.write_some(asio::const_buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(count);
    if (error == asio::error::would_block) return true;
    if (error) return false;
  }
  return true;
}

Awaitable<bool> Session::write(std::string_view bytes) {
  bool sound = try_write(bytes);
  while (sound && !bytes.empty()) {
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, as_value);
    sound = !error && !timed_out_ && try_write(bytes);
  }
  co_return sound;
}

Awaitable<bool> Session::write_response() {
  enter(Phase::writing, core_->options.write_timeout_ms);
  // The usual response fits the socket's buffer: no coroutine, no wait.
  std::string_view head = out_;
  bool sound = try_write(head);
  if (sound && !head.empty()) sound = co_await write(head);
  if (sound && !body_out_.empty()) sound = co_await write(body_out_);
  if (out_.capacity() > 2 * limits::http_buffer_kept_bytes) std::string().swap(out_);
  body_out_ = {};
  answer_ = {};
  co_return sound;
}

/// Says why and closes: after a refusal nobody knows where the next request would begin.
Awaitable<void> Session::fail(RequestParser::Failure failure) {
  const std::string_view sent_id = parser_.request().header("request-id");
  const std::string request_id = is_valid_request_id(sent_id) ? std::string(sent_id) : new_request_id();
  answer_ = transport_problem(failure.problem, failure.detail, request_id);
  framing_ = {.http_1_0 = false, .close = true, .head = parser_.request().method == Method::head};
  compose(true);
  const bool written = co_await write_response();
  if (written) co_await linger();
}

/// Tells the peer that nothing more comes, then waits for it to close (RFC 9112 section 9.6).
Awaitable<void> Session::linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  enter(Phase::lingering, limits::http_linger_timeout_ms);
  for (std::size_t discarded = 0; discarded < limits::http_linger_bytes_max;) {
    in_.consume(in_.view().size());
    const asio::mutable_buffer room = in_.prepare(limits::http_header_read_bytes);
    const auto [error, count] = co_await socket_.async_read_some(room, as_value);
    if (error || timed_out_) co_return;
    discarded += count;
  }
}

void Session::expire(SteadyClock::time_point now) {
  if (now < deadline_) return;
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::drain() {
  error_code ignored;
  if (phase_ == Phase::idle || phase_ == Phase::lingering) socket_.cancel(ignored);
  // Not resumed at once, as in abort().
  if (phase_ == Phase::streaming && waiter_) core_->post([self = shared_from_this()] { self->answer_arrived(); });
}

void Session::abort() {
  aborted_ = true;
  error_code ignored;
  socket_.close(ignored);
  // Not resumed at once: the caller walks over the sessions, and this one removes itself.
  if (waiter_) core_->post([self = shared_from_this()] { self->answer_arrived(); });
}

}  // namespace daybook
