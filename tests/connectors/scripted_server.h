// An HTTP server on loopback that answers what a test tells it to, byte for byte: torn, late, or not at all. It speaks
// TLS with a certificate of its own if it is told to.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace daybook::test {

struct SeenRequest {
  std::string verb, target, body;
  std::string head;            ///< The request's lines up to the empty one.
  std::size_t connection = 0;  ///< From 1.

  /// The header's value, its name in any case; empty if there is none.
  std::string header(const std::string& name) const;
};

struct ScriptedAnswer {
  std::string bytes;
  bool closes = false;  ///< The connection, behind the bytes.
  bool hangs = false;   ///< Says nothing more until the client hangs up.
};

/// A whole answer; `headers` are lines with their ends.
ScriptedAnswer whole_answer(int status, const std::string& body, const std::string& headers = {});

/// A key and a certificate that it signed itself, for that address.
struct TlsIdentity {
  std::string certificate_pem, key_pem;
  bool is_old = false;  ///< Speaks TLS 1.1 only.
};
TlsIdentity make_tls_identity(const std::string& ip_address);

class ScriptedServer {
 public:
  /// `answer` is called for one request at a time, in their order.
  explicit ScriptedServer(std::function<ScriptedAnswer(const SeenRequest&)> answer, const TlsIdentity* tls = nullptr);
  /// Answers one after the other; behind the last one it hangs up.
  explicit ScriptedServer(std::vector<ScriptedAnswer> answers);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// "http://127.0.0.1:PORT", or https.
  std::string url() const;
  std::vector<SeenRequest> requests() const;

 private:
  struct Channel;
  void accept_all();
  void serve(int socket, std::size_t connection);

  const std::function<ScriptedAnswer(const SeenRequest&)> answer_;
  void* tls_ = nullptr;  ///< SSL_CTX
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::vector<int> sockets_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

/// An address where nobody listens.
std::string unused_url();

}  // namespace daybook::test
