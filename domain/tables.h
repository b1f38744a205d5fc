// Between the domain's values and flatc's tables: for deciders and folds, and for who reads events.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "domain/account.h"
#include "domain/flat_string.h"
#include "domain/journal.h"
#include "schemas/common_generated.h"

namespace daybook {

/// Null for nothing, so that the member is absent.
std::unique_ptr<schema::SealedT> to_table(const Sealed& sealed);
Sealed from_table(const schema::Sealed* sealed);
Sealed from_table(const schema::SealedT& sealed);
/// A balanced entry as an event carries it (unbalanced: a bug, caught before anything is written).
std::vector<std::unique_ptr<schema::PostingT>> to_table(std::span<const JournalLine> lines);
/// The entry of two lines.
std::vector<std::unique_ptr<schema::PostingT>> transfer(LedgerAccount debit, LedgerAccount credit, Money amount);

inline Instant instant(const schema::Instant* value) {
  return value ? Instant{value->us()} : Instant{};
}
EntityRef entity(const schema::EntityRef* value);
std::vector<Draw> draws(const flatbuffers::Vector<const schema::Draw*>* values);

}  // namespace daybook
