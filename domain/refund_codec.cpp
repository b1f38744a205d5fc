#include "domain/refund_codec.h"

#include "domain/value_codec.h"

namespace daybook {
namespace {

template <class C>
void visit_refund_members(C& codec, auto& refund) {
  for (auto* id : {&refund.id, &refund.payment, &refund.invoice, &refund.credit_note, &refund.credit}) {
    visit_id(codec, *id);
  }
  codec.number(refund.currency.packed);
  codec.number(refund.amount);
  codec.number(refund.status);
  codec.require(refund.status >= RefundStatus::pending && refund.status <= RefundStatus::canceled);
  codec.number(refund.reason);
  codec.require(refund.reason >= RefundReason::duplicate && refund.reason <= RefundReason::other);
  codec.number(refund.destination);
  codec.require(refund.destination >= RefundDestination::payment_method &&
                refund.destination <= RefundDestination::credit);
  visit_sealed(codec, refund.description);
  for (auto* text : {&refund.provider, &refund.provider_key, &refund.provider_refund_id, &refund.failure_code,
                     &refund.failure_message}) {
    codec.text(*text);
  }
  codec.number(refund.created_at);
  codec.number(refund.updated_at);
  codec.number(refund.version);
}

template <class C>
void visit_dispute_members(C& codec, auto& dispute) {
  for (auto* id : {&dispute.id, &dispute.payment, &dispute.invoice}) visit_id(codec, *id);
  codec.number(dispute.currency.packed);
  codec.number(dispute.amount);
  codec.number(dispute.status);
  codec.require(dispute.status >= DisputeStatus::open && dispute.status <= DisputeStatus::lost);
  for (auto* text : {&dispute.reason, &dispute.provider, &dispute.provider_dispute_id}) codec.text(*text);
  for (auto* at : {&dispute.due_by, &dispute.opened_at, &dispute.updated_at, &dispute.closed_at}) codec.number(*at);
  codec.number(dispute.version);
}

template <class C>
void visit_reversals(C& codec, auto& reversals) {
  for (auto* amount : {&reversals.refunded, &reversals.refunding, &reversals.charged_back, &reversals.disputed}) {
    codec.number(*amount);
  }
  visit_id(codec, reversals.dispute);
  codec.number(reversals.updated_at);
  codec.number(reversals.version);
}

}  // namespace

void encode(ByteWriter& codec, const Refund& refund) {
  visit_refund_members(codec, refund);
}

bool decode(ByteReader& codec, Refund& refund) {
  visit_refund_members(codec, refund);
  return codec.ok();
}

void encode(ByteWriter& codec, const Dispute& dispute) {
  visit_dispute_members(codec, dispute);
}

bool decode(ByteReader& codec, Dispute& dispute) {
  visit_dispute_members(codec, dispute);
  return codec.ok();
}

void encode(ByteWriter& codec, const PaymentReversals& reversals) {
  visit_reversals(codec, reversals);
  codec.number(static_cast<std::uint32_t>(reversals.disputes.size()));
  for (const std::string& dispute : reversals.disputes) codec.text(dispute);
}

void decode(ByteReader& codec, PaymentReversals& reversals) {
  visit_reversals(codec, reversals);
  std::uint32_t count = 0;
  codec.number(count);
  for (std::uint32_t i = 0; i < count && codec.ok(); ++i) codec.text(reversals.disputes.emplace_back());
}

}  // namespace daybook
