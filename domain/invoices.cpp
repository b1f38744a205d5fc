// What the events of invoices mean to their account and their book.
#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/invoice_fold.h"
#include "domain/payment_fold.h"
#include "domain/tables.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

template <class Event>
void change(AccountState& account, const Event& event, const EventMoment& moment) {
  account.change_invoice(entity(event.invoice()), [&](Invoice& invoice) { fold(invoice, event, moment); });
}

/// The discounts that took something off the invoice are used once more, or once less.
void count_uses(AccountState& account, const Invoice& invoice, std::int32_t change) {
  for (const auto& used : invoice.figures->discounts) {
    for (AccountDiscount& discount : account.discounts) {
      if (discount.id == used->discount && used->amount > 0) discount.uses += change;
    }
  }
}

/// What is billed to it for time before that is over: of one that has ended, all.
Instant billed_from(const Subscription& subscription) {
  return subscription.is_live() ? subscription.period_start : never;
}

}  // namespace

void apply(AccountState& account, const schema::InvoiceDrafted& event, const EventMoment& moment) {
  account.add_invoice(drafted_invoice(event, moment));
  account.is_currency_fixed = true;
}

void apply(AccountState& account, const schema::InvoiceLineAdded& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::InvoiceLineRemoved& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(AccountState& account, const schema::InvoiceFinalized& event, const EventMoment& moment) {
  change(account, event, moment);
  const Invoice& invoice = *account.find_invoice(entity(event.invoice()));
  account.has_purchased = account.has_purchased || invoice.total > 0;
  count_uses(account, invoice, 1);
  account.given_back.add(invoice);
  const Subscription* subscription = account.find_subscription(invoice.subscription);
  if (subscription != nullptr) account.billed.add(invoice, billed_from(*subscription));
}

void apply(AccountState& account, const schema::InvoicePaid& event, const EventMoment& moment) {
  change(account, event, moment);
  const Invoice& invoice = *account.find_invoice(entity(event.invoice()));
  account.billed.settle(invoice.id);
  const Subscription* subscription = account.find_subscription(invoice.subscription);
  if (subscription != nullptr) account.end_billed(subscription->id, billed_from(*subscription));
  account.is_blocked_by_trial = false;  // it pays
  fold(account.details, event, moment);
}

void apply(AccountState& account, const schema::InvoiceVoided& event, const EventMoment& moment) {
  change(account, event, moment);
  const Invoice& invoice = *account.find_invoice(entity(event.invoice()));
  if (invoice.figures) count_uses(account, invoice, -1);
  account.billed.undo(invoice.id);
  account.given_back.undo(invoice.id);
  fold(account.details, event, moment);
}

void apply(AccountState& account, const schema::InvoiceMarkedUncollectible& event, const EventMoment& moment) {
  change(account, event, moment);
  account.billed.write_off(entity(event.invoice()));
  fold(account.details, event, moment);
}

void apply(AccountState& account, const schema::InvoiceBecameOverdue& event, const EventMoment& moment) {
  change(account, event, moment);
}

void apply(BookState& book, const schema::InvoiceNumberAssigned& event, const EventMoment&) {
  std::uint64_t& last = book.invoice_numbers[text(event.series())];
  ensure(event.sequence() == last + 1, "an invoice number that is not the next of its series");
  last = event.sequence();
}

}  // namespace daybook
