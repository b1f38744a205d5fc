#include "tests/domain/given.h"

#include "domain/deciders/invoice_derivation.h"
#include "domain/deciders/test_clocks.h"
#include "domain/native.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"

namespace daybook::test {

Given::Given() {
  OpenAccount open;
  open.account_id = "acme";
  open.currency = currency_of("USD");
  open.time_zone = "UTC";
  accept(open);
}

void Given::fold(const std::vector<PendingEvent>& events, bool on_book) {
  for (const PendingEvent& event : events) {
    flatbuffers::FlatBufferBuilder builder;
    const auto payload = event.pack(builder);
    const auto decided = flatbuffers::Pack(now);
    schema::EnvelopeBuilder envelope(builder);
    envelope.add_stream_ordinal(on_book ? 1 : 2);
    envelope.add_stream_version((on_book ? book.version : account.version) + 1);
    envelope.add_decided_at(&decided);
    envelope.add_event_type(static_cast<schema::Event>(event.type()));
    envelope.add_event(payload);
    schema::FinishEnvelopeBuffer(builder, envelope.Finish());
    const schema::Envelope& stored = *schema::GetEnvelope(builder.GetBufferPointer());
    if (on_book) {
      evolve(book, stored);
    } else {
      evolve(account, stored);
    }
    // EXP-01: whatever a test bills follows from what the invoice says of it.
    if (const auto* finalized = stored.event_as_InvoiceFinalized()) {
      CHECK(derive(*account.find_invoice(entity(finalized->invoice()))).matches);
    }
    types.push_back(event.type());
    envelopes.emplace_back(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  }
}

DecisionContext Given::context_for(bool on_book) const {
  DecisionContext context;
  context.now = now;
  context.ordinal = on_book ? 1 : 2;
  context.next_version = (on_book ? book.version : account.version) + 1;
  context.role = role;
  context.book = &book;
  context.book_ordinal = 1;
  context.zones = zones;
  context.is_test_book = is_test_book;
  return context;
}

Decision Given::when(const Command& command) {
  const bool on_book = is_book_command(command);
  const DecisionContext context = context_for(on_book);
  Decision decision = on_book ? decide(book, command, context) : decide(account, command, context);
  fold(decision.events, on_book);
  fold(decision.book_events, true);
  return decision;
}

EntityRef Given::accept(const Command& command) {
  const Decision decision = when(command);
  const RejectionCode refusal = decision.rejection.code;
  REQUIRE_MESSAGE(refusal == RejectionCode::none, command_name(command), " is refused: ", rejection_info(refusal).name,
                  " ", decision.rejection.pointer);
  return decision.subject.id;
}

RejectionCode Given::refused(const Command& command) {
  const std::size_t before = types.size();
  const Decision decision = when(command);
  CHECK(types.size() == before);
  return decision.rejection.code;
}

void Given::run_due() {
  while (account.next_due() <= now) {
    const DueItem item = *account.due().begin();
    const Instant real = now;
    now = item.at;
    DecisionContext context = context_for(false);
    context.role = Role::system;
    const Decision decision = decide_due(account, item, context);
    fold(decision.events, false);
    fold(decision.book_events, true);
    now = real;
  }
}

void Given::arrive(EntityRef test_clock) {
  fold(test_clock_became_ready(book.test_clocks.at(test_clock)).events, true);
}

AllocateUnitCredits allocate(std::int64_t amount, UnitSource source, std::optional<Instant> expires_at,
                             std::optional<std::int32_t> priority) {
  AllocateUnitCredits command;
  command.account_id = "acme";
  command.amount = amount;
  command.source = source;
  command.expires_at = expires_at;
  command.priority = priority;
  return command;
}

DeductUnitCredits deduct(std::int64_t amount) {
  DeductUnitCredits command;
  command.account_id = "acme";
  command.amount = amount;
  return command;
}

ReserveUnitCredits reserve(std::int64_t amount, std::int64_t ttl_seconds) {
  ReserveUnitCredits command;
  command.account_id = "acme";
  command.amount = amount;
  command.ttl_seconds = ttl_seconds;
  return command;
}

CaptureReservation capture(EntityRef hold, std::optional<std::int64_t> amount) {
  CaptureReservation command;
  command.account_id = "acme";
  command.reservation = hold;
  command.amount = amount;
  return command;
}

ReleaseReservation release(EntityRef hold) {
  ReleaseReservation command;
  command.account_id = "acme";
  command.reservation = hold;
  return command;
}

IssueCredit issue(std::int64_t amount, CreditType type, std::optional<Instant> expires_at) {
  IssueCredit command;
  command.account_id = "acme";
  command.amount = amount;
  command.currency = currency_of("USD");
  command.type = type;
  command.expires_at = expires_at;
  return command;
}

ConsumeCredit consume(EntityRef credit, std::int64_t amount) {
  ConsumeCredit command;
  command.credit = credit;
  command.amount = amount;
  return command;
}

}  // namespace daybook::test
