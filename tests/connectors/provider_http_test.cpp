// One exchange with a provider: what reaches it, what counts as an answer, and whom it is told.
#include "connectors/provider_http.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "scripted_server.h"

namespace daybook::test {
namespace {

constexpr std::string_view some_secret = "sk_test_never_to_be_seen";

ProviderHttp::Options http_options(const std::string& url) {
  ProviderHttp::Options options;
  options.base_url = url;
  options.headers = {"Authorization: Bearer " + std::string(some_secret)};
  options.total_time_max = std::chrono::seconds(30);
  return options;
}

HttpExchange some_get(const std::string& path = "/v1/things?limit=1") {
  return {HttpVerb::get, path, {}, {}};
}
HttpExchange some_post(const std::string& body = "amount=1") {
  return {HttpVerb::post, "/v1/things", body, {"Idempotency-Key: key-1"}};
}

/// A file that goes with the test.
struct CertificateFile {
  std::filesystem::path path;
  explicit CertificateFile(const std::string& pem) {
    char name[] = "/tmp/daybook-ca-XXXXXX";
    const int file = mkstemp(name);
    REQUIRE(file >= 0);
    close(file);
    path = name;
    std::ofstream(path) << pem;
  }
  ~CertificateFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("a request arrives with its headers and body, and the answer comes back with its own") {
  ScriptedServer server({whole_answer(200, "[1]", "Request-Id: req_1\r\nRetry-After: 7\r\n"), whole_answer(402, "no")});
  ProviderHttp http(http_options(server.url()));
  const HttpAnswer got = http.exchange(some_get());
  CHECK(got.fate == HttpFate::answered);
  CHECK(got.status == 200);
  CHECK(got.body == "[1]");
  CHECK(got.header("request-id") == "req_1");
  CHECK(got.header("other").empty());
  CHECK(got.retry_after == std::chrono::seconds(7));
  const HttpAnswer posted = http.exchange(some_post("amount=1&currency=usd"));
  CHECK(posted.status == 402);
  CHECK_FALSE(posted.retry_after);
  const std::vector<SeenRequest> seen = server.requests();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].verb == "GET");
  CHECK(seen[0].target == "/v1/things?limit=1");
  CHECK(seen[0].header("authorization") == "Bearer " + std::string(some_secret));
  CHECK(seen[0].header("user-agent") == "Daybook");
  CHECK(seen[1].verb == "POST");
  CHECK(seen[1].body == "amount=1&currency=usd");
  CHECK(seen[1].header("idempotency-key") == "key-1");
  CHECK(seen[1].header("expect").empty());
}

TEST_CASE("calls one after the other, of any thread, use one connection") {
  ScriptedServer server([](const SeenRequest&) { return whole_answer(200, "{}"); });
  ProviderHttp http(http_options(server.url()));
  for (int round = 0; round < 3; ++round) {
    std::thread([&] { CHECK(http.exchange(some_post()).status == 200); }).join();
  }
  for (const SeenRequest& request : server.requests()) CHECK(request.connection == 1);
}

TEST_CASE("calls of several threads at once go side by side, on no more connections than there are threads") {
  ScriptedServer server([](const SeenRequest& request) { return whole_answer(200, request.body); });
  ProviderHttp http(http_options(server.url()));
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&http, caller] {
      for (int round = 0; round < 20; ++round) {
        const std::string body = "caller=" + std::to_string(caller);
        CHECK(http.exchange(some_post(body)).body == body);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const std::vector<SeenRequest> seen = server.requests();
  CHECK(seen.size() == 160);
  for (const SeenRequest& request : seen) CHECK(request.connection <= 8);
}

TEST_CASE("a redirect is an answer, and is not followed") {
  ScriptedServer other({whole_answer(200, "{}")});
  ScriptedServer server({whole_answer(302, "", "Location: " + other.url() + "/\r\n")});
  ProviderHttp http(http_options(server.url()));
  CHECK(http.exchange(some_get()).status == 302);
  CHECK(other.requests().empty());
}

TEST_CASE("an answer of as many bytes as there may be is whole, one of one byte more is none") {
  ScriptedServer server({whole_answer(200, std::string(1'000, 'a')), whole_answer(200, std::string(1'001, 'a')),
                         whole_answer(200, "{}", "Long: " + std::string(provider_header_bytes_max, 'a') + "\r\n")});
  ProviderHttp::Options options = http_options(server.url());
  options.body_bytes_max = 1'000;
  ProviderHttp http(options);
  CHECK(http.exchange(some_get()).body.size() == 1'000);
  for (int round = 0; round < 2; ++round) {
    const HttpAnswer answer = http.exchange(some_get());
    CHECK(answer.fate == HttpFate::unclear);
    CHECK(answer.body.empty());
    CHECK(answer.problem == "the answer is too large");
  }
}

TEST_CASE("an answer that is torn, is none, or does not come leaves it unclear what became of the request") {
  ScriptedAnswer torn, torn_chunk, gone, garbage, silent;
  torn.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":";
  torn_chunk.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"id\":";
  torn.closes = torn_chunk.closes = gone.closes = garbage.closes = true;
  garbage.bytes = std::string("\x16\x03\x01 no http\r\n\r\n");
  silent.hangs = true;
  for (const ScriptedAnswer& answer : {torn, torn_chunk, gone, garbage, silent}) {
    ScriptedServer server({answer});
    ProviderHttp::Options options = http_options(server.url());
    if (answer.hangs) options.total_time_max = std::chrono::seconds(1);
    ProviderHttp http(options);
    const HttpAnswer got = http.exchange(some_post());
    CHECK(got.fate == HttpFate::unclear);
    CHECK(got.timed_out == answer.hangs);
    CHECK(got.status == 0);
    CHECK(got.body.empty());
    CHECK_FALSE(got.problem.empty());
    CHECK(got.problem.find(some_secret) == std::string::npos);
    CHECK(server.requests().size() == 1);
  }
}

TEST_CASE("where nobody listens nothing was sent") {
  ProviderHttp http(http_options(unused_url()));
  CHECK(http.exchange(some_post()).fate == HttpFate::not_sent);
}

TEST_CASE("a server that takes the connection but speaks no TLS is given up in the time for connecting") {
  ScriptedServer server({whole_answer(200, "{}")});
  ProviderHttp::Options options = http_options("https" + server.url().substr(4));
  options.connect_time_max = std::chrono::milliseconds(200);
  options.total_time_max = std::chrono::hours(1);
  ProviderHttp http(options);
  const HttpAnswer answer = http.exchange(some_post());
  CHECK(answer.fate == HttpFate::not_sent);
  CHECK(answer.timed_out);
}

TEST_CASE("a kept connection that is closed under a request does not make it be sent twice, unless it is a get") {
  for (const std::string& body : {std::string("amount=1"), std::string()}) {
    CAPTURE(body);
    ScriptedAnswer gone;
    gone.closes = true;
    ScriptedServer server({whole_answer(200, "{}"), gone, whole_answer(200, "{}")});
    ProviderHttp http(http_options(server.url()));
    CHECK(http.exchange(some_get()).status == 200);
    CHECK(http.exchange(some_post(body)).fate == HttpFate::unclear);
    CHECK(server.requests().size() == 2);
  }
  ScriptedAnswer gone;
  gone.closes = true;
  ScriptedServer server({whole_answer(200, "{}"), gone, whole_answer(200, "{}")});
  ProviderHttp http(http_options(server.url()));
  CHECK(http.exchange(some_get()).status == 200);
  CHECK(http.exchange(some_get()).status == 200);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("only a server with a certificate that counts, for its own address, is told anything") {
  const TlsIdentity right = make_tls_identity("127.0.0.1");
  const TlsIdentity other = make_tls_identity("127.0.0.2");
  TlsIdentity old = right;
  old.is_old = true;
  const CertificateFile right_file(right.certificate_pem), other_file(other.certificate_pem);
  struct Row {
    std::string name;
    const TlsIdentity* served;
    std::string ca_file;
    HttpFate fate;
  };
  for (const Row& row : {Row{"trusted", &right, right_file.path, HttpFate::answered},
                         Row{"self-signed", &right, "", HttpFate::not_trusted},
                         Row{"signed by another", &right, other_file.path, HttpFate::not_trusted},
                         Row{"of another address", &other, other_file.path, HttpFate::not_trusted},
                         Row{"no such file", &right, "/nowhere/ca.pem", HttpFate::not_trusted},
                         Row{"TLS 1.1", &old, right_file.path, HttpFate::not_sent}}) {
    CAPTURE(row.name);
    ScriptedServer server([](const SeenRequest&) { return whole_answer(200, "{}"); }, row.served);
    ProviderHttp::Options options = http_options(server.url());
    options.ca_file = row.ca_file;
    ProviderHttp http(options);
    const HttpAnswer answer = http.exchange(some_post());
    CHECK(answer.fate == row.fate);
    CHECK(answer.problem.empty() == (row.fate == HttpFate::answered));
    CHECK(server.requests().size() == (row.fate == HttpFate::answered ? 1U : 0U));
  }
}

TEST_CASE(
    "requests in clear go to loopback addresses only, and all others to https with nothing but a host and a port") {
  for (const char* good :
       {"https://api.stripe.com", "https://api.stripe.com:443", "https://127.0.0.1:1", "https://[::1]",
        "http://127.0.0.1", "http://127.0.0.1:8080", "http://127.9.9.9:1", "http://[::1]:8080"}) {
    CAPTURE(good);
    CHECK(is_provider_url(good));
    CHECK_NOTHROW(ProviderHttp(http_options(good)));
  }
  for (const char* bad : {"",
                          "https://",
                          "http://",
                          "https://:443",
                          "api.stripe.com",
                          "ftp://127.0.0.1",
                          "http://api.stripe.com",
                          "http://localhost",
                          "http://127.0.0.1.example.com",
                          "http://127.1",
                          "http://128.0.0.1",
                          "https://a/b",
                          "https://a?b",
                          "https://user:word@a",
                          "http://user@127.0.0.1",
                          "https://a:",
                          "https://a:123456",
                          "https://a b",
                          "https://a:12a",
                          "HTTPS://a",
                          "https://[::2]",
                          "http://127.0.0.1@evil.example"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_provider_url(bad));
  }
  try {
    const ProviderHttp http(http_options("https://user:word@host"));
    FAIL("it was taken");
  } catch (const std::invalid_argument& refused) {
    CHECK(std::string(refused.what()).find("word") == std::string::npos);
  }
}

TEST_CASE("no line break gets into a request's path or headers") {
  ScriptedServer server([](const SeenRequest&) { return whole_answer(200, "{}"); });
  ProviderHttp http(http_options(server.url()));
  HttpExchange injected = some_post();
  injected.headers = {"Idempotency-Key: a\r\nEvil: 1"};
  for (const HttpExchange& bad : {injected, some_get("/a b"), some_get("/a\r\nEvil: 1"), some_get(""), some_get("a")}) {
    CHECK(http.exchange(bad).fate == HttpFate::not_sent);
  }
  CHECK(server.requests().empty());
}

}  // namespace daybook::test
