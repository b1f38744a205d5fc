// What an event does to one money credit, without the rest of its account: for views that keep credits as rows. The
// meaning is that of AccountState (account.h) and evolve(): tests/projections/credits_view_test.cpp holds them equal.
#pragma once

#include "domain/account.h"
#include "domain/evolve.h"

namespace daybook::schema {
struct CreditIssued;
struct CreditConsumed;
struct CreditExpired;
struct CreditVoided;
struct CreditApplied;
struct CreditReturned;
}  // namespace daybook::schema

namespace daybook {

/// The credit as issued. Requires the event's amount and credit to be there.
Grant issued_grant(const schema::CreditIssued& event, const EventMoment& moment);

/// Each requires, unless it says otherwise, the event's amount to be there, an open grant, and an amount of at most
/// grant.free().
void fold(Grant& grant, const schema::CreditConsumed& event, const EventMoment& moment);
void fold(Grant& grant, const schema::CreditExpired& event, const EventMoment& moment);
void fold(Grant& grant, const schema::CreditVoided& event, const EventMoment& moment);
void fold(Grant& grant, const schema::CreditApplied& event, const EventMoment& moment);
/// Of a grant that may have ended.
void fold(Grant& grant, const schema::CreditReturned& event, const EventMoment& moment);

/// The application is taken back. Requires that it is there.
void give_back(Grant& grant, const CreditApplication& application);

}  // namespace daybook
