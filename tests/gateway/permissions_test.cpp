// The matrix, cell by cell, against a copy of the access model's table: a change must be made in both.
#include "gateway/permissions.h"

#include <algorithm>

#include "doctest/doctest.h"
#include "gateway/routes.h"

using namespace daybook;

namespace {

struct Row {
  std::string_view name;
  std::string_view cells;  ///< SA BA SR FV AU AO AM KEY SYS
};

constexpr Row matrix[] = {
    {"accounts.create", "YYY-----Y"},
    {"accounts.read", "YYYYYOOSY"},
    {"accounts.list", "YYYYY---Y"},
    {"accounts.update", "YYY--O-SY"},
    {"accounts.update_tax", "YY---L---"},
    {"accounts.update_billing_policy", "YY-------"},
    {"accounts.delete", "YY---O--Y"},
    {"accounts.restore", "YY---O---"},
    {"accounts.suspend", "YY------Y"},
    {"accounts.lock", "Y----O--Y"},
    {"accounts.legal_hold", "Y--------"},
    {"accounts.purge", "Y-------Y"},
    {"accounts.unpark", "YY------Y"},
    {"payment_methods.read", "YYY-YOOSY"},
    {"payment_methods.manage", "YY---O-SY"},
    {"plans.read_public", "PPPPPPPPP"},
    {"plans.read_all", "YYYYYLLLY"},
    {"plans.manage", "YY------Y"},
    {"plans.sync", "YY------Y"},
    {"discounts.read", "YYYYY---Y"},
    {"discounts.manage", "YY-------"},
    {"coupons.redeem", "YYY--O-SY"},
    {"subscriptions.read", "YYYYYOOSY"},
    {"subscriptions.create", "YYY--O-SY"},
    {"subscriptions.change", "YYL--O-SY"},
    {"subscriptions.cancel", "YYL--O-SY"},
    {"subscriptions.override", "YY-------"},
    {"usage.submit", "YY-----SY"},
    {"usage.read", "YYYYYOOSY"},
    {"usage.report", "YY------Y"},
    {"entitlements.read", "YYYYYOOSY"},
    {"entitlements.enforce", "Y------SY"},
    {"credits.read", "YYYYYOOSY"},
    {"credits.issue", "YYL-----Y"},
    {"credits.manage", "YY------Y"},
    {"units.read", "YYYYYOOSY"},
    {"units.spend", "YY-----SY"},
    {"units.adjust", "YY------Y"},
    {"packs.purchase", "YY---O-S-"},
    {"packs.refund", "YY------Y"},
    {"invoices.read", "YYYYYOOSY"},
    {"invoices.manage", "YY------Y"},
    {"invoices.pay", "YYY--O-SY"},
    {"invoices.void", "YY------Y"},
    {"invoices.send", "YYY--O--Y"},
    {"adjustments.read", "YYYYYOOSY"},
    {"adjustments.create", "YYL-----Y"},
    {"payments.read", "YYYYYOOSY"},
    {"payments.record_offline", "YY-------"},
    {"refunds.read", "YYYYYOOSY"},
    {"refunds.issue", "YY------Y"},
    {"disputes.read", "YYYYY---Y"},
    {"dunning.read_own", "YYYYYOOSY"},
    {"dunning.read_all", "YYYYY---Y"},
    {"dunning.override", "YY-------"},
    {"tax.read", "YYYYYOOSY"},
    {"tax.manage", "YY-------"},
    {"webhooks.receive", "PPPPPPPPP"},
    {"webhook_events.read", "YYY-Y---Y"},
    {"webhook_events.retry", "YY------Y"},
    {"webhook_endpoints.manage", "YY---O-S-"},
    {"webhook_deliveries.read", "YYY-YO-SY"},
    {"webhook_deliveries.redeliver", "YYY--O-SY"},
    {"notifications.read", "YYY-YOO-Y"},
    {"notifications.manage", "YY---O--Y"},
    {"notifications.deliveries", "YYY-Y---Y"},
    {"api_keys.manage", "Y----O--Y"},
    {"events.read", "YL--Y--LY"},
    {"events.export", "Y---Y---Y"},
    {"ledger.read", "YY-YY---Y"},
    {"audit.read", "YY--YO--Y"},
    {"audit.export", "Y---Y---Y"},
    {"personal_data.unmask", "YLL-LO--Y"},
    {"projections.read", "YY--Y---Y"},
    {"projections.rebuild", "Y-------Y"},
    {"analytics.read", "YY-YYL--Y"},
    {"reports.create", "YY-YY---Y"},
    {"reports.download", "YY-YY---Y"},
    {"graphql.read", "YYYYYOOSY"},
    {"policies.read", "YYYYY---Y"},
    {"policies.manage", "Y--------"},
    {"roles.manage", "Y----L---"},
    {"jobs.run", "YL------Y"},
    {"debug.read", "Y--------"},
    {"exchange_rates.manage", "YY------Y"},
    {"clock.set", "L--------"},
    {"system.health", "PPPPPPPPP"},
    {"system.metrics", "LLLLLLLLL"},
    {"credit_notes.manage", "YYL-----Y"},
    {"test_clocks.manage", "YY-----SY"},
    {"payments.record_result", "Y-------Y"},
    {"outbox.read", "YYY----SY"},
    {"books.manage", "Y--------"},
    {"books.change", "YL-------"},
    {"books.read", "YLLLY--LY"},
    {"invoices.read_hosted", "PPPPPPPPP"},
};

constexpr Role roles[] = {Role::super_admin,    Role::billing_admin, Role::support_rep,
                          Role::finance_viewer, Role::auditor,       Role::account_owner,
                          Role::account_member, Role::api_key,       Role::system};

}  // namespace

