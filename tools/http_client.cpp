#include "tools/http_client.h"

#include <curl/curl.h>

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

std::string server_of_url(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) throw std::invalid_argument("--url is one such as http://127.0.0.1:8080");
  const std::string server = url.substr(scheme.size());
  return server.ends_with('/') ? server.substr(0, server.size() - 1) : server;
}

HttpReply http_request(const std::string& method, const std::string& address, const std::string& path,
                       const std::string& key, const std::string& body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), &curl_easy_cleanup);
  if (!handle) throw StorageFault("the HTTP client could not be started");
  HttpReply reply;
  const std::string url = "http://" + address + path;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
      curl_slist_append(nullptr, ("Authorization: Bearer " + key).c_str()), &curl_slist_free_all);
  if (!body.empty()) headers.reset(curl_slist_append(headers.release(), "Content-Type: application/json"));
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
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

}  // namespace daybook
