#include "tests/simulation/audit_invoices.h"

#include "domain/tables.h"

namespace daybook::test {
namespace {

using InvoiceState = ShopInvoice::Status;
constexpr std::int64_t invoice_day_us = 86'400'000'000;

/// The invoice that an event is about.
template <class Event>
ShopInvoice& invoice_of(const ShopEvent& at, const Event& event) {
  return shop_find(at.account.invoices, entity(event.invoice()), "is about an invoice that is not there");
}

template <class Event>
void end(const ShopEvent& at, const Event& event, ShopInvoice& invoice, InvoiceState status) {
  invoice.status = status;
  at.account.open_invoices.erase(entity(event.invoice()));
}

void look(const ShopEvent& at, const schema::InvoiceDrafted& event) {
  ShopInvoice invoice;
  invoice.subscription = entity(event.subscription());
  invoice.is_collected = event.collects_automatically();
  invoice.net_days = event.net_days();
  if (event.lines() != nullptr) {
    for (const schema::InvoiceLine* line : *event.lines()) {
      shop_must(invoice.lines.emplace(line->number(), line->amount()).second, "gives a line's number twice");
    }
  }
  shop_must(at.account.invoices.emplace(entity(event.invoice()), invoice).second, "drafts an invoice that there is");
  at.account.open_invoices.insert(entity(event.invoice()));
}

void look(const ShopEvent& at, const schema::InvoiceLineAdded& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::draft && event.line() != nullptr,
            "adds a line to an invoice that is no draft");
  const bool is_new = invoice.lines.emplace(event.line()->number(), event.line()->amount()).second;
  shop_must(is_new, "gives a line's number twice");
}

void look(const ShopEvent& at, const schema::InvoiceLineRemoved& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::draft, "removes a line of an invoice that is no draft");
  shop_must(invoice.lines.erase(event.number()) == 1, "removes a line that there is not");
}

/// Dense in its series, and to be noted in the book by the same command.
void take_number(std::map<std::string, std::uint64_t>& series, std::map<EntityRef, std::uint64_t>& numbers,
                 const std::string& name, std::uint64_t sequence, EntityRef id) {
  shop_must(sequence == ++series[name], "leaves a gap between numbers, or gives one twice");
  shop_must(numbers.emplace(id, sequence).second, "gives one document two numbers");
}

void expect_sums(const ShopInvoice& invoice, const schema::InvoiceFigures& figures) {
  std::int64_t subtotal = 0, net = 0, tax = 0, discount = 0;
  for (const auto& [number, amount] : invoice.lines) subtotal += amount;
  std::size_t lines = 0;
  for (const schema::InvoiceLineFigures* line : *figures.lines()) {
    ++lines;
    const auto drafted = invoice.lines.find(line->number());
    shop_must(drafted != invoice.lines.end() && drafted->second == line->amount(), "bills another line than the draft");
    net += line->net();
    tax += line->tax();
    discount += line->discount();
  }
  shop_must(lines == invoice.lines.size() && subtotal == figures.subtotal(), "leaves a line of the draft out");
  shop_must(discount == figures.discount() && tax == figures.tax(), "has other parts than sums");
  shop_must(net + tax + figures.credited() == figures.total(), "has a total that is not the sum of its parts");
  shop_must(figures.total() >= 0 && figures.credited() >= 0, "comes to less than nothing");
}

void look(const ShopEvent& at, const schema::InvoiceFinalized& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::draft, "finalises an invoice that is no draft");
  shop_must(event.figures() != nullptr && event.figures()->lines() != nullptr, "finalises without figures");
  expect_sums(invoice, *event.figures());
  invoice.status = InvoiceState::open;
  invoice.total = event.figures()->total();
  invoice.due_date = instant(event.due_date());
  shop_must(micros(invoice.due_date) == micros(at.decided_at) + invoice.net_days * invoice_day_us,
            "is due after another number of days");
  take_number(at.shop.invoice_series, at.shop.command.invoice_numbers, event.series()->str(), event.sequence(),
              entity(event.invoice()));
}

