#include "domain/deciders/foresight.h"

#include <flatbuffers/flatbuffers.h>

#include "domain/deciders/handlers.h"
#include "domain/evolve.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/envelope_generated.h"

namespace daybook {

AccountState foreseen(AccountState account, const Decision& decision, const DecisionContext& context) {
  for (const PendingEvent& event : decision.events) {
    flatbuffers::FlatBufferBuilder builder;
    const auto payload = event.pack(builder);
    const auto decided = flatbuffers::Pack(context.now);
    schema::EnvelopeBuilder envelope(builder);
    envelope.add_stream_ordinal(context.ordinal);
    envelope.add_stream_version(account.version + 1);
    envelope.add_decided_at(&decided);
    envelope.add_event_type(static_cast<schema::Event>(event.type()));
    envelope.add_event(payload);
    schema::FinishEnvelopeBuffer(builder, envelope.Finish());
    evolve(account, *schema::GetEnvelope(builder.GetBufferPointer()));
  }
  return account;
}

const Invoice* foreseen_invoice(const AccountState& after, const DecisionContext& context) {
  const auto& invoices = after.invoices();
  if (invoices.empty() || invoices.rbegin()->first.stream_version < context.next_version) return nullptr;
  return &invoices.rbegin()->second;
}

std::optional<Invoice> upcoming_invoice(const AccountState& account, EntityRef id, const DecisionContext& context) {
  const Subscription* subscription = account.find_subscription(id);
  if (subscription == nullptr || !subscription->is_renewed()) return std::nullopt;
  DecisionContext then = context;
  then.now = subscription->period_end;
  then.next_version = account.version + 1;
  then.role = Role::system;
  const Decision decision = subscription_due(account, *subscription, then);
  const AccountState after = foreseen(account, decision, then);
  const Invoice* invoice = foreseen_invoice(after, then);
  return invoice != nullptr ? std::optional(*invoice) : std::nullopt;
}

}  // namespace daybook
