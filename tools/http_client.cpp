#include "tools/http_client.h"

#include <curl/curl.h>
#include <simdjson.h>

#include <memory>
#include <stdexcept>

#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr long timeout_s = 600;  ///< Moving a clock by years runs everything in between.

std::size_t append(char* data, std::size_t size, std::size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

}  // namespace

HttpReply http_request(const std::string& method, const std::string& address, const std::string& path,
                       const std::string& key, const std::string& body, const std::vector<std::string>& headers) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), &curl_easy_cleanup);
  if (!handle) throw StorageFault("the HTTP client could not be started");
  HttpReply reply;
  const std::string url = "http://" + address + path;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> lines(nullptr, &curl_slist_free_all);
  const auto add = [&lines](const std::string& line) { lines.reset(curl_slist_append(lines.release(), line.c_str())); };
  if (!key.empty()) add("Authorization: Bearer " + key);
  if (!body.empty()) add("Content-Type: application/json");
  for (const std::string& line : headers) add(line);
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, timeout_s);
  curl_easy_setopt(handle.get(), CURLOPT_NOPROXY, "*");
  if (!body.empty()) curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body.c_str());
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) {
    throw StorageFault("the server at " + address + " did not answer: " + curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

std::string server_of(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) throw std::invalid_argument("--url is one such as http://127.0.0.1:8080");
  const std::string server = url.substr(scheme.size());
  return server.ends_with('/') ? server.substr(0, server.size() - 1) : server;
}

std::string member_of(const std::string& body, std::string_view pointer) {
  simdjson::dom::parser parser;
  std::string_view text;
  std::int64_t number = 0;
  simdjson::dom::element element;
  if (parser.parse(body).at_pointer(pointer).get(element) != simdjson::SUCCESS) return {};
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  return element.get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string();
}

}  // namespace daybook