void look(const ShopEvent& at, const schema::InvoicePaid& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  const bool is_payable = invoice.status == InvoiceState::open || invoice.status == InvoiceState::uncollectible;
  shop_must(is_payable, "pays an invoice that is not open");
  shop_must(invoice.collectible() == 0, "calls an invoice paid for which something is owed");
  end(at, event, invoice, InvoiceState::paid);
}

void look(const ShopEvent& at, const schema::InvoiceVoided& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::open || invoice.status == InvoiceState::draft,
            "voids an invoice that has ended");
  shop_must(invoice.payment.is_none(), "voids an invoice that is being paid");
  end(at, event, invoice, InvoiceState::voided);
}

void look(const ShopEvent& at, const schema::InvoiceMarkedUncollectible& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::open, "writes off an invoice that is not open");
  shop_must(invoice.payment.is_none(), "writes off an invoice that is being paid");
  shop_must(event.amount()->minor() == invoice.remaining(), "writes off another amount than is owed");
  end(at, event, invoice, InvoiceState::uncollectible);
}

void look(const ShopEvent& at, const schema::InvoiceBecameOverdue& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::open && !invoice.is_overdue, "is overdue again, or is not owed");
  shop_must(at.decided_at == std::max(invoice.due_date, at.decided_before), "was not overdue when it was due");
  shop_must(event.amount()->minor() == invoice.remaining(), "is overdue with another amount than is owed");
  invoice.is_overdue = true;
}

void look(const ShopEvent& at, const schema::CreditApplied& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::open, "pays an invoice that is not open");
  invoice.credited += event.amount()->minor();
  shop_must(invoice.remaining() >= 0, "pays more than is owed");
}

void look(const ShopEvent& at, const schema::CreditReturned& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::voided, "returns what still pays for an invoice");
  invoice.credited -= event.amount()->minor();
  shop_must(invoice.credited >= 0, "returns more than was applied");
}

void look(const ShopEvent& at, const schema::CreditNoteIssued& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(invoice.status == InvoiceState::open || invoice.status == InvoiceState::paid,
            "gives back what is not owed or paid");
  shop_must(event.total() > 0 && event.net() + event.tax() == event.total(), "has a total that is no sum");
  shop_must(event.due_reduction() + event.write_off_recovery() + event.credit_amount() == event.total(),
            "goes elsewhere than to what is owed and to credit");
  std::int64_t net = 0, tax = 0;
  for (const schema::CreditNoteLine* line : *event.lines()) {
    shop_must(invoice.lines.contains(line->number()), "gives back a line that there is not");
    net += line->net();
    tax += line->tax();
  }
  shop_must(net + tax == event.total() || net == event.total(), "gives back other lines than it sums");
  invoice.noted += event.total();
  shop_must(invoice.noted <= invoice.total, "gives back more than the invoice came to");
  invoice.lowered += event.due_reduction();
  shop_must(invoice.remaining() >= 0, "lowers more than is owed");
  at.account.notes[entity(event.credit_note())] = {entity(event.invoice()), event.total(), event.due_reduction(),
                                                   false};
  take_number(at.shop.note_series, at.shop.command.note_numbers, event.series()->str(), event.sequence(),
              entity(event.credit_note()));
}

void look(const ShopEvent& at, const schema::CreditNoteVoided& event) {
  ShopNote& note = shop_find(at.account.notes, entity(event.credit_note()), "voids a credit note that is not there");
  shop_must(!note.is_void && note.invoice == entity(event.invoice()), "voids a credit note that is void, or another's");
  ShopInvoice& invoice = invoice_of(at, event);
  shop_must(note.lowered == 0 || invoice.status == InvoiceState::open,
            "asks for what was given back on a settled invoice");
  note.is_void = true;
  invoice.noted -= note.total;
  invoice.lowered -= note.lowered;
}

