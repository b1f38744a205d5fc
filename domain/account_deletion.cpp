// What the events of an account's deletion and of its legal hold mean.
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {
namespace {

void touch(AccountState& account, const EventMoment& moment) {
  account.details.updated_at = moment.at;
  account.details.version = moment.version;
  account.note_purge();
}

}  // namespace

void apply(AccountState& account, const schema::AccountDeletionScheduled& event, const EventMoment& moment) {
  account.details.status = AccountStatus::deletion_scheduled;
  account.details.purge_at = instant(event.purge_at());
  touch(account, moment);
}

void apply(AccountState& account, const schema::AccountRestored&, const EventMoment& moment) {
  account.details.status = AccountStatus::active;
  account.details.purge_at = never;
  touch(account, moment);
}

void apply(AccountState& account, const schema::AccountPurged&, const EventMoment& moment) {
  account.details.status = AccountStatus::deleted;
  account.details.purge_at = never;
  account.details.payment_methods.clear();
  account.details.default_payment_method = {};
  touch(account, moment);
}

void apply(AccountState& account, const schema::LegalHoldPlaced&, const EventMoment& moment) {
  account.details.legal_hold = true;
  touch(account, moment);
}

void apply(AccountState& account, const schema::LegalHoldReleased&, const EventMoment& moment) {
  account.details.legal_hold = false;
  touch(account, moment);
}

}  // namespace daybook
