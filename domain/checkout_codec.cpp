#include "domain/checkout_codec.h"

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/value_codec.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

template <class C>
void visit_checkout_members(C& codec, auto& session) {
  visit_id(codec, session.id);
  codec.number(session.quantity);
  for (auto* text : {&session.plan_id, &session.coupon, &session.user_id, &session.opened_by, &session.provider,
                     &session.provider_session_id}) {
    codec.text(*text);
  }
  for (auto* sealed : {&session.success_url, &session.cancel_url, &session.metadata}) visit_sealed(codec, *sealed);
  codec.number(session.expires_at);
  codec.number(session.status);
  codec.require(session.status >= CheckoutStatus::open && session.status <= CheckoutStatus::expired);
  visit_id(codec, session.subscription);
  codec.number(session.created_at);
  codec.number(session.updated_at);
  codec.number(session.version);
}

}  // namespace

void encode(ByteWriter& codec, const CheckoutSession& session) {
  visit_checkout_members(codec, session);
  codec.flag(session.trial_days.has_value());
  codec.number(session.trial_days.value_or(0));
  visit_table<schema::PlanPrice>(codec, session.price);
}

bool decode(ByteReader& codec, CheckoutSession& session) {
  visit_checkout_members(codec, session);
  bool has_trial_days = false;
  std::int32_t trial_days = 0;
  codec.flag(has_trial_days);
  codec.number(trial_days);
  codec.require(has_trial_days || trial_days == 0);
  if (has_trial_days) session.trial_days = trial_days;
  return visit_table<schema::PlanPrice>(codec, session.price);
}

}  // namespace daybook
