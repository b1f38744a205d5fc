// Prepaid units: allocate, deduct, adjust, reserve, capture, release, expire. Nothing takes the available balance
// below zero. Units have no value of their own yet, so their movements post nothing.
#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/units_generated.h"

namespace daybook {
namespace {

Asset unit_asset(const std::string& unit) {
  return {unit, false};
}

Decision out_of_range(std::string_view pointer, const Wallet& wallet) {
  return reject(RejectionCode::amount_out_of_range, pointer, {{"available", wallet.available}});
}

/// A positive amount that the wallet covers, or why not.
std::optional<Decision> refuse_spend(const Wallet& wallet, const std::string& unit, std::int64_t amount) {
  if (amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (amount > amount_max) return reject(RejectionCode::amount_out_of_range, "/amount");
  if (amount > wallet.available) {
    return reject(RejectionCode::insufficient_credits, "/amount",
                  {{"unit", unit}, {"available", wallet.available}, {"needed", amount}});
  }
  return std::nullopt;
}

Decision too_many_draws() {
  return reject(RejectionCode::limit_reached, "/amount",
                {{"limit", std::string("grants that one movement may draw from")}});
}

Decision unit_entry(PendingEvent event, const DecisionContext& context) {
  Decision decision;
  decision.events.push_back(std::move(event));
  decision.subject = {SubjectKind::unit_entry, context.new_id()};
  return decision;
}

/// Splits a hold's draws: the first `amount` is spent, the rest goes back.
void split(const std::vector<Draw>& held, std::int64_t amount, std::vector<Draw>& spent, std::vector<Draw>& returned) {
  for (const Draw& draw : held) {
    const std::int64_t taken = std::min(draw.amount, amount);
    amount -= taken;
    if (taken > 0) spent.push_back({draw.grant, taken});
    if (draw.amount > taken) returned.push_back({draw.grant, draw.amount - taken});
  }
}

/// What went back to grants whose expiry has passed meanwhile expires at once.
void expire_returned(const AccountState& account, const std::vector<Draw>& returned, Instant now,
                     std::vector<PendingEvent>& events) {
  for (const Draw& draw : returned) {
    const Grant& grant = *account.find_grant(draw.grant);
    if (grant.expires_at <= now) events.push_back(units_expired(account, grant, grant.free() + draw.amount));
  }
}

}  // namespace

Decision handle(const AccountState& account, const AllocateUnitCredits& command, const DecisionContext& context) {
  if (command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.amount > amount_max) return reject(RejectionCode::amount_out_of_range, "/amount");
  if (command.expires_at && *command.expires_at <= context.now) {
    return reject(must_be("/expires_at", "in the future"));
  }
  const Wallet wallet = account.wallet(unit_asset(command.unit));
  if (wallet.available + wallet.reserved + command.amount > amount_max) return out_of_range("/amount", wallet);
  if (account.grants().size() >= open_grants_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("open grants of an account")}});
  }

  schema::UnitCreditsAllocatedT event;
  event.grant = context.new_id();
  event.account_id = account.details.id;
  event.unit = command.unit;
  event.amount = command.amount;
  event.source = static_cast<schema::UnitSource>(command.source);
  event.priority = command.priority.value_or(command.source == UnitSource::cycle ? priority_cycle : priority_default);
  event.effective_at = context.now;
  event.expires_at = command.expires_at.value_or(never);
  event.reference = command.reference;
  event.reason = to_table(command.reason.sealed);
  return unit_entry(PendingEvent::of(std::move(event)), context);
}

Decision handle(const AccountState& account, const DeductUnitCredits& command, const DecisionContext& context) {
  const Asset asset = unit_asset(command.unit);
  if (auto refusal = refuse_spend(account.wallet(asset), command.unit, command.amount)) return std::move(*refusal);
  schema::UnitCreditsDeductedT event;
  event.draws = account.plan_draw(asset, command.amount);
  if (event.draws.size() > draws_per_movement_max) return too_many_draws();
  event.account_id = account.details.id;
  event.unit = command.unit;
  event.amount = command.amount;
  event.reference = command.reference;
  event.reason = to_table(command.reason.sealed);
  return unit_entry(PendingEvent::of(std::move(event)), context);
}

