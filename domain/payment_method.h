// Payment methods: what may be known of them here. Never a number: the provider holds it, behind a token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/id.h"
#include "domain/instant.h"
#include "domain/rejection.h"
#include "domain/sealed.h"

namespace daybook {

enum class PaymentMethodType : std::uint8_t { card = 1, bank_account = 2, sepa_debit = 3, wallet = 4 };
std::string_view to_text(PaymentMethodType type);

enum class PaymentMethodStatus : std::uint8_t {
  pending = 1,
  verified = 2,
  requires_action = 3,
  expired = 4,
  failed = 5
};
std::string_view to_text(PaymentMethodStatus status);

/// What the provider says of the method behind a token. Asked for before a command is decided; nobody else may say it.
struct ProviderMethod {
  RejectionCode fault = RejectionCode::provider_not_configured;  ///< none: the rest is there.
  std::string provider{};                                        ///< "simulator"
  PaymentMethodType type = PaymentMethodType::card;
  PaymentMethodStatus status = PaymentMethodStatus::verified;
  std::string brand{};         ///< "visa"; the bank's or the wallet's name for other types. May be empty.
  std::string last4{};         ///< The last four characters of its number.
  std::uint8_t exp_month = 0;  ///< 1 to 12; 0 if it does not expire.
  std::uint16_t exp_year = 0;
};

/// A method of an account.
struct PaymentMethod {
  EntityRef id;
  std::string provider;
  PaymentMethodType type = PaymentMethodType::card;
  PaymentMethodStatus status = PaymentMethodStatus::verified;
  std::string brand, last4;
  std::uint8_t exp_month = 0;
  std::uint16_t exp_year = 0;
  Sealed token;  ///< The provider's; shown to nobody.
  Sealed metadata;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;
  bool operator==(const PaymentMethod&) const = default;
};

}  // namespace daybook
