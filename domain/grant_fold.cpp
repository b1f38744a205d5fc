#include "domain/grant_fold.h"

#include <algorithm>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"

namespace daybook {
namespace {

void take(Grant& grant, std::int64_t amount, const EventMoment& moment) {
  ensure(grant.is_open(), "a movement on a grant that is not open");
  ensure(amount <= grant.free(), "more taken from a grant than is free");
  grant.remaining -= amount;
  touch(grant, moment);
}

}  // namespace

Grant issued_grant(const schema::CreditIssued& event, const EventMoment& moment) {
  Grant grant;
  grant.id = entity(event.credit());
  grant.asset = {code(Currency{event.amount()->currency()}), true};
  grant.amount = grant.remaining = event.amount()->minor();
  grant.priority = event.priority();
  grant.effective_at = instant(event.effective_at());
  grant.expires_at = instant(event.expires_at());
  grant.type = static_cast<std::uint8_t>(event.type());
  grant.reason = from_table(event.reason());
  grant.metadata = from_table(event.metadata());
  if (event.invoice() != nullptr) grant.invoice = entity(event.invoice());
  grant.created_at = grant.updated_at = moment.at;
  grant.version = moment.version;
  return grant;
}

void fold(Grant& grant, const schema::CreditConsumed& event, const EventMoment& moment) {
  take(grant, event.amount()->minor(), moment);
  grant.status = grant.remaining == 0 ? GrantStatus::consumed : GrantStatus::partially_applied;
}

void fold(Grant& grant, const schema::CreditExpired& event, const EventMoment& moment) {
  take(grant, event.amount()->minor(), moment);
  grant.status = GrantStatus::expired;
}

void fold(Grant& grant, const schema::CreditVoided& event, const EventMoment& moment) {
  take(grant, event.amount()->minor(), moment);
  grant.status = GrantStatus::voided;
}

void fold(Grant& grant, const schema::CreditApplied& event, const EventMoment& moment) {
  take(grant, event.amount()->minor(), moment);
  grant.applications.push_back({entity(event.invoice()), event.amount()->minor()});
  grant.status = grant.remaining == 0 ? GrantStatus::consumed : GrantStatus::partially_applied;
}

void fold(Grant& grant, const schema::CreditReturned& event, const EventMoment& moment) {
  give_back(grant, {entity(event.invoice()), event.amount()->minor()});
  touch(grant, moment);
}

void give_back(Grant& grant, const CreditApplication& application) {
  const auto found = std::find(grant.applications.begin(), grant.applications.end(), application);
  ensure(found != grant.applications.end(), "a credit returned that was not applied");
  grant.applications.erase(found);
  grant.remaining += application.amount;
  grant.status = grant.remaining == grant.amount ? GrantStatus::available : GrantStatus::partially_applied;
}

}  // namespace daybook
