// What providers tell by themselves: received once (the engine knows the repeat by its key), and then what became of
// it.
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/webhooks_generated.h"

namespace daybook {
namespace {

template <class Event>
PendingEvent unusable(const ProcessProviderEvent& command) {
  Event event;
  event.provider_event = command.provider_event;
  event.reason = command.reason;
  return PendingEvent::of(std::move(event));
}

PendingEvent outcome_of(const ProcessProviderEvent& command) {
  if (command.outcome == ProviderEventOutcome::ignored) return unusable<schema::ProviderEventIgnoredT>(command);
  if (command.outcome == ProviderEventOutcome::failed) return unusable<schema::ProviderEventFailedT>(command);
  schema::ProviderEventProcessedT event;
  event.provider_event = command.provider_event;
  event.changed = command.changed;
  return PendingEvent::of(std::move(event));
}

}  // namespace

Decision handle(const BookState&, const ReceiveProviderEvent& command, const DecisionContext& context) {
  schema::ProviderEventReceivedT event;
  event.provider_event = context.new_id();
  event.provider = command.provider;
  event.external_id = command.external_id;
  event.type = command.type;
  event.payment = command.payment.value_or(EntityRef{});
  if (event.payment.is_none()) event.checkout_session = command.checkout.value_or(EntityRef{});
  if (event.payment.is_none() && event.checkout_session.is_none()) {
    event.subscription = command.subscription.value_or(EntityRef{});
    if (event.subscription.is_none()) event.refund = command.refund.value_or(EntityRef{});
  }
  event.account_id = command.owner;
  event.body = to_table(command.body.sealed);
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const BookState&, const ProcessProviderEvent& command, const DecisionContext& context) {
  const EntityRef id = command.provider_event;
  const bool is_of_book = id.shard == context.shard && id.stream_ordinal == context.ordinal &&
                          id.stream_version < context.next_version && !id.is_none();
  if (!is_of_book) return reject(RejectionCode::not_found);
  const bool needs_reason = command.outcome != ProviderEventOutcome::processed;
  if (needs_reason == command.reason.empty()) return reject(must_be("/reason", "there unless it was processed"));
  Decision decision;
  decision.events.push_back(outcome_of(command));
  return decision;
}

}  // namespace daybook
