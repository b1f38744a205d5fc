// What a ledger is, written a second time and as plainly as can be: accounts in maps, sums made by adding up, due work
// found by looking at everything. It shares no rule with domain/, only its numbers (codes, ids, limits), and predicts
// every answer of the engine as a line of text. It is copied whole where a moment must be kept.
//
// Due work is done when an account is touched: when exactly the engine does it changes nothing, because each item runs
// at its own instant.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/request.h"

namespace daybook::test {

struct ModelGrant {
  std::string asset;
  bool is_money = false;
  std::int64_t amount = 0, remaining = 0, held = 0;
  std::int32_t priority = 0;
  std::int64_t effective_us = 0;
  Instant expires_at = never;
  int type = 0;
  std::string status = "available";
  std::uint64_t version = 0;
  std::int64_t free() const { return remaining - held; }
  bool is_open() const { return status == "available" || status == "partially_applied"; }
  bool is_purchased() const { return is_money ? type > 2 : type == 2; }
};

struct ModelHold {
  std::string unit;
  std::int64_t amount = 0, captured = 0, released = 0;
  std::vector<std::pair<EntityRef, std::int64_t>> draws;
  Instant expires_at{};
  std::string status = "held";
  std::uint64_t version = 0;
};

struct ModelInvoice {
  std::map<std::int64_t, std::int64_t> lines;  ///< Amounts by number.
  std::int64_t last_line = 0, total = 0, applied = 0;
  int net_days = 0;
  std::string status = "draft", number;
  std::vector<std::pair<EntityRef, std::int64_t>> credits;
  std::vector<std::size_t> redemptions;  ///< Of the account, whose discounts it got.
  Instant due_date = never;
  bool is_overdue = false;
  std::uint64_t version = 0;
  bool is_open() const { return status == "draft" || status == "open"; }
};

struct ModelRedemption {
  EntityRef id;
  std::string code;
  bool is_used = false;  ///< By an invoice.
};

struct ModelAccount {
  struct Totals {
    std::int64_t granted = 0, consumed = 0, expired = 0;
  };
  std::string id, name, country, currency;
  ShardNumber shard = 0;
  std::uint64_t ordinal = 0, version = 0, details_version = 0;
  std::int64_t decided_us = 0;
  std::string status = "active";
  Instant purge_at = never;
  bool legal_hold = false;
  std::map<EntityRef, ModelGrant> open_grants, ended_grants;
  std::map<EntityRef, ModelHold> open_holds, ended_holds;
  std::map<std::pair<std::string, bool>, Totals> totals;
  std::map<EntityRef, ModelInvoice> open_invoices, ended_invoices;
  std::vector<ModelRedemption> redemptions;

  /// After a change: what has ended goes to the ended ones.
  void put_away();
};

struct ModelBook {
  struct Key {
    std::string name;
    bool is_revoked = false;
    std::uint64_t version = 0;
  };
  struct Coupon {
    std::int64_t most = 0, most_by_account = 0, redeemed = 0;
    bool is_once_a_user = false;
    std::set<std::string> users;
  };
  ShardNumber shard = 0;
  std::uint64_t ordinal = 0, version = 0;
  std::int64_t decided_us = 0, offset_us = 0;
  std::int64_t invoices = 0;  ///< Finalised ones.
  std::set<std::string> discounts;
  std::map<std::string, Coupon> coupons;  ///< By code.
  std::map<EntityRef, Key> keys;
  std::map<std::string, ModelAccount> accounts;
};

class Model {
 public:
  void add_book(const std::string& name, ShardNumber shard) { books_[name].shard = shard; }
  const std::map<std::string, ModelBook>& books() const { return books_; }

  /// Does what the request asks for, at that wall time, and returns the line that describe() must make of the answer.
  std::string run(const Request& request, Instant wall);
  /// Everything that is due at that wall time, of all accounts; forgets the answers of keys whose time is over.
  void run_all_due(Instant wall);
  /// All of the account that is open, after its due work: what describe_state() makes of the engine's.
  std::string state(const std::string& book, const std::string& account, Instant wall);
  /// Whether the key may be used at that wall time: not while nobody could say whether it has been forgotten.
  bool is_clear(const std::string& book, const std::string& key, Instant wall) const;
  /// Streams of others, too, are numbered and recorded in the shard: up to there as of now.
  void follow_shard(ShardNumber shard, std::uint64_t ordinals, Instant recorded_at);
  /// How many events the shard's streams have.
  std::uint64_t events(ShardNumber shard) const;

 private:
  struct Kept {
    std::string fingerprint, answer;
    std::int64_t recorded_us = 0;
  };
  /// What a command led to.
  struct Outcome {
    RejectionCode code = RejectionCode::none;
    int events = 0;     ///< 0 and no code: nothing had to change.
    std::string shown;  ///< Of what is there after the command.
  };
  std::string run_on_account(ModelBook& book, ModelAccount& account, const Request& request, Instant wall);
  Outcome decide_on_book(ModelBook& book, const Request& request, std::int64_t now_us);
  Outcome decide_redemption(ModelBook& book, ModelAccount& account, const Request& request, Instant wall);
  std::string run_on_book(ModelBook& book, const Request& request, Instant wall);
  std::string answer_without_account(ModelBook& book, const Request& request, Instant wall);
  Outcome decide(ModelAccount& account, const Request& request, Instant now);
  Outcome decide_credit(ModelAccount& account, const Request& request, Instant now);
  Outcome decide_units(ModelAccount& account, const Request& request, Instant now);
  Outcome decide_hold(ModelAccount& account, const Request& request, Instant now);
  Outcome decide_invoice(ModelAccount& account, const Request& request, Instant now);
  Outcome void_invoice(ModelAccount& account, const Request& request, ModelInvoice& invoice, Instant now);
  Outcome decide_finalizing(ModelBook& book, ModelAccount& account, const Request& request, Instant wall);
  Outcome decide_deletion(ModelAccount& account, const Request& request, Instant now);
  std::string finish(const Request& request, const Outcome& outcome, Instant wall);

  void run_due(ModelAccount& account, Instant up_to);
  bool run_next_due(ModelAccount& account, Instant up_to);
  int end_hold(ModelAccount& account, EntityRef id, std::int64_t spent, const char* status, Instant now);

  std::map<std::string, ModelBook> books_;
  std::map<std::pair<std::string, std::string>, Kept> kept_;  ///< By book and key.
  std::map<ShardNumber, std::int64_t> recorded_us_;           ///< The latest wall time that a shard has recorded.
  std::map<ShardNumber, std::uint64_t> ordinals_;
};

/// The engine's answer as a line.
std::string describe(const Answer& answer);
/// The engine's account as a line; "none" if it is null.
std::string describe_state(const AccountState* state);

}  // namespace daybook::test
