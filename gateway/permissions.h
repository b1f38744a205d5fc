// Who may do what: the matrix of the roles' permissions as one table, and the question that every route asks of it.
// Knows roles, scopes and accounts, nothing of HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/principal.h"

namespace daybook {

/// In the order of the table; "accounts.read" is accounts_read here.
enum class Permission : std::uint8_t {
  accounts_create,
  accounts_read,
  accounts_list,
  accounts_update,
  accounts_update_tax,
  accounts_update_billing_policy,
  accounts_delete,
  accounts_restore,
  accounts_suspend,
  accounts_lock,
  accounts_legal_hold,
  accounts_purge,
  accounts_unpark,
  payment_methods_read,
  payment_methods_manage,
  plans_read_public,
  plans_read_all,
  plans_manage,
  plans_sync,
  discounts_read,
  discounts_manage,
  coupons_redeem,
  subscriptions_read,
  subscriptions_create,
  subscriptions_change,
  subscriptions_cancel,
  subscriptions_override,
  usage_submit,
  usage_read,
  usage_report,
  entitlements_read,
  entitlements_enforce,
  credits_read,
  credits_issue,
  credits_manage,
  units_read,
  units_spend,
  units_adjust,
  packs_purchase,
  packs_refund,
  invoices_read,
  invoices_manage,
  invoices_pay,
  invoices_void,
  invoices_send,
  adjustments_read,
  adjustments_create,
  payments_read,
  payments_record_offline,
  refunds_read,
  refunds_issue,
  disputes_read,
  dunning_read_own,
  dunning_read_all,
  dunning_override,
  tax_read,
  tax_manage,
  webhooks_receive,
  webhook_events_read,
  webhook_events_retry,
  webhook_endpoints_manage,
  webhook_deliveries_read,
  webhook_deliveries_redeliver,
  notifications_read,
  notifications_manage,
  notifications_deliveries,
  api_keys_manage,
  events_read,
  events_export,
  ledger_read,
  audit_read,
  audit_export,
  personal_data_unmask,
  projections_read,
  projections_rebuild,
  analytics_read,
  reports_create,
  reports_download,
  graphql_read,
  policies_read,
  policies_manage,
  roles_manage,
  jobs_run,
  debug_read,
  exchange_rates_manage,
  clock_set,
  system_health,
  system_metrics,
  // Not in the access model's table, for routes that it opens otherwise: each line of a bulk request needs its own
  // command's permission, everybody may see who they are, and the description of the API is public.
  commands_submit,
  self_read,
  docs_read,
  // Heads and hashes say nothing about anybody; the events behind them need events_read.
  proofs_read,
  // The keys are the whole ledger's, as the views are.
  checkpoint_keys_rotate,
  credit_notes_manage,
  test_clocks_manage,
  // What the provider says comes from its adapter; staff may settle what that cannot find out.
  payments_record_result,
  outbox_read,
  books_manage,
  books_change,
  books_read,
  // By the link alone.
  invoices_read_hosted,
};
inline constexpr std::size_t permission_count = 101;

/// What a role gets. `limited` is open, with a limit that the command or the route itself enforces.
enum class Access : char {
  none = '-',
  any_account = 'Y',
  own_account = 'O',
  own_account_with_scope = 'S',
  limited = 'L',
  everybody = 'P',
};

struct PermissionRow {
  Permission permission;
  std::string_view name;   ///< "accounts.read"
  std::string_view cells;  ///< One Access a role, in the order of Role.
  std::string_view scope;  ///< What a key needs where its cell says so.
};

const PermissionRow& permission_row(Permission permission);
std::span<const PermissionRow> all_permissions();
Access access_of(Permission permission, Role role);

/// Roles that act within one account: owners, members and API keys. Everybody else is staff or the system.
bool acts_within_one_account(Role role);
/// What is about more than the principal's own book: only those of the first book, which is the platform's, have it.
bool is_of_platform(Permission permission);
/// Whether the principal may know of the book: of its own, and of all if it looks after the platform.
bool may_see_book(const Principal& principal, std::string_view book);
/// Whether the principal may use the permission at all; whose account it is about is asked separately.
bool is_allowed(const Principal& principal, Permission permission);
/// Whether the stream is of the principal's book, and of its account if it acts within one.
bool may_see_stream(const Principal& principal, std::string_view stream);
/// Whether names, addresses, reasons and other personal data are shown to the role as clear text.
bool sees_personal_data(Role role);

/// The scopes that a key can be given.
std::span<const std::string_view> all_key_scopes();

}  // namespace daybook
