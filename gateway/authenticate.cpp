#include "gateway/authenticate.h"

#include "domain/check.h"
#include "gateway/api_keys.h"
#include "gateway/services.h"

namespace daybook {
namespace {

/// RFC 6750 section 2.1; the scheme's name in any case.
std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != scheme[i]) return std::nullopt;
  }
  authorization.remove_prefix(scheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

/// 400 about the tenant-id header; false for the caller to return.
bool refuse_tenant(Exchange& exchange, std::string_view code, std::string_view detail) {
  Faults faults;
  faults.malformed("tenant-id", code, std::string(detail));
  exchange.refuse(std::move(faults));
  return false;
}

Principal dev_principal() {
  Principal principal;
  principal.name = "key:dev";
  principal.role = Role::super_admin;
  principal.credential = "dev";
  principal.is_exempt_from_limits = true;
  return principal;
}

}  // namespace

std::optional<Principal> authenticate(std::string_view authorization, const Services& services) {
  const std::optional<std::string_view> token = bearer_token(authorization);
  if (!token) return std::nullopt;
  if (services.options.dev && *token == dev_key_text) return dev_principal();
  if (!has_api_key_shape(*token)) return std::nullopt;
  const auto found = services.engine.find_api_key(api_key_digest(*token));
  if (!found || found->second.revoked) return std::nullopt;
  const auto& [book, key] = *found;
  Principal principal;
  principal.book = book;
  principal.credential = format_id("key", key.id);
  principal.name = "key:" + principal.credential;
  principal.role = key.role;
  principal.account_id = key.account_id;
  principal.scopes = key.scopes;
  return principal;
}

bool resolve_tenant(const ExchangePtr& exchange) {
  const std::string_view tenant = exchange->request.header("tenant-id");
  const bool is_account_route = exchange->route->path.starts_with("/v1/accounts/{id}");
  std::string& account_id = exchange->path[0];
  if (exchange->is_within_one_account()) {
    const std::string& own = exchange->principal.account_id;
    if (!tenant.empty() && tenant != own) {
      exchange->refuse(RejectionCode::forbidden, "The tenant-id header names another account than the key's.");
      return false;
    }
    if (!is_account_route) return true;
    if (account_id == "me") account_id = own;
    if (account_id == own) return true;
    exchange->refuse(RejectionCode::not_found);
    return false;
  }
  if (!is_account_route) return true;
  const bool is_me = account_id == "me";
  if (is_me && tenant.empty()) {
    exchange->refuse(RejectionCode::tenant_required);
    return false;
  }
  if (!tenant.empty() && !valid_client_id(tenant)) {
    return refuse_tenant(*exchange, fault_codes::invalid, "must be an account's id");
  }
  if (is_me) account_id = tenant;
  if (!tenant.empty() && tenant != account_id) {
    return refuse_tenant(*exchange, fault_codes::conflict, "names another account than the path");
  }
  if (valid_client_id(account_id)) return true;
  exchange->refuse(RejectionCode::not_found);
  return false;
}

}  // namespace daybook
