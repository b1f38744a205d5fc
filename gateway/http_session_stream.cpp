// The part of a session that sends a body without an end, piece by piece.
#include <utility>

#include "gateway/http_session.h"

namespace daybook {

using boost::system::error_code;

/// Sends the source's pieces, one chunk each (RFC 9112 section 7.1), until it ends, the peer goes or the server drains.
Awaitable<bool> Session::write_stream() {
  peer_gone_ = false;
  watch_peer();
  bool sound = true;
  while (sound && !peer_gone_ && !core_->draining) {
    ask_for_piece();
    if (!answered_) co_await async_answer(use_awaitable);
    if (aborted_ || peer_gone_ || piece_.empty()) break;
    out_.clear();
    append_chunk(out_, piece_, framing_);
    const std::string_view chunk = out_;
    enter(Phase::writing, core_->options.write_timeout_ms);
    sound = co_await write(chunk);
  }
  source_->stop();
  source_.reset();
  std::string().swap(piece_);
  error_code ignored;
  socket_.cancel(ignored);  // the watch
  if (!sound || aborted_ || peer_gone_) co_return false;
  out_.clear();
  append_chunk(out_, {}, framing_);
  const std::string_view last_chunk = out_;
  enter(Phase::writing, core_->options.write_timeout_ms);
  sound = co_await write(last_chunk);
  co_return sound;
}

/// How long a piece may take is the source's to decide.
void Session::ask_for_piece() {
  phase_ = Phase::streaming;
  deadline_ = SteadyClock::time_point::max();
  answered_ = false;
  piece_.clear();
  source_->next([self = shared_from_this()](std::string piece) {
    if (self->core_->on_io_thread()) {
      self->piece_arrived(std::move(piece));
    } else {
      self->core_->post([self, piece = std::move(piece)]() mutable { self->piece_arrived(std::move(piece)); });
    }
  });
}

void Session::piece_arrived(std::string piece) {
  if (!source_) return;  // it ended meanwhile
  piece_ = std::move(piece);
  answer_arrived();
}

/// Nobody reads while a stream is sent, so a peer that hangs up between two pieces would go unnoticed. One that has
/// closed its sending side is taken for gone; one that sends its next request is left alone.
void Session::watch_peer() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
    if (error || !self->source_) return;
    char byte = 0;
    const std::size_t count = self->socket_.receive(asio::buffer(&byte, 1), Socket::message_peek, error);
    if (error == asio::error::would_block) return self->watch_peer();
    if (!error && count > 0) return;
    self->peer_gone_ = true;
    self->answer_arrived();
  });
}

}  // namespace daybook
