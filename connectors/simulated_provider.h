// The payment provider of test mode: every token gives the same outcome in every run, and no money moves.
#pragma once

#include <string_view>

#include "domain/payment_method.h"

namespace daybook {

inline constexpr std::string_view simulated_provider_name = "simulator";

/// The method behind one of the simulator's tokens: tok_ok, tok_declined, tok_insufficient_funds, tok_expired_card,
/// tok_requires_action, tok_fail_then_ok:N (N from 1 to 99), tok_timeout, and tok_bank_account, tok_sepa_debit and
/// tok_wallet for the other types. Any other text is refused. Any thread.
ProviderMethod simulated_method(std::string_view token);

}  // namespace daybook
