// One request to a running server, for the commands that change something while it holds the data directory.
#pragma once

#include <string>

namespace daybook {

struct HttpReply {
  int status = 0;
  std::string body;
};

/// The host:port of "http://host:port". Throws std::invalid_argument for anything else.
std::string server_of_url(const std::string& url);

/// Sends JSON (empty body: none) and waits. `address` is host:port. Throws StorageFault if nobody answers.
HttpReply http_request(const std::string& method, const std::string& address, const std::string& path,
                       const std::string& key, const std::string& body);

}  // namespace daybook
