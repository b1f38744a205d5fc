#include "gateway/routes.h"

#include <algorithm>

#include "gateway/handlers.h"

namespace daybook {
namespace {

using P = Permission;
using K = RouteKind;
constexpr Method get = Method::get, post = Method::post, patch = Method::patch, put = Method::put, del = Method::del;

constexpr std::string_view account_list_query =
    "limit starting_after ending_before status parked standing payment_status email created_from created_to "
    "consistency min_position";
constexpr std::string_view credit_list_query =
    "limit starting_after ending_before status type consistency min_position";
constexpr std::string_view book_credit_list_query =
    "limit starting_after ending_before account_id invoice_id status type consistency min_position";
constexpr std::string_view invoice_list_query =
    "limit starting_after ending_before account_id subscription_id number status overdue created_from created_to "
    "consistency min_position";
constexpr std::string_view credit_note_list_query =
    "limit starting_after ending_before account_id invoice_id status consistency min_position";
constexpr std::string_view adjustment_list_query =
    "limit starting_after ending_before account_id invoice_id type consistency min_position";
constexpr std::string_view subscription_list_query =
    "limit starting_after ending_before account_id status plan_id provider_subscription_id consistency min_position";
constexpr std::string_view payment_list_query =
    "limit starting_after ending_before account_id invoice_id status consistency min_position";
constexpr std::string_view refund_list_query =
    "limit starting_after ending_before account_id invoice_id payment_id status consistency min_position";
constexpr std::string_view payment_method_list_query =
    "limit starting_after ending_before account_id status consistency min_position";
constexpr std::string_view past_query = "as_of at min_position";
constexpr std::string_view unit_past_query = "unit as_of at min_position";
constexpr std::string_view unit_history_query =
    "unit limit starting_after ending_before as_of at consistency min_position";
constexpr std::string_view event_query =
    "limit starting_after ending_before account_id type actor correlation_id from to consistency min_position";
constexpr std::string_view outbox_query =
    "limit starting_after ending_before account_id channel template event correlation_id consistency min_position";
constexpr std::string_view event_export_query =
    "starting_after account_id type actor correlation_id from to consistency min_position";
constexpr std::string_view event_stream_query = "starting_after account_id type actor correlation_id from";
constexpr std::string_view page_query = "limit starting_after ending_before";
constexpr std::string_view command_query = "dry_run";

constexpr Route table[] = {
    {get, "/health", "getHealth", P::system_health, K::open, "", get_health},
    {get, "/health/ready", "getReadiness", P::system_health, K::open, "", get_readiness},
    {get, "/metrics", "getMetrics", P::system_metrics, K::open, "", get_metrics},
    {get, "/openapi.json", "getOpenApi", P::docs_read, K::open, "", get_openapi},
    {get, "/docs", "getDocs", P::docs_read, K::open, "", get_docs},
    {get, "/i/{token}", "getHostedInvoice", P::invoices_read_hosted, K::open, "", get_hosted_invoice},
    {get, "/v1/me", "getMe", P::self_read, K::read, "", get_me},

    {post, "/v1/accounts", "openAccount", P::accounts_create, K::command, command_query, open_account},
    {get, "/v1/accounts", "listAccounts", P::accounts_list, K::read, account_list_query, list_accounts},
    {get, "/v1/accounts/{id}", "getAccount", P::accounts_read, K::read, past_query, get_account},
    {patch, "/v1/accounts/{id}", "updateAccount", P::accounts_update, K::command, command_query, update_account},
    {del, "/v1/accounts/{id}", "deleteAccount", P::accounts_delete, K::command, command_query, delete_account},
    {post, "/v1/accounts/{id}/restore", "restoreAccount", P::accounts_restore, K::command, command_query,
     restore_account},
    {post, "/v1/accounts/{id}/purge", "purgeAccount", P::accounts_purge, K::command, command_query, purge_account},
    {post, "/v1/accounts/{id}/legal-hold", "placeLegalHold", P::accounts_legal_hold, K::command, command_query,
     place_legal_hold},
    {del, "/v1/accounts/{id}/legal-hold", "releaseLegalHold", P::accounts_legal_hold, K::command, command_query,
     release_legal_hold},
    {post, "/v1/accounts/{id}/unpark", "unparkAccount", P::accounts_unpark, K::command, command_query, unpark_account},
    {get, "/v1/accounts/{id}/balance", "getBalance", P::accounts_read, K::read, past_query, get_balance},
    {get, "/v1/accounts/{id}/timeline", "getTimeline", P::accounts_read, K::read,
     "limit starting_after as_of at min_position", get_timeline},
    {get, "/v1/accounts/{id}/credits", "listAccountCredits", P::credits_read, K::read, credit_list_query,
     list_account_credits},

    {get, "/v1/accounts/{id}/unit-credits", "getUnitBalance", P::units_read, K::read, unit_past_query,
     get_unit_balance},
    {get, "/v1/accounts/{id}/unit-credits/history", "listUnitHistory", P::units_read, K::read, unit_history_query,
     list_unit_history},
    {get, "/v1/accounts/{id}/unit-credits/usage", "getUnitUsage", P::units_read, K::read,
     "unit consistency min_position", get_unit_usage},
    {get, "/v1/accounts/{id}/unit-credits/check", "checkUnits", P::units_read, K::read, "unit amount min_position",
     check_units},
    {post, "/v1/accounts/{id}/unit-credits/allocate", "allocateUnits", P::units_adjust, K::command, command_query,
     allocate_units},
    {post, "/v1/accounts/{id}/unit-credits/deduct", "deductUnits", P::units_spend, K::command, command_query,
     deduct_units},
    {post, "/v1/accounts/{id}/unit-credits/adjust", "adjustUnits", P::units_adjust, K::command, command_query,
     adjust_units},
    {post, "/v1/accounts/{id}/unit-credits/reservations", "reserveUnits", P::units_spend, K::command, command_query,
     reserve_units},
    {get, "/v1/accounts/{id}/unit-credits/reservations/{rid}", "getReservation", P::units_read, K::read, past_query,
     get_reservation},
    {post, "/v1/accounts/{id}/unit-credits/reservations/{rid}/capture", "captureReservation", P::units_spend,
     K::command, command_query, capture_reservation},
    {post, "/v1/accounts/{id}/unit-credits/reservations/{rid}/release", "releaseReservation", P::units_spend,
     K::command, command_query, release_reservation},

    {post, "/v1/accounts/{id}/payment-methods", "attachPaymentMethod", P::payment_methods_manage, K::command,
     command_query, attach_payment_method},
    {get, "/v1/accounts/{id}/payment-methods", "listPaymentMethods", P::payment_methods_read, K::read, past_query,
     list_payment_methods},
    {get, "/v1/payment-methods", "listAllPaymentMethods", P::payment_methods_read, K::read, payment_method_list_query,
     list_all_payment_methods},
    {get, "/v1/payment-methods/{id}", "getPaymentMethod", P::payment_methods_read, K::read, past_query,
     get_payment_method},
    {del, "/v1/payment-methods/{id}", "detachPaymentMethod", P::payment_methods_manage, K::command, command_query,
     detach_payment_method},
    {post, "/v1/payment-methods/{id}/default", "setDefaultPaymentMethod", P::payment_methods_manage, K::command,
     command_query, set_default_payment_method},

    {post, "/v1/credits", "issueCredit", P::credits_issue, K::command, command_query, issue_credit},
    {get, "/v1/credits", "listCredits", P::credits_read, K::read, book_credit_list_query, list_credits},
    {get, "/v1/credits/{id}", "getCredit", P::credits_read, K::read, past_query, get_credit},
    {patch, "/v1/credits/{id}", "changeCredit", P::credits_manage, K::command, command_query, change_credit},
    {post, "/v1/credits/{id}/apply", "applyCredit", P::credits_manage, K::command, command_query, apply_credit},

    {post, "/v1/plans", "createPlan", P::plans_manage, K::command, command_query, create_plan},
    {get, "/v1/plans", "listPlans", P::plans_read_public, K::public_read,
     "limit starting_after ending_before active tier", list_plans},
    {post, "/v1/plans/sync", "syncCatalogue", P::plans_sync, K::command, command_query, sync_catalogue},
    {get, "/v1/plans/{id}", "getPlan", P::plans_read_public, K::public_read, "", get_plan},
    {patch, "/v1/plans/{id}", "revisePlan", P::plans_manage, K::command, command_query, revise_plan},
    {put, "/v1/plans/{id}", "replacePlan", P::plans_manage, K::command, command_query, replace_plan},
    {del, "/v1/plans/{id}", "retirePlan", P::plans_manage, K::command, command_query, retire_plan},
    {get, "/v1/plans/{id}/versions", "listPlanVersions", P::plans_read_public, K::public_read, page_query,
     list_plan_versions},
    {post, "/v1/plans/{id}/restore", "restorePlan", P::plans_manage, K::command, command_query, restore_plan},

    {post, "/v1/discounts", "createDiscount", P::discounts_manage, K::command, command_query, create_discount},
    {get, "/v1/discounts", "listDiscounts", P::discounts_read, K::read, page_query, list_discounts},
    {get, "/v1/discounts/{id}", "getDiscount", P::discounts_read, K::read, "", get_discount},
    {patch, "/v1/discounts/{id}", "changeDiscount", P::discounts_manage, K::command, command_query, change_discount},
    {del, "/v1/discounts/{id}", "retireDiscount", P::discounts_manage, K::command, command_query, retire_discount},

    {post, "/v1/coupons", "createCoupon", P::discounts_manage, K::command, command_query, create_coupon},
    {get, "/v1/coupons", "listCoupons", P::discounts_read, K::read, page_query, list_coupons},
    {get, "/v1/coupons/{code}", "getCoupon", P::discounts_read, K::read, "", get_coupon},
    {del, "/v1/coupons/{code}", "retireCoupon", P::discounts_manage, K::command, command_query, retire_coupon},
    {post, "/v1/coupons/{code}/validate", "validateCoupon", P::coupons_redeem, K::action, "", validate_coupon},
    {post, "/v1/coupons/{code}/redeem", "redeemCoupon", P::coupons_redeem, K::command, command_query, redeem_coupon},
    {get, "/v1/coupons/{code}/redemptions", "listRedemptions", P::discounts_read, K::read, "limit starting_after",
     list_redemptions},

    {post, "/v1/invoices", "draftInvoice", P::invoices_manage, K::command, command_query, draft_invoice},
    {get, "/v1/invoices", "listInvoices", P::invoices_read, K::read, invoice_list_query, list_invoices},
    {get, "/v1/invoices/{id}", "getInvoice", P::invoices_read, K::read, past_query, get_invoice},
    {get, "/v1/invoices/{id}/explain", "explainInvoice", P::invoices_read, K::read, "consistency min_position",
     explain_invoice},
    {post, "/v1/invoices/{id}/lines", "addInvoiceLine", P::invoices_manage, K::command, command_query,
     add_invoice_line},
    {del, "/v1/invoices/{id}/lines/{n}", "removeInvoiceLine", P::invoices_manage, K::command, command_query,
     remove_invoice_line},
    {post, "/v1/invoices/{id}/finalize", "finalizeInvoice", P::invoices_manage, K::command, command_query,
     finalize_invoice},
    {post, "/v1/invoices/{id}/pay", "payInvoice", P::invoices_pay, K::command, command_query, pay_invoice},
    {post, "/v1/invoices/{id}/void", "voidInvoice", P::invoices_void, K::command, command_query, void_invoice},
    {post, "/v1/invoices/{id}/mark-uncollectible", "markInvoiceUncollectible", P::invoices_void, K::command,
     command_query, mark_invoice_uncollectible},
    {post, "/v1/invoices/{id}/send", "sendInvoice", P::invoices_send, K::command, command_query, send_invoice},

    {post, "/v1/credit-notes", "issueCreditNote", P::credit_notes_manage, K::command, command_query, issue_credit_note},
    {get, "/v1/credit-notes", "listCreditNotes", P::invoices_read, K::read, credit_note_list_query, list_credit_notes},
    {get, "/v1/credit-notes/{id}", "getCreditNote", P::invoices_read, K::read, past_query, get_credit_note},
    {post, "/v1/credit-notes/{id}/void", "voidCreditNote", P::credit_notes_manage, K::command, command_query,
     void_credit_note},
    {post, "/v1/invoice-adjustments", "adjustInvoice", P::adjustments_create, K::command, command_query,
     adjust_invoice},
    {get, "/v1/invoice-adjustments", "listInvoiceAdjustments", P::adjustments_read, K::read, adjustment_list_query,
     list_invoice_adjustments},
    {get, "/v1/invoice-adjustments/{id}", "getInvoiceAdjustment", P::adjustments_read, K::read, past_query,
     get_invoice_adjustment},
    {get, "/v1/payments", "listPayments", P::payments_read, K::read, payment_list_query, list_payments},
    {post, "/v1/payments/retry", "retryPayment", P::invoices_pay, K::command, command_query, retry_payment},
    {post, "/v1/payments/offline", "recordOfflinePayment", P::payments_record_offline, K::command, command_query,
     record_offline_payment},
    {get, "/v1/payments/{id}", "getPayment", P::payments_read, K::read, "consistency min_position", get_payment},
    {post, "/v1/accounts/{id}/retry-payment", "retryAccountPayment", P::invoices_pay, K::command, command_query,
     retry_account_payment},
    {post, "/v1/refunds", "issueRefund", P::refunds_issue, K::command, command_query, issue_refund},
    {get, "/v1/refunds", "listRefunds", P::refunds_read, K::read, refund_list_query, list_refunds},
    {get, "/v1/refunds/{id}", "getRefund", P::refunds_read, K::read, past_query, get_refund},
    {get, "/v1/disputes", "listDisputes", P::disputes_read, K::read, refund_list_query, list_disputes},
    {get, "/v1/disputes/{id}", "getDispute", P::disputes_read, K::read, past_query, get_dispute},
    {post, "/v1/subscriptions", "createSubscription", P::subscriptions_create, K::command, command_query,
     create_subscription},
    {get, "/v1/subscriptions", "listSubscriptions", P::subscriptions_read, K::read, subscription_list_query,
     list_subscriptions},
    {get, "/v1/subscriptions/{id}", "getSubscription", P::subscriptions_read, K::read, past_query, get_subscription},
    {del, "/v1/subscriptions/{id}", "deleteSubscription", P::subscriptions_cancel, K::command, command_query,
     cancel_subscription},
    {post, "/v1/subscriptions/{id}/cancel", "cancelSubscription", P::subscriptions_cancel, K::command, command_query,
     cancel_subscription},
    {post, "/v1/subscriptions/{id}/reactivate", "reactivateSubscription", P::subscriptions_cancel, K::command,
     command_query, reactivate_subscription},
    {post, "/v1/subscriptions/{id}/pause", "pauseSubscription", P::subscriptions_cancel, K::command, command_query,
     pause_subscription},
    {post, "/v1/subscriptions/{id}/resume", "resumeSubscription", P::subscriptions_cancel, K::command, command_query,
     resume_subscription},
    {patch, "/v1/subscriptions/{id}", "updateSubscription", P::subscriptions_change, K::command, command_query,
     update_subscription},
    {post, "/v1/subscriptions/{id}/change-plan", "changePlan", P::subscriptions_change, K::command, command_query,
     change_plan},
    {post, "/v1/subscriptions/{id}/upgrade-now", "upgradeNow", P::subscriptions_change, K::command, command_query,
     upgrade_now},
    {post, "/v1/subscriptions/{id}/downgrade", "downgrade", P::subscriptions_change, K::command, command_query,
     downgrade},
    {post, "/v1/subscriptions/{id}/schedule-change", "schedulePlanChange", P::subscriptions_change, K::command,
     command_query, schedule_plan_change},
    {del, "/v1/subscriptions/{id}/scheduled-change", "cancelScheduledPlanChange", P::subscriptions_change, K::command,
     command_query, cancel_scheduled_plan_change},
    {post, "/v1/subscriptions/{id}/quantity", "changeQuantity", P::subscriptions_change, K::command, command_query,
     change_quantity},
    {post, "/v1/subscriptions/{id}/preview-change", "previewPlanChange", P::subscriptions_change, K::action, "",
     preview_plan_change},
    {post, "/v1/subscriptions/{id}/discounts", "applySubscriptionDiscount", P::coupons_redeem, K::command,
     command_query, apply_subscription_discount},
    {del, "/v1/subscriptions/{id}/discounts/{did}", "removeSubscriptionDiscount", P::coupons_redeem, K::command,
     command_query, remove_subscription_discount},
    {get, "/v1/accounts/{id}/invoice-preview", "getInvoicePreview", P::invoices_read, K::read, "", get_invoice_preview},
    {get, "/v1/subscriptions/{id}/upcoming-invoice", "getUpcomingInvoice", P::subscriptions_read, K::read, "",
     get_upcoming_invoice},
    {get, "/v1/subscriptions/{id}/history", "getSubscriptionHistory", P::subscriptions_read, K::read,
     "limit starting_after consistency min_position", get_subscription_history},
    {get, "/v1/accounts/{id}/subscription", "getAccountSubscription", P::subscriptions_read, K::read, past_query,
     get_account_subscription},

    {post, "/v1/checkout-sessions", "startCheckout", P::subscriptions_create, K::command, command_query,
     start_checkout},
    {get, "/v1/checkout-sessions/{id}", "getCheckoutSession", P::subscriptions_read, K::read, past_query,
     get_checkout_session},
    {get, "/simulator/checkout-sessions/{id}", "getSimulatedCheckout", P::webhooks_receive, K::open, "",
     get_simulated_checkout},

    {post, "/v1/webhooks/{provider}", "receiveWebhook", P::webhooks_receive, K::open, "", receive_webhook},

    {post, "/v1/test-clocks", "createTestClock", P::test_clocks_manage, K::command, command_query, create_test_clock},
    {get, "/v1/test-clocks", "listTestClocks", P::test_clocks_manage, K::read, page_query, list_test_clocks},
    {get, "/v1/test-clocks/{id}", "getTestClock", P::test_clocks_manage, K::read, "", get_test_clock},
    {post, "/v1/test-clocks/{id}/advance", "advanceTestClock", P::test_clocks_manage, K::command, "dry_run wait",
     advance_test_clock},

    {post, "/v1/commands", "submitCommands", P::commands_submit, K::command, command_query, submit_commands},

    {get, "/v1/events", "listEvents", P::events_read, K::read, event_query, list_events},
    {get, "/v1/events/export", "exportEvents", P::events_export, K::read, event_export_query, export_events},
    {get, "/v1/events/stream", "streamEvents", P::events_read, K::read, event_stream_query, stream_events},
    {get, "/v1/events/{id}", "getEvent", P::events_read, K::read, "", get_event},

    {get, "/v1/ledger/trial-balance", "getTrialBalance", P::ledger_read, K::read, "consistency min_position",
     get_trial_balance},
    {get, "/v1/ledger/postings", "listPostings", P::ledger_read, K::read,
     "limit starting_after account_id from to consistency min_position", list_postings},
    {get, "/v1/ledger/verify", "getVerification", P::ledger_read, K::read, "", get_verification},
    {get, "/v1/ledger/checkpoint", "getCheckpoint", P::proofs_read, K::read, "shard", get_checkpoint},
    {get, "/v1/ledger/checkpoint-keys", "listCheckpointKeys", P::proofs_read, K::read, "", list_checkpoint_keys},
    {post, "/v1/ledger/checkpoint-keys/rotate", "rotateCheckpointKeys", P::checkpoint_keys_rotate, K::action, "",
     rotate_checkpoint_keys},
    {get, "/v1/ledger/proofs/inclusion", "proveInclusion", P::proofs_read, K::read, "shard position size",
     prove_inclusion},
    {get, "/v1/ledger/proofs/consistency", "proveConsistency", P::proofs_read, K::read, "shard from to",
     prove_consistency},
    {get, "/v1/projections", "listProjections", P::projections_read, K::read, "", list_projections},
    {post, "/v1/projections/{name}/rebuild", "rebuildProjection", P::projections_rebuild, K::action, "",
     rebuild_projection},

    {post, "/v1/books", "createBook", P::books_manage, K::command, command_query, create_book},
    {get, "/v1/books", "listBooks", P::books_read, K::read, "limit starting_after ending_before mode status",
     list_books},
    {get, "/v1/books/{id}", "getBook", P::books_read, K::read, "", get_book},
    {patch, "/v1/books/{id}", "changeBook", P::books_change, K::command, command_query, change_book},
    {post, "/v1/books/{id}/close", "closeBook", P::books_manage, K::command, command_query, close_book},

    {post, "/v1/api-keys", "createApiKey", P::api_keys_manage, K::command, command_query, create_api_key},
    {get, "/v1/api-keys", "listApiKeys", P::api_keys_manage, K::read, page_query, list_api_keys},
    {get, "/v1/api-keys/{id}", "getApiKey", P::api_keys_manage, K::read, "", get_api_key},
    {del, "/v1/api-keys/{id}", "revokeApiKey", P::api_keys_manage, K::command, command_query, revoke_api_key},

    {get, "/v1/currencies", "listCurrencies", P::plans_read_public, K::public_read, "currency amount locale",
     list_currencies},
    {get, "/v1/tax/rates", "listTaxRates", P::tax_read, K::read, "country on", list_tax_rates},
    {put, "/v1/tax/rates", "setTaxRate", P::tax_manage, K::command, command_query, set_tax_rate},
    {post, "/v1/tax/estimate", "estimateTax", P::tax_read, K::read, "", estimate_tax},
    {post, "/v1/tax/validate-id", "validateTaxId", P::tax_read, K::read, "", validate_tax_id},
    {get, "/v1/admin/policies", "listPolicies", P::policies_read, K::read, "", list_policies},
    {get, "/v1/admin/policies/{policy}", "getPolicy", P::policies_read, K::read, "", get_policy},
    {put, "/v1/admin/policies/{policy}", "changePolicy", P::policies_manage, K::command, command_query, change_policy},
    {get, "/v1/admin/clock", "getClock", P::clock_set, K::sandbox_read, "", get_clock},
    {post, "/v1/admin/clock", "advanceClock", P::clock_set, K::sandbox_command, command_query, advance_clock},
    {get, "/v1/outbox", "listOutbox", P::outbox_read, K::sandbox_read, outbox_query, list_outbox},
    {get, "/v1/admin/jobs", "listJobs", P::jobs_run, K::read, "", list_jobs},
    {post, "/v1/admin/jobs/{name}/run", "runJob", P::jobs_run, K::action, "", run_job},
};

/// Takes the text up to the next slash.
std::string_view next_segment(std::string_view& rest) {
  const std::size_t end = rest.find('/');
  const std::string_view segment = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  return segment;
}

/// Whether the path fits the template; its parameters' values, if so. A literal that fits is preferred by the table's
/// order: /v1/events/export stands before /v1/events/{id}.
bool fits(std::string_view pattern, std::string_view path, std::array<std::string_view, path_parameters_max>& values) {
  std::size_t parameters = 0;
  if (pattern.empty() || path.empty()) return false;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  while (!pattern.empty()) {
    if (path.empty()) return false;
    const std::string_view expected = next_segment(pattern);
    const bool has_more = path.find('/') != path.npos;
    const std::string_view segment = next_segment(path);
    if (segment.empty() || (has_more && path.empty())) return false;
    if (expected.starts_with('{')) {
      values[parameters++] = segment;
    } else if (segment != expected) {
      return false;
    }
  }
  return path.empty();
}

constexpr std::size_t count_slashes(std::string_view path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

/// Only a template with as many slashes can fit: most of the table is passed over without looking at its text.
constexpr auto slashes_of_routes = [] {
  std::array<std::size_t, std::size(table)> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = count_slashes(table[i].path);
  return counts;
}();

}  // namespace

std::span<const Route> all_routes() {
  return table;
}

RouteMatch find_route(Method method, std::string_view path) {
  RouteMatch match;
  const Method wanted = method == Method::head ? Method::get : method;
  std::array<std::string_view, path_parameters_max> values;
  std::string_view matched_path;
  const std::size_t slashes = count_slashes(path);
  for (std::size_t at = 0; at < std::size(table); ++at) {
    const Route& route = table[at];
    if (slashes_of_routes[at] != slashes) continue;
    if (!matched_path.empty() && route.path != matched_path) continue;
    if (!fits(route.path, path, values)) continue;
    matched_path = route.path;
    if (route.method == wanted) {
      match.route = &route;
      for (std::size_t i = 0; i < values.size(); ++i) match.parameters[i] = values[i];
      return match;
    }
    if (!match.allowed_methods.empty()) match.allowed_methods += ", ";
    match.allowed_methods += to_string(route.method);
    if (route.method == Method::get) match.allowed_methods += ", HEAD";
  }
  return match;
}

std::string check_routes() {
  for (const Route& route : table) {
    const std::string name(route.operation_id);
    const auto& row = permission_row(route.permission);
    if (row.cells.find_first_not_of('-') == row.cells.npos) return name + ": nobody has its permission";
    if (route.handler == nullptr) return name + ": no handler";
    const bool is_public = row.cells.find_first_not_of("PL") == row.cells.npos;
    const bool is_open = route.kind == K::open || route.kind == K::public_read;
    if (is_open != is_public) return name + ": open without a public permission, or the reverse";
    for (const Route& other : table) {
      if (&other == &route) continue;
      if (other.operation_id == route.operation_id) return name + ": there twice";
      if (other.method == route.method && other.path == route.path) return name + ": its path is there twice";
    }
  }
  return {};
}

}  // namespace daybook
