#include "tests/simulation/clients.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook::test {
namespace {

using Kind = Request::Kind;

struct Weight {
  Kind kind;
  unsigned weight;
};
constexpr std::array weights{
    Weight{Kind::open, 90},         Weight{Kind::update, 30},     Weight{Kind::schedule_deletion, 4},
    Weight{Kind::restore, 3},       Weight{Kind::purge, 1},       Weight{Kind::place_hold, 2},
    Weight{Kind::release_hold, 3},  Weight{Kind::issue, 120},     Weight{Kind::consume, 80},
    Weight{Kind::expire, 8},        Weight{Kind::void_credit, 8}, Weight{Kind::allocate, 100},
    Weight{Kind::deduct, 160},      Weight{Kind::adjust, 30},     Weight{Kind::reserve, 100},
    Weight{Kind::capture, 60},      Weight{Kind::release, 30},    Weight{Kind::advance_clock, 2},
    Weight{Kind::create_key, 2},    Weight{Kind::revoke_key, 2},  Weight{Kind::create_discount, 2},
    Weight{Kind::create_coupon, 6}, Weight{Kind::redeem, 40},     Weight{Kind::draft, 60},
    Weight{Kind::add_line, 30},     Weight{Kind::remove_line, 8}, Weight{Kind::finalize, 60},
    Weight{Kind::void_invoice, 20}, Weight{Kind::write_off, 6},   Weight{Kind::read, 150}};

constexpr std::size_t group_max = 14;
constexpr std::size_t kept_requests_max = 400;
const std::vector<std::string> currencies{"USD", "EUR", "JPY"};
const std::vector<std::string> units{"credits", "tokens"};

template <class Map>
EntityRef any_of(const Map& map, Random& random) {
  return std::next(map.begin(), static_cast<std::ptrdiff_t>(random.below(map.size())))->first;
}

}  // namespace

Kind Clients::kind() {
  unsigned total = 0;
  for (const Weight& one : weights) total += one.weight;
  auto drawn = static_cast<unsigned>(random_.below(total));
  for (const Weight& one : weights) {
    if (drawn < one.weight) return one.kind;
    drawn -= one.weight;
  }
  return Kind::read;
}

