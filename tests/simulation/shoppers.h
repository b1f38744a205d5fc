// Who buys: draws what shops' customers and clerks ask for, by weight, over what the log has told; most of it sensible,
// some impossible, some repeats of what was asked before. Nothing predicts these answers: what they come to is judged
// by the audits (audit_*.h) and by what the log keeps of a key.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/simulation/random.h"
#include "tests/simulation/shop_audit.h"

namespace daybook::test {

inline constexpr std::size_t accounts_per_shop = 24;

struct ShopRequest {
  std::string book;
  Command command;
  Role role = Role::super_admin;
  std::string key, fingerprint;
  bool is_dry_run = false, waits = false;
};

class Shoppers {
 public:
  explicit Shoppers(Random random) : random_(random) {}

  /// A group of requests for one shard, or an empty one.
  std::vector<ShopRequest> group(const ShopAudit& audit, ShardNumber shard, Instant wall);
  std::uint64_t asked() const { return asked_; }

 private:
  /// The account that a request is about, and when it is.
  struct About {
    const Shop& shop;
    const std::string& id;
    const ShopAccount& account;
    Instant now{};
  };
  Command command(const Shop& shop, Instant wall);
  Command catalogue_command(const Shop& shop, Instant wall);
  Command open_account(const Shop& shop);
  Command account_command(const About& about);
  Command subscription_command(const About& about);
  Command invoice_command(const About& about);
  Command payment_command(const About& about);
  EntityRef any_subscription(const About& about);
  EntityRef any_invoice(const About& about);
  Sensitive some_token();
  std::string any_plan();

  Random random_;
  std::deque<ShopRequest> keyed_;  ///< Some of the last requests with a key, to be repeated.
  std::uint64_t asked_ = 0;
};

/// Everything but Work::done.
Work to_work(const ShopRequest& request);
/// One line, for messages.
std::string describe(const ShopRequest& request);

}  // namespace daybook::test
