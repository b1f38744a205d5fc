#include "domain/deciders/invoice_entry.h"

#include <cstdlib>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/credit_notes_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

PostedSums sums_of_note(const auto& note, bool is_discount) {
  PostedSums sums{note.discount, note.tax, note.total, note.write_off_recovery, 0, note.refund_amount, 0};
  if (is_discount) {
    sums.discount = 0;
    sums.allowed = note.total - note.tax;
  }
  return sums;
}

}  // namespace

PostedSums& PostedSums::operator+=(const PostedSums& other) {
  discount += other.discount;
  tax += other.tax;
  total += other.total;
  written_off += other.written_off;
  allowed += other.allowed;
  refunded += other.refunded;
  credited += other.credited;
  return *this;
}

PostedSums PostedSums::operator-() const {
  return {-discount, -tax, -total, -written_off, -allowed, -refunded, -credited};
}

PostedSums sums_of(const schema::InvoiceFiguresT& figures) {
  return {figures.discount, figures.tax, figures.total, 0, 0, 0, figures.credited};
}

PostedSums sums_of(const schema::CreditNoteIssuedT& note) {
  return sums_of_note(note, note.kind == schema::CreditNoteKind::discount);
}

PostedSums sums_of(const CreditNoteShare& note) {
  return sums_of_note(note, note.is_discount);
}

PostedSums sums_of(const AdjustmentShare& adjustment) {
  if (adjustment.is_write_off) return {0, 0, 0, adjustment.total, 0, 0, 0};
  return {0, adjustment.tax, adjustment.total, 0, 0, 0, 0};
}

PostedSums sums_left(const Invoice& invoice) {
  PostedSums left = sums_of(*invoice.figures);
  for (const AdjustmentShare& adjustment : invoice.adjustments) left += sums_of(adjustment);
  for (const CreditNoteShare& note : invoice.credit_notes) {
    PostedSums taken = sums_of(note);
    taken.refunded = 0;  // it was paid and has gone back: neither is owed
    left += -taken;
  }
  return left;
}

std::vector<JournalLine> entry_of(const PostedSums& sums, Currency currency) {
  std::vector<JournalLine> entry;
  const auto debit = [&](LedgerAccount account, std::int64_t minor) {
    if (minor == 0) return;
    entry.push_back({account, minor > 0 ? Side::debit : Side::credit, {std::abs(minor), currency}});
  };
  debit(LedgerAccount::receivable, sums.total - sums.written_off - sums.refunded);
  debit(LedgerAccount::customer_credit, -sums.credited);
  debit(LedgerAccount::write_offs, sums.written_off);
  debit(LedgerAccount::refunds, sums.refunded);
  debit(LedgerAccount::discounts, sums.discount - sums.allowed);
  // Without tax, of prices with it too.
  debit(LedgerAccount::revenue, sums.tax + sums.allowed - sums.discount - sums.total + sums.credited);
  debit(LedgerAccount::tax_payable, -sums.tax);
  return entry;
}

}  // namespace daybook
