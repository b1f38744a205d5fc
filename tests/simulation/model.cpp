#include "tests/simulation/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "tests/simulation/model_lines.h"

namespace daybook::test {
namespace {

using Kind = Request::Kind;

constexpr std::int64_t key_life_us = 30LL * 86'400'000'000;
constexpr std::size_t most_redemptions = 100;                   ///< Of one account.
constexpr std::int64_t clock_limit_us = 7'258'118'400'000'000;  // 2200-01-01
/// Recorded times run ahead of the wall clock by as many microseconds as there are events: never this many.
constexpr std::int64_t unclear_us = 60'000'000;
/// How long after its time an answer is forgotten here: the clock goes back by hours at most.
constexpr std::int64_t spare_us = 86'400'000'000;

/// The version that If-Match means; 0 if there is nothing of that name.
std::uint64_t version_of(const ModelAccount& account, const Request& request) {
  if (request.kind == Kind::update || is_about_deletion(request.kind)) return account.details_version;
  if (!names_entity(request.kind)) return account.version;
  for (const auto* grants : {&account.open_grants, &account.ended_grants}) {
    if (const auto found = grants->find(request.entity); found != grants->end()) return found->second.version;
  }
  for (const auto* holds : {&account.open_holds, &account.ended_holds}) {
    if (const auto found = holds->find(request.entity); found != holds->end()) return found->second.version;
  }
  for (const auto* invoices : {&account.open_invoices, &account.ended_invoices}) {
    if (const auto found = invoices->find(request.entity); found != invoices->end()) return found->second.version;
  }
  return 0;
}

}  // namespace

void ModelAccount::put_away() {
  std::erase_if(open_grants, [&](auto& one) {
    if (one.second.is_open()) return false;
    ended_grants.emplace(one.first, one.second);
    return true;
  });
  std::erase_if(open_invoices, [&](auto& one) {
    if (one.second.is_open()) return false;
    ended_invoices.emplace(one.first, one.second);
    return true;
  });
}

// ---- Due work -------------------------------------------------------------------------------------------------------

int Model::end_hold(ModelAccount& account, EntityRef id, std::int64_t spent, const char* status, Instant now) {
  ModelHold hold = account.open_holds.at(id);
  account.open_holds.erase(id);
  hold.captured = spent;
  hold.released = hold.amount - spent;
  hold.status = status;
  hold.version = ++account.version;
  auto& totals = account.totals[{hold.unit, false}];
  totals.consumed += spent;
  std::vector<std::pair<EntityRef, std::int64_t>> returned;
  std::int64_t left = spent;
  for (const auto& [grant_id, amount] : hold.draws) {
    ModelGrant& grant = account.open_grants.at(grant_id);
    const std::int64_t taken = std::min(left, amount);
    left -= taken;
    grant.held -= amount;
    grant.remaining -= taken;
    grant.version = hold.version;
    if (taken > 0) grant.status = grant.remaining == 0 ? "consumed" : "partially_applied";
    if (taken < amount) returned.emplace_back(grant_id, amount - taken);
  }
  account.ended_holds.emplace(id, hold);
  int events = 1;
  for (const auto& [grant_id, amount] : returned) {
    ModelGrant& grant = account.open_grants.at(grant_id);
    if (grant.expires_at > now) continue;
    totals.expired += grant.free();
    grant.remaining -= grant.free();
    grant.version = ++account.version;
    if (grant.remaining == 0) grant.status = "expired";
    ++events;
  }
  account.put_away();
  return events;
}

bool Model::run_next_due(ModelAccount& account, Instant up_to) {
  enum { grant_ends, hold_ends, purge, overdue };
  using Item = std::tuple<Instant, int, EntityRef>;
  Item first{never, 0, {}};
  for (const auto& [id, grant] : account.open_grants) {
    if (grant.free() > 0) first = std::min(first, Item{grant.expires_at, grant_ends, id});
  }
  for (const auto& [id, hold] : account.open_holds) first = std::min(first, Item{hold.expires_at, hold_ends, id});
  if (account.status == "deletion_scheduled" && !account.legal_hold)
    first = std::min(first, Item{account.purge_at, purge, {}});
  for (const auto& [id, invoice] : account.open_invoices) {
    if (invoice.status == "open" && !invoice.is_overdue) first = std::min(first, Item{invoice.due_date, overdue, id});
  }
  const auto [at, what, id] = first;
  if (at == never || at > up_to) return false;
  account.decided_us = std::max(micros(at), account.decided_us);
  if (what == hold_ends) {
    end_hold(account, id, 0, "expired", Instant{account.decided_us});
    return true;
  }
  ++account.version;
  if (what == purge) {
    account.status = "deleted";
    account.purge_at = never;
    account.details_version = account.version;
    return true;
  }
  if (what == overdue) {
    account.open_invoices.at(id).is_overdue = true;
    account.open_invoices.at(id).version = account.version;
    return true;
  }
  ModelGrant& grant = account.open_grants.at(id);
  account.totals[{grant.asset, grant.is_money}].expired += grant.free();
  grant.remaining -= grant.free();
  grant.version = account.version;
  if (grant.remaining == 0) grant.status = "expired";
  account.put_away();
  return true;
}

void Model::run_due(ModelAccount& account, Instant up_to) {
  while (run_next_due(account, up_to)) continue;
}

void Model::run_all_due(Instant wall) {
  std::erase_if(kept_, [&](const auto& one) { return one.second.recorded_us + key_life_us + spare_us < micros(wall); });
  for (auto& [name, book] : books_) {
    const Instant now{std::max(micros(wall) + book.offset_us, book.decided_us)};
    for (auto& [id, account] : book.accounts) run_due(account, now);
  }
}

// ---- One request ----------------------------------------------------------------------------------------------------

std::string Model::run(const Request& request, Instant wall) {
  ModelBook& book = books_.at(request.book);
  const bool is_keyed = !request.key.empty() && !request.is_dry_run;
  if (is_keyed) {
    const auto found = kept_.find({request.book, request.key});
    if (found != kept_.end() && found->second.recorded_us + key_life_us >= micros(wall)) {
      if (found->second.fingerprint != request.fingerprint)
        return rejection_line(RejectionCode::idempotency_key_reused);
      return "replay " + found->second.answer;
    }
  }
  if (is_about_book(request.kind)) return run_on_book(book, request, wall);
  auto account = book.accounts.end();
  if (names_entity(request.kind) && (!names_hold(request.kind) || request.account.empty())) {
    account = std::find_if(book.accounts.begin(), book.accounts.end(), [&](const auto& one) {
      return one.second.ordinal == request.entity.stream_ordinal && request.entity.shard == book.shard;
    });
  } else {
    account = book.accounts.find(request.account);
  }
  if (account != book.accounts.end()) {
    run_due(account->second,
            Instant{std::max({micros(wall) + book.offset_us, book.decided_us, account->second.decided_us})});
  }
  if (names_entity(request.kind)) {
    const bool is_of_account = account != book.accounts.end() && request.entity.shard == book.shard &&
                               account->second.ordinal == request.entity.stream_ordinal &&
                               request.entity.stream_version <= account->second.version;
    if (!is_of_account) account = book.accounts.end();
  }
  if (account == book.accounts.end() && request.kind == Kind::open) {
    ModelAccount fresh;
    fresh.id = request.account;
    fresh.shard = book.shard;
    if (request.is_dry_run) return run_on_account(book, fresh, request, wall);
    account = book.accounts.emplace(request.account, fresh).first;
  }
  if (account == book.accounts.end()) return answer_without_account(book, request, wall);
  return run_on_account(book, account->second, request, wall);
}

std::string Model::finish(const Request& request, const Outcome& outcome, Instant wall) {
  std::string line = outcome.code != RejectionCode::none ? rejection_line(outcome.code)
                     : outcome.events == 0               ? "unchanged " + outcome.shown
                                                         : outcome.shown;
  if (request.is_dry_run) return "dry " + line;
  ModelBook& book = books_.at(request.book);
  std::int64_t& recorded_us = recorded_us_[book.shard];
  if (outcome.events > 0 || !request.key.empty()) recorded_us = std::max(recorded_us, micros(wall));
  if (!request.key.empty()) kept_[{request.book, request.key}] = {request.fingerprint, line, recorded_us};
  return line;
}

std::string Model::answer_without_account(ModelBook& book, const Request& request, Instant wall) {
  if (!request.key.empty() && !request.is_dry_run) {
    if (book.ordinal == 0) book.ordinal = ++ordinals_[book.shard];
    ++book.version;
    book.decided_us = std::max(micros(wall) + book.offset_us, book.decided_us);
  }
  Outcome outcome;
  outcome.code = RejectionCode::not_found;
  return finish(request, outcome, wall);
}

std::string Model::run_on_account(ModelBook& book, ModelAccount& account, const Request& request, Instant wall) {
  const Instant now{std::max({micros(wall) + book.offset_us, book.decided_us, account.decided_us})};
  run_due(account, now);
  Outcome outcome;
  ModelAccount trial;
  if (request.is_dry_run) trial = account;
  ModelAccount& changed = request.is_dry_run ? trial : account;
  if (request.if_match && account.version != 0 && version_of(account, request) != *request.if_match) {
    outcome.code = RejectionCode::version_conflict;
  } else {
    if (changed.ordinal == 0) changed.ordinal = ordinals_[book.shard] + 1;
    const bool is_active = account.status == "active" && account.version != 0;
    if (is_active && request.kind == Kind::redeem) {
      outcome = decide_redemption(book, changed, request, wall);
    } else if (is_active && request.kind == Kind::finalize) {
      outcome = decide_finalizing(book, changed, request, wall);
    } else {
      outcome = decide(changed, request, now);
    }
    if (!request.is_dry_run) ordinals_[book.shard] = std::max(ordinals_[book.shard], changed.ordinal);
  }
  if (!request.is_dry_run && (outcome.events > 0 || !request.key.empty())) {
    if (outcome.events == 0) ++account.version;
    account.decided_us = micros(now);
  }
  return finish(request, outcome, wall);
}

Model::Outcome Model::decide_on_book(ModelBook& book, const Request& request, std::int64_t now_us) {
  const bool is_real = !request.is_dry_run;
  const EntityRef id{book.ordinal, book.version + 1, book.shard, 0};
  if (request.kind == Kind::advance_clock) {
    if (now_us + request.amount >= clock_limit_us) return {RejectionCode::validation_failed, 0, {}};
    if (is_real) book.offset_us += request.amount;
    return {RejectionCode::none, request.amount == 0 ? 0 : 1, "clock"};
  }
  if (request.kind == Kind::create_key) {
    if (is_real) book.keys.emplace(id, ModelBook::Key{request.text, false, id.stream_version});
    return {RejectionCode::none, 1, "key " + request.text};
  }
  if (request.kind == Kind::create_discount) {
    if (book.discounts.contains(request.text)) return {RejectionCode::discount_exists, 0, {}};
    if (is_real) book.discounts.insert(request.text);
    return {RejectionCode::none, 1, "discount " + request.text};
  }
  if (request.kind == Kind::create_coupon) {
    if (book.coupons.contains(request.text)) return {RejectionCode::coupon_exists, 0, {}};
    if (!book.discounts.contains(request.asset)) return {RejectionCode::not_found, 0, {}};
    if (is_real) book.coupons[request.text] = {request.amount, request.type, 0, request.is_whole, {}};
    return {RejectionCode::none, 1, "coupon " + request.text + " redeemed 0"};
  }
  const auto known = book.keys.find(request.entity);
  if (known == book.keys.end()) return {RejectionCode::not_found, 0, {}};
  const int events = known->second.is_revoked ? 0 : 1;
  if (is_real && events > 0) known->second = {known->second.name, true, id.stream_version};
  return {RejectionCode::none, events, "key " + known->second.name};
}

std::string Model::run_on_book(ModelBook& book, const Request& request, Instant wall) {
  const std::int64_t now_us = std::max(micros(wall) + book.offset_us, book.decided_us);
  const std::uint64_t ordinal_before = book.ordinal;
  if (book.ordinal == 0) book.ordinal = ordinals_[book.shard] + 1;
  const Outcome outcome = decide_on_book(book, request, now_us);
  if (!request.is_dry_run && (outcome.events > 0 || !request.key.empty())) {
    ordinals_[book.shard] = std::max(ordinals_[book.shard], book.ordinal);
    ++book.version;
    book.decided_us = now_us;
  } else {
    book.ordinal = ordinal_before;
  }
  return finish(request, outcome, wall);
}

Model::Outcome Model::decide_redemption(ModelBook& book, ModelAccount& account, const Request& request, Instant wall) {
  const auto coupon = book.coupons.find(request.text);
  if (coupon == book.coupons.end()) return {RejectionCode::not_found, 0, {}};
  const auto own = std::count_if(account.redemptions.begin(), account.redemptions.end(),
                                 [&](const auto& one) { return one.code == request.text; });
  if (own >= coupon->second.most_by_account) return {RejectionCode::coupon_already_redeemed, 0, {}};
  if (coupon->second.is_once_a_user) {
    if (request.asset.empty()) return {RejectionCode::validation_failed, 0, {}};
    if (coupon->second.users.contains(request.asset)) return {RejectionCode::coupon_already_redeemed, 0, {}};
  }
  if (coupon->second.redeemed >= coupon->second.most) return {RejectionCode::coupon_invalid, 0, {}};
  if (account.redemptions.size() >= most_redemptions) return {RejectionCode::limit_reached, 0, {}};
  const EntityRef id{book.ordinal, book.version + 1, book.shard, 0};
  ++account.version;
  account.redemptions.push_back({id, request.text});
  if (!request.is_dry_run) {
    ++book.version;
    book.decided_us = std::max(micros(wall) + book.offset_us, book.decided_us);
    ++coupon->second.redeemed;
    if (coupon->second.is_once_a_user) coupon->second.users.insert(request.asset);
  }
  return {RejectionCode::none, 1, redemption_line(id, request.text, account.id)};
}

// ---- Looking at it --------------------------------------------------------------------------------------------------

std::string Model::state(const std::string& book_name, const std::string& id, Instant wall) {
  ModelBook& book = books_.at(book_name);
  const auto found = book.accounts.find(id);
  if (found == book.accounts.end()) return "none";
  ModelAccount& account = found->second;
  run_due(account, Instant{std::max({micros(wall) + book.offset_us, book.decided_us, account.decided_us})});
  std::string line = account_line(account);
  line += fmt::format(" at {} of {} decided {}", account.version, account.ordinal, account.decided_us);
  for (const auto& [grant_id, grant] : account.open_grants) {
    line += fmt::format("; {} of {} {}", credit_line(grant_id, grant), grant.asset, grant.priority);
  }
  for (const auto& [hold_id, hold] : account.open_holds) line += "; " + hold_line(hold_id, hold);
  for (const ModelRedemption& one : account.redemptions) line += "; " + redemption_line(one.id, one.code, id);
  for (const auto& [invoice_id, invoice] : account.open_invoices) line += "; " + invoice_line(invoice_id, invoice);
  return line;
}

bool Model::is_clear(const std::string& book, const std::string& key, Instant wall) const {
  const auto found = kept_.find({book, key});
  if (found == kept_.end()) return true;
  return std::abs(found->second.recorded_us + key_life_us - micros(wall)) > unclear_us;
}

void Model::follow_shard(ShardNumber shard, std::uint64_t ordinals, Instant recorded_at) {
  ordinals_[shard] = ordinals;
  recorded_us_[shard] = std::max(recorded_us_[shard], micros(recorded_at));
}

std::uint64_t Model::events(ShardNumber shard) const {
  std::uint64_t events = 0;
  for (const auto& [name, book] : books_) {
    if (book.shard != shard) continue;
    events += book.version;
    for (const auto& [id, account] : book.accounts) events += account.version;
  }
  return events;
}

}  // namespace daybook::test
