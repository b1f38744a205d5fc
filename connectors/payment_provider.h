// A payment provider as collecting sees it: charge with a key, and say what became of the charge with a key. An adapter
// a provider; what it knows of methods is asked elsewhere, before a command is decided.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/money.h"

namespace daybook {

struct Charge {
  std::string key;  ///< The charge's own: with the same key nothing is charged twice, whatever happened to the answer.
  std::string token;  ///< The method's, in clear.
  Money amount;
  std::uint32_t attempt = 1;  ///< Of the same invoice, from 1.
};

enum class ChargeStatus : std::uint8_t {
  succeeded,
  failed,           ///< Finally: `code` and `message` say why.
  action_required,  ///< The customer must act at `action_url`.
  unknown,          ///< No answer, or none that says: ask with the key.
  not_found,        ///< Of find() only: nothing was charged with the key, and nothing is under way.
};

struct ChargeResult {
  ChargeStatus status = ChargeStatus::unknown;
  std::string transaction_id;  ///< The provider's own name of it; may be empty of a failure.
  std::string code;            ///< "card_declined": 1 to 32 of a-z 0-9 _.
  std::string message;         ///< Up to 255 characters.
  std::string action_url;
};

/// Threads: any, several calls at once. Calls may take as long as the adapter lets them; none throws.
class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;
  virtual ChargeResult charge(const Charge& charge) = 0;
  /// What became of the charge with that key.
  virtual ChargeResult find(std::string_view key) = 0;
};

}  // namespace daybook
