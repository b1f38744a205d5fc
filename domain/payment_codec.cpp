#include "domain/payment_codec.h"

#include "domain/refund_codec.h"
#include "domain/value_codec.h"

namespace daybook {
namespace {

template <class C>
void visit_payment_members(C& codec, auto& payment) {
  for (auto* id : {&payment.id, &payment.invoice, &payment.payment_method}) visit_id(codec, *id);
  codec.number(payment.currency.packed);
  codec.number(payment.amount);
  codec.number(payment.attempt);
  codec.number(payment.status);
  codec.require(payment.status >= PaymentStatus::pending && payment.status <= PaymentStatus::disputed);
  for (auto* text : {&payment.provider, &payment.provider_key, &payment.transaction_id, &payment.failure_code,
                     &payment.failure_message, &payment.action_url}) {
    codec.text(*text);
  }
  codec.number(payment.offline.method);
  codec.require(payment.offline.method >= OfflineMethod::bank_transfer &&
                payment.offline.method <= OfflineMethod::other);
  visit_sealed(codec, payment.offline.reference);
  codec.number(payment.offline.received_at);
  codec.number(payment.offline.credit_amount);
  visit_id(codec, payment.offline.credit);
  codec.number(payment.created_at);
  codec.number(payment.updated_at);
  codec.number(payment.version);
}

}  // namespace

void encode(ByteWriter& codec, const Payment& payment) {
  visit_payment_members(codec, payment);
  encode(codec, payment.reversals);
}

bool decode(ByteReader& codec, Payment& payment) {
  visit_payment_members(codec, payment);
  decode(codec, payment.reversals);
  return codec.ok();
}

}  // namespace daybook
