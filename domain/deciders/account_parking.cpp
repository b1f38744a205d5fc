// An account whose next invoice is out of bounds: parked when it would have been made, released by somebody.
#include "domain/deciders/account_parking.h"

#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {

Decision account_parked(const AccountState& account, const Subscription& subscription, schema::ParkReason reason) {
  schema::AccountParkedT event;
  event.account_id = account.details.id;
  event.reason = reason;
  event.subscription = subscription.id;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

Decision handle(const AccountState& account, const UnparkAccount& command, const DecisionContext&) {
  Decision decision;
  decision.subject.kind = SubjectKind::account;
  if (!account.details.is_parked()) return decision;
  schema::AccountUnparkedT event;
  event.account_id = account.details.id;
  event.reason = to_table(command.reason.sealed);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