Decision handle(const AccountState& account, const AdjustUnitCredits& command, const DecisionContext& context) {
  const Asset asset = unit_asset(command.unit);
  const Wallet wallet = account.wallet(asset);
  if (command.amount == 0) return reject(must_be("/amount", "more or less than 0"));
  if (command.amount > amount_max || command.amount < -amount_max) {
    return reject(RejectionCode::amount_out_of_range, "/amount");
  }
  schema::UnitCreditsAdjustedT event;
  event.account_id = account.details.id;
  event.unit = command.unit;
  event.amount = command.amount;
  event.reference = command.reference;
  event.reason = to_table(command.reason.sealed);
  if (command.amount > 0) {
    if (wallet.available + wallet.reserved + command.amount > amount_max) return out_of_range("/amount", wallet);
    if (account.grants().size() >= open_grants_max) {
      return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("open grants of an account")}});
    }
    event.grant = context.new_id();
  } else {
    if (auto refusal = refuse_spend(wallet, command.unit, -command.amount)) return std::move(*refusal);
    event.draws = account.plan_draw(asset, -command.amount);
    if (event.draws.size() > draws_per_movement_max) return too_many_draws();
  }
  return unit_entry(PendingEvent::of(std::move(event)), context);
}

Decision handle(const AccountState& account, const ReserveUnitCredits& command, const DecisionContext& context) {
  const Asset asset = unit_asset(command.unit);
  if (command.ttl_seconds < 1 || command.ttl_seconds > hold_ttl_seconds_max) {
    return reject(must_be("/ttl_seconds", "from 1 to the maximum", {{"maximum", hold_ttl_seconds_max}}));
  }
  if (auto refusal = refuse_spend(account.wallet(asset), command.unit, command.amount)) return std::move(*refusal);
  if (account.holds().size() >= open_holds_max) {
    return reject(RejectionCode::limit_reached, {}, {{"limit", std::string("open reservations of an account")}});
  }
  schema::UnitCreditsReservedT event;
  event.draws = account.plan_draw(asset, command.amount);
  if (event.draws.size() > draws_per_movement_max) return too_many_draws();
  const EntityRef id = context.new_id();
  event.reservation = id;
  event.account_id = account.details.id;
  event.unit = command.unit;
  event.amount = command.amount;
  event.expires_at = Instant{static_cast<std::int64_t>(context.now) + command.ttl_seconds * 1'000'000};
  event.reference = command.reference;
  Decision decision;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  decision.subject = {SubjectKind::reservation, id};
  return decision;
}

namespace {

Decision refuse_ended(const Hold& hold, std::string_view to) {
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(hold.status))}, {"to", std::string(to)}, {"allowed", std::string()}});
}

}  // namespace

Decision handle(const AccountState& account, const CaptureReservation& command, const DecisionContext& context) {
  const Hold* hold = account.find_hold(command.reservation);
  if (hold == nullptr) return reject(RejectionCode::not_found);
  if (!hold->is_open()) return refuse_ended(*hold, to_text(HoldStatus::captured));
  const std::int64_t amount = command.amount.value_or(hold->amount);
  if (amount <= 0 || amount > hold->amount) {
    return reject(must_be("/amount", "from 1 to what is reserved", {{"maximum", hold->amount}}));
  }
  schema::UnitReservationCapturedT event;
  split(hold->draws, amount, event.draws, event.returns);
  event.reservation = hold->id;
  event.account_id = account.details.id;
  event.unit = hold->asset.code;
  event.amount = amount;
  event.released = hold->amount - amount;
  event.reference = command.reference;
  const std::vector<Draw> returned = event.returns;
  Decision decision = shows(SubjectKind::reservation, hold->id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  expire_returned(account, returned, context.now, decision.events);
  return decision;
}

Decision handle(const AccountState& account, const ReleaseReservation& command, const DecisionContext& context) {
  const Hold* hold = account.find_hold(command.reservation);
  if (hold == nullptr) return reject(RejectionCode::not_found);
  if (!hold->is_open()) return refuse_ended(*hold, to_text(HoldStatus::released));
  schema::UnitReservationReleasedT event;
  event.reservation = hold->id;
  event.account_id = account.details.id;
  event.unit = hold->asset.code;
  event.amount = hold->amount;
  event.returns = hold->draws;
  Decision decision = shows(SubjectKind::reservation, hold->id);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  expire_returned(account, hold->draws, context.now, decision.events);
  return decision;
}

std::vector<PendingEvent> reservation_expired(const AccountState& account, const Hold& hold,
                                              const DecisionContext& context) {
  schema::UnitReservationExpiredT event;
  event.reservation = hold.id;
  event.account_id = account.details.id;
  event.unit = hold.asset.code;
  event.amount = hold.amount;
  event.returns = hold.draws;
  std::vector<PendingEvent> events;
  events.push_back(PendingEvent::of(std::move(event)));
  expire_returned(account, hold.draws, context.now, events);
  return events;
}

PendingEvent units_expired(const AccountState& account, const Grant& grant, std::int64_t amount) {
  schema::UnitCreditsExpiredT event;
  event.grant = grant.id;
  event.account_id = account.details.id;
  event.unit = grant.asset.code;
  event.amount = amount;
  return PendingEvent::of(std::move(event));
}

}  // namespace daybook
