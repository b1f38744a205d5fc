#include "domain/rejection.h"

#include <algorithm>
#include <array>

#include "domain/assert.h"

namespace daybook {
namespace {

using Code = RejectionCode;

constexpr std::array rows = {
    RejectionInfo{Code::malformed_request, "malformed_request", 400, "The request cannot be read",
                  "Send what /openapi.json describes: valid JSON, known members, each once, of the right type."},
    RejectionInfo{Code::unauthenticated, "unauthenticated", 401, "No valid API key",
                  "Send 'Authorization: Bearer <key>' with a key made by 'daybook keys create'."},
    RejectionInfo{Code::forbidden, "forbidden", 403, "This key may not do that",
                  "Use a key whose role holds the permission that 'detail' names."},
    RejectionInfo{Code::not_found, "not_found", 404, "There is no such thing",
                  "Check the id and that the key belongs to the book that holds it."},
    RejectionInfo{Code::method_not_allowed, "method_not_allowed", 405, "The path does not take this method",
                  "Use one of the methods in the Allow header."},
    RejectionInfo{Code::request_timeout, "request_timeout", 408, "The request took too long to arrive",
                  "Send the whole request within the server's read time-out."},
    RejectionInfo{Code::version_conflict, "version_conflict", 412, "The resource has changed",
                  "Read it again and repeat the request with its current ETag in If-Match."},
    RejectionInfo{Code::invalid_transition, "invalid_transition", 409, "The state does not allow this",
                  "Read the resource: 'from' is its state, 'allowed' lists the states it can still reach."},
    RejectionInfo{Code::idempotency_key_reused, "idempotency_key_reused", 422,
                  "The idempotency key was used for another command",
                  "Use a new Idempotency-Key for a new command; repeat a command with exactly its first body."},
    RejectionInfo{Code::credit_insufficient, "credit_insufficient", 409, "The credit does not hold that much",
                  "Consume at most what 'remaining' says."},
    RejectionInfo{Code::insufficient_credits, "insufficient_credits", 402, "Not enough unit credits",
                  "Allocate or buy units, release reservations, or ask for at most what 'available' says."},
    RejectionInfo{Code::amount_out_of_range, "amount_out_of_range", 422, "The amount is out of range",
                  "Amounts, and the balances they lead to, go up to 1000000000000000 in the smallest unit."},
    RejectionInfo{Code::validation_failed, "validation_failed", 422, "The request is understood but wrong",
                  "Correct the members that 'errors' names."},
    RejectionInfo{Code::payload_too_large, "payload_too_large", 413, "The body is too large",
                  "Split the request; /openapi.json names the limits."},
    RejectionInfo{Code::unsupported_media_type, "unsupported_media_type", 415,
                  "The body's media type is not taken here",
                  "Send application/json (or application/x-ndjson to /v1/commands)."},
    RejectionInfo{Code::headers_too_large, "headers_too_large", 431, "The header is too large",
                  "Send fewer or shorter header fields."},
    RejectionInfo{Code::rate_limited, "rate_limited", 429, "Too many requests", "Wait as long as Retry-After says."},
    RejectionInfo{Code::internal, "internal", 500, "Something went wrong on our side",
                  "Repeat the request with the same Idempotency-Key; if it persists, report the request id."},
    RejectionInfo{Code::event_corrupt, "event_corrupt", 500, "A stored event is damaged",
                  "Run 'daybook verify' on the data directory and restore what it names."},
    RejectionInfo{Code::not_ready, "not_ready", 503, "The server cannot take this now",
                  "Wait as long as Retry-After says and repeat with the same Idempotency-Key."},
    RejectionInfo{Code::projection_lag, "projection_lag", 503, "The view has not caught up yet",
                  "Repeat shortly, or read with ?consistency=eventual."},
    RejectionInfo{Code::account_exists, "account_exists", 409, "An account with this id exists",
                  "Choose another id, leave the id out, or repeat with the first request's Idempotency-Key."},
    RejectionInfo{Code::credit_ceiling, "credit_ceiling", 403, "The amount is above this role's ceiling",
                  "Ask a Billing Admin to issue the credit."},
    RejectionInfo{Code::storage_full, "storage_full", 507, "The disk is full",
                  "Free space on the data directory's disk; writes resume by themselves."},
    RejectionInfo{Code::limit_reached, "limit_reached", 422, "A limit of this account is reached",
                  "The member 'limit' names it; close or consume what is open first."},
    RejectionInfo{Code::tenant_required, "tenant_required", 400, "Which account is meant is not said",
                  "Send the header tenant-id with the account's id, or name the account instead of 'me'."},
    RejectionInfo{Code::account_deleted, "account_deleted", 410, "The account is deleted",
                  "Until 'purge_at' it can be restored: POST /v1/accounts/{id}/restore."},
    RejectionInfo{Code::purge_blocked, "purge_blocked", 409, "The account must not be purged now",
                  "The member 'reason' says why: a legal hold must be released first."},
    RejectionInfo{Code::plan_exists, "plan_exists", 409, "A plan with this id or code exists",
                  "Choose another, leave the id out, or publish a new version: PATCH /v1/plans/{id}."},
    RejectionInfo{Code::plan_retired, "plan_retired", 422, "The plan is retired",
                  "Choose an active plan, or restore this one: POST /v1/plans/{id}/restore."},
    RejectionInfo{Code::no_change, "no_change", 409, "Nothing would change", "Read the resource: it is so already."},
    RejectionInfo{Code::duplicate_provider_price, "duplicate_provider_price", 409,
                  "Another price has this provider's price id",
                  "A provider's price stands for one price of one plan: correct 'price_id', or the other plan."},
    RejectionInfo{Code::raw_card_refused, "raw_card_refused", 422, "A card number must not be sent here",
                  "Collect it with the payment provider's own form and send the token that you get from it."},
    RejectionInfo{Code::payment_method_refused, "payment_method_refused", 422, "The provider does not know this token",
                  "Have the customer enter the payment method again; a token may be used up or of another provider."},
    RejectionInfo{Code::provider_not_configured, "provider_not_configured", 422, "No payment provider is configured",
                  "Start the server with a provider, or in test mode, which has a simulated one."},
    RejectionInfo{Code::discount_exists, "discount_exists", 409, "A discount with this id exists",
                  "Choose another id, leave the id out, or change the discount: PATCH /v1/discounts/{id}."},
    RejectionInfo{Code::coupon_exists, "coupon_exists", 409, "A coupon with this code exists",
                  "Choose another code; capital and small letters are the same."},
    RejectionInfo{Code::coupon_invalid, "coupon_invalid", 422, "The coupon cannot be redeemed",
                  "The member 'reason' says why."},
    RejectionInfo{Code::coupon_already_redeemed, "coupon_already_redeemed", 409, "The coupon was redeemed already",
                  "The members 'by' and 'limit' say whose limit is reached."},
    RejectionInfo{Code::invoice_locked, "invoice_locked", 409, "The invoice is finalised",
                  "Its lines are fixed: void it and draft another, or correct it with a credit."},
    RejectionInfo{Code::refund_first, "refund_first", 409, "The invoice is paid",
                  "A paid invoice is not voided: refund what was paid for it, to the method or as credit."},
    RejectionInfo{Code::price_not_available, "price_not_available", 422,
                  "The plan has no price for that currency and interval",
                  "Choose one of the plan's 'prices' in the account's own currency."},
    RejectionInfo{Code::trial_already_used, "trial_already_used", 422, "The account has had a trial already",
                  "Send 'trial_days': 0 to begin without one; a Billing Admin may give another."},
    RejectionInfo{Code::no_subscription, "no_subscription", 404, "The account has no subscription",
                  "Create one: POST /v1/subscriptions."},
    RejectionInfo{Code::credit_exceeds_invoice, "credit_exceeds_invoice", 422,
                  "That is more than is left of the invoice", "Credit or take off at most what 'remaining' says."},
    RejectionInfo{Code::invoice_not_creditable, "invoice_not_creditable", 409,
                  "An invoice of this status is not corrected",
                  "The member 'invoice_status' says which: open and paid ones are, a draft is edited."},
    RejectionInfo{Code::settle_first, "settle_first", 409, "An invoice of the subscription is overdue",
                  "Have the invoice that 'invoice' names paid, or void it, and repeat the change."},
    RejectionInfo{Code::usage_above_target_limits, "usage_above_target_limits", 409,
                  "The plan allows less than is in use",
                  "Lower 'metric' to 'limit' first, or choose a plan that allows what 'usage' says."},
    RejectionInfo{Code::subscription_paused, "subscription_paused", 409, "The subscription is paused",
                  "Resume it first."},
    RejectionInfo{Code::payment_in_progress, "payment_in_progress", 409, "A payment of the invoice is in progress",
                  "Wait for the result of the payment that 'payment' names: GET /v1/payments/{id}."},
    RejectionInfo{Code::no_payment_method, "no_payment_method", 422, "There is no payment method to charge",
                  "Attach one: POST /v1/accounts/{id}/payment-methods, and repeat the request."},
    RejectionInfo{Code::nothing_owed, "nothing_owed", 409, "Nothing is owed",
                  "The account has no open invoice; read them: GET /v1/invoices?account_id=."},
    RejectionInfo{Code::subscription_exists, "subscription_exists", 409, "The account has a live subscription",
                  "The book's policy subscription.max_live allows one: change the subscription that 'subscription_id' "
                  "names, or cancel it first."},
    RejectionInfo{Code::discount_not_combinable, "discount_not_combinable", 409, "Another discount is in force",
                  "The book's policy coupon.stacking allows one at a time: redeem the coupon when the discount that "
                  "'discount' names has ended."},
    RejectionInfo{Code::signature_invalid, "signature_invalid", 400, "The message is not signed by the provider",
                  "Send the body byte for byte as it was signed, with a secret that the server knows "
                  "(--stripe-webhook-secret)."},
    RejectionInfo{Code::webhook_too_old, "webhook_too_old", 400, "The message was signed too long ago",
                  "Check the clocks of both sides; have the provider send the event again, which signs it anew."},
    RejectionInfo{
        Code::trial_expired, "trial_expired", 402, "The trial has expired",
        "Subscribe where 'upgrade_url' says: POST /v1/subscriptions; or begin the expired subscription again: "
        "POST /v1/subscriptions/{id}/reactivate."},
    RejectionInfo{Code::book_closed, "book_closed", 409, "The book is closed",
                  "It can be read, but nothing is decided in it any more: use the key of an open book."},
    RejectionInfo{Code::book_exists, "book_exists", 409, "A book with this id exists",
                  "Choose another id, leave the id out, or repeat with the first request's Idempotency-Key."},
    RejectionInfo{Code::currency_fixed, "currency_fixed", 409, "The account's currency is in use",
                  "It stays what it is once there is a subscription, an invoice, a credit, a discount or a checkout: "
                  "open another account for another currency."},
    RejectionInfo{Code::provider_error, "provider_error", 502, "The payment provider gave no answer that can be used",
                  "Nothing has changed: repeat the request later; 'detail' and the server's log say what was wrong."},
    RejectionInfo{Code::refund_exceeds_payment, "refund_exceeds_payment", 422,
                  "The payment has less left than is to be refunded",
                  "Refund no more than 'remaining'; what is pending or disputed counts too: GET /v1/payments/{id}."},
};

}  // namespace

const RejectionInfo& rejection_info(RejectionCode code) {
  const auto* const row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.code == code; });
  ensure(row != rows.end(), "rejection code without a row in the table");
  return *row;
}

std::span<const RejectionInfo> all_rejections() {
  return rows;
}

Rejection must_be(std::string_view pointer, std::string_view expected, std::vector<RejectionDetail> details) {
  details.insert(details.begin(), {"expected", std::string(expected)});
  return {RejectionCode::validation_failed, std::string(pointer), std::move(details)};
}

}  // namespace daybook
