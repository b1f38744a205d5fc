// Deleting an account: scheduled, taken back within the window, purged at its end; and the legal hold that stops a
// purge.
#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {
namespace {

Decision account_event(PendingEvent event) {
  Decision decision;
  decision.events.push_back(std::move(event));
  decision.subject.kind = SubjectKind::account;
  return decision;
}

/// Accepted, and nothing has to change.
Decision as_it_is() {
  Decision decision;
  decision.subject.kind = SubjectKind::account;
  return decision;
}

/// Of an account that is not about to be deleted; a deleted one is answered before.
Decision refuse_end(const AccountState& account, AccountStatus to) {
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(account.details.status))},
                 {"to", std::string(to_text(to))},
                 {"allowed", std::string(to_text(AccountStatus::deletion_scheduled))}});
}

}  // namespace

Decision handle(const AccountState& account, const ScheduleAccountDeletion& command, const DecisionContext& context) {
  if (account.details.status == AccountStatus::deletion_scheduled) return as_it_is();
  schema::AccountDeletionScheduledT event;
  event.purge_at = Instant{micros(context.now) + soft_delete_window_us};
  event.reason = to_table(command.reason.sealed);
  return account_event(PendingEvent::of(std::move(event)));
}

Decision handle(const AccountState& account, const RestoreAccount& command, const DecisionContext&) {
  if (account.details.status != AccountStatus::deletion_scheduled) return refuse_end(account, AccountStatus::active);
  schema::AccountRestoredT event;
  event.reason = to_table(command.reason.sealed);
  return account_event(PendingEvent::of(std::move(event)));
}

Decision handle(const AccountState& account, const PurgeAccount&, const DecisionContext&) {
  if (account.details.status != AccountStatus::deletion_scheduled) return refuse_end(account, AccountStatus::deleted);
  if (account.details.legal_hold) {
    return reject(RejectionCode::purge_blocked, {}, {{"reason", std::string("legal_hold")}});
  }
  Decision decision = account_event(account_purged(false));
  cancel_subscriptions(decision, account);
  return decision;
}

Decision handle(const AccountState& account, const PlaceLegalHold& command, const DecisionContext&) {
  if (account.details.legal_hold) return as_it_is();
  schema::LegalHoldPlacedT event;
  event.reason = to_table(command.reason.sealed);
  return account_event(PendingEvent::of(std::move(event)));
}

Decision handle(const AccountState& account, const ReleaseLegalHold& command, const DecisionContext&) {
  if (!account.details.legal_hold) return as_it_is();
  schema::LegalHoldReleasedT event;
  event.reason = to_table(command.reason.sealed);
  return account_event(PendingEvent::of(std::move(event)));
}

PendingEvent account_purged(bool was_due) {
  schema::AccountPurgedT event;
  event.was_due = was_due;
  return PendingEvent::of(std::move(event));
}

}  // namespace daybook
