// An invoice as an account's state, the views and the answers hold it: what was drafted, what finalising computed, what
// has been paid of it. It is only ever changed by the folds in invoice_fold.h, from the stored bytes of an event.
//
// While something is still to come of it (a draft, an open one, a voided one whose credits are not back yet) it stands
// in the account's state; then it has ended and stands in a row of its own, as ended credits do.
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
  Instant due_date = never;                                ///< Never until it is finalised, as the others.
  Instant finalized_at = never, paid_at = never, voided_at = never, uncollectible_at = never;
  bool is_overdue = false;  ///< Was not paid when it became due.
  Sealed reason;            ///< Why it was voided or written off.
  Sealed metadata;
  Instant created_at{}, updated_at{};
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  std::int64_t amount_due() const { return total - credit_applied; }
  /// Whether a date passes after which it is overdue: not where it is collected the moment it is finalised.
  bool has_due_date() const { return !collects_automatically || net_days != 0; }
  /// What the customer owes for it now.
  std::int64_t amount_remaining() const { return status == InvoiceStatus::open ? amount_due() : 0; }
  /// Whether something is still to come of it.
  bool is_open() const {
    return status == InvoiceStatus::draft || status == InvoiceStatus::open ||
           (status == InvoiceStatus::voided && !credits.empty());
  }
  bool operator==(const Invoice& other) const;  ///< Of what lines and figures say.
};

}  // namespace daybook
