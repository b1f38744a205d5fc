// What the events of payment methods mean.
#include <algorithm>

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/payment_methods_generated.h"

namespace daybook {

std::string_view to_text(PaymentMethodType type) {
  switch (type) {
    case PaymentMethodType::card:
      return "card";
    case PaymentMethodType::bank_account:
      return "bank_account";
    case PaymentMethodType::sepa_debit:
      return "sepa_debit";
    case PaymentMethodType::wallet:
      return "wallet";
  }
  return "unknown";
}

std::string_view to_text(PaymentMethodStatus status) {
  switch (status) {
    case PaymentMethodStatus::pending:
      return "pending";
    case PaymentMethodStatus::verified:
      return "verified";
    case PaymentMethodStatus::requires_action:
      return "requires_action";
    case PaymentMethodStatus::expired:
      return "expired";
    case PaymentMethodStatus::failed:
      return "failed";
  }
  return "unknown";
}

const PaymentMethod* AccountDetails::find_payment_method(EntityRef method) const {
  const auto found = std::find_if(payment_methods.begin(), payment_methods.end(),
                                  [&](const PaymentMethod& one) { return one.id == method; });
  return found == payment_methods.end() ? nullptr : &*found;
}

namespace {

void touch_method(AccountState& account, EntityRef id, const EventMoment& moment) {
  for (PaymentMethod& method : account.details.payment_methods) {
    if (method.id != id) continue;
    touch(method, moment);
  }
}

}  // namespace

void apply(AccountState& account, const schema::PaymentMethodAttached& event, const EventMoment& moment) {
  PaymentMethod method;
  method.id = entity(event.payment_method());
  method.provider = text(event.provider());
  method.type = static_cast<PaymentMethodType>(event.type());
  method.status = static_cast<PaymentMethodStatus>(event.status());
  method.brand = text(event.brand());
  method.last4 = text(event.last4());
  method.exp_month = event.exp_month();
  method.exp_year = event.exp_year();
  method.token = from_table(event.token());
  method.metadata = from_table(event.metadata());
  method.created_at = method.updated_at = moment.at;
  method.version = moment.version;
  account.details.payment_methods.push_back(std::move(method));
  touch(account, moment);
}

void apply(AccountState& account, const schema::DefaultPaymentMethodChanged& event, const EventMoment& moment) {
  const EntityRef next = entity(event.payment_method());
  ensure(account.details.find_payment_method(next) != nullptr, "a default payment method that the account has not");
  touch_method(account, account.details.default_payment_method, moment);
  touch_method(account, next, moment);
  account.details.default_payment_method = next;
  touch(account, moment);
}

void apply(AccountState& account, const schema::PaymentMethodDetached& event, const EventMoment& moment) {
  const EntityRef gone = entity(event.payment_method());
  std::erase_if(account.details.payment_methods, [&](const PaymentMethod& one) { return one.id == gone; });
  if (account.details.default_payment_method == gone) account.details.default_payment_method = {};
  touch(account, moment);
}

}  // namespace daybook
