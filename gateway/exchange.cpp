#include "gateway/exchange.h"

#include <spdlog/spdlog.h>

#include "gateway/request_headers.h"
#include "gateway/services.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

constexpr std::string_view retry_after_seconds = "1";

std::string_view route_text(const Exchange& exchange) {
  return exchange.route ? exchange.route->path : std::string_view("unmatched");
}

/// The line holds nothing that the client chose but the request's id and a valid account id.
void log_request(const Exchange& exchange, int status, std::int64_t duration_us) {
  std::string line;
  JsonText json(line);
  json.begin_object().member("event", "request").member("method", to_string(exchange.request.method));
  json.member("route", route_text(exchange)).member("status", status).member("duration_us", duration_us);
  json.member("request_id", exchange.request_id).member("principal", exchange.principal.name);
  const bool has_account = exchange.route && exchange.route->path.starts_with("/v1/accounts/{id}");
  if (has_account && status < 400) json.member("account", exchange.path[0]);
  json.end_object();
  spdlog::info("{}", line);
}

}  // namespace

Exchange::Exchange(Request the_request, Responder the_responder, Services& the_services)
    : request(std::move(the_request)),
      responder(std::move(the_responder)),
      services(the_services),
      started(std::chrono::steady_clock::now()) {
  const std::string_view given = request.header("request-id");
  request_id = valid_request_id(given) ? std::string(given) : make_request_id();
}

void Exchange::send(int status, std::string body, std::vector<Header> headers, std::string content_type) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  response.headers = std::move(headers);
  finish(std::move(response));
}

void Exchange::send_stream(std::shared_ptr<BodySource> source, std::vector<Header> headers, std::string content_type) {
  Response response;
  response.content_type = std::move(content_type);
  response.headers = std::move(headers);
  response.source = std::move(source);
  finish(std::move(response));
}

void Exchange::finish(Response response) {
  response.headers.push_back({"Request-Id", request_id});
  if (rate.limit != 0) {
    response.headers.push_back({"RateLimit-Limit", std::to_string(rate.limit)});
    response.headers.push_back({"RateLimit-Remaining", std::to_string(rate.remaining)});
    response.headers.push_back({"RateLimit-Reset", std::to_string(rate.reset_seconds)});
  }
  const auto taken = std::chrono::steady_clock::now() - started;
  services.metrics.request(route_text(*this), request.method, response.status,
                           std::chrono::duration<double>(taken).count());
  if (services.options.log_requests) {
    log_request(*this, response.status, std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
  }
  responder.send(std::move(response));
}

void Exchange::refuse(const Problem& problem, std::vector<Header> headers) {
  std::string body;
  append_problem(body, problem, request_id);
  services.metrics.error(route_text(*this), problem.info().name);
  const int status = problem.status();
  if (status == 401) headers.push_back({"WWW-Authenticate", "Bearer realm=\"daybook\""});
  if (status == 503 || status == 507) headers.push_back({"Retry-After", std::string(retry_after_seconds)});
  if (status == 429) headers.push_back({"Retry-After", std::to_string(rate.reset_seconds)});
  send(status, std::move(body), std::move(headers), std::string(problem_content_type));
}

void Exchange::refuse(RejectionCode code, std::string detail) {
  Problem problem;
  problem.code = code;
  problem.detail = std::move(detail);
  refuse(problem);
}

void Exchange::refuse_busy() {
  refuse(RejectionCode::not_ready);
}

void Exchange::send_resource(std::string body, std::uint64_t version) {
  std::string tag = etag_of(version);
  if (none_match_holds(request.header("if-none-match"), tag)) {
    return send(304, {}, {{"ETag", std::move(tag)}}, {});
  }
  send(200, std::move(body), {{"ETag", std::move(tag)}});
}

}  // namespace daybook
