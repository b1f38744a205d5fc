// The events of all shops, one at a time: hands each to the audits of its subjects (audit_*.h), and says where it
// stands if one of them finds a fault. Copied where a moment must be kept.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "projections/fold_event.h"
#include "tests/simulation/shop.h"

namespace daybook::test {

/// Called with what is wrong; does not return.
using Complain = std::function<void(const std::string&)>;

/// Whether the stream is a shop's: its own, or that of an account of it.
inline bool is_of_shop(std::string_view stream) {
  return stream.starts_with("shop-");
}

class ShopAudit {
 public:
  void add(const std::string& name, ShardNumber shard) { shops_[name].shard = shard; }
  const std::map<std::string, Shop>& shops() const { return shops_; }
  /// The next event of the shard, of a stream for which is_of_shop() holds.
  void look(const FoldEvent& event, const Complain& complain);
  /// How many events the shops of the shard have.
  std::uint64_t events(ShardNumber shard) const;

 private:
  void look_at_book(Shop& shop, const FoldEvent& event);
  void look_at_account(Shop& shop, const FoldEvent& event);
  void note_answer(Shop& shop, const FoldEvent& event);

  std::map<std::string, Shop> shops_;
};

}  // namespace daybook::test
