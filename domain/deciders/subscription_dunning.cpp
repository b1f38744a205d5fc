#include "domain/deciders/subscription_dunning.h"

#include <algorithm>

#include "domain/payment_fold.h"
#include "domain/rules/dunning_ladder.h"
#include "schemas/events/invoices_generated.h"
#include "schemas/events/payments_generated.h"
#include "schemas/events/subscriptions_generated.h"

namespace daybook {
namespace {

/// What the decision's events tell.
struct PaymentNews {
  EntityRef failed;              ///< The invoice that a charge failed for; none.
  AccountPayments after;         ///< What the account's payments are then.
  bool is_any = false;           ///< Whether they changed anything.
  std::vector<EntityRef> ended;  ///< Subscriptions.
};

PaymentNews news_of(const Decision& decision, const AccountState& account) {
  PaymentNews news;
  news.after = account.details.payments;
  const auto settle = [&](EntityRef invoice) {
    news.is_any = true;
    news.after.settle(invoice);
  };
  for (const PendingEvent& event : decision.events) {
    if (const auto* failure = event.as<schema::PaymentFailedT>()) {
      if (!is_failed_charge(failure->written_off, failure->code)) continue;
      news.is_any = true;
      news.failed = failure->invoice;
      news.after.fail(failure->invoice);
    }
    if (const auto* paid = event.as<schema::InvoicePaidT>()) settle(paid->invoice);
    if (const auto* voided = event.as<schema::InvoiceVoidedT>()) settle(voided->invoice);
    if (const auto* lost = event.as<schema::InvoiceMarkedUncollectibleT>()) settle(lost->invoice);
    if (const auto* canceled = event.as<schema::SubscriptionCanceledT>()) news.ended.push_back(canceled->subscription);
  }
  return news;
}

PendingEvent became_past_due(const AccountState& account, const Subscription& subscription, EntityRef invoice,
                             Instant at) {
  schema::SubscriptionBecamePastDueT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  event.invoice = invoice;
  event.grace_period_end = grace_period_end(five_stage_ladder(), at);
  event.dunning_until = dunning_until(five_stage_ladder(), at);
  return PendingEvent::of(std::move(event));
}

PendingEvent recovered(const AccountState& account, const Subscription& subscription) {
  schema::SubscriptionRecoveredT event;
  event.subscription = subscription.id;
  event.account_id = account.details.id;
  return PendingEvent::of(std::move(event));
}

}  // namespace

void follow_payments(Decision& decision, const AccountState& account, const DecisionContext& context) {
  const PaymentNews news = news_of(decision, account);
  if (!news.is_any) return;
  const auto is_of = [&](EntityRef invoice, EntityRef subscription) {
    const Invoice* found = account.find_invoice(invoice);
    return found != nullptr && found->subscription == subscription;
  };
  for (const auto& [id, subscription] : account.subscriptions()) {
    const bool is_ended = std::find(news.ended.begin(), news.ended.end(), id) != news.ended.end();
    if (is_ended) continue;
    if (subscription.status == SubscriptionStatus::active && is_of(news.failed, id)) {
      decision.events.push_back(became_past_due(account, subscription, news.failed, context.now));
    }
    const bool is_owing = std::any_of(news.after.failed.begin(), news.after.failed.end(),
                                      [&, own = id](EntityRef invoice) { return is_of(invoice, own); });
    if (subscription.is_past_due() && !is_owing) decision.events.push_back(recovered(account, subscription));
  }
}

}  // namespace daybook
