// What the events of an account's deletion and of its legal hold mean.
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {
namespace {

/// When the account ends is on its agenda; a trial is so only while it is open.
void change_end(AccountState& account, const EventMoment& moment) {
  touch(account, moment);
  account.note_purge();
  account.note_trial();
}

}  // namespace

void apply(AccountState& account, const schema::AccountDeletionScheduled& event, const EventMoment& moment) {
  account.details.status = AccountStatus::deletion_scheduled;
  account.details.purge_at = instant(event.purge_at());
  change_end(account, moment);
}

void apply(AccountState& account, const schema::AccountRestored&, const EventMoment& moment) {
  account.details.status = AccountStatus::active;
  account.details.purge_at = never;
  change_end(account, moment);
}

void apply(AccountState& account, const schema::AccountPurged&, const EventMoment& moment) {
  account.details.status = AccountStatus::deleted;
  account.details.purge_at = never;
  account.details.payment_methods.clear();
  account.details.default_payment_method = {};
  change_end(account, moment);
}

void apply(AccountState& account, const schema::LegalHoldPlaced&, const EventMoment& moment) {
  account.details.legal_hold = true;
  change_end(account, moment);
}

void apply(AccountState& account, const schema::LegalHoldReleased&, const EventMoment& moment) {
  account.details.legal_hold = false;
  change_end(account, moment);
}

}  // namespace daybook
