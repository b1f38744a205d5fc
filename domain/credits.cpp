// What the events of money credits mean.
#include <utility>

#include "domain/folds.h"
#include "domain/grant_fold.h"
#include "domain/invoice_fold.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"

namespace daybook {

void apply(AccountState& account, const schema::CreditIssued& event, const EventMoment& moment) {
  account.add_grant(issued_grant(event, moment));
  account.is_currency_fixed = true;
}

void apply(AccountState& account, const schema::CreditConsumed& event, const EventMoment& moment) {
  account.take(entity(event.credit()), event.amount()->minor(), AccountState::Take::consume, moment.at, moment.version);
}

void apply(AccountState& account, const schema::CreditExpired& event, const EventMoment& moment) {
  account.take(entity(event.credit()), event.amount()->minor(), AccountState::Take::expire, moment.at, moment.version);
}

void apply(AccountState& account, const schema::CreditVoided& event, const EventMoment& moment) {
  account.take(entity(event.credit()), event.amount()->minor(), AccountState::Take::void_grant, moment.at,
               moment.version);
}

void apply(AccountState& account, const schema::CreditApplied& event, const EventMoment& moment) {
  account.change_invoice(entity(event.invoice()), [&](Invoice& invoice) { fold(invoice, event, moment); });
  account.apply_credit(entity(event.credit()), {entity(event.invoice()), event.amount()->minor()}, moment.at,
                       moment.version);
}

void apply(AccountState& account, const schema::CreditReturned& event, const EventMoment& moment) {
  account.return_credit(entity(event.credit()), {entity(event.invoice()), event.amount()->minor()}, moment.at,
                        moment.version);
  account.change_invoice(entity(event.invoice()), [&](Invoice& invoice) { fold(invoice, event, moment); });
}

}  // namespace daybook
