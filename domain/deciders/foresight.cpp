#include "domain/deciders/foresight.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>

#include "domain/deciders/handlers.h"
#include "domain/evolve.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// Of one account, until a period of its ends.
constexpr std::size_t foreseen_steps_max = 10'000;

}  // namespace

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
  if (context.book->profile.is_closed()) return std::nullopt;
  if (subscription == nullptr || !subscription->is_live() || subscription->is_paused()) return std::nullopt;
  const Instant end = subscription->period_end;
  AccountState then = account;
  DecisionContext at = context;
  at.role = Role::system;
  for (std::size_t steps = 0; steps < foreseen_steps_max && then.next_due() <= end; ++steps) {
    const DueItem item = *then.due().begin();
    at.now = std::max(context.now, item.at);
    at.next_version = then.version + 1;
    const Decision decision = decide_due(then, item, at);
    then = foreseen(std::move(then), decision, at);
    if (item.kind != DueKind::subscription || item.id != id) continue;
    const Invoice* invoice = foreseen_invoice(then, at);
    return invoice != nullptr ? std::optional(*invoice) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace daybook
