// The payment provider of test mode: every token gives the same outcome in every run, and no money moves.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "connectors/payment_provider.h"
#include "domain/payment_method.h"

namespace daybook {

inline constexpr std::string_view simulated_provider_name = "simulator";

/// The method behind one of the simulator's tokens: tok_ok, tok_declined, tok_insufficient_funds, tok_expired_card,
/// tok_requires_action, tok_fail_then_ok:N (N from 1 to 99), tok_timeout, and tok_bank_account, tok_sepa_debit and
/// tok_wallet for the other types. Any other text is refused. Any thread.
ProviderMethod simulated_method(std::string_view token);

/// What a charge of these tokens comes to: tok_declined card_declined, tok_insufficient_funds insufficient_funds,
/// tok_expired_card expired_card; tok_requires_action waits for the customer; tok_fail_then_ok:N is declined at the
/// first N attempts of an invoice; tok_timeout is charged, but nobody hears of it until find() is asked; all others
/// succeed. It remembers keys as long as it lives; what it has forgotten then it decides alike again, under the same
/// transaction id, which is made of the key.
class SimulatedProvider final : public PaymentProvider {
 public:
  ChargeResult charge(const Charge& charge) override;
  ChargeResult find(std::string_view key) override;

  struct Counters {
    std::uint64_t calls = 0;    ///< Of charge().
    std::uint64_t charges = 0;  ///< That money would have moved for.
  };
  Counters counters() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ChargeResult, std::less<>> results_;  ///< By key.
  Counters counters_;
};

}  // namespace daybook