TEST_CASE("every cell of the matrix is what the access model says") {
  for (const Row& row : matrix) {
    CAPTURE(row.name);
    const auto all = all_permissions();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == row.name; });
    REQUIRE(found != all.end());
    CHECK(found->cells == row.cells);
    for (std::size_t i = 0; i < std::size(roles); ++i) {
      Principal principal;
      principal.role = roles[i];
      principal.account_id = "acme";
      if (!found->scope.empty()) principal.scopes = {std::string(found->scope)};
      CAPTURE(i);
      CHECK(is_allowed(principal, found->permission) == (row.cells[i] != '-'));
    }
  }
}

TEST_CASE("a key needs the named scope") {
  for (const PermissionRow& row : all_permissions()) {
    CAPTURE(row.name);
    if (access_of(row.permission, Role::api_key) == Access::own_account_with_scope && row.name != "graphql.read") {
      CHECK_FALSE(row.scope.empty());
    }
    if (row.scope.empty()) continue;
    Principal key;
    key.role = Role::api_key;
    key.account_id = "acme";
    CHECK_FALSE(is_allowed(key, row.permission));
    key.scopes = {std::string(row.scope)};
    CHECK(is_allowed(key, row.permission) == (access_of(row.permission, Role::api_key) != Access::none));
    CHECK(std::find(all_key_scopes().begin(), all_key_scopes().end(), row.scope) != all_key_scopes().end());
  }
}

TEST_CASE("what is of the platform needs a key of the first book") {
  for (const PermissionRow& row : all_permissions()) {
    CAPTURE(row.name);
    Principal principal;
    principal.role = Role::super_admin;
    const bool may = is_allowed(principal, row.permission);
    principal.book = "other";
    CHECK(is_allowed(principal, row.permission) == (may && !is_of_platform(row.permission)));
  }
  Principal auditor;
  auditor.role = Role::auditor;
  CHECK(may_see_book(auditor, "other"));
  auditor.book = "other";
  CHECK(may_see_book(auditor, "other"));
  CHECK_FALSE(may_see_book(auditor, "default"));
  Principal admin;
  admin.role = Role::billing_admin;
  CHECK_FALSE(may_see_book(admin, "other"));
}

TEST_CASE("personal data is masked for finance viewers and auditors") {
  for (const Role role : roles) {
    CHECK(sees_personal_data(role) == (role != Role::finance_viewer && role != Role::auditor));
  }
}

TEST_CASE("the table of routes is consistent") {
  CHECK(check_routes() == "");
}

TEST_CASE("auditors and finance viewers may use no route that changes something but the rebuild's owner") {
  for (const Route& route : all_routes()) {
    const bool changes =
        route.kind == RouteKind::command || route.kind == RouteKind::sandbox_command || route.kind == RouteKind::action;
    if (!changes) continue;
    CAPTURE(route.operation_id);
    CHECK(access_of(route.permission, Role::auditor) == Access::none);
    CHECK(access_of(route.permission, Role::finance_viewer) == Access::none);
  }
}
