#include "gateway/permissions.h"

#include <algorithm>
#include <array>

#include "domain/book.h"

namespace daybook {
namespace {

// Cells: super admin, billing admin, support rep, finance viewer, auditor, account owner, account member, key, system.
constexpr std::array rows = {
    PermissionRow{Permission::accounts_create, "accounts.create", "YYY-----Y", ""},
    PermissionRow{Permission::accounts_read, "accounts.read", "YYYYYOOSY", "accounts:read"},
    PermissionRow{Permission::accounts_list, "accounts.list", "YYYYY---Y", ""},
    PermissionRow{Permission::accounts_update, "accounts.update", "YYY--O-SY", "accounts:write"},
    PermissionRow{Permission::accounts_update_tax, "accounts.update_tax", "YY---L---", ""},
    PermissionRow{Permission::accounts_update_billing_policy, "accounts.update_billing_policy", "YY-------", ""},
    PermissionRow{Permission::accounts_delete, "accounts.delete", "YY---O--Y", ""},
    PermissionRow{Permission::accounts_restore, "accounts.restore", "YY---O---", ""},
    PermissionRow{Permission::accounts_suspend, "accounts.suspend", "YY------Y", ""},
    PermissionRow{Permission::accounts_lock, "accounts.lock", "Y----O--Y", ""},
    PermissionRow{Permission::accounts_legal_hold, "accounts.legal_hold", "Y--------", ""},
    PermissionRow{Permission::accounts_purge, "accounts.purge", "Y-------Y", ""},
    PermissionRow{Permission::accounts_unpark, "accounts.unpark", "YY------Y", ""},
    PermissionRow{Permission::payment_methods_read, "payment_methods.read", "YYY-YOOSY", "payment_methods:read"},
    PermissionRow{Permission::payment_methods_manage, "payment_methods.manage", "YY---O-SY", "payment_methods:write"},
    PermissionRow{Permission::plans_read_public, "plans.read_public", "PPPPPPPPP", ""},
    PermissionRow{Permission::plans_read_all, "plans.read_all", "YYYYYLLLY", ""},
    PermissionRow{Permission::plans_manage, "plans.manage", "YY------Y", ""},
    PermissionRow{Permission::plans_sync, "plans.sync", "YY------Y", ""},
    PermissionRow{Permission::discounts_read, "discounts.read", "YYYYY---Y", ""},
    PermissionRow{Permission::discounts_manage, "discounts.manage", "YY-------", ""},
    PermissionRow{Permission::coupons_redeem, "coupons.redeem", "YYY--O-SY", "coupons:redeem"},
    PermissionRow{Permission::subscriptions_read, "subscriptions.read", "YYYYYOOSY", "subscriptions:read"},
    PermissionRow{Permission::subscriptions_create, "subscriptions.create", "YYY--O-SY", "subscriptions:write"},
    PermissionRow{Permission::subscriptions_change, "subscriptions.change", "YYL--O-SY", "subscriptions:write"},
    PermissionRow{Permission::subscriptions_cancel, "subscriptions.cancel", "YYL--O-SY", "subscriptions:write"},
    PermissionRow{Permission::subscriptions_override, "subscriptions.override", "YY-------", ""},
    PermissionRow{Permission::usage_submit, "usage.submit", "YY-----SY", "usage:write"},
    PermissionRow{Permission::usage_read, "usage.read", "YYYYYOOSY", "usage:read"},
    PermissionRow{Permission::usage_report, "usage.report", "YY------Y", ""},
    PermissionRow{Permission::entitlements_read, "entitlements.read", "YYYYYOOSY", "entitlements:read"},
    PermissionRow{Permission::entitlements_enforce, "entitlements.enforce", "Y------SY", "usage:write"},
    PermissionRow{Permission::credits_read, "credits.read", "YYYYYOOSY", "credits:read"},
    PermissionRow{Permission::credits_issue, "credits.issue", "YYL-----Y", ""},
    PermissionRow{Permission::credits_manage, "credits.manage", "YY------Y", ""},
    PermissionRow{Permission::units_read, "units.read", "YYYYYOOSY", "units:read"},
    PermissionRow{Permission::units_spend, "units.spend", "YY-----SY", "units:spend"},
    PermissionRow{Permission::units_adjust, "units.adjust", "YY------Y", ""},
    PermissionRow{Permission::packs_purchase, "packs.purchase", "YY---O-S-", "packs:purchase"},
    PermissionRow{Permission::packs_refund, "packs.refund", "YY------Y", ""},
    PermissionRow{Permission::invoices_read, "invoices.read", "YYYYYOOSY", "invoices:read"},
    PermissionRow{Permission::invoices_manage, "invoices.manage", "YY------Y", ""},
    PermissionRow{Permission::invoices_pay, "invoices.pay", "YYY--O-SY", "payments:write"},
    PermissionRow{Permission::invoices_void, "invoices.void", "YY------Y", ""},
    PermissionRow{Permission::invoices_send, "invoices.send", "YYY--O--Y", ""},
    PermissionRow{Permission::adjustments_read, "adjustments.read", "YYYYYOOSY", "invoices:read"},
    PermissionRow{Permission::adjustments_create, "adjustments.create", "YYL-----Y", ""},
    PermissionRow{Permission::payments_read, "payments.read", "YYYYYOOSY", "payments:read"},
    PermissionRow{Permission::payments_record_offline, "payments.record_offline", "YY-------", ""},
    PermissionRow{Permission::refunds_read, "refunds.read", "YYYYYOOSY", "payments:read"},
    PermissionRow{Permission::refunds_issue, "refunds.issue", "YY------Y", ""},
    PermissionRow{Permission::disputes_read, "disputes.read", "YYYYY---Y", ""},
    PermissionRow{Permission::dunning_read_own, "dunning.read_own", "YYYYYOOSY", "accounts:read"},
    PermissionRow{Permission::dunning_read_all, "dunning.read_all", "YYYYY---Y", ""},
    PermissionRow{Permission::dunning_override, "dunning.override", "YY-------", ""},
    PermissionRow{Permission::tax_read, "tax.read", "YYYYYOOSY", "invoices:read"},
    PermissionRow{Permission::tax_manage, "tax.manage", "YY-------", ""},
    PermissionRow{Permission::webhooks_receive, "webhooks.receive", "PPPPPPPPP", ""},
    PermissionRow{Permission::webhook_events_read, "webhook_events.read", "YYY-Y---Y", ""},
    PermissionRow{Permission::webhook_events_retry, "webhook_events.retry", "YY------Y", ""},
    PermissionRow{Permission::webhook_endpoints_manage, "webhook_endpoints.manage", "YY---O-S-", "webhooks:manage"},
    PermissionRow{Permission::webhook_deliveries_read, "webhook_deliveries.read", "YYY-YO-SY", "webhooks:manage"},
    PermissionRow{Permission::webhook_deliveries_redeliver, "webhook_deliveries.redeliver", "YYY--O-SY",
                  "webhooks:manage"},
    PermissionRow{Permission::notifications_read, "notifications.read", "YYY-YOO-Y", ""},
    PermissionRow{Permission::notifications_manage, "notifications.manage", "YY---O--Y", ""},
    PermissionRow{Permission::notifications_deliveries, "notifications.deliveries", "YYY-Y---Y", ""},
    PermissionRow{Permission::api_keys_manage, "api_keys.manage", "Y----O--Y", ""},
    PermissionRow{Permission::events_read, "events.read", "YL--Y--LY", "events:read"},
    PermissionRow{Permission::events_export, "events.export", "Y---Y---Y", ""},
    PermissionRow{Permission::ledger_read, "ledger.read", "YY-YY---Y", ""},
    PermissionRow{Permission::audit_read, "audit.read", "YY--YO--Y", ""},
    PermissionRow{Permission::audit_export, "audit.export", "Y---Y---Y", ""},
    PermissionRow{Permission::personal_data_unmask, "personal_data.unmask", "YLL-LO--Y", ""},
    PermissionRow{Permission::projections_read, "projections.read", "YY--Y---Y", ""},
    PermissionRow{Permission::projections_rebuild, "projections.rebuild", "Y-------Y", ""},
    PermissionRow{Permission::analytics_read, "analytics.read", "YY-YYL--Y", ""},
    PermissionRow{Permission::reports_create, "reports.create", "YY-YY---Y", ""},
    PermissionRow{Permission::reports_download, "reports.download", "YY-YY---Y", ""},
    PermissionRow{Permission::graphql_read, "graphql.read", "YYYYYOOSY", ""},
    PermissionRow{Permission::policies_read, "policies.read", "YYYYY---Y", ""},
    PermissionRow{Permission::policies_manage, "policies.manage", "Y--------", ""},
    PermissionRow{Permission::roles_manage, "roles.manage", "Y----L---", ""},
    PermissionRow{Permission::jobs_run, "jobs.run", "YL------Y", ""},
    PermissionRow{Permission::debug_read, "debug.read", "Y--------", ""},
    PermissionRow{Permission::exchange_rates_manage, "exchange_rates.manage", "YY------Y", ""},
    PermissionRow{Permission::clock_set, "clock.set", "L--------", ""},
    PermissionRow{Permission::system_health, "system.health", "PPPPPPPPP", ""},
    PermissionRow{Permission::system_metrics, "system.metrics", "LLLLLLLLL", ""},
    PermissionRow{Permission::commands_submit, "commands.submit", "YYY--YYYY", ""},
    PermissionRow{Permission::self_read, "self.read", "YYYYYYYYY", ""},
    PermissionRow{Permission::docs_read, "docs.read", "PPPPPPPPP", ""},
    PermissionRow{Permission::proofs_read, "proofs.read", "YYYYYYYYY", ""},
    PermissionRow{Permission::checkpoint_keys_rotate, "checkpoint_keys.rotate", "Y--------", ""},
    PermissionRow{Permission::credit_notes_manage, "credit_notes.manage", "YYL-----Y", ""},
    PermissionRow{Permission::test_clocks_manage, "test_clocks.manage", "YY-----SY", "clocks"},
    PermissionRow{Permission::payments_record_result, "payments.record_result", "Y-------Y", ""},
    PermissionRow{Permission::outbox_read, "outbox.read", "YYY----SY", "outbox"},
    PermissionRow{Permission::books_manage, "books.manage", "Y--------", ""},
    PermissionRow{Permission::books_change, "books.change", "YL-------", ""},
    PermissionRow{Permission::books_read, "books.read", "YLLLY--LY", ""},
    PermissionRow{Permission::invoices_read_hosted, "invoices.read_hosted", "PPPPPPPPP", ""},
};
static_assert(rows.size() == permission_count);

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].permission) != i || rows[i].cells.size() != 9) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

