// An account of Given that pays and gets something back.
#pragma once

#include <string>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/credit_notes_generated.h"
#include "tests/domain/paying.h"

namespace daybook::test {

class Refunding : public Paying {
 public:
  Refunding() { attach(); }

  /// A paid invoice's payment: one line for each amount.
  EntityRef paid(const std::vector<std::string>& unit_amounts) {
    DraftInvoice command;
    command.account_id = "acme";
    for (const std::string& amount : unit_amounts) command.lines.push_back(invoice_line(amount));
    command.collection = InvoiceCollection::automatic;
    accept(FinalizeInvoice{accept(command)});
    const EntityRef payment = last_payment().id;
    accept(success(payment));
    return payment;
  }

  /// The payment of an invoice of 100.00 and a surcharge of 5.00, which no credit note takes.
  EntityRef paid_with_surcharge() {
    const EntityRef draft = collected_draft("10000");
    accept(FinalizeInvoice{draft});
    accept(decline(last_payment().id));
    AdjustInvoice surcharge;
    surcharge.invoice = draft;
    surcharge.type = AdjustmentType::surcharge;
    surcharge.amount = 500;
    accept(surcharge);
    const EntityRef payment = accept(pay(draft));
    accept(success(payment));
    return payment;
  }

  static IssueRefund refund_of(EntityRef payment, std::optional<std::int64_t> amount = {}) {
    IssueRefund command;
    command.payment = payment;
    command.amount = amount;
    return command;
  }
  static IssueRefund to_credit(EntityRef payment, std::optional<std::int64_t> amount = {}) {
    IssueRefund command = refund_of(payment, amount);
    command.destination = RefundDestination::credit;
    return command;
  }
  static RecordRefundResult result(EntityRef refund, RefundOutcome outcome = RefundOutcome::succeeded) {
    RecordRefundResult command;
    command.refund = refund;
    command.outcome = outcome;
    command.provider_refund_id = "re_1";
    if (outcome == RefundOutcome::failed) command.code = "expired_or_canceled_card";
    return command;
  }
  static OpenDispute dispute_of(EntityRef payment, std::int64_t amount, const std::string& name = "dp_1") {
    OpenDispute command;
    command.payment = payment;
    command.amount = amount;
    command.reason = "fraudulent";
    command.provider_dispute_id = name;
    return command;
  }
  static CloseDispute decided(EntityRef payment, DisputeOutcome outcome, const std::string& name = "dp_1") {
    return {payment, name, outcome};
  }

  /// Asked for and done.
  EntityRef refunded(EntityRef payment, std::optional<std::int64_t> amount = {}) {
    const EntityRef refund = accept(refund_of(payment, amount));
    accept(result(refund));
    return refund;
  }

  const Refund& refund(EntityRef id) const { return *account.find_refund(id); }
  const Dispute& dispute(EntityRef id) const { return *account.find_dispute(id); }
  Payment now_of(EntityRef id) const { return account.with_reversals(payment(id)); }
  const schema::CreditNoteIssuedT& note_of(EntityRef id) const {
    return *account.find_credit_note(refund(id).credit_note)->document;
  }
  /// The journal is what the state says, and money that has moved is money that was paid and has not gone back.
  bool reconciles(std::int64_t cash) {
    auto sums = journal();
    return sums[LedgerAccount::receivable] == account.receivable() &&
           sums[LedgerAccount::customer_credit] == -money() && sums[LedgerAccount::cash_clearing] == cash;
  }
};

}  // namespace daybook::test
