#include "connectors/provider_http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <ctime>
#include <mutex>
#include <new>
#include <stdexcept>

#include "domain/ascii.h"

namespace daybook {
namespace {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDeleter>;
using CurlLines = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// What the callbacks of one exchange fill and empty.
struct ExchangeBuffers {
  std::string_view unsent;  ///< Of the request's body.
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool is_too_large = false;
  HttpAnswer* answer = nullptr;
};

/// Keeps a connection that the other side has closed from ending the process: OpenSSL writes without MSG_NOSIGNAL, and
/// libcurl's own remedy is for the whole process, not for one thread.
class BrokenPipesIgnored {
 public:
  BrokenPipesIgnored() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BrokenPipesIgnored() {
    const timespec no_time{};
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &no_time) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BrokenPipesIgnored(const BrokenPipesIgnored&) = delete;
  BrokenPipesIgnored& operator=(const BrokenPipesIgnored&) = delete;

 private:
  sigset_t pipe_, before_;
  bool was_pending_ = false;
};

std::size_t send_body(char* out, std::size_t size, std::size_t count, void* data) {
  auto& buffers = *static_cast<ExchangeBuffers*>(data);
  const std::size_t taken = std::min(size * count, buffers.unsent.size());
  std::memcpy(out, buffers.unsent.data(), taken);
  buffers.unsent.remove_prefix(taken);
  return taken;
}

std::size_t receive_body(char* in, std::size_t size, std::size_t count, void* data) {
  auto& buffers = *static_cast<ExchangeBuffers*>(data);
  const std::size_t bytes = size * count;
  if (bytes > buffers.body_bytes_max - buffers.answer->body.size()) {
    buffers.is_too_large = true;
    return 0;
  }
  buffers.answer->body.append(in, bytes);
  return bytes;
}

std::size_t receive_header(char* in, std::size_t size, std::size_t count, void* data) {
  auto& buffers = *static_cast<ExchangeBuffers*>(data);
  const std::size_t bytes = size * count;
  buffers.header_bytes += bytes;
  if (buffers.header_bytes > provider_header_bytes_max) {
    buffers.is_too_large = true;
    return 0;
  }
  std::string_view line(in, bytes);
  while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) buffers.answer->headers.clear();  // an interim answer's (100) do not count
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return bytes;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  line.remove_prefix(colon + 1);
  while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
  buffers.answer->headers.emplace_back(std::move(name), line);
  return bytes;
}

bool is_loopback_literal(std::string_view host) {
  if (host == "[::1]") return true;
  in_addr address{};
  return host.starts_with("127.") && inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_host_character(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '-';
}

/// A request line's or a header's: no line break can be smuggled in.
bool is_one_visible_line(std::string_view text, bool with_spaces) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return (c > 0x20 && c < 0x7F) || (with_spaces && c == ' '); });
}

bool is_certificate_fault(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR;
}

void set_method(CURL* handle, const HttpExchange& exchange, ExchangeBuffers& buffers) {
  if (exchange.verb == HttpVerb::get) {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  if (exchange.body.empty()) {
    // Without a body libcurl repeats what it sent on a connection that turns out to be closed: so on a new one.
    curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "");
    return;
  }
  // A body that cannot be rewound is not sent twice.
  buffers.unsent = exchange.body;
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.body.size()));
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, send_body);
  curl_easy_setopt(handle, CURLOPT_READDATA, &buffers);
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  const auto row = std::find_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
  return row == headers.end() ? std::string_view() : std::string_view(row->second);
}

bool is_provider_url(std::string_view url) {
  const bool is_plain = url.starts_with("http://");
  if (!is_plain && !url.starts_with("https://")) return false;
  url.remove_prefix(is_plain ? 7 : 8);
  const std::size_t bracket = url.starts_with('[') ? url.find(']') : url.npos;
  const std::size_t colon = url.find(':', bracket == url.npos ? 0 : bracket);
  const std::string_view host = url.substr(0, colon);
  if (colon != url.npos && !is_port(url.substr(colon + 1))) return false;
  if (is_plain) return is_loopback_literal(host);
  return host == "[::1]" || (!host.empty() && std::all_of(host.begin(), host.end(), is_host_character));
}

struct ProviderHttp::Parts {
  const Options options;
  std::mutex mutex;
  std::vector<CurlHandle> idle;

  CurlHandle take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return CurlHandle(curl_easy_init());
    CurlHandle handle = std::move(idle.back());
    idle.pop_back();
    return handle;
  }

  void give_back(CurlHandle handle) {
    curl_easy_reset(handle.get());  // forgets the request, keeps the connection
    const std::lock_guard lock(mutex);
    if (idle.size() < provider_connections_kept) idle.push_back(std::move(handle));
  }

  void set_limits(CURL* handle) const {
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, options.base_url.starts_with("http://") ? "http" : "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) {
      curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
      curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_time_max.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_time_max.count()));
    curl_easy_setopt(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  }
};

ProviderHttp::ProviderHttp(Options options) {
  if (!is_provider_url(options.base_url)) {
    throw std::invalid_argument("a provider's address is https://host[:port], or http:// with a loopback address");
  }
  // Never cleaned up: whoever else uses libcurl in this process may still be at it.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl could not be started");
  parts_ = std::make_unique<Parts>(std::move(options));
}

ProviderHttp::~ProviderHttp() {
  const BrokenPipesIgnored guard;  // a farewell is written too
  parts_.reset();
}

HttpAnswer ProviderHttp::exchange(const HttpExchange& exchange) {
  HttpAnswer answer;
  CurlLines lines(nullptr, &curl_slist_free_all);
  bool is_sendable = exchange.path.starts_with('/') && is_one_visible_line(exchange.path, false);
  const auto add = [&](const std::string& line) {
    is_sendable = is_sendable && is_one_visible_line(line, true);
    curl_slist* const longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)lines.release();
    lines.reset(longer);
  };
  for (const std::string& line : parts_->options.headers) add(line);
  for (const std::string& line : exchange.headers) add(line);
  add("Expect:");
  CurlHandle handle = parts_->take();
  if (!is_sendable || !handle) {
    answer.problem = is_sendable ? "the HTTP client could not be started" : "the request is none that can be sent";
    return answer;
  }
  ExchangeBuffers buffers;
  buffers.body_bytes_max = parts_->options.body_bytes_max;
  buffers.answer = &answer;
  const std::string url = parts_->options.base_url + exchange.path;
  parts_->set_limits(handle.get());
  set_method(handle.get(), exchange, buffers);
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &buffers);
  curl_easy_setopt(handle.get(), CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(handle.get(), CURLOPT_HEADERDATA, &buffers);
  const BrokenPipesIgnored guard;
  const CURLcode code = curl_easy_perform(handle.get());
  long status = 0, sent_bytes = 0;
  curl_off_t retry_after_s = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &sent_bytes);
  curl_easy_getinfo(handle.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
  parts_->give_back(std::move(handle));
  if (code == CURLE_OK) {
    answer.fate = HttpFate::answered;
    answer.status = static_cast<int>(status);
    if (!answer.header("retry-after").empty()) answer.retry_after = std::chrono::seconds(retry_after_s);
    return answer;
  }
  HttpAnswer none;
  none.timed_out = code == CURLE_OPERATION_TIMEDOUT;
  none.fate = is_certificate_fault(code) ? HttpFate::not_trusted
              : sent_bytes == 0          ? HttpFate::not_sent
                                         : HttpFate::unclear;
  none.problem = buffers.is_too_large ? "the answer is too large" : curl_easy_strerror(code);
  return none;
}

}  // namespace daybook
