// What the events of money credits mean.
#include <utility>

#include "domain/folds.h"
#include "domain/invoice_fold.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"

namespace daybook {

void apply(AccountState& account, const schema::CreditIssued& event, const EventMoment& moment) {
  Grant grant;
  grant.id = entity(event.credit());
  grant.asset = {code(Currency{event.amount()->currency()}), true};
  grant.amount = event.amount()->minor();
  grant.remaining = grant.amount;
  grant.priority = event.priority();
  grant.effective_at = instant(event.effective_at());
  grant.expires_at = instant(event.expires_at());
  grant.type = static_cast<std::uint8_t>(event.type());
  grant.reason = from_table(event.reason());
  grant.metadata = from_table(event.metadata());
  grant.created_at = grant.updated_at = moment.at;
  grant.version = moment.version;
  account.add_grant(std::move(grant));
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
