// The model's decisions: what a request does to an account, and what its answer shows.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "tests/simulation/model_lines.h"

namespace daybook::test {
namespace {

using Kind = Request::Kind;

constexpr std::int64_t deletion_window_us = 30LL * 86'400'000'000;
constexpr std::int64_t longest_hold_seconds = 30 * 86'400;
constexpr std::int64_t support_ceiling = 10'000;

}  // namespace

Model::Outcome Model::decide(ModelAccount& account, const Request& request, Instant now) {
  if (request.kind == Kind::open) {
    if (account.version != 0) return {RejectionCode::account_exists, 0, {}};
    account.name = request.text;
    account.currency = request.asset;
    account.details_version = ++account.version;
    return {RejectionCode::none, 1, account_line(account)};
  }
  if (account.status == "deleted") return {RejectionCode::account_deleted, 0, {}};
  if (account.status == "deletion_scheduled" && !is_about_deletion(request.kind)) {
    return {RejectionCode::account_deleted, 0, {}};
  }
  if (is_about_deletion(request.kind)) return decide_deletion(account, request, now);
  if (names_hold(request.kind) || request.kind == Kind::reserve) return decide_hold(account, request, now);
  if (names_credit(request.kind) || request.kind == Kind::issue) return decide_credit(account, request, now);
  if (request.kind == Kind::draft || names_invoice(request.kind)) return decide_invoice(account, request, now);
  if (request.kind != Kind::update) return decide_units(account, request, now);
  const bool is_same = account.name == request.text && account.country == request.asset;
  account.name = request.text;
  account.country = request.asset;
  if (!is_same) account.details_version = ++account.version;
  return {RejectionCode::none, is_same ? 0 : 1, account_line(account)};
}

Model::Outcome Model::decide_deletion(ModelAccount& account, const Request& request, Instant now) {
  const bool is_scheduled = account.status == "deletion_scheduled";
  const bool hold_wanted = request.kind == Kind::place_hold;
  switch (request.kind) {
    case Kind::schedule_deletion:
      if (is_scheduled) return {RejectionCode::none, 0, account_line(account)};
      account.status = "deletion_scheduled";
      account.purge_at = Instant{micros(now) + deletion_window_us};
      break;
    case Kind::restore:
    case Kind::purge:
      if (!is_scheduled) return {RejectionCode::invalid_transition, 0, {}};
      if (request.kind == Kind::purge && account.legal_hold) return {RejectionCode::purge_blocked, 0, {}};
      account.status = request.kind == Kind::purge ? "deleted" : "active";
      account.purge_at = never;
      break;
    default:
      if (account.legal_hold == hold_wanted) return {RejectionCode::none, 0, account_line(account)};
      account.legal_hold = hold_wanted;
      break;
  }
  account.details_version = ++account.version;
  return {RejectionCode::none, 1, account_line(account)};
}

Model::Outcome Model::decide_credit(ModelAccount& account, const Request& request, Instant now) {
  const std::int64_t amount = request.amount;
  if (request.kind == Kind::issue) {
    if (amount <= 0) return {RejectionCode::validation_failed, 0, {}};
    if (amount > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
    if (request.asset != account.currency) return {RejectionCode::validation_failed, 0, {}};
    if (request.expires_at && *request.expires_at <= now) return {RejectionCode::validation_failed, 0, {}};
    if (request.role == Role::support_rep && amount > support_ceiling) return {RejectionCode::credit_ceiling, 0, {}};
    if (sums_of(account, request.asset, true).available + amount > largest_amount) {
      return {RejectionCode::amount_out_of_range, 0, {}};
    }
    const EntityRef id{account.ordinal, ++account.version, account.shard, 0};
    ModelGrant grant{request.asset, true, amount, amount, 0, request.priority.value_or(50), micros(now)};
    grant.expires_at = request.expires_at.value_or(never);
    grant.type = request.type;
    grant.version = account.version;
    account.totals[{request.asset, true}].granted += amount;
    account.open_grants.emplace(id, grant);
    return {RejectionCode::none, 1, credit_line(id, grant)};
  }
  const auto open = account.open_grants.find(request.entity);
  if (open == account.open_grants.end() || !open->second.is_money) {
    const auto ended = account.ended_grants.find(request.entity);
    const bool has_ended = ended != account.ended_grants.end() && ended->second.is_money;
    return {has_ended ? RejectionCode::invalid_transition : RejectionCode::not_found, 0, {}};
  }
  ModelGrant& grant = open->second;
  auto& totals = account.totals[{grant.asset, true}];
  if (request.kind == Kind::consume) {
    if (amount <= 0) return {RejectionCode::validation_failed, 0, {}};
    if (amount > grant.remaining) return {RejectionCode::credit_insufficient, 0, {}};
    grant.remaining -= amount;
    totals.consumed += amount;
    grant.status = grant.remaining == 0 ? "consumed" : "partially_applied";
  } else {
    if (request.kind == Kind::void_credit && grant.remaining != grant.amount) {
      return {RejectionCode::invalid_transition, 0, {}};
    }
    totals.expired += grant.remaining;
    grant.remaining = 0;
    grant.status = request.kind == Kind::void_credit ? "voided" : "expired";
  }
  grant.version = ++account.version;
  const std::string line = credit_line(request.entity, grant);
  account.put_away();
  return {RejectionCode::none, 1, line};
}

std::vector<std::pair<EntityRef, std::int64_t>> draw(const ModelAccount& account, const std::string& asset,
                                                     bool is_money, std::int64_t amount) {
  using Order = std::tuple<std::int32_t, Instant, bool, std::int64_t, EntityRef>;
  std::vector<std::pair<Order, std::int64_t>> open;
  for (const auto& [id, grant] : account.open_grants) {
    if (grant.is_money != is_money || grant.asset != asset || grant.free() == 0) continue;
    open.push_back({{grant.priority, grant.expires_at, grant.is_purchased(), grant.effective_us, id}, grant.free()});
  }
  std::sort(open.begin(), open.end());
  std::vector<std::pair<EntityRef, std::int64_t>> draws;
  for (const auto& [order, free] : open) {
    if (amount == 0) break;
    draws.emplace_back(std::get<EntityRef>(order), std::min(free, amount));
    amount -= draws.back().second;
  }
  return draws;
}

namespace {

RejectionCode refuse_spend(const ModelAccount& account, const std::string& unit, std::int64_t amount) {
  if (amount <= 0) return RejectionCode::validation_failed;
  if (amount > largest_amount) return RejectionCode::amount_out_of_range;
  if (amount > sums_of(account, unit, false).available) return RejectionCode::insufficient_credits;
  return RejectionCode::none;
}

}  // namespace

Model::Outcome Model::decide_units(ModelAccount& account, const Request& request, Instant now) {
  const bool is_adjustment = request.kind == Kind::adjust;
  const bool adds = request.kind == Kind::allocate || (is_adjustment && request.amount > 0);
  std::int64_t amount = request.amount;
  if (is_adjustment && amount == 0) return {RejectionCode::validation_failed, 0, {}};
  if (is_adjustment && std::abs(amount) > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
  if (is_adjustment && amount < 0) amount = -amount;
  if (adds) {
    if (amount <= 0) return {RejectionCode::validation_failed, 0, {}};
    if (amount > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
    if (!is_adjustment && request.expires_at && *request.expires_at <= now) {
      return {RejectionCode::validation_failed, 0, {}};
    }
    const Sums sums = sums_of(account, request.asset, false);
    if (sums.available + sums.reserved + amount > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
    const EntityRef id{account.ordinal, ++account.version, account.shard, 0};
    ModelGrant grant{request.asset, false, amount, amount, 0, 50, micros(now)};
    grant.type = is_adjustment ? 4 : request.type;
    if (!is_adjustment) {
      grant.priority = request.priority.value_or(request.type == 1 ? 10 : 50);
      grant.expires_at = request.expires_at.value_or(never);
    }
    grant.version = account.version;
    account.totals[{request.asset, false}].granted += amount;
    account.open_grants.emplace(id, grant);
  } else {
    if (const auto code = refuse_spend(account, request.asset, amount); code != RejectionCode::none) {
      return {code, 0, {}};
    }
    ++account.version;
    for (const auto& [id, taken] : draw(account, request.asset, false, amount)) {
      ModelGrant& grant = account.open_grants.at(id);
      grant.remaining -= taken;
      grant.version = account.version;
      grant.status = grant.remaining == 0 ? "consumed" : "partially_applied";
    }
    account.totals[{request.asset, false}].consumed += amount;
    account.put_away();
  }
  const Sums after = sums_of(account, request.asset, false);
  return {RejectionCode::none, 1,
          fmt::format("entry v{} {} {} leaves {} {}", account.version, request.asset, adds ? amount : -amount,
                      after.available, after.reserved)};
}

Model::Outcome Model::decide_hold(ModelAccount& account, const Request& request, Instant now) {
  EntityRef id = request.entity;
  int events = 1;
  if (request.kind == Kind::reserve) {
    if (request.ttl_seconds < 1 || request.ttl_seconds > longest_hold_seconds) {
      return {RejectionCode::validation_failed, 0, {}};
    }
    if (const auto code = refuse_spend(account, request.asset, request.amount); code != RejectionCode::none) {
      return {code, 0, {}};
    }
    id = {account.ordinal, ++account.version, account.shard, 0};
    ModelHold hold;
    hold.unit = request.asset;
    hold.amount = request.amount;
    hold.draws = draw(account, request.asset, false, request.amount);
    hold.expires_at = Instant{micros(now) + request.ttl_seconds * 1'000'000};
    hold.version = account.version;
    for (const auto& [grant, amount] : hold.draws) {
      account.open_grants.at(grant).held += amount;
      account.open_grants.at(grant).version = account.version;
    }
    account.open_holds.emplace(id, hold);
  } else {
    const auto hold = account.open_holds.find(id);
    if (hold == account.open_holds.end()) {
      return {account.ended_holds.contains(id) ? RejectionCode::invalid_transition : RejectionCode::not_found, 0, {}};
    }
    const bool is_capture = request.kind == Kind::capture;
    const std::int64_t spent = !is_capture ? 0 : request.is_whole ? hold->second.amount : request.amount;
    if (is_capture && (spent <= 0 || spent > hold->second.amount)) return {RejectionCode::validation_failed, 0, {}};
    events = end_hold(account, id, spent, is_capture ? "captured" : "released", now);
  }
  const auto open = account.open_holds.find(id);
  const ModelHold& hold = open != account.open_holds.end() ? open->second : account.ended_holds.at(id);
  const Sums after = sums_of(account, hold.unit, false);
  return {RejectionCode::none, events,
          hold_line(id, hold) + fmt::format(" leaves {} {}", after.available, after.reserved)};
}

}  // namespace daybook::test
