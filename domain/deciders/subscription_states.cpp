#include "domain/deciders/subscription_states.h"

#include "domain/assert.h"

namespace daybook {
namespace {

std::string_view targets_of(const Subscription& subscription) {
  switch (subscription.status) {
    case SubscriptionStatus::trialing:
      return "active, paused, canceled";
    case SubscriptionStatus::active:
      return "paused, canceled";
    case SubscriptionStatus::past_due:
      return "active, canceled";
    case SubscriptionStatus::canceled:
    case SubscriptionStatus::expired:
      return "active";
    case SubscriptionStatus::paused:
      return subscription.is_in_trial() ? "trialing, canceled" : "active, canceled";
  }
  bug("a status of a subscription without targets");
}

}  // namespace

Rejection no_way(const Subscription& subscription, SubscriptionStatus to) {
  return {RejectionCode::invalid_transition,
          {},
          {{"from", std::string(to_text(subscription.status))},
           {"to", std::string(to_text(to))},
           {"allowed", std::string(targets_of(subscription))}}};
}

bool may_override(Role role) {
  return role == Role::super_admin || role == Role::billing_admin || role == Role::system;
}

bool may_change_now(Role role) {
  return role != Role::support_rep;
}

}  // namespace daybook
