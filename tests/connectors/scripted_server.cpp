#include "scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace daybook::test {
namespace {

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

int listen_on_loopback(int& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (socket < 0 || ::bind(socket, any, size) != 0 || ::listen(socket, 64) != 0 ||
      ::getsockname(socket, any, &size) != 0) {
    throw std::runtime_error("no loopback port");
  }
  port = ntohs(address.sin_port);
  return socket;
}

std::string text_of_bio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

SSL_CTX* tls_context(const TlsIdentity& identity) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  BIO* certificate_text =
      BIO_new_mem_buf(identity.certificate_pem.data(), static_cast<int>(identity.certificate_pem.size()));
  BIO* key_text = BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size()));
  X509* const certificate = PEM_read_bio_X509(certificate_text, nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  if (identity.is_old) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  }
  const bool is_good = SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_text);
  BIO_free(key_text);
  if (!is_good) throw std::runtime_error("no TLS identity");
  return context;
}

}  // namespace

std::string SeenRequest::header(const std::string& name) const {
  const std::string lines = lower_case(head);
  const std::string wanted = "\r\n" + lower_case(name) + ": ";
  const std::size_t at = lines.find(wanted);
  if (at == std::string::npos) return {};
  const std::size_t from = at + wanted.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

ScriptedAnswer whole_answer(int status, const std::string& body, const std::string& headers) {
  ScriptedAnswer answer;
  answer.bytes = "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n" + headers + "\r\n" + body;
  return answer;
}

TlsIdentity make_tls_identity(const std::string& ip_address) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>("scripted");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  for (const auto& [kind, value] : {std::pair<int, std::string>(NID_subject_alt_name, "IP:" + ip_address),
                                    std::pair<int, std::string>(NID_basic_constraints, "critical,CA:TRUE")}) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(certificate, key, EVP_sha256());
  TlsIdentity identity;
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  identity.certificate_pem = text_of_bio(out);
  out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  identity.key_pem = text_of_bio(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

/// One connection, in clear or in TLS.
struct ScriptedServer::Channel {
  int socket;
  SSL* tls = nullptr;

  ~Channel() {
    if (tls != nullptr) SSL_free(tls);
  }
  long read(char* data, std::size_t size) const {
    return tls == nullptr ? ::recv(socket, data, size, 0) : SSL_read(tls, data, static_cast<int>(size));
  }
  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const long sent = tls == nullptr ? ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                       : SSL_write(tls, bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Reads until `text` holds that many bytes or, with 0, an empty line; false if the client has gone.
  bool fill(std::string& text, std::size_t bytes) const {
    char block[4'096];
    while (bytes == 0 ? text.find("\r\n\r\n") == std::string::npos : text.size() < bytes) {
      const long got = read(block, sizeof block);
      if (got <= 0) return false;
      text.append(block, static_cast<std::size_t>(got));
    }
    return true;
  }
};

ScriptedServer::ScriptedServer(std::function<ScriptedAnswer(const SeenRequest&)> answer, const TlsIdentity* tls)
    : answer_(std::move(answer)) {
  if (tls != nullptr) tls_ = tls_context(*tls);
  listener_ = listen_on_loopback(port_);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::ScriptedServer(std::vector<ScriptedAnswer> answers)
    : ScriptedServer([answers = std::move(answers), next = std::size_t(0)](const SeenRequest&) mutable {
        ScriptedAnswer gone;
        gone.closes = true;
        return next < answers.size() ? answers[next++] : gone;
      }) {}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& connection : connections_) connection.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
  if (tls_ != nullptr) SSL_CTX_free(static_cast<SSL_CTX*>(tls_));
}

std::string ScriptedServer::url() const {
  return (tls_ == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port_);
}

std::vector<SeenRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void ScriptedServer::accept_all() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    connections_.emplace_back([this, socket, number = sockets_.size()] { serve(socket, number); });
  }
}

void ScriptedServer::serve(int socket, std::size_t connection) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  Channel channel{socket};
  if (tls_ != nullptr) {
    channel.tls = SSL_new(static_cast<SSL_CTX*>(tls_));
    SSL_set_fd(channel.tls, socket);
    if (SSL_accept(channel.tls) != 1) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
  }
  std::string text;
  while (channel.fill(text, 0)) {
    SeenRequest request;
    request.connection = connection;
    const std::size_t head_end = text.find("\r\n\r\n");
    request.head = text.substr(0, head_end + 2);
    const std::size_t body_bytes = std::strtoul(request.header("content-length").c_str(), nullptr, 10);
    if (!channel.fill(text, head_end + 4 + body_bytes)) break;
    request.body = text.substr(head_end + 4, body_bytes);
    text.erase(0, head_end + 4 + body_bytes);
    const std::size_t space = request.head.find(' ');
    request.verb = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    ScriptedAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
      answer = answer_(request);
    }
    channel.write(answer.bytes);
    if (answer.hangs) {
      text.clear();
      channel.fill(text, 1);
      break;
    }
    if (answer.closes) break;
  }
  ::shutdown(socket, SHUT_RDWR);
}

std::string unused_url() {
  int port = 0;
  ::close(listen_on_loopback(port));
  return "http://127.0.0.1:" + std::to_string(port);
}

}  // namespace daybook::test
