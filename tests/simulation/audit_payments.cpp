#include "tests/simulation/audit_payments.h"

#include "domain/tables.h"

namespace daybook::test {
namespace {

using PaymentState = ShopPayment::Status;

ShopInvoice& asked_for(const ShopEvent& at, EntityRef id) {
  return shop_find(at.account.invoices, id, "is about an invoice that is not there");
}

void look(const ShopEvent& at, const schema::PaymentAttempted& event) {
  const EntityRef id = entity(event.payment());
  ShopInvoice& invoice = asked_for(at, entity(event.invoice()));
  const bool is_lost = invoice.status == ShopInvoice::Status::uncollectible;
  shop_must(is_lost || invoice.status == ShopInvoice::Status::open, "asks for what is not owed");
  shop_must(invoice.payment.is_none(), "asks for an invoice a second time while the first is under way");
  shop_must(event.amount()->minor() == invoice.collectible(), "asks for another amount than is owed");
  shop_must(event.attempt() == ++invoice.attempts, "is not the next attempt");
  shop_must(at.account.methods.contains(entity(event.payment_method())), "charges a method that is not there");
  invoice.payment = id;
  ShopPayment payment;
  payment.invoice = entity(event.invoice());
  payment.amount = event.amount()->minor();
  payment.key = event.provider_key()->str();
  shop_must(at.shop.charge_keys.emplace(payment.key, id).second, "has the key of another charge");
  shop_must(at.account.payments.emplace(id, payment).second, "is a payment that there is");
}

/// The payment that has a result, and its invoice, which waits for it no more.
template <class Event>
ShopPayment& ended(const ShopEvent& at, const Event& event, PaymentState status) {
  ShopPayment& payment = shop_find(at.account.payments, entity(event.payment()), "is the result of no payment");
  shop_must(payment.is_open(), "is a second result of one payment");
  shop_must(payment.amount == event.amount()->minor(), "is the result of another amount");
  shop_must(payment.invoice == entity(event.invoice()), "is the result of another invoice");
  payment.status = status;
  asked_for(at, payment.invoice).payment = {};
  return payment;
}

void look(const ShopEvent& at, const schema::PaymentSucceeded& event) {
  const ShopPayment& payment = ended(at, event, PaymentState::succeeded);
  ShopInvoice& invoice = asked_for(at, payment.invoice);
  invoice.paid += payment.amount;
  shop_must(invoice.collectible() >= 0, "pays more than is owed");
  at.account.has_been_charged = true;
}

void look(const ShopEvent& at, const schema::PaymentFailed& event) {
  if (at.account.payments.contains(entity(event.payment()))) {
    ended(at, event, PaymentState::failed);
    ShopInvoice& invoice = asked_for(at, entity(event.invoice()));
    const bool is_lost = invoice.status == ShopInvoice::Status::uncollectible;
    shop_must(event.written_off() == is_lost, "fails for what was written off, or not, and says otherwise");
    if (is_lost) return;
    invoice.has_failed = at.account.has_been_charged = true;
    at.shop.command.failed.insert(entity(event.invoice()));
    return;
  }
  // There was nothing to charge.
  ShopInvoice& invoice = asked_for(at, entity(event.invoice()));
  shop_must(event.code()->str() == "no_payment_method", "is the failure of no payment");
  shop_must(invoice.payment.is_none(), "fails while a payment is under way");
  shop_must(event.attempt() == ++invoice.attempts, "is not the next attempt");
  shop_must(event.amount()->minor() == invoice.remaining(), "fails to ask for another amount than is owed");
}

void look(const ShopEvent& at, const schema::PaymentActionRequired& event) {
  ShopPayment& payment = shop_find(at.account.payments, entity(event.payment()), "waits for no payment");
  shop_must(payment.status == PaymentState::pending, "waits for the customer again");
  payment.status = PaymentState::requires_action;
}

}  // namespace

void look_at_payments(const ShopEvent& event, const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::PaymentMethodAttached:
      event.account.methods.insert(entity(envelope.event_as_PaymentMethodAttached()->payment_method()));
      return;
    case schema::Event::PaymentMethodDetached:
      event.account.methods.erase(entity(envelope.event_as_PaymentMethodDetached()->payment_method()));
      return;
    case schema::Event::PaymentAttempted:
      return look(event, *envelope.event_as_PaymentAttempted());
    case schema::Event::PaymentSucceeded:
      return look(event, *envelope.event_as_PaymentSucceeded());
    case schema::Event::PaymentFailed:
      return look(event, *envelope.event_as_PaymentFailed());
    case schema::Event::PaymentActionRequired:
      return look(event, *envelope.event_as_PaymentActionRequired());
    default:
      return;
  }
}

void expect_intended(const std::map<std::string, Shop>& shops, const ModelProvider::Asked& asked) {
  shop_must(!asked.is_known, "asks to charge again what it could have asked about");
  for (const auto& [name, shop] : shops) {
    const auto key = shop.charge_keys.find(asked.key);
    if (key == shop.charge_keys.end()) continue;
    for (const auto& [id, account] : shop.accounts) {
      const auto payment = account.payments.find(key->second);
      if (payment == account.payments.end()) continue;
      shop_must(payment->second.is_open(), "asks to charge what has a result");
      shop_must(payment->second.amount == asked.amount, "asks to charge another amount than the intent");
      return;
    }
  }
  throw ShopFault("asks to charge without an intent in the log");
}

void expect_charged(const Shop& shop, const ModelProvider& provider) {
  for (const auto& [id, account] : shop.accounts) {
    for (const auto& [payment_id, payment] : account.payments) {
      const ModelProvider::Made* made = provider.find_made(payment.key);
      shop_must(payment.status != PaymentState::pending, "is at rest with a payment without a result");
      const bool is_charged = made != nullptr && made->result.status == ChargeStatus::succeeded;
      if (payment.status == PaymentState::succeeded) shop_must(is_charged, "says that it charged what it did not");
      if (payment.status == PaymentState::failed) shop_must(!is_charged, "says that it did not charge what it did");
      shop_must(made == nullptr || made->amount == payment.amount || made->is_of_lost_history,
                "charged another amount than it says");
    }
  }
}

}  // namespace daybook::test
