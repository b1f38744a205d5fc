// An account of Given that is invoiced: its commands by verbs, and what its invoices posted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/journal.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

namespace daybook::test {

inline InvoiceLineInput invoice_line(std::string unit_amount, std::string quantity = "1") {
  InvoiceLineInput line;
  line.unit_amount = std::move(unit_amount);
  line.quantity = std::move(quantity);
  return line;
}

/// A percentage off every invoice.
inline DiscountTermsPointer percent_for_ever(std::string percent) {
  auto terms = std::make_shared<schema::DiscountTermsT>();
  terms->percent = std::move(percent);
  terms->duration = schema::DiscountDuration::forever;
  return terms;
}

class Invoicing : public Given {
 public:
  /// A draft with one line for each amount.
  EntityRef draft(const std::vector<std::string>& unit_amounts) {
    DraftInvoice command;
    command.account_id = "acme";
    for (const std::string& amount : unit_amounts) command.lines.push_back(invoice_line(amount));
    return accept(command);
  }
  EntityRef finalized(const std::vector<std::string>& unit_amounts) {
    const EntityRef id = draft(unit_amounts);
    accept(FinalizeInvoice{id});
    return id;
  }
  const Invoice& invoice(EntityRef id) const { return *account.find_invoice(id); }

  /// The seller is registered in one country, the account in another or the same.
  void tax(const std::string& seller, const std::string& buyer) {
    ChangePolicy policy;
    policy.policy = "tax.seller";
    policy.country = seller;
    REQUIRE(when(policy).accepted());
    UpdateAccount update;
    update.account_id = "acme";
    update.country = {Change<std::string>::Kind::set, buyer};
    REQUIRE(when(update).accepted());
  }

  /// The account gets a discount with those terms, by a coupon.
  void discount(DiscountTermsPointer terms) {
    const std::string name = "d" + std::to_string(++discounts_);
    terms->name = name;
    terms->starts_at = terms->ends_at = never;
    REQUIRE(when(CreateDiscount{name, std::move(terms)}).accepted());
    CreateCoupon coupon;
    coupon.code = name;
    coupon.discount_id = name;
    REQUIRE(when(coupon).accepted());
    RedeemCoupon redeem;
    redeem.code = name;
    redeem.account_id = "acme";
    REQUIRE(when(redeem).accepted());
  }

  /// Debits less credits of each ledger account over everything that was posted.
  std::map<LedgerAccount, std::int64_t> journal() const {
    std::map<LedgerAccount, std::int64_t> sums;
    const auto post = [&](const auto* event) {
      if (event == nullptr || event->postings() == nullptr) return;
      for (const schema::Posting* line : *event->postings()) {
        const std::int64_t minor = line->amount()->minor();
        sums[static_cast<LedgerAccount>(line->account())] += line->side() == schema::Side::debit ? minor : -minor;
      }
    };
    for (const std::string& bytes : envelopes) {
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
      post(envelope.event_as_CreditIssued());
      post(envelope.event_as_CreditExpired());
      post(envelope.event_as_CreditConsumed());
      post(envelope.event_as_CreditVoided());
      post(envelope.event_as_CreditApplied());
      post(envelope.event_as_CreditReturned());
      post(envelope.event_as_InvoiceFinalized());
      post(envelope.event_as_InvoiceVoided());
      post(envelope.event_as_InvoiceMarkedUncollectible());
      post(envelope.event_as_CreditNoteIssued());
      post(envelope.event_as_CreditNoteVoided());
      post(envelope.event_as_InvoiceAdjusted());
      post(envelope.event_as_PaymentSucceeded());
      post(envelope.event_as_OfflinePaymentRecorded());
      post(envelope.event_as_RefundSucceeded());
      post(envelope.event_as_DisputeOpened());
      post(envelope.event_as_DisputeWon());
      post(envelope.event_as_DisputeLost());
    }
    return sums;
  }

 private:
  int discounts_ = 0;
};

}  // namespace daybook::test