std::int64_t Clients::amount_up_to(std::int64_t most) {
  if (random_.once_in(60)) return random_.pick(std::vector<std::int64_t>{0, -1, most + 1, 1'000'000'000'000'001});
  return random_.between(1, std::max<std::int64_t>(most, 1));
}

std::uint64_t Clients::some_version(const ModelAccount& account) {
  return random_.once_in(3) ? 1'000'000 : 1 + random_.below(std::max<std::uint64_t>(account.version, 1));
}

std::int64_t Clients::ttl_seconds(const ModelAccount& account, std::int64_t now_us) {
  constexpr std::int64_t longest = 30 * 86'400;
  if (random_.once_in(40)) return longest + 1;
  if (random_.once_in(2) && !account.open_grants.empty()) {
    // Until the very moment at which a grant ends.
    const Instant end = account.open_grants.at(any_of(account.open_grants, random_)).expires_at;
    const std::int64_t seconds = end == never ? 0 : (micros(end) - now_us) / micros_per_second;
    if (seconds > 0 && seconds <= longest) return seconds;
  }
  return random_.once_in(3) ? random_.between(1, 3'600) : random_.between(1, longest);
}

void Clients::name_credit(Request& request, const ModelAccount& account) {
  const bool is_open = !account.open_grants.empty() && !random_.once_in(10);
  if (is_open) {
    request.entity = any_of(account.open_grants, random_);
    const ModelGrant& grant = account.open_grants.at(request.entity);
    request.amount = random_.once_in(4) ? grant.remaining : amount_up_to(grant.remaining);
  } else if (!account.ended_grants.empty()) {
    request.entity = any_of(account.ended_grants, random_);
    request.amount = 1;
  } else {
    request.entity = {account.ordinal, some_version(account), account.shard, 0};
    request.amount = 1;
  }
}

void Clients::name_hold(Request& request, const ModelAccount& account) {
  if (!account.open_holds.empty() && !random_.once_in(10)) {
    request.entity = any_of(account.open_holds, random_);
    const std::int64_t amount = account.open_holds.at(request.entity).amount;
    request.is_whole = random_.once_in(2);
    if (request.kind == Kind::capture && !request.is_whole) request.amount = amount_up_to(amount);
  } else if (!account.ended_holds.empty() && !random_.once_in(3)) {
    request.entity = any_of(account.ended_holds, random_);
    request.is_whole = true;
  } else {
    request.entity = {account.ordinal, some_version(account), account.shard, 0};
    request.is_whole = true;
  }
}

std::int64_t Clients::invoiced_amount() {
  if (random_.once_in(80)) return 1'000'000'000'000'001;
  return random_.once_in(8) ? random_.between(-400, 0) : random_.between(1, 60'000);
}

void Clients::name_invoice(Request& request, const ModelAccount& account) {
  if (!account.open_invoices.empty() && !random_.once_in(12)) {
    request.entity = any_of(account.open_invoices, random_);
  } else if (!account.ended_invoices.empty()) {
    request.entity = any_of(account.ended_invoices, random_);
  } else {
    request.entity = {account.ordinal, some_version(account), account.shard, 0};
  }
}

void Clients::fill(Request& request, const ModelBook& book, const ModelAccount& account, Instant now) {
  const std::int64_t now_us = micros(now) + book.offset_us;
  const auto expiry = [&](std::int64_t days) -> std::optional<Instant> {
    if (random_.once_in(3)) return std::nullopt;
    if (random_.once_in(50)) return Instant{now_us - 1};
    const std::int64_t seconds = random_.once_in(4) ? random_.between(1, 3'600) : random_.between(1, days * 86'400);
    return Instant{now_us + seconds * micros_per_second};
  };
  const auto priority = [&]() -> std::optional<std::int32_t> {
    if (!random_.once_in(4)) return std::nullopt;
    return static_cast<std::int32_t>(random_.between(0, 100));
  };
  switch (request.kind) {
    case Kind::open:
      request.asset = random_.pick(currencies);
      break;
    case Kind::update:
      request.asset = random_.pick(std::vector<std::string>{"DE", "US", "FR"});
      request.text = fmt::format("{} {}", request.account, random_.below(3));
      break;
    case Kind::issue:
      request.asset = random_.once_in(40) ? "CHF" : account.currency;
      request.amount = random_.once_in(30) ? amount_up_to(999'999'999'999'999) : amount_up_to(50'000);
      request.type = static_cast<int>(random_.between(1, 7));
      request.expires_at = expiry(200);
      request.priority = priority();
      if (random_.once_in(5)) request.role = Role::support_rep;
      break;
    case Kind::consume:
    case Kind::expire:
    case Kind::void_credit:
      name_credit(request, account);
      request.account.clear();
      break;
    case Kind::allocate:
      request.asset = random_.pick(units);
      request.amount = random_.once_in(40) ? amount_up_to(900'000'000'000'000) : amount_up_to(10'000);
      request.type = static_cast<int>(random_.between(1, 3));
      request.expires_at = expiry(90);
      request.priority = priority();
      break;
    case Kind::deduct:
    case Kind::reserve:
      request.asset = random_.pick(units);
      request.amount = random_.once_in(10) ? amount_up_to(100'000) : amount_up_to(3'000);
      request.ttl_seconds = ttl_seconds(account, now_us);
      break;
    case Kind::adjust:
      request.asset = random_.pick(units);
      request.amount = random_.between(-2'000, 2'000);
      break;
    case Kind::capture:
    case Kind::release:
      name_hold(request, account);
      break;
    case Kind::draft:
      request.amount = invoiced_amount();
      request.type = static_cast<int>(random_.once_in(3) ? 0 : random_.between(0, 40));
      break;
    case Kind::add_line:
    case Kind::remove_line:
    case Kind::finalize:
    case Kind::void_invoice:
    case Kind::write_off:
      request.amount = request.kind == Kind::remove_line ? random_.between(1, 3) : invoiced_amount();
      name_invoice(request, account);
      request.account.clear();
      break;
    case Kind::redeem:
      request.text = fmt::format("C{}", random_.below(book.coupons.size() + 1));
      request.asset = random_.once_in(3) ? std::string() : fmt::format("u{}", random_.below(30));
      break;
    default:
      break;
  }
}

Request Clients::request(const Model& model, const std::string& book_name, Instant wall) {
  const ModelBook& book = model.books().at(book_name);
  Request request;
  request.kind = kind();
  request.book = book_name;
  request.text = fmt::format("text {}", random_.below(1'000));
  // New accounts come as long as there is room; the others are asked about by chance, some of them all the time.
  const std::size_t known = book.accounts.size();
  const std::uint64_t number =
      random_.once_in(8) ? random_.below(std::min<std::size_t>(known, 5) + 1) : random_.below(known + 2);
  request.account = fmt::format("a{}", number);
  if (request.kind == Kind::open && known < accounts_per_book && !random_.once_in(10)) {
    std::size_t fresh = known;
    while (book.accounts.contains(fmt::format("a{}", fresh))) ++fresh;
    request.account = fmt::format("a{}", fresh);
  }
  const auto account = book.accounts.find(request.account);
  if (request.kind == Kind::advance_clock) {
    request.account.clear();
    request.amount = random_.once_in(4) ? 0 : random_.between(1, 3 * 86'400) * micros_per_second;
  } else if (request.kind == Kind::create_key) {
    request.account.clear();
    request.text = fmt::format("key {}", asked_);
  } else if (request.kind == Kind::revoke_key) {
    request.account.clear();
    if (!book.keys.empty()) request.entity = any_of(book.keys, random_);
    if (book.keys.empty()) request.entity = {1, 1, book.shard, 0};
  } else if (request.kind == Kind::create_discount) {
    request.account.clear();
    request.text = fmt::format("d{}", random_.below(book.discounts.size() + 2));
  } else if (request.kind == Kind::create_coupon) {
    request.account.clear();
    request.text = fmt::format("C{}", random_.below(book.coupons.size() + 2));
    request.asset = fmt::format("d{}", random_.below(book.discounts.size() + 1));
    request.amount = random_.between(1, 20);
    request.type = static_cast<int>(random_.between(1, 3));
    request.is_whole = random_.once_in(2);
  } else {
    static const ModelAccount nobody;
    fill(request, book, account == book.accounts.end() ? nobody : account->second, wall);
  }
  if (request.kind == Kind::read) return request;
  request.is_dry_run = random_.once_in(25);
  const bool is_about_account = !is_about_book(request.kind) && account != book.accounts.end();
  if (is_about_account && random_.once_in(20)) request.if_match = 1 + random_.below(account->second.version + 1);
  if (!request.is_dry_run && !random_.once_in(3)) {
    request.key = fmt::format("k{}", asked_);
    request.fingerprint = fmt::format("{:016}", asked_ % 10'000'000'000'000'000);
  }
  return request;
}

std::vector<Request> Clients::group(const Model& model, ShardNumber shard, Instant wall) {
  std::vector<std::string> books;
  for (const auto& [name, book] : model.books()) {
    if (book.shard == shard) books.push_back(name);
  }
  std::vector<Request> group;
  const std::size_t size = random_.once_in(10) ? 0 : 1 + random_.below(group_max);
  while (group.size() < size) {
    ++asked_;
    Request made = request(model, random_.pick(books), wall);
    if (!keyed_.empty() && random_.once_in(8)) {
      made = keyed_[random_.below(keyed_.size())];
      if (std::find(books.begin(), books.end(), made.book) == books.end()) continue;
      if (random_.once_in(15)) made.fingerprint = "another body    ";
    }
    if (!made.key.empty() && !model.is_clear(made.book, made.key, wall)) continue;
    if (!made.key.empty() && random_.once_in(3)) {
      keyed_.push_back(made);
      if (keyed_.size() > kept_requests_max)
        keyed_.erase(keyed_.begin() + static_cast<std::ptrdiff_t>(random_.below(keyed_.size())));
    }
    group.push_back(made);
    // The same again at once, as from two connections.
    if (!made.key.empty() && random_.once_in(20)) group.push_back(made);
  }
  return group;
}

}  // namespace daybook::test