constexpr std::array<std::string_view, 21> key_scopes = {
    "accounts:read",  "accounts:write",     "payment_methods:read", "payment_methods:write",
    "coupons:redeem", "subscriptions:read", "subscriptions:write",  "usage:read",
    "usage:write",    "entitlements:read",  "credits:read",         "units:read",
    "units:spend",    "packs:purchase",     "invoices:read",        "payments:read",
    "payments:write", "webhooks:manage",    "events:read",          "clocks",
    "outbox"};

}  // namespace

const PermissionRow& permission_row(Permission permission) {
  return rows[static_cast<std::size_t>(permission)];
}

std::span<const PermissionRow> all_permissions() {
  return rows;
}

Access access_of(Permission permission, Role role) {
  return static_cast<Access>(permission_row(permission).cells[static_cast<std::size_t>(role) - 1]);
}

bool acts_within_one_account(Role role) {
  return role == Role::account_owner || role == Role::account_member || role == Role::api_key;
}

bool is_of_platform(Permission permission) {
  return permission == Permission::books_manage || permission == Permission::projections_rebuild ||
         permission == Permission::checkpoint_keys_rotate || permission == Permission::jobs_run;
}

bool may_see_book(const Principal& principal, std::string_view book) {
  if (book == principal.book) return true;
  return principal.book == default_book && access_of(Permission::books_read, principal.role) == Access::any_account;
}

bool is_allowed(const Principal& principal, Permission permission) {
  if (is_of_platform(permission) && principal.book != default_book) return false;
  const Access access = access_of(permission, principal.role);
  if (access == Access::none) return false;
  const std::string_view scope = permission_row(permission).scope;
  if (principal.role != Role::api_key || scope.empty()) return true;
  return std::find(principal.scopes.begin(), principal.scopes.end(), scope) != principal.scopes.end();
}

bool may_see_stream(const Principal& principal, std::string_view stream) {
  if (!principal.account_id.empty() && acts_within_one_account(principal.role)) {
    return stream == principal.book + "/" + principal.account_id;
  }
  return stream.starts_with(principal.book + "/");
}

bool sees_personal_data(Role role) {
  return role != Role::finance_viewer && role != Role::auditor;
}

std::span<const std::string_view> all_key_scopes() {
  return key_scopes;
}

}  // namespace daybook
