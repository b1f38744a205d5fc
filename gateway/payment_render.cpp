// Payments as JSON.
#include "gateway/json_member.h"
#include "gateway/render.h"

namespace daybook {
namespace {

void append_attempt(JsonText& json, const Payment& payment, const Viewer& viewer) {
  json.begin_object();
  id_member(json, "payment_id", "pay", payment.id, viewer);
  json.member("attempt", payment.attempt).member("status", to_text(payment.status));
  id_member(json, "payment_method_id", "pm", payment.payment_method, viewer);
  member_or_null(json, "failure_code", payment.failure_code);
  member_or_null(json, "failure_message", payment.failure_message);
  instant_member(json, "next_retry_at", never);
  instant_member(json, "created_at", payment.created_at);
  json.end_object();
}

}  // namespace

void append_payment(std::string& out, std::string_view account_id, const Payment& payment,
                    const std::vector<Payment>* attempts, const Viewer& viewer) {
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
  if (attempts != nullptr) {
    json.key("attempts").begin_array();
    for (const Payment& attempt : *attempts) append_attempt(json, attempt, viewer);
    json.end_array();
  }
  instant_member(json, "created_at", payment.created_at);
  instant_member(json, "updated_at", payment.updated_at);
  json.member("version", payment.version).end_object();
}

}  // namespace daybook
