// Who asks: draws requests by weight over the accounts that the model knows, most of them sensible, some impossible,
// some repeats of what was asked before.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/simulation/model.h"
#include "tests/simulation/random.h"

namespace daybook::test {

inline constexpr std::size_t accounts_per_book = 1'000;

class Clients {
 public:
  explicit Clients(Random random) : random_(random) {}

  /// A group of requests for one shard, or an empty one.
  std::vector<Request> group(const Model& model, ShardNumber shard, Instant wall);
  std::uint64_t asked() const { return asked_; }

 private:
  Request request(const Model& model, const std::string& book, Instant wall);
  void fill(Request& request, const ModelBook& book, const ModelAccount& account, Instant now);
  void name_credit(Request& request, const ModelAccount& account);
  void name_hold(Request& request, const ModelAccount& account);
  void name_invoice(Request& request, const ModelAccount& account);
  std::int64_t invoiced_amount();
  /// Of an event that made nothing of that kind, most likely; or of none.
  std::uint64_t some_version(const ModelAccount& account);
  std::int64_t ttl_seconds(const ModelAccount& account, std::int64_t now_us);
  std::int64_t amount_up_to(std::int64_t most);
  Request::Kind kind();

  Random random_;
  std::deque<Request> keyed_;  ///< Some of the last requests with a key, to be repeated.
  std::uint64_t asked_ = 0;
};

}  // namespace daybook::test