void look(const ShopEvent& at, const schema::InvoiceAdjusted& event) {
  ShopInvoice& invoice = invoice_of(at, event);
  if (event.type() == schema::AdjustmentType::surcharge) invoice.surcharged += event.total();
  if (event.type() == schema::AdjustmentType::write_off) invoice.written_off += event.total();
  shop_must(invoice.remaining() >= 0, "adjusts by more than is owed");
}

}  // namespace

void look_at_invoices(const ShopEvent& event, const schema::Envelope& envelope) {
  switch (envelope.event_type()) {
    case schema::Event::InvoiceDrafted:
      return look(event, *envelope.event_as_InvoiceDrafted());
    case schema::Event::InvoiceLineAdded:
      return look(event, *envelope.event_as_InvoiceLineAdded());
    case schema::Event::InvoiceLineRemoved:
      return look(event, *envelope.event_as_InvoiceLineRemoved());
    case schema::Event::InvoiceFinalized:
      return look(event, *envelope.event_as_InvoiceFinalized());
    case schema::Event::InvoicePaid:
      return look(event, *envelope.event_as_InvoicePaid());
    case schema::Event::InvoiceVoided:
      return look(event, *envelope.event_as_InvoiceVoided());
    case schema::Event::InvoiceMarkedUncollectible:
      return look(event, *envelope.event_as_InvoiceMarkedUncollectible());
    case schema::Event::InvoiceBecameOverdue:
      return look(event, *envelope.event_as_InvoiceBecameOverdue());
    case schema::Event::CreditApplied:
      return look(event, *envelope.event_as_CreditApplied());
    case schema::Event::CreditReturned:
      return look(event, *envelope.event_as_CreditReturned());
    case schema::Event::CreditNoteIssued:
      return look(event, *envelope.event_as_CreditNoteIssued());
    case schema::Event::CreditNoteVoided:
      return look(event, *envelope.event_as_CreditNoteVoided());
    case schema::Event::InvoiceAdjusted:
      return look(event, *envelope.event_as_InvoiceAdjusted());
    default:
      return;
  }
}

void look_at_numbers(Shop& shop, const schema::Envelope& envelope) {
  const auto note = [](std::map<EntityRef, std::uint64_t>& numbers, EntityRef id, std::uint64_t sequence) {
    const auto found = numbers.find(id);
    shop_must(found != numbers.end() && found->second == sequence, "notes another number than its document has");
    numbers.erase(found);
  };
  if (const auto* invoice = envelope.event_as_InvoiceNumberAssigned()) {
    note(shop.command.invoice_numbers, entity(invoice->invoice()), invoice->sequence());
  } else if (const auto* credit_note = envelope.event_as_CreditNoteNumberAssigned()) {
    note(shop.command.note_numbers, entity(credit_note->credit_note()), credit_note->sequence());
  }
}

void expect_invoices_done(const ShopAccount& account, Instant by) {
  for (const EntityRef id : account.open_invoices) {
    const ShopInvoice& invoice = account.invoices.at(id);
    const bool has_due_date = !invoice.is_collected || invoice.net_days != 0;
    const bool is_late = invoice.status == InvoiceState::open && has_due_date && invoice.due_date <= by;
    shop_must(!is_late || invoice.is_overdue, "comes before an invoice became overdue");
  }
}

void expect_settled(const ShopCommand& command, const ShopAccount& account) {
  shop_must(command.invoice_numbers.empty() && command.note_numbers.empty(),
            "ends a command without its book's numbers");
  std::int64_t owed = 0;
  for (const EntityRef id : account.open_invoices) {
    const ShopInvoice& invoice = account.invoices.at(id);
    shop_must(invoice.status == InvoiceState::draft || invoice.remaining() > 0,
              "leaves an invoice open that nothing is owed for");
    owed += invoice.remaining();
  }
  shop_must(owed == account.receivable, "leaves a receivable that is not what the open invoices ask for");
}

}  // namespace daybook::test
