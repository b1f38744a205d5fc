#include "connectors/simulated_provider.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "connectors/stripe_catalogue.h"
#include "domain/ascii.h"

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
// What becomes of a refund of a charge of these stands in front of the charge's key in its transaction id.
constexpr std::string_view refund_pending = "tok_refund_pending";
constexpr std::string_view refund_failed = "tok_refund_failed";
constexpr std::string_view refund_timeout = "tok_refund_timeout";
constexpr std::string_view transaction_prefix = "sim_";

constexpr std::array tokens = {
    SimulatedToken{"tok_ok", Type::card, Status::verified, "visa", "4242", 12, 2099},
    SimulatedToken{"tok_declined", Type::card, Status::verified, "visa", "0002", 12, 2099},
    SimulatedToken{"tok_insufficient_funds", Type::card, Status::verified, "mastercard", "9995", 12, 2099},
    SimulatedToken{"tok_expired_card", Type::card, Status::expired, "visa", "0069", 1, 2020},
    SimulatedToken{"tok_requires_action", Type::card, Status::requires_action, "visa", "3155", 12, 2099},
    SimulatedToken{fail_then_ok, Type::card, Status::verified, "mastercard", "0341", 12, 2099},
    SimulatedToken{"tok_timeout", Type::card, Status::verified, "amex", "0119", 12, 2099},
    SimulatedToken{refund_pending, Type::card, Status::verified, "visa", "7726", 12, 2099},
    SimulatedToken{refund_failed, Type::card, Status::verified, "visa", "5126", 12, 2099},
    SimulatedToken{refund_timeout, Type::card, Status::verified, "visa", "5127", 12, 2099},
    SimulatedToken{"tok_bank_account", Type::bank_account, Status::verified, "Test Bank", "6789", 0, 0},
    SimulatedToken{"tok_sepa_debit", Type::sepa_debit, Status::verified, "Testbank", "3000", 0, 0},
    SimulatedToken{"tok_wallet", Type::wallet, Status::verified, "Test Wallet", "", 0, 0},
};

/// The name in front of ":N"; the text itself if it has no such end.
std::string_view name_of(std::string_view token) {
  const auto colon = token.find(':');
  if (colon == token.npos) return token == fail_then_ok ? std::string_view() : token;
  const std::string_view times = token.substr(colon + 1);
  const bool is_number =
      times.size() <= 2 && !times.empty() && times.front() != '0' && std::all_of(times.begin(), times.end(), is_digit);
  const std::string_view name = token.substr(0, colon);
  return is_number && name == fail_then_ok ? name : std::string_view();
}

/// The N of tok_fail_then_ok:N; 0 of every other token.
std::uint32_t failures_of(std::string_view token) {
  std::uint32_t failures = 0;
  if (name_of(token) != fail_then_ok) return failures;
  for (const char digit : token.substr(fail_then_ok.size() + 1))
    failures = failures * 10 + static_cast<std::uint32_t>(digit - '0');
  return failures;
}

bool decides_refund(std::string_view token) {
  return token == refund_pending || token == refund_failed || token == refund_timeout;
}

ChargeResult failed(std::string_view code, std::string_view message) {
  ChargeResult result;
  result.status = ChargeStatus::failed;
  result.code = code;
  result.message = message;
  return result;
}

ChargeResult outcome_of(const Charge& charge) {
  const std::string_view token = charge.token;
  ChargeResult result;
  if (token == "tok_declined" || charge.attempt <= failures_of(token)) {
    result = failed("card_declined", "The card was declined.");
  } else if (token == "tok_insufficient_funds") {
    result = failed("insufficient_funds", "The card has insufficient funds.");
  } else if (token == "tok_expired_card") {
    result = failed("expired_card", "The card has expired.");
  } else if (token == "tok_requires_action") {
    result.status = ChargeStatus::action_required;
    result.action_url = "https://simulator.invalid/authenticate/" + charge.key;
  } else {
    result.status = ChargeStatus::succeeded;
  }
  result.transaction_id = transaction_prefix;
  if (decides_refund(token)) result.transaction_id += std::string(token) + "_";
  result.transaction_id += charge.key;
  return result;
}

/// Whether the charge was of that token.
bool is_of(const RefundCall& call, std::string_view token) {
  const std::string_view charge = call.charge;
  return charge.starts_with(transaction_prefix) && charge.substr(transaction_prefix.size()).starts_with(token);
}

RefundCallResult refund_of(const RefundCall& call) {
  RefundCallResult result;
  result.refund_id = "simre_" + call.key;
  result.status = RefundCallStatus::succeeded;
  if (is_of(call, refund_pending)) result.status = RefundCallStatus::pending;
  if (is_of(call, refund_failed)) {
    result.status = RefundCallStatus::failed;
    result.code = "expired_or_canceled_card";
    result.message = "The card has expired or was canceled since.";
  }
  return result;
}

}  // namespace

ProviderCatalogue simulated_catalogue(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  // What cannot be read is an empty text, which is no catalogue.
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return read_stripe_catalogue(simulated_provider_name, text);
}

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

ChargeResult SimulatedProvider::charge(const Charge& charge) {
  const std::lock_guard lock(mutex_);
  ++counters_.calls;
  const auto [row, is_new] = results_.try_emplace(charge.key);
  if (is_new) {
    row->second = outcome_of(charge);
    if (row->second.status == ChargeStatus::succeeded) ++counters_.charges;
  }
  return charge.token == "tok_timeout" ? ChargeResult{} : row->second;
}

ChargeResult SimulatedProvider::find(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto row = results_.find(key);
  if (row != results_.end()) return row->second;
  ChargeResult result;
  result.status = ChargeStatus::not_found;
  return result;
}

RefundCallResult SimulatedProvider::refund(const RefundCall& call) {
  const std::lock_guard lock(mutex_);
  ++counters_.calls;
  const auto [row, is_new] = refunds_.try_emplace(call.key);
  if (is_new) {
    row->second.result = refund_of(call);
    if (row->second.result.status != RefundCallStatus::failed) ++counters_.refunds;
  }
  return is_of(call, refund_timeout) ? RefundCallResult{} : row->second.result;
}

RefundCallResult SimulatedProvider::find_refund(const RefundCall& call) {
  const std::lock_guard lock(mutex_);
  const auto row = refunds_.find(call.key);
  if (row == refunds_.end()) {
    RefundCallResult result;
    result.status = RefundCallStatus::not_found;
    return result;
  }
  SimulatedRefund& found = row->second;
  const bool is_over = ++found.asked > 1 && found.result.status == RefundCallStatus::pending;
  if (is_over) found.result.status = RefundCallStatus::succeeded;
  return found.result;
}

SimulatedProvider::Counters SimulatedProvider::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace daybook
