// How an account stands with its payments, whatever else its status is: whether a charge of it ever succeeded or
// failed, and for which of its open invoices one has failed. Changed by the folds in payment_fold.h only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/id.h"

namespace daybook {

enum class AccountPaymentStatus : std::uint8_t { none = 1, current = 2, past_due = 3 };
/// "none", "current", "past_due".
std::string_view to_text(AccountPaymentStatus status);

struct AccountPayments {
  bool has_been_charged = false;  ///< A provider said so of a charge, or that it failed.
  std::vector<EntityRef> failed;  ///< Open invoices that a charge failed for, each once, in the order of that.

  AccountPaymentStatus status() const {
    if (!failed.empty()) return AccountPaymentStatus::past_due;
    return has_been_charged ? AccountPaymentStatus::current : AccountPaymentStatus::none;
  }
  void succeed() { has_been_charged = true; }
  /// For an open invoice.
  void fail(EntityRef invoice);
  /// The invoice is open no more.
  void settle(EntityRef invoice);
  bool operator==(const AccountPayments&) const = default;
};

}  // namespace daybook
