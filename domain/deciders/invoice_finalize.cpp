#include "domain/deciders/invoice_finalize.h"

#include <algorithm>
#include <utility>

#include "domain/deciders/invoice_entry.h"
#include "domain/deciders/invoice_figures.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {

void finalize(Decision& decision, const AccountState& account, const Invoice& invoice, schema::InvoiceFiguresT figures,
              const DecisionContext& context) {
  const DocumentNumber number =
      next_number(context.book->policies.numbering, context.book->invoice_numbers, context.now);
  const std::int64_t total = figures.total;
  schema::InvoiceFinalizedT event;
  event.invoice = invoice.id;
  event.account_id = account.details.id;
  event.currency = invoice.currency.packed;
  event.series = number.series;
  event.sequence = number.sequence;
  event.number = number.text;
  event.due_date = Instant{micros(context.now) + invoice.net_days * micros_per_day};
  event.postings = to_table(entry_of(sums_of(figures), invoice.currency));
  event.figures = std::make_unique<schema::InvoiceFiguresT>(std::move(figures));
  decision.events.push_back(PendingEvent::of(std::move(event)));

  const Asset asset{code(invoice.currency), true};
  std::int64_t left = total;
  std::vector<Draw> draws = account.plan_draw(asset, std::min(total, account.wallet(asset).available));
  if (draws.size() > credits_per_invoice_max) draws.resize(credits_per_invoice_max);
  for (const Draw& draw : draws) {
    const Money amount{draw.amount, invoice.currency};
    schema::CreditAppliedT applied;
    applied.credit = draw.grant;
    applied.account_id = account.details.id;
    applied.invoice = invoice.id;
    applied.amount = amount;
    applied.postings = transfer(LedgerAccount::customer_credit, LedgerAccount::receivable, amount);
    decision.events.push_back(PendingEvent::of(std::move(applied)));
    left -= draw.amount;
  }
  if (left == 0) {
    schema::InvoicePaidT paid;
    paid.invoice = invoice.id;
    paid.account_id = account.details.id;
    paid.cause = total == 0 ? schema::SettlementCause::zero_total : schema::SettlementCause::credits;
    decision.events.push_back(PendingEvent::of(std::move(paid)));
  }

  schema::InvoiceNumberAssignedT assigned;
  assigned.series = number.series;
  assigned.sequence = number.sequence;
  assigned.number = number.text;
  assigned.invoice = invoice.id;
  assigned.account_id = account.details.id;
  decision.book_events.push_back(PendingEvent::of(std::move(assigned)));
}

}  // namespace daybook
