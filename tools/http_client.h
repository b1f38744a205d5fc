// Requests to a running server, for the commands that change something while it holds the data directory or know only
// its address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daybook {

struct HttpReply {
  int status = 0;
  std::string body;
};

/// Sends JSON (empty body: none) and waits. `address` is host:port; without a key nobody is named; `headers` are lines
/// "Name: value". Throws StorageFault if nobody answers.
HttpReply http_request(const std::string& method, const std::string& address, const std::string& path,
                       const std::string& key, const std::string& body, const std::vector<std::string>& headers = {});

/// The host:port of a --url. Throws std::invalid_argument.
std::string server_of(const std::string& url);
/// A member of an answer, by its pointer; empty if it is not there or null.
std::string member_of(const std::string& body, std::string_view pointer);

}  // namespace daybook
