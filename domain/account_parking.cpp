// What it means that an account is parked, and that it no longer is.
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/accounts_generated.h"

namespace daybook {

void apply(AccountState& account, const schema::AccountParked& event, const EventMoment& moment) {
  account.park({static_cast<std::uint8_t>(event.reason()), entity(event.subscription()), moment.at});
  touch(account, moment);
}

void apply(AccountState& account, const schema::AccountUnparked&, const EventMoment& moment) {
  account.park({});
  touch(account, moment);
}

}  // namespace daybook
