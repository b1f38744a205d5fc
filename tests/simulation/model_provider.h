// A payment provider that outlives every crash: what it charged it knows by the charge's key, and what it was asked is
// looked at afterwards. Its tokens come to what connectors/simulated_provider.h says, written a second time. It is away
// at times, and loses requests before and answers after the work is done.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/payment_provider.h"
#include "tests/simulation/random.h"

namespace daybook::test {

class ModelProvider final : public PaymentProvider {
 public:
  struct Made {
    std::int64_t amount = 0;
    ChargeResult result;
    bool is_of_lost_history = false;
  };
  /// One call of charge() that reached it.
  struct Asked {
    std::string key;
    std::int64_t amount = 0;
    bool is_known = false;  ///< The key had been charged already, and the ledger has not lost that since.
  };

  explicit ModelProvider(Random random) : random_(random) {}

  ChargeResult charge(const Charge& charge) override;
  ChargeResult find(std::string_view key) override;
  // Traffic asks for no refunds.
  RefundCallResult refund(const RefundCall&) override { return {}; }
  RefundCallResult find_refund(const RefundCall&) override { return {}; }
  // It says itself what is behind a token, and this provider posts nothing.
  ProviderMethod find_method(std::string_view) const override { return {}; }
  RejectionCode check_signature(std::string_view, std::string_view, Instant) const override {
    return RejectionCode::signature_invalid;
  }
  ProviderTopic topic_of(std::string_view) const override { return ProviderTopic::none; }
  ProviderNotice read_message(std::string_view) const override { return {}; }

  void set_away(bool is_away) { is_away_ = is_away; }
  /// Of its requests and answers one in so many is lost; 0: none.
  void lose_once_in(std::uint64_t calls) { lose_once_in_ = calls; }
  /// The customer has acted, or has refused to. Nothing happens where nobody waits for that.
  ChargeResult act(const std::string& key, bool agrees);
  /// The ledger has lost the end of its history: what it makes again may be something else.
  void lose_history();

  const Made* find_made(const std::string& key) const;
  /// What came since the last time.
  std::vector<Asked> take_asked();
  std::uint64_t charged() const { return charged_; }

 private:
  bool is_lost();

  Random random_;
  bool is_away_ = false;
  std::uint64_t lose_once_in_ = 0, charged_ = 0;
  std::map<std::string, Made, std::less<>> made_;
  std::vector<Asked> asked_;
};

}  // namespace daybook::test
