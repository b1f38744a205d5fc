// Folding: the stored bytes of an event change a state. Simplest of all: no rules, no tz data, no clock; the same
// bytes give the same state on every machine, for ever. `fold_version` changes when a fold changes its meaning: state
// rows and views of another version are thrown away and folded again.
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/account.h"
#include "domain/book.h"

namespace daybook::schema {
struct Envelope;
}

namespace daybook {

inline constexpr std::uint16_t fold_version = 14;

/// Requires verified bytes whose stream is the state's and whose stream version is the state's next (a bug otherwise).
void evolve(AccountState& account, const schema::Envelope& envelope);
void evolve(BookState& book, const schema::Envelope& envelope);

/// What the apply functions see of the envelope.
struct EventMoment {
  std::uint64_t version;
  Instant at;  ///< decided_at
  Instant effective_at;
};

/// An event changed the entity: its version and the instant of it.
template <class Entity>
void touch(Entity& entity, const EventMoment& moment) {
  entity.updated_at = moment.at;
  entity.version = moment.version;
}

}  // namespace daybook
