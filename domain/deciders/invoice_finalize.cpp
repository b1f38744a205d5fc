#include "domain/deciders/invoice_finalize.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/invoice_entry.h"
#include "domain/deciders/invoice_figures.h"
#include "domain/deciders/payment_collect.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// The states that an invoice can still reach, as a rejection shows them.
std::string_view targets_of(InvoiceStatus status) {
  switch (status) {
    case InvoiceStatus::draft:
      return "open, void";
    case InvoiceStatus::open:
      return "paid, void, uncollectible";
    case InvoiceStatus::uncollectible:
      return "paid";
    case InvoiceStatus::paid:
    case InvoiceStatus::voided:
      return "";
  }
  bug("a status of an invoice without targets");
}

}  // namespace

Decision refuse_transition(const Invoice& invoice, InvoiceStatus to) {
  return refuse_transition(invoice, to_text(to));
}

Decision refuse_transition(const Invoice& invoice, std::string_view to) {
  return reject(RejectionCode::invalid_transition, {},
                {{"from", std::string(to_text(invoice.status))},
                 {"to", std::string(to)},
                 {"allowed", std::string(targets_of(invoice.status))}});
}

PendingEvent credit_applied(const AccountState& account, const Invoice& invoice, EntityRef credit, std::int64_t minor) {
  const Money amount{minor, invoice.currency};
  schema::CreditAppliedT applied;
  applied.credit = credit;
  applied.account_id = account.details.id;
  applied.invoice = invoice.id;
  applied.amount = amount;
  applied.postings = transfer(LedgerAccount::customer_credit, LedgerAccount::receivable, amount);
  return PendingEvent::of(std::move(applied));
}

PendingEvent invoice_paid(const AccountState& account, const Invoice& invoice, schema::SettlementCause cause) {
  schema::InvoicePaidT paid;
  paid.invoice = invoice.id;
  paid.account_id = account.details.id;
  paid.cause = cause;
  return PendingEvent::of(std::move(paid));
}

namespace {

/// What a subscription gives back pays for its invoices that are not paid first, as far as that goes.
void pay_open_invoices(Decision& decision, const AccountState& account, EntityRef subscription, EntityRef credit,
                       std::int64_t left) {
  for (const auto& [id, owed] : account.invoices()) {
    const bool is_payable = owed.subscription == subscription && owed.status == InvoiceStatus::open &&
                            !owed.is_collecting && owed.credits.size() < credits_per_invoice_max;
    if (!is_payable || left == 0) continue;
    const std::int64_t amount = std::min(left, owed.amount_remaining());
    left -= amount;
    decision.events.push_back(credit_applied(account, owed, credit, amount));
    if (amount == owed.amount_remaining()) {
      decision.events.push_back(invoice_paid(account, owed, schema::SettlementCause::credits));
    }
  }
}

}  // namespace

void finalize(Decision& decision, const AccountState& account, const Invoice& invoice, schema::InvoiceFiguresT figures,
              const DecisionContext& context, const PaymentMethod* method) {
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
  const std::int64_t credited = figures.credited;
  auto postings = to_table(entry_of(sums_of(figures), invoice.currency));
  if (credited == 0) event.postings = std::move(postings);
  event.figures = std::make_unique<schema::InvoiceFiguresT>(std::move(figures));
  decision.events.push_back(PendingEvent::of(std::move(event)));

  if (credited != 0) {
    schema::CreditIssuedT issued;
    issued.credit = context.new_id(decision.events.size());
    issued.account_id = account.details.id;
    issued.amount = {credited, invoice.currency};
    issued.type = schema::CreditType::proration;
    issued.priority = priority_default;
    issued.effective_at = context.now;
    issued.expires_at = never;
    issued.postings = std::move(postings);
    const EntityRef credit = issued.credit;
    decision.events.push_back(PendingEvent::of(std::move(issued)));
    pay_open_invoices(decision, account, invoice.subscription, credit, credited);
  }

  const Asset asset{code(invoice.currency), true};
  std::int64_t left = total;
  std::vector<Draw> draws = account.plan_draw(asset, std::min(total, account.wallet(asset).available));
  if (draws.size() > credits_per_invoice_max) draws.resize(credits_per_invoice_max);
  for (const Draw& draw : draws) {
    decision.events.push_back(credit_applied(account, invoice, draw.grant, draw.amount));
    left -= draw.amount;
  }
  if (left == 0) {
    const auto cause = total == 0 ? schema::SettlementCause::zero_total : schema::SettlementCause::credits;
    decision.events.push_back(invoice_paid(account, invoice, cause));
  } else if (invoice.collects_automatically) {
    collect(decision, account, invoice, left, method, context);
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
