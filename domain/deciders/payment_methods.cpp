// Payment methods: attached by the provider's token, one of them the default, detached.
#include <algorithm>
#include <utility>

#include "domain/deciders/handlers.h"
#include "domain/tables.h"
#include "schemas/events/payment_methods_generated.h"

namespace daybook {
namespace {

PendingEvent default_changed(const std::string& account_id, EntityRef method, EntityRef previous) {
  schema::DefaultPaymentMethodChangedT event;
  event.payment_method = method;
  event.account_id = account_id;
  event.previous = previous;
  return PendingEvent::of(std::move(event));
}

/// Whether the account can have one more: the code `none` if it can.
Rejection check_method_room(const AccountDetails& details) {
  if (details.payment_methods.size() < payment_methods_max) return {};
  return over_limit("payment_methods", payment_methods_max);
}

}  // namespace

void attach_method(Decision& decision, const std::string& account_id, const NewPaymentMethod& method,
                   const DecisionContext& context) {
  const EntityRef id = context.new_id(decision.events.size());
  schema::PaymentMethodAttachedT event;
  event.payment_method = id;
  event.account_id = account_id;
  event.provider = method.found.provider;
  event.type = static_cast<schema::PaymentMethodType>(method.found.type);
  event.status = static_cast<schema::PaymentMethodStatus>(method.found.status);
  event.brand = method.found.brand;
  event.last4 = method.found.last4;
  event.exp_month = method.found.exp_month;
  event.exp_year = method.found.exp_year;
  event.token = to_table(method.token.sealed);
  event.metadata = to_table(method.metadata.sealed);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (method.becomes_default) decision.events.push_back(default_changed(account_id, id, method.previous_default));
}

Decision handle(const AccountState& account, const AttachPaymentMethod& command, const DecisionContext& context) {
  if (command.found.fault != RejectionCode::none) return reject(command.found.fault, "/token");
  const AccountDetails& details = account.details;
  if (Rejection full = check_method_room(details); full.code != RejectionCode::none) return reject(std::move(full));
  Decision decision = shows(SubjectKind::payment_method, context.new_id());
  const bool becomes_default = command.is_default || details.payment_methods.empty();
  const NewPaymentMethod method{command.found, command.token, command.metadata, becomes_default,
                                details.default_payment_method};
  attach_method(decision, details.id, method, context);
  return decision;
}

Rejection choose_method(Decision& decision, std::optional<PaymentMethod>& chosen, const AccountState& account,
                        const CreateSubscription& command, const DecisionContext& context) {
  const AccountDetails& details = account.details;
  if (command.own_method) {
    const PaymentMethod* method = details.find_payment_method(*command.own_method);
    if (method == nullptr) {
      return must_be("/payment_method", "a payment method of the account, or a token of the provider's");
    }
    chosen = *method;
    if (details.default_payment_method != method->id) {
      decision.events.push_back(default_changed(details.id, method->id, details.default_payment_method));
    }
    return {};
  }
  if (command.payment_method.sealed.empty()) return {};
  if (command.found.fault != RejectionCode::none) return {command.found.fault, "/payment_method", {}};
  if (Rejection full = check_method_room(details); full.code != RejectionCode::none) return full;
  chosen.emplace();
  chosen->id = context.new_id(decision.events.size());
  chosen->provider = command.found.provider;
  chosen->status = command.found.status;
  chosen->token = command.payment_method.sealed;
  attach_method(decision, details.id,
                {command.found, command.payment_method, Sensitive{}, true, details.default_payment_method}, context);
  return {};
}

Decision handle(const AccountState& account, const SetDefaultPaymentMethod& command, const DecisionContext&) {
  if (account.details.find_payment_method(command.payment_method) == nullptr) return reject(RejectionCode::not_found);
  Decision decision = shows(SubjectKind::payment_method, command.payment_method);
  const EntityRef previous = account.details.default_payment_method;
  if (previous == command.payment_method) return decision;
  decision.events.push_back(default_changed(account.details.id, command.payment_method, previous));
  return decision;
}

Decision handle(const AccountState& account, const DetachPaymentMethod& command, const DecisionContext&) {
  const AccountDetails& details = account.details;
  if (details.find_payment_method(command.payment_method) == nullptr) return reject(RejectionCode::not_found);
  Decision decision;
  decision.subject.kind = SubjectKind::account;
  schema::PaymentMethodDetachedT event;
  event.payment_method = command.payment_method;
  event.account_id = details.id;
  decision.events.push_back(PendingEvent::of(std::move(event)));
  if (details.default_payment_method != command.payment_method) return decision;
  // The newest of the others takes its place.
  const auto next = std::find_if(details.payment_methods.rbegin(), details.payment_methods.rend(),
                                 [&](const PaymentMethod& one) { return one.id != command.payment_method; });
  if (next != details.payment_methods.rend()) {
    decision.events.push_back(default_changed(details.id, next->id, command.payment_method));
  }
  return decision;
}

}  // namespace daybook
