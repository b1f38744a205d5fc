// What the files of the shard share; for them only.
#pragma once

#include <chrono>

#include "domain/deciders/decision.h"
#include "domain/instant.h"
#include "engine/principal.h"
#include "eventstore/stream_index.h"
#include "schemas/envelope_generated.h"

namespace daybook {

inline constexpr auto index_pause = std::chrono::microseconds(200);  ///< While the index is behind.

inline const schema::Envelope& envelope_root(std::string_view envelope) {
  return *schema::GetEnvelope(envelope.data());
}

inline Instant plus(Instant at, std::int64_t us) {
  return Instant{micros(at) + us};
}

inline KeyHash hash_of(const CommandContext& context) {
  return hash_key(context.principal.book, context.principal.name, context.idempotency_key);
}

/// What the decision asks of a provider, a payment or a refund, if it does (shard_payments.cpp).
std::optional<EntityRef> intent_of(const Decision& decision, const DecisionContext& context);
/// Puts it into the answer. Requires one that the account's state holds.
void show_intent(Answer& answer, const AccountState& account, EntityRef intent);

}  // namespace daybook
