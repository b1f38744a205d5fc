#include "tests/gateway/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace daybook::test {
namespace {

int connect_to(std::uint16_t port) {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return handle;
  close(handle);
  return -1;
}

}  // namespace

std::string RawResponse::header(std::string_view name) const {
  const auto found = headers.find(std::string(name));
  return found == headers.end() ? std::string() : found->second;
}

RawClient::RawClient(std::uint16_t port) : socket_(connect_to(port)) {
  if (socket_ < 0) throw std::runtime_error("cannot connect");
}

RawClient::~RawClient() {
  close(socket_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return;
    if (count < 0) throw std::runtime_error("the server does not read");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool RawClient::receive() {
  std::array<char, 16384> bytes;
  const ssize_t count = recv(socket_, bytes.data(), bytes.size(), 0);
  if (count < 0 && errno == ECONNRESET) throw std::runtime_error("reset: an answer may have been lost");
  if (count < 0) throw std::runtime_error("the server does not answer");
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0;
}

RawResponse RawClient::read_response(bool to_head) {
  std::size_t header_end = received_.find("\r\n\r\n");
  while (header_end == std::string::npos) {
    if (!receive()) throw std::runtime_error("closed before a response: " + received_);
    header_end = received_.find("\r\n\r\n");
  }
  RawResponse response;
  response.status = std::stoi(received_.substr(9, 3));
  for (std::size_t at = received_.find("\r\n") + 2; at < header_end;) {
    const std::size_t line_end = received_.find("\r\n", at);
    const std::size_t colon = received_.find(": ", at);
    std::string name = received_.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(tolower(c));
    response.headers[name] = received_.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  received_.erase(0, header_end + 4);
  if (to_head || !response.has("content-length")) return response;
  const std::size_t length = std::stoul(response.header("content-length"));
  while (received_.size() < length) {
    if (!receive()) throw std::runtime_error("closed within a body");
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

std::string RawClient::read_chunk() {
  std::size_t line_end = received_.find("\r\n");
  while (line_end == std::string::npos) {
    if (!receive()) throw std::runtime_error("closed between two chunks");
    line_end = received_.find("\r\n");
  }
  const std::size_t size = std::stoul(received_.substr(0, line_end), nullptr, 16);
  while (received_.size() < line_end + 2 + size + 2) {
    if (!receive()) throw std::runtime_error("closed within a chunk");
  }
  if (received_.substr(line_end + 2 + size, 2) != "\r\n") throw std::runtime_error("a chunk without its end");
  std::string chunk = received_.substr(line_end + 2, size);
  received_.erase(0, line_end + 2 + size + 2);
  return chunk;
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return received_;
}

void RawClient::finish_sending() {
  shutdown(socket_, SHUT_WR);
}

bool connection_refused(std::uint16_t port) {
  const int handle = connect_to(port);
  if (handle < 0) return true;
  close(handle);
  return false;
}

std::string get(std::string_view path, std::string_view more) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view more) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more) + "\r\n" + std::string(body);
}

}  // namespace daybook::test
