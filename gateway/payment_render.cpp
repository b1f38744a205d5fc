// Payments, refunds and disputes as JSON.
#include "gateway/json_member.h"
#include "gateway/render.h"

namespace daybook {
namespace {

void append_attempt(JsonText& json, const Payment& payment, const Viewer& viewer) {
  json.begin_object();
  id_member(json, "payment_id", "pay", payment.id, viewer);
  const PaymentStatus status = payment.is_collected() ? PaymentStatus::succeeded : payment.status;
  json.member("attempt", payment.attempt).member("status", to_text(status));
  id_member(json, "payment_method_id", "pm", payment.payment_method, viewer);
  member_or_null(json, "failure_code", payment.failure_code);
  member_or_null(json, "failure_message", payment.failure_message);
  instant_member(json, "next_retry_at", never);
  instant_member(json, "created_at", payment.created_at);
  json.end_object();
}

/// Of a payment that no provider collected; else null.
void append_offline(JsonText& json, const Payment& payment, const Viewer& viewer) {
  json.key("offline");
  if (!payment.is_offline()) {
    json.null();
    return;
  }
  json.begin_object().member("method", to_text(payment.offline.method));
  sealed_member(json, "reference", payment.offline.reference, viewer);
  instant_member(json, "received_at", payment.offline.received_at);
  json.member("credit_amount", payment.offline.credit_amount);
  id_member(json, "credit_id", "cr", payment.offline.credit, viewer);
  json.end_object();
}

void append_refund_row(JsonText& json, const Refund& refund, const Viewer& viewer) {
  json.begin_object();
  id_member(json, "refund_id", "re", refund.id, viewer);
  json.member("amount", refund.amount).member("status", to_text(refund.status));
  json.member("reason", to_text(refund.reason)).member("destination", to_text(refund.destination));
  instant_member(json, "created_at", refund.created_at);
  json.end_object();
}

}  // namespace

void append_payment(std::string& out, std::string_view account_id, const Payment& payment, const PaymentParts* parts,
                    const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "payment");
  id_member(json, "id", "pay", payment.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "invoice_id", "inv", payment.invoice, viewer);
  id_member(json, "payment_method_id", "pm", payment.payment_method, viewer);
  json.member("amount", payment.amount).member("currency", code(payment.currency));
  json.member("status", to_text(payment.status)).member("attempt", payment.attempt);
  member_or_null(json, "provider", payment.provider);
  member_or_null(json, "provider_key", payment.provider_key);
  member_or_null(json, "provider_transaction_id", payment.transaction_id);
  member_or_null(json, "failure_code", payment.failure_code);
  member_or_null(json, "failure_message", payment.failure_message);
  member_or_null(json, "action_url", payment.action_url);
  instant_member(json, "next_retry_at", never);
  json.member("refunded_amount", payment.reversals.refunded).member("refundable_amount", payment.refundable());
  id_member(json, "dispute_id", "dp", payment.reversals.dispute, viewer);
  append_offline(json, payment, viewer);
  if (parts != nullptr) {
    json.key("attempts").begin_array();
    for (const Payment& attempt : parts->attempts) append_attempt(json, attempt, viewer);
    json.end_array().key("refunds").begin_array();
    for (const Refund& refund : parts->refunds) append_refund_row(json, refund, viewer);
    json.end_array();
  }
  instant_member(json, "created_at", payment.created_at);
  instant_member(json, "updated_at", payment.updated_at);
  json.member("version", payment.version).end_object();
}

void append_refund(std::string& out, std::string_view account_id, const Refund& refund, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "refund");
  id_member(json, "id", "re", refund.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "payment_id", "pay", refund.payment, viewer);
  id_member(json, "invoice_id", "inv", refund.invoice, viewer);
  json.member("amount", refund.amount).member("currency", code(refund.currency));
  json.member("status", to_text(refund.status)).member("reason", to_text(refund.reason));
  sealed_member(json, "description", refund.description, viewer);
  json.member("destination", to_text(refund.destination));
  id_member(json, "credit_note_id", "cn", refund.credit_note, viewer);
  id_member(json, "credit_id", "cr", refund.credit, viewer);
  member_or_null(json, "provider", refund.provider);
  member_or_null(json, "provider_key", refund.provider_key);
  member_or_null(json, "provider_refund_id", refund.provider_refund_id);
  member_or_null(json, "failure_code", refund.failure_code);
  member_or_null(json, "failure_message", refund.failure_message);
  instant_member(json, "created_at", refund.created_at);
  instant_member(json, "updated_at", refund.updated_at);
  json.member("version", refund.version).end_object();
}

void append_dispute(std::string& out, std::string_view account_id, const Dispute& dispute, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "dispute");
  id_member(json, "id", "dp", dispute.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "payment_id", "pay", dispute.payment, viewer);
  id_member(json, "invoice_id", "inv", dispute.invoice, viewer);
  json.member("amount", dispute.amount).member("currency", code(dispute.currency));
  json.member("status", to_text(dispute.status));
  member_or_null(json, "reason", dispute.reason);
  member_or_null(json, "provider", dispute.provider);
  member_or_null(json, "provider_dispute_id", dispute.provider_dispute_id);
  instant_member(json, "due_by", dispute.due_by);
  instant_member(json, "opened_at", dispute.opened_at);
  instant_member(json, "closed_at", dispute.closed_at);
  instant_member(json, "updated_at", dispute.updated_at);
  json.member("version", dispute.version).end_object();
}

}  // namespace daybook
