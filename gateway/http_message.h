// A request and a response as the rest of the gateway sees them, and the promise to answer. Knows neither sockets nor
// routes, so it is cheap to include everywhere; http_server.h carries these over the wire.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

/// The methods that a route can name. CONNECT, TRACE and anything unknown (names are case-sensitive) are `other`.
enum class Method { get, head, post, put, patch, del, options, other };

/// "GET", "DELETE", ...; "OTHER" for Method::other.
constexpr std::string_view to_string(Method method) {
  constexpr std::string_view names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};
  return names[static_cast<std::size_t>(method)];
}

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  Method method = Method::other;
  std::string method_text;                                 ///< As received: never empty.
  std::string target;                                      ///< As received.
  std::string path;                                        ///< Percent-decoded, valid UTF-8, no control characters.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded likewise, in order, names not unique.
  std::vector<Header> headers;                             ///< In order, names lower-case, values trimmed.
  std::string body;

  /// The first header of that name, `lower_name` in lower case; empty if absent.
  std::string_view header(std::string_view lower_name) const {
    for (const Header& entry : headers) {
      if (entry.name == lower_name) return entry.value;
    }
    return {};
  }

  /// The first value of that name; empty text for "?name" and "?name=".
  std::optional<std::string_view> query_value(std::string_view name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

/// A body that has no end yet: the connection asks for one piece after the other, the next when the one before has been
/// written. So a slow reader is paced by its socket, and no more than a piece waits in memory.
class BodySource {
 public:
  using Ready = std::function<void(std::string piece)>;
  virtual ~BodySource() = default;
  /// Calls `ready` once, on any thread, when there is a piece; an empty one ends the body. Not called again before
  /// that.
  virtual void next(Ready ready) = 0;
  /// Nobody wants any more: `ready` is forgotten, unless it is being called.
  virtual void stop() noexcept = 0;
};

/// The server adds Content-Length, Date and Connection; none of them belongs in `headers`. A header name that is no
/// token or a value with control characters is a bug of the caller: the client gets a 500 instead of a split response.
struct Response {
  int status = 200;
  std::string content_type = "application/json";  ///< Empty: no Content-Type.
  std::vector<Header> headers = {};
  std::string body = {};  ///< Given for HEAD too: its length is told, its bytes are not sent.
  /// Instead of `body`: sent in chunks as it comes. Shared with whoever fills it.
  std::shared_ptr<BodySource> source = {};
};

/// Where a Responder delivers: the connection, or a test.
class AnswerSink {
 public:
  virtual void answer(Response response) = 0;
  /// The Responder went away without an answer.
  virtual void dropped() noexcept = 0;

 protected:
  ~AnswerSink() = default;
};

/// The promise to answer one request, kept exactly once, from any thread; dropped without an answer it sends a 500.
/// It may outlive the connection and the server; its answer then goes nowhere.
///
///     void handle(Request request, Responder responder) { responder.send({.status = 204}); }
class Responder {
 public:
  /// `sink` is shared because the answer may come when the connection is already gone.
  explicit Responder(std::shared_ptr<AnswerSink> sink) : sink_(std::move(sink)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept {
    Responder taken(std::move(other));
    sink_.swap(taken.sink_);
    return *this;
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder() {
    if (sink_) sink_->dropped();
  }

  /// Throws std::logic_error if this one has answered already or was moved from: a bug.
  void send(Response response) {
    if (!sink_) throw std::logic_error("Responder: answered twice");
    const std::shared_ptr<AnswerSink> sink = std::move(sink_);
    sink->answer(std::move(response));
  }
  void operator()(Response response) && { send(std::move(response)); }

  /// Whether an answer is still owed.
  explicit operator bool() const { return sink_ != nullptr; }

 private:
  std::shared_ptr<AnswerSink> sink_;
};

using Handler = std::function<void(Request, Responder)>;

}  // namespace daybook
