// One exchange with a payment provider's API over HTTPS, through libcurl: connections that are kept, certificates that
// are checked, bounds on time and size. Knows no provider and decides nothing: whether a call is made again is for
// provider_calls.
//
// Concurrency: any thread, as many calls at once as there are callers; each takes an idle connection or opens one.
// Limits: provider_connections_kept idle connections; the rest in Options.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook {

inline constexpr std::size_t provider_connections_kept = 16;
inline constexpr std::size_t provider_header_bytes_max = 64U << 10U;  ///< Of an answer's header lines together.

enum class HttpVerb : std::uint8_t { get, post };

struct HttpExchange {
  HttpVerb verb = HttpVerb::get;
  std::string path;                  ///< With its query: "/v1/prices?limit=100". Visible ASCII.
  std::string body;                  ///< Of a post: application/x-www-form-urlencoded.
  std::vector<std::string> headers;  ///< Lines "Name: value", beside those of the options.
};

enum class HttpFate : std::uint8_t {
  answered,     ///< A whole answer.
  not_sent,     ///< Not one byte of the request left: it surely did not reach the provider.
  not_trusted,  ///< Likewise: whoever answers there has no certificate that counts.
  unclear,      ///< It may have reached the provider: no answer, a torn one, or one that is too large.
};

struct HttpAnswer {
  HttpFate fate = HttpFate::not_sent;
  int status = 0;  ///< Of an answer.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::optional<std::chrono::seconds> retry_after;           ///< As the header of that name says, a date included.
  bool timed_out = false;
  std::string problem;  ///< Why there is no answer, for logs: never with a part of the request.

  /// The header's value; empty if there is none. `name` in lower case.
  std::string_view header(std::string_view name) const;
};

class ProviderHttp {
 public:
  struct Options {
    /// "https://host[:port]". Plain http is taken for the addresses 127.x.y.z and [::1] only.
    std::string base_url;
    std::string ca_file;               ///< PEM; the only authorities that count. Empty: the system's.
    std::vector<std::string> headers;  ///< Of every request, secrets included.
    std::string user_agent = "Daybook";
    std::chrono::milliseconds connect_time_max{5'000};  ///< Name, connection and TLS together.
    std::chrono::milliseconds total_time_max{30'000};
    std::size_t body_bytes_max = 8U << 20U;
  };

  /// Throws std::invalid_argument if the base URL is none of these, without repeating it: it might hold a password.
  explicit ProviderHttp(Options options);
  ~ProviderHttp();
  ProviderHttp(const ProviderHttp&) = delete;
  ProviderHttp& operator=(const ProviderHttp&) = delete;

  /// Sends the request at most once: also on a kept connection that the other side has closed meanwhile, where libcurl
  /// alone would repeat it, unless it is a get. Follows no redirect, asks no proxy.
  HttpAnswer exchange(const HttpExchange& exchange);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Whether requests may go there: see Options::base_url.
bool is_provider_url(std::string_view url);

}  // namespace daybook
