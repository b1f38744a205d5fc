// The handlers and folds that the dispatchers (decide.cpp, evolve.cpp) visit, one file a capability.
#pragma once

#include "domain/decision.h"
#include "domain/evolve.h"

namespace daybook::schema {
struct AccountOpened;
struct AccountDetailsChanged;
struct AccountDeletionScheduled;
struct AccountRestored;
struct AccountPurged;
struct LegalHoldPlaced;
struct LegalHoldReleased;
struct CreditIssued;
struct CreditConsumed;
struct CreditExpired;
struct CreditVoided;
struct UnitCreditsAllocated;
struct UnitCreditsDeducted;
struct UnitCreditsAdjusted;
struct UnitCreditsExpired;
struct UnitCreditsReserved;
struct UnitReservationCaptured;
struct UnitReservationReleased;
struct UnitReservationExpired;
struct SandboxClockAdvanced;
struct ApiKeyCreated;
struct ApiKeyRevoked;
}  // namespace daybook::schema

namespace daybook {

// accounts.cpp
Decision handle(const AccountState&, const OpenAccount&, const DecisionContext&);
Decision handle(const AccountState&, const UpdateAccount&, const DecisionContext&);
void apply(AccountState&, const schema::AccountOpened&, const EventMoment&);
void apply(AccountState&, const schema::AccountDetailsChanged&, const EventMoment&);

// account_deletion.cpp
Decision handle(const AccountState&, const ScheduleAccountDeletion&, const DecisionContext&);
Decision handle(const AccountState&, const RestoreAccount&, const DecisionContext&);
Decision handle(const AccountState&, const PurgeAccount&, const DecisionContext&);
Decision handle(const AccountState&, const PlaceLegalHold&, const DecisionContext&);
Decision handle(const AccountState&, const ReleaseLegalHold&, const DecisionContext&);
void apply(AccountState&, const schema::AccountDeletionScheduled&, const EventMoment&);
void apply(AccountState&, const schema::AccountRestored&, const EventMoment&);
void apply(AccountState&, const schema::AccountPurged&, const EventMoment&);
void apply(AccountState&, const schema::LegalHoldPlaced&, const EventMoment&);
void apply(AccountState&, const schema::LegalHoldReleased&, const EventMoment&);
/// `was_due`: the window has ended, nobody asked.
PendingEvent account_purged(bool was_due);

// credits.cpp
Decision handle(const AccountState&, const IssueCredit&, const DecisionContext&);
Decision handle(const AccountState&, const ConsumeCredit&, const DecisionContext&);
Decision handle(const AccountState&, const ExpireCredit&, const DecisionContext&);
Decision handle(const AccountState&, const VoidCredit&, const DecisionContext&);
void apply(AccountState&, const schema::CreditIssued&, const EventMoment&);
void apply(AccountState&, const schema::CreditConsumed&, const EventMoment&);
void apply(AccountState&, const schema::CreditExpired&, const EventMoment&);
void apply(AccountState&, const schema::CreditVoided&, const EventMoment&);
/// The free part of an expired money credit.
PendingEvent credit_expired(const AccountState&, const Grant&);

// units.cpp
Decision handle(const AccountState&, const AllocateUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const DeductUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const AdjustUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const ReserveUnitCredits&, const DecisionContext&);
Decision handle(const AccountState&, const CaptureReservation&, const DecisionContext&);
Decision handle(const AccountState&, const ReleaseReservation&, const DecisionContext&);
void apply(AccountState&, const schema::UnitCreditsAllocated&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsDeducted&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsAdjusted&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsExpired&, const EventMoment&);
void apply(AccountState&, const schema::UnitCreditsReserved&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationCaptured&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationReleased&, const EventMoment&);
void apply(AccountState&, const schema::UnitReservationExpired&, const EventMoment&);
/// What is free of an expired grant of units is gone.
PendingEvent units_expired(const AccountState&, const Grant&, std::int64_t amount);
/// A reservation's time is over: its units are back, and those of grants that expired meanwhile expire with it.
std::vector<PendingEvent> reservation_expired(const AccountState&, const Hold&, const DecisionContext&);

// book.cpp
Decision handle(const BookState&, const AdvanceSandboxClock&, const DecisionContext&);
Decision handle(const BookState&, const CreateApiKey&, const DecisionContext&);
Decision handle(const BookState&, const RevokeApiKey&, const DecisionContext&);
void apply(BookState&, const schema::SandboxClockAdvanced&, const EventMoment&);
void apply(BookState&, const schema::ApiKeyCreated&, const EventMoment&);
void apply(BookState&, const schema::ApiKeyRevoked&, const EventMoment&);

}  // namespace daybook
