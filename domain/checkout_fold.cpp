#include "domain/checkout_fold.h"

#include <tuple>
#include <utility>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {

std::string_view to_text(CheckoutStatus status) {
  switch (status) {
    case CheckoutStatus::open:
      return "open";
    case CheckoutStatus::completed:
      return "completed";
    case CheckoutStatus::expired:
      return "expired";
  }
  bug("a status of a checkout session without a name");
}

CheckoutSession opened_checkout(const schema::CheckoutSessionOpened& event, const EventMoment& moment) {
  ensure(event.price() != nullptr, "a checkout session without a price");
  CheckoutSession session;
  session.id = entity(event.checkout_session());
  session.plan_id = text(event.plan_id());
  auto price = std::make_shared<schema::PlanPriceT>();
  event.price()->UnPackTo(price.get());
  session.price = std::move(price);
  session.quantity = event.quantity();
  if (const auto days = event.trial_days()) session.trial_days = *days;
  session.coupon = text(event.coupon());
  session.user_id = text(event.user_id());
  session.opened_by = text(event.opened_by());
  session.success_url = from_table(event.success_url());
  session.cancel_url = from_table(event.cancel_url());
  session.metadata = from_table(event.metadata());
  session.expires_at = instant(event.expires_at());
  session.provider = text(event.provider());
  session.provider_session_id = text(event.provider_session_id());
  session.created_at = moment.at;
  touch(session, moment);
  return session;
}

void fold(CheckoutSession& session, const schema::CheckoutSessionCompleted& event, const EventMoment& moment) {
  session.status = CheckoutStatus::completed;
  session.subscription = entity(event.subscription());
  touch(session, moment);
}

void fold(CheckoutSession& session, const schema::CheckoutSessionExpired&, const EventMoment& moment) {
  session.status = CheckoutStatus::expired;
  touch(session, moment);
}

bool CheckoutSession::operator==(const CheckoutSession& other) const {
  const auto members = [](const CheckoutSession& one) {
    return std::tie(one.id, one.plan_id, *one.price, one.quantity, one.trial_days, one.coupon, one.user_id,
                    one.opened_by, one.success_url, one.cancel_url, one.metadata, one.expires_at, one.provider,
                    one.provider_session_id, one.status, one.subscription, one.created_at, one.updated_at, one.version);
  };
  return members(*this) == members(other);
}

}  // namespace daybook
