// The handlers that the table of routes names, by file.
#pragma once

#include "gateway/routes.h"

namespace daybook {

// account_routes.cpp
void open_account(ExchangePtr exchange);
void list_accounts(ExchangePtr exchange);
void get_account(ExchangePtr exchange);
void update_account(ExchangePtr exchange);
void delete_account(ExchangePtr exchange);
void restore_account(ExchangePtr exchange);
void purge_account(ExchangePtr exchange);
void place_legal_hold(ExchangePtr exchange);
void release_legal_hold(ExchangePtr exchange);
void unpark_account(ExchangePtr exchange);
void get_balance(ExchangePtr exchange);

// timeline.cpp
void get_timeline(ExchangePtr exchange);

// credit_routes.cpp
void issue_credit(ExchangePtr exchange);
void list_credits(ExchangePtr exchange);
void list_account_credits(ExchangePtr exchange);
void get_credit(ExchangePtr exchange);
void change_credit(ExchangePtr exchange);
void apply_credit(ExchangePtr exchange);

// unit_routes.cpp
void get_unit_balance(ExchangePtr exchange);
void check_units(ExchangePtr exchange);
void get_unit_usage(ExchangePtr exchange);
void allocate_units(ExchangePtr exchange);
void deduct_units(ExchangePtr exchange);
void adjust_units(ExchangePtr exchange);
void reserve_units(ExchangePtr exchange);
void get_reservation(ExchangePtr exchange);
void capture_reservation(ExchangePtr exchange);
void release_reservation(ExchangePtr exchange);

// unit_history.cpp
void list_unit_history(ExchangePtr exchange);

// payment_method_routes.cpp
void attach_payment_method(ExchangePtr exchange);
void list_payment_methods(ExchangePtr exchange);
void list_all_payment_methods(ExchangePtr exchange);
void get_payment_method(ExchangePtr exchange);
void set_default_payment_method(ExchangePtr exchange);
void detach_payment_method(ExchangePtr exchange);

// plan_routes.cpp
void create_plan(ExchangePtr exchange);
void list_plans(ExchangePtr exchange);
void get_plan(ExchangePtr exchange);
void revise_plan(ExchangePtr exchange);
void replace_plan(ExchangePtr exchange);
void retire_plan(ExchangePtr exchange);
void list_plan_versions(ExchangePtr exchange);
void restore_plan(ExchangePtr exchange);
void sync_catalogue(ExchangePtr exchange);

// discount_routes.cpp
void create_discount(ExchangePtr exchange);
void list_discounts(ExchangePtr exchange);
void get_discount(ExchangePtr exchange);
void change_discount(ExchangePtr exchange);
void retire_discount(ExchangePtr exchange);

// coupon_routes.cpp
void create_coupon(ExchangePtr exchange);
void list_coupons(ExchangePtr exchange);
void get_coupon(ExchangePtr exchange);
void retire_coupon(ExchangePtr exchange);
void validate_coupon(ExchangePtr exchange);
void redeem_coupon(ExchangePtr exchange);
void list_redemptions(ExchangePtr exchange);

// credit_note_routes.cpp
void issue_credit_note(ExchangePtr exchange);
void list_credit_notes(ExchangePtr exchange);
void get_credit_note(ExchangePtr exchange);
void void_credit_note(ExchangePtr exchange);
void adjust_invoice(ExchangePtr exchange);
void list_invoice_adjustments(ExchangePtr exchange);
void get_invoice_adjustment(ExchangePtr exchange);

// invoice_routes.cpp
void draft_invoice(ExchangePtr exchange);
void list_invoices(ExchangePtr exchange);
void explain_invoice(ExchangePtr exchange);
void get_invoice(ExchangePtr exchange);
void add_invoice_line(ExchangePtr exchange);
void remove_invoice_line(ExchangePtr exchange);
void finalize_invoice(ExchangePtr exchange);
void void_invoice(ExchangePtr exchange);
void mark_invoice_uncollectible(ExchangePtr exchange);
void send_invoice(ExchangePtr exchange);

// payment_routes.cpp
void pay_invoice(ExchangePtr exchange);
void retry_payment(ExchangePtr exchange);
void retry_account_payment(ExchangePtr exchange);
void record_offline_payment(ExchangePtr exchange);
void list_payments(ExchangePtr exchange);
void get_payment(ExchangePtr exchange);

// refund_routes.cpp
void issue_refund(ExchangePtr exchange);
void list_refunds(ExchangePtr exchange);
void get_refund(ExchangePtr exchange);
void list_disputes(ExchangePtr exchange);
void get_dispute(ExchangePtr exchange);

// checkout_routes.cpp
void start_checkout(ExchangePtr exchange);
void get_checkout_session(ExchangePtr exchange);
void get_simulated_checkout(ExchangePtr exchange);

// webhook_routes.cpp
void receive_webhook(ExchangePtr exchange);

// subscription_routes.cpp
void create_subscription(ExchangePtr exchange);
void list_subscriptions(ExchangePtr exchange);
void get_subscription(ExchangePtr exchange);
void cancel_subscription(ExchangePtr exchange);
void reactivate_subscription(ExchangePtr exchange);
void pause_subscription(ExchangePtr exchange);
void resume_subscription(ExchangePtr exchange);
void change_plan(ExchangePtr exchange);
void upgrade_now(ExchangePtr exchange);
void downgrade(ExchangePtr exchange);
void schedule_plan_change(ExchangePtr exchange);
void cancel_scheduled_plan_change(ExchangePtr exchange);
void change_quantity(ExchangePtr exchange);
void update_subscription(ExchangePtr exchange);
void get_account_subscription(ExchangePtr exchange);
void get_subscription_history(ExchangePtr exchange);

// subscription_preview.cpp
void get_upcoming_invoice(ExchangePtr exchange);
void get_invoice_preview(ExchangePtr exchange);
void apply_subscription_discount(ExchangePtr exchange);
void remove_subscription_discount(ExchangePtr exchange);
void preview_plan_change(ExchangePtr exchange);

// bulk.cpp
void submit_commands(ExchangePtr exchange);

// event_routes.cpp
void list_events(ExchangePtr exchange);
void get_event(ExchangePtr exchange);
void export_events(ExchangePtr exchange);
void stream_events(ExchangePtr exchange);

// ledger_routes.cpp
void get_trial_balance(ExchangePtr exchange);
void list_postings(ExchangePtr exchange);
void list_projections(ExchangePtr exchange);
void rebuild_projection(ExchangePtr exchange);

// proof_routes.cpp
void get_checkpoint(ExchangePtr exchange);
void list_checkpoint_keys(ExchangePtr exchange);
void rotate_checkpoint_keys(ExchangePtr exchange);
void prove_inclusion(ExchangePtr exchange);
void prove_consistency(ExchangePtr exchange);

// book_routes.cpp
void create_book(ExchangePtr exchange);
void list_books(ExchangePtr exchange);
void get_book(ExchangePtr exchange);
void change_book(ExchangePtr exchange);
void close_book(ExchangePtr exchange);

// governance_routes.cpp
void create_api_key(ExchangePtr exchange);
void list_api_keys(ExchangePtr exchange);
void get_api_key(ExchangePtr exchange);
void revoke_api_key(ExchangePtr exchange);
void list_policies(ExchangePtr exchange);
void get_policy(ExchangePtr exchange);
void change_policy(ExchangePtr exchange);
void get_clock(ExchangePtr exchange);
void advance_clock(ExchangePtr exchange);
void list_currencies(ExchangePtr exchange);
void list_tax_rates(ExchangePtr exchange);
void set_tax_rate(ExchangePtr exchange);
void estimate_tax(ExchangePtr exchange);
void validate_tax_id(ExchangePtr exchange);
void get_me(ExchangePtr exchange);

// test_clock_routes.cpp
void create_test_clock(ExchangePtr exchange);
void list_test_clocks(ExchangePtr exchange);
void get_test_clock(ExchangePtr exchange);
void advance_test_clock(ExchangePtr exchange);

// outbox_routes.cpp
void list_outbox(ExchangePtr exchange);

// job_routes.cpp
void list_jobs(ExchangePtr exchange);
void run_job(ExchangePtr exchange);
void get_verification(ExchangePtr exchange);

// system_routes.cpp
void get_health(ExchangePtr exchange);
void get_readiness(ExchangePtr exchange);
void get_metrics(ExchangePtr exchange);
void get_openapi(ExchangePtr exchange);
void get_docs(ExchangePtr exchange);
void get_hosted_invoice(ExchangePtr exchange);

}  // namespace daybook
