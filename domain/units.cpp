// What the movements of prepaid units mean.
#include <utility>

#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/units_generated.h"

namespace daybook {
void apply(AccountState& account, const schema::UnitCreditsAllocated& event, const EventMoment& moment) {
  Grant grant;
  grant.id = entity(event.grant());
  grant.asset = {text(event.unit()), false};
  grant.amount = grant.remaining = event.amount();
  grant.priority = event.priority();
  grant.effective_at = instant(event.effective_at());
  grant.expires_at = instant(event.expires_at());
  grant.type = static_cast<std::uint8_t>(event.source());
  grant.reason = from_table(event.reason());
  grant.reference = text(event.reference());
  grant.created_at = grant.updated_at = moment.at;
  grant.version = moment.version;
  account.has_purchased = account.has_purchased || event.source() == schema::UnitSource::pack;
  account.add_grant(std::move(grant));
}

void apply(AccountState& account, const schema::UnitCreditsDeducted& event, const EventMoment& moment) {
  for (const Draw& draw : draws(event.draws())) {
    account.take(draw.grant, draw.amount, AccountState::Take::consume, moment.at, moment.version);
  }
}

void apply(AccountState& account, const schema::UnitCreditsAdjusted& event, const EventMoment& moment) {
  if (event.amount() < 0) {
    for (const Draw& draw : draws(event.draws())) {
      account.take(draw.grant, draw.amount, AccountState::Take::consume, moment.at, moment.version);
    }
    return;
  }
  Grant grant;
  grant.id = entity(event.grant());
  grant.asset = {text(event.unit()), false};
  grant.amount = grant.remaining = event.amount();
  grant.priority = priority_default;
  grant.effective_at = moment.at;
  grant.type = static_cast<std::uint8_t>(UnitSource::adjustment);
  grant.reason = from_table(event.reason());
  grant.reference = text(event.reference());
  grant.created_at = grant.updated_at = moment.at;
  grant.version = moment.version;
  account.add_grant(std::move(grant));
}

void apply(AccountState& account, const schema::UnitCreditsExpired& event, const EventMoment& moment) {
  account.take(entity(event.grant()), event.amount(), AccountState::Take::expire, moment.at, moment.version);
}

void apply(AccountState& account, const schema::UnitCreditsReserved& event, const EventMoment& moment) {
  Hold hold;
  hold.id = entity(event.reservation());
  hold.asset = {text(event.unit()), false};
  hold.amount = event.amount();
  hold.draws = draws(event.draws());
  hold.expires_at = instant(event.expires_at());
  hold.reference = text(event.reference());
  hold.created_at = hold.updated_at = moment.at;
  hold.version = moment.version;
  account.add_hold(std::move(hold));
}

void apply(AccountState& account, const schema::UnitReservationCaptured& event, const EventMoment& moment) {
  account.end_hold(entity(event.reservation()), HoldStatus::captured, draws(event.draws()), draws(event.returns()),
                   moment.at, moment.version);
}

void apply(AccountState& account, const schema::UnitReservationReleased& event, const EventMoment& moment) {
  account.end_hold(entity(event.reservation()), HoldStatus::released, {}, draws(event.returns()), moment.at,
                   moment.version);
}

void apply(AccountState& account, const schema::UnitReservationExpired& event, const EventMoment& moment) {
  account.end_hold(entity(event.reservation()), HoldStatus::expired, {}, draws(event.returns()), moment.at,
                   moment.version);
}

}  // namespace daybook
