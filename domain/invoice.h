// An invoice as an account's state, the views and the answers hold it: what was drafted, what finalising computed, what
// has been paid of it. It is only ever changed by the folds in invoice_fold.h, from the stored bytes of an event.
//
// While something can still come of it (a draft, an open one, a voided one whose credits are not back yet, one that was
// written off and may be paid late) it stands in the account's state; then it has ended and stands in a row of its own,
// as ended credits do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/currency.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/sealed.h"

namespace daybook::schema {
struct InvoiceLineT;
struct InvoiceFiguresT;
}  // namespace daybook::schema

namespace daybook {

enum class InvoiceStatus : std::uint8_t { draft = 1, open = 2, paid = 3, voided = 4, uncollectible = 5 };
/// "draft", "open", "paid", "void", "uncollectible".
std::string_view to_text(InvoiceStatus status);

/// What a credit note took of its invoice.
struct CreditNoteShare {
  struct Line {
    std::uint32_t number = 0;  ///< Of the invoice's line.
    std::int64_t amount = 0;   ///< Before discounts.
    std::string quantity;      ///< A decimal; empty: an amount was asked for.
    bool operator==(const Line&) const = default;
  };
  struct Tax {
    std::uint32_t row = 0;  ///< Of the invoice's tax summary.
    std::int64_t tax = 0;
    bool operator==(const Tax&) const = default;
  };
  EntityRef note;
  bool is_discount = false;  ///< A discount on what was sold, not a part of it.
  std::int64_t discount = 0, tax = 0, total = 0;
  /// Of the total; the rest became credit.
  std::int64_t due_reduction = 0, write_off_recovery = 0, refund_amount = 0;
  std::vector<Line> lines;
  std::vector<Tax> taxes;
  bool operator==(const CreditNoteShare&) const = default;
};

/// What an adjustment that is no credit note does to its invoice: a surcharge, or else a write-off.
struct AdjustmentShare {
  EntityRef adjustment;
  bool is_write_off = false;
  std::int64_t tax = 0, total = 0;
  bool operator==(const AdjustmentShare&) const = default;
};

struct Invoice {
  EntityRef id;
  Currency currency{};
  InvoiceStatus status = InvoiceStatus::draft;
  std::uint8_t billing_reason = 1;      ///< schema::BillingReason
  std::uint16_t net_days = 0;           ///< From finalising until it is due.
  EntityRef subscription;               ///< What it bills; none: an invoice by hand.
  bool collects_automatically = false;  ///< When it is finalised.
  bool tax_inclusive = false;           ///< Its lines are with tax.
  std::string series;
  std::uint64_t sequence = 0;
  std::string number;  ///< Empty of a draft, for ever empty of a discarded one.
  /// Shared by copies; none is ever null. Fixed from finalising on.
  std::vector<std::shared_ptr<const schema::InvoiceLineT>> lines;
  std::uint32_t last_line = 0;                             ///< The highest number that a line ever had.
  std::int64_t subtotal = 0;                               ///< Of the lines, minor units.
  std::shared_ptr<const schema::InvoiceFiguresT> figures;  ///< Null until it is finalised.
  std::int64_t total = 0;                                  ///< The figures'; 0 until then.
  std::vector<Draw> credits;                               ///< What pays for it, in draw-down order.
  std::int64_t credit_applied = 0;                         ///< Their sum.
  /// Those that are not void. An ended invoice does not change: which it has then, its account knows.
  std::vector<CreditNoteShare> credit_notes;
  std::vector<AdjustmentShare> adjustments;
  std::int64_t credited_due = 0;                 ///< What credit notes took off what was due.
  std::int64_t surcharged = 0, written_off = 0;  ///< By adjustments.
  std::int64_t amount_paid = 0;                  ///< By payments.
  std::uint32_t payment_attempts = 0;            ///< That there have been; those without a method count.
  EntityRef payment;                             ///< The last of them; none yet.
  bool is_collecting = false;                    ///< Its result is still to come.
  Instant due_date = never;                      ///< Never until it is finalised, as the others.
  Instant finalized_at = never, paid_at = never, voided_at = never, uncollectible_at = never;
  bool is_overdue = false;  ///< Was not paid when it became due.
  Sealed reason;            ///< Why it was voided or written off.
  Sealed metadata;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  std::int64_t amount_due() const { return total + surcharged - written_off - credited_due - credit_applied; }
  /// Whether a date passes after which it is overdue: not where it is collected the moment it is finalised.
  bool has_due_date() const { return !collects_automatically || net_days != 0; }
  /// What the customer owes for it now.
  std::int64_t amount_remaining() const { return status == InvoiceStatus::open ? amount_due() - amount_paid : 0; }
  /// What can be collected for it: what is owed, or was when it was written off.
  std::int64_t amount_collectible() const {
    const bool is_written_off = status == InvoiceStatus::uncollectible;
    return is_written_off ? amount_due() - amount_paid : amount_remaining();
  }
  /// Whether something can still come of it.
  bool is_open() const {
    return status == InvoiceStatus::draft || status == InvoiceStatus::open || status == InvoiceStatus::uncollectible ||
           (status == InvoiceStatus::voided && !credits.empty());
  }
  /// Whether the credits that pay for it can come back.
  bool keeps_credits() const { return status == InvoiceStatus::open || status == InvoiceStatus::voided; }
  bool operator==(const Invoice& other) const;  ///< Of what lines and figures say.
};

}  // namespace daybook
