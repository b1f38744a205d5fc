// An account of Given that pays: methods, what the provider answers, and what came of it.
#pragma once

#include <string>

#include "tests/domain/subscribing.h"

namespace daybook::test {

class Paying : public Subscribing {
 public:
  using Subscribing::Subscribing;

  /// A card of the simulator, sealed as the engine does it.
  EntityRef attach(PaymentMethodStatus status = PaymentMethodStatus::verified) {
    AttachPaymentMethod command;
    command.account_id = "acme";
    command.token = {"", {1, "123456789012", "ciphertext and tag"}};
    command.found.fault = RejectionCode::none;
    command.found.provider = "simulator";
    command.found.status = status;
    command.found.brand = "visa";
    return accept(command);
  }
  /// A draft of that amount that is collected when it is finalised.
  EntityRef collected_draft(const std::string& unit_amount) {
    DraftInvoice command;
    command.account_id = "acme";
    command.lines.push_back(invoice_line(unit_amount));
    command.collection = InvoiceCollection::automatic;
    return accept(command);
  }
  EntityRef collected(const std::string& unit_amount) {
    const EntityRef id = collected_draft(unit_amount);
    accept(FinalizeInvoice{id});
    return id;
  }
  const Payment& payment(EntityRef id) const { return *account.find_payment(id); }
  const Payment& last_payment() const { return account.payments().rbegin()->second; }

  static RecordPaymentResult success(EntityRef payment) {
    RecordPaymentResult command;
    command.payment = payment;
    command.transaction_id = "ch_1";
    return command;
  }
  static RecordPaymentResult decline(EntityRef payment, const std::string& code = "card_declined") {
    RecordPaymentResult command;
    command.payment = payment;
    command.outcome = PaymentOutcome::failed;
    command.code = code;
    command.message = "No.";
    return command;
  }
  static RecordPaymentResult challenge(EntityRef payment) {
    RecordPaymentResult command;
    command.payment = payment;
    command.outcome = PaymentOutcome::action_required;
    command.action_url = "https://bank.test/confirm";
    return command;
  }
  static AttemptPayment pay(EntityRef invoice) {
    AttemptPayment command;
    command.invoice = invoice;
    return command;
  }
};

}  // namespace daybook::test
