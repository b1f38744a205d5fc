// The table of routes: one row a method and path, each with the permission it needs. The API document lists the same
// set (a test compares them).
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http_message.h"
#include "gateway/permissions.h"

namespace daybook {

struct Exchange;
/// Shared between the request's own thread and whoever answers it: a writer's completion or a reader thread.
using ExchangePtr = std::shared_ptr<Exchange>;
using RouteHandler = void (*)(ExchangePtr exchange);

enum class RouteKind : std::uint8_t {
  read,          ///< Changes nothing.
  command,       ///< Takes Idempotency-Key, If-Match and ?dry_run.
  action,        ///< Changes something that is no command (a rebuild).
  open,          ///< Answers without a key, and is not counted against a rate limit.
  public_read,   ///< Answers without a key, and shows more to some who have one.
  sandbox_read,  ///< 404 in a live book.
  sandbox_command,
};

struct Route {
  Method method;
  std::string_view path;  ///< "/v1/accounts/{id}"
  std::string_view operation_id;
  Permission permission;
  RouteKind kind;
  std::string_view query;  ///< Names of the parameters that it takes, separated by spaces.
  RouteHandler handler;
};

std::span<const Route> all_routes();

inline constexpr std::size_t path_parameters_max = 2;

struct RouteMatch {
  const Route* route = nullptr;
  std::array<std::string, path_parameters_max> parameters;
  std::string allowed_methods;  ///< "GET, POST", if the path exists but not with that method.
};
/// HEAD finds the GET route.
RouteMatch find_route(Method method, std::string_view path);

/// The first thing wrong with the table (a duplicate, a permission that no role has, an unknown parameter's place);
/// empty if nothing is.
std::string check_routes();

}  // namespace daybook
