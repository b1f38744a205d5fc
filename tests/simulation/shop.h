// What the log has told of a shop: a book whose accounts subscribe, owe and pay. Plain values, folded from the events
// alone by shop_audit and the audits of one subject each; nothing here or there looks at the ledger's states or rules.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/id.h"
#include "domain/instant.h"

namespace daybook::test {

/// What a period costs, as far as it is simple.
struct ShopPrice {
  enum class Kind : std::uint8_t { flat, per_seat, other };
  Kind kind = Kind::other;
  std::int64_t unit_amount = 0;
  /// Nothing where the price has steps.
  std::optional<std::int64_t> amount(std::int64_t quantity) const {
    if (kind == Kind::other) return std::nullopt;
    return kind == Kind::flat ? unit_amount : unit_amount * quantity;
  }
};

struct ShopSubscription {
  enum class Status : std::uint8_t { created, trialing, active, paused, canceled, past_due };
  Status status = Status::created;
  bool is_in_trial = false, ends_with_period = false, has_change = false;
  std::int64_t quantity = 0;
  ShopPrice price;
  Instant start = never, end = never;  ///< Of its period, or its trial.
  Instant paused_at = never, resumes_at = never, pause_ends_at = never;
  std::multiset<Instant> unbilled;  ///< Where periods began by a change and were not billed with it.
  bool is_live() const { return status != Status::canceled; }
  /// When something happens to it by itself.
  Instant due() const {
    if (!is_live()) return never;
    return status == Status::paused ? std::min(resumes_at, pause_ends_at) : end;
  }
};

struct ShopInvoice {
  enum class Status : std::uint8_t { draft, open, paid, voided, uncollectible };
  Status status = Status::draft;
  EntityRef subscription;
  bool is_collected = false;  ///< When it is finalised.
  std::uint16_t net_days = 0;
  std::map<std::uint32_t, std::int64_t> lines;  ///< Amounts by number.
  std::int64_t total = 0, surcharged = 0, written_off = 0, lowered = 0, credited = 0, paid = 0;
  std::int64_t noted = 0;  ///< By all its credit notes that are not void.
  std::uint32_t attempts = 0;
  EntityRef payment;  ///< Whose result is still to come.
  Instant due_date = never;
  bool is_overdue = false;
  bool has_failed = false;  ///< A charge for it has.
  std::int64_t remaining() const { return status == Status::open ? unpaid() : 0; }
  /// What it may be asked for: what is owed, or was when it was written off.
  std::int64_t collectible() const { return status == Status::uncollectible ? unpaid() : remaining(); }
  std::int64_t unpaid() const { return total + surcharged - written_off - lowered - credited - paid; }
};

struct ShopNote {
  EntityRef invoice;
  std::int64_t total = 0, lowered = 0;
  bool is_void = false;
};

struct ShopPayment {
  enum class Status : std::uint8_t { pending, requires_action, succeeded, failed };
  Status status = Status::pending;
  EntityRef invoice;
  std::int64_t amount = 0;
  std::string key;  ///< The provider's; empty where nobody was asked.
  bool is_open() const { return status == Status::pending || status == Status::requires_action; }
};

struct ShopAccount {
  std::string currency;
  EntityRef test_clock;
  std::uint64_t ordinal = 0;
  Instant decided_at{};
  bool is_parked = false, is_closing = false, is_purged = false;
  std::int64_t receivable = 0;  ///< By the postings.
  std::map<EntityRef, ShopSubscription> subscriptions;
  std::map<EntityRef, ShopInvoice> invoices;
  std::set<EntityRef> open_invoices;
  std::map<EntityRef, ShopNote> notes;
  std::map<EntityRef, ShopPayment> payments;
  std::set<EntityRef> methods;
  bool has_been_charged = false;
};

struct ShopClock {
  Instant stands_at{}, goes_to{};
  bool is_advancing() const { return stands_at != goes_to; }
};

/// A request that had a key, as the log has it.
struct ShopAnswered {
  std::string fingerprint;
  std::uint64_t last = 0;  ///< The position of its last event.
  std::int64_t recorded_us = 0;
  std::optional<std::uint16_t> code;  ///< Of a request that was refused or changed nothing.
};

/// What the events of one atomic command have told so far.
struct ShopCommand {
  std::string name, principal, account;
  std::set<EntityRef> begun;        ///< Subscriptions with a new period.
  std::set<EntityRef> ended;        ///< And those that it ended.
  std::set<EntityRef> changed;      ///< And those that it put on another plan or quantity.
  std::set<EntityRef> failed;       ///< Invoices that a charge failed for in it.
  std::map<EntityRef, int> billed;  ///< How often its period was.
  std::map<EntityRef, std::uint64_t> invoice_numbers, note_numbers;  ///< Without their events of the book.
};

struct Shop {
  std::uint16_t shard = 0;
  std::uint64_t events = 0;
  std::int64_t offset_us = 0;  ///< Of the sandbox clock.
  std::map<std::string, ShopAccount> accounts;
  std::set<std::string> plans, coupons;
  std::map<EntityRef, ShopClock> clocks;
  std::map<std::string, std::uint64_t> invoice_series, note_series;  ///< The last number of each.
  std::map<std::string, EntityRef> charge_keys;                      ///< The payment of each.
  std::map<std::string, ShopAnswered> keys;
  std::map<std::string, std::uint64_t> commands;  ///< How many of each there were.
  ShopCommand command;
};

/// What shop_audit hands to each subject's audit: one event with its place in the shop.
struct ShopEvent {
  Shop& shop;
  ShopAccount& account;
  Instant decided_at{}, decided_before{};
};

/// What is wrong with an event; shop_audit says where it stands.
class ShopFault {
 public:
  explicit ShopFault(std::string what) : what_(std::move(what)) {}
  const std::string& what() const { return what_; }

 private:
  std::string what_;
};

/// Throws ShopFault.
inline void shop_must(bool holds, const char* what) {
  if (!holds) throw ShopFault(what);
}

/// The entry of that id; throws ShopFault if there is none.
template <class Map, class Key>
auto& shop_find(Map& map, const Key& key, const char* what) {
  const auto found = map.find(key);
  shop_must(found != map.end(), what);
  return found->second;
}

}  // namespace daybook::test
