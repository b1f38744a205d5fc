// One request on its way through the gateway: who asks, what for, and the one answer. Everything that every answer
// carries (Request-Id, rate limit, log line, metrics) is added here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/instant.h"
#include "engine/principal.h"
#include "eventstore/position.h"
#include "gateway/http_message.h"
#include "gateway/problem.h"
#include "gateway/rate_limiter.h"
#include "gateway/routes.h"

namespace daybook {

struct Services;

struct Exchange {
  Exchange(Request the_request, Responder the_responder, Services& the_services);

  Request request;
  Responder responder;
  Services& services;
  const Route* route = nullptr;
  std::array<std::string, path_parameters_max> path;  ///< Values of the path's parameters; "me" is resolved.
  Principal principal;
  std::string request_id;
  RateLimiter::Verdict rate;
  std::chrono::steady_clock::time_point started;

  /// Sends JSON (or what `content_type` says) with the common headers. Once.
  void send(int status, std::string body, std::vector<Header> headers = {},
            std::string content_type = "application/json");
  /// 200 and a body that comes in pieces. Once.
  void send_stream(std::shared_ptr<BodySource> source, std::vector<Header> headers, std::string content_type);
  void refuse(const Problem& problem, std::vector<Header> headers = {});
  void refuse(RejectionCode code, std::string detail = {});
  /// 503 with Retry-After.
  void refuse_busy();
  void refuse(Faults faults) { refuse(problem_of(std::move(faults))); }
  /// 200, or 304 if If-None-Match holds the version's tag.
  void send_resource(std::string body, std::uint64_t version);

  bool is_within_one_account() const { return acts_within_one_account(principal.role); }
  /// Whether the account is the principal's own, for those who have one.
  bool may_see_account(std::string_view account_id) const {
    return !is_within_one_account() || principal.account_id == account_id;
  }
  /// A list's filter: of the principal's own account, for those who have one. False if it asks for another's.
  bool narrow_to_own(std::optional<std::string>& account_id) const {
    if (!is_within_one_account()) return true;
    if (account_id && *account_id != principal.account_id) return false;
    account_id = principal.account_id;
    return true;
  }

 private:
  void finish(Response response);
};

}  // namespace daybook
