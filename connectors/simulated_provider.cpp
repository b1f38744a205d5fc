#include "connectors/simulated_provider.h"

#include <algorithm>
#include <array>

namespace daybook {
namespace {

using Type = PaymentMethodType;
using Status = PaymentMethodStatus;

struct SimulatedToken {
  std::string_view token;
  Type type;
  Status status;
  std::string_view brand;
  std::string_view last4;
  std::uint8_t exp_month;
  std::uint16_t exp_year;
};

constexpr std::string_view fail_then_ok = "tok_fail_then_ok";

constexpr std::array tokens = {
    SimulatedToken{"tok_ok", Type::card, Status::verified, "visa", "4242", 12, 2099},
    SimulatedToken{"tok_declined", Type::card, Status::verified, "visa", "0002", 12, 2099},
    SimulatedToken{"tok_insufficient_funds", Type::card, Status::verified, "mastercard", "9995", 12, 2099},
    SimulatedToken{"tok_expired_card", Type::card, Status::expired, "visa", "0069", 1, 2020},
    SimulatedToken{"tok_requires_action", Type::card, Status::requires_action, "visa", "3155", 12, 2099},
    SimulatedToken{fail_then_ok, Type::card, Status::verified, "mastercard", "0341", 12, 2099},
    SimulatedToken{"tok_timeout", Type::card, Status::verified, "amex", "0119", 12, 2099},
    SimulatedToken{"tok_bank_account", Type::bank_account, Status::verified, "Test Bank", "6789", 0, 0},
    SimulatedToken{"tok_sepa_debit", Type::sepa_debit, Status::verified, "Testbank", "3000", 0, 0},
    SimulatedToken{"tok_wallet", Type::wallet, Status::verified, "Test Wallet", "", 0, 0},
};

/// The name in front of ":N"; the text itself if it has no such end.
std::string_view name_of(std::string_view token) {
  const auto colon = token.find(':');
  if (colon == token.npos) return token == fail_then_ok ? std::string_view() : token;
  const std::string_view times = token.substr(colon + 1);
  const bool is_number = times.size() <= 2 && !times.empty() && times.front() != '0' &&
                         std::all_of(times.begin(), times.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::string_view name = token.substr(0, colon);
  return is_number && name == fail_then_ok ? name : std::string_view();
}

}  // namespace

ProviderMethod simulated_method(std::string_view token) {
  ProviderMethod method;
  method.fault = RejectionCode::payment_method_refused;
  const std::string_view name = name_of(token);
  const auto row = std::find_if(tokens.begin(), tokens.end(), [&](const auto& one) { return one.token == name; });
  if (row == tokens.end()) return method;
  method.fault = RejectionCode::none;
  method.provider = simulated_provider_name;
  method.type = row->type;
  method.status = row->status;
  method.brand = row->brand;
  method.last4 = row->last4;
  method.exp_month = row->exp_month;
  method.exp_year = row->exp_year;
  return method;
}

}  // namespace daybook
