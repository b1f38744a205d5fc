#include "domain/account_payments.h"

#include <algorithm>

#include "domain/assert.h"

namespace daybook {

std::string_view to_text(AccountPaymentStatus status) {
  switch (status) {
    case AccountPaymentStatus::none:
      return "none";
    case AccountPaymentStatus::current:
      return "current";
    case AccountPaymentStatus::past_due:
      return "past_due";
  }
  bug("a status of an account's payments without a name");
}

void AccountPayments::fail(EntityRef invoice) {
  has_been_charged = true;
  if (std::find(failed.begin(), failed.end(), invoice) == failed.end()) failed.push_back(invoice);
}

void AccountPayments::settle(EntityRef invoice) {
  std::erase(failed, invoice);
}

}  // namespace daybook
