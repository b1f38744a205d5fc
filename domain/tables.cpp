#include "domain/tables.h"

#include "domain/assert.h"

namespace daybook {

std::unique_ptr<schema::SealedT> to_table(const Sealed& sealed) {
  if (sealed.empty()) return nullptr;
  auto table = std::make_unique<schema::SealedT>();
  table->key_id = sealed.key_id;
  table->nonce.assign(sealed.nonce.begin(), sealed.nonce.end());
  table->bytes.assign(sealed.bytes.begin(), sealed.bytes.end());
  return table;
}

Sealed from_table(const schema::Sealed* sealed) {
  Sealed value;
  if (sealed == nullptr) return value;
  value.key_id = sealed->key_id();
  if (const auto* nonce = sealed->nonce()) value.nonce.assign(nonce->begin(), nonce->end());
  if (const auto* bytes = sealed->bytes()) value.bytes.assign(bytes->begin(), bytes->end());
  return value;
}

Sealed from_table(const schema::SealedT& sealed) {
  return {sealed.key_id, {sealed.nonce.begin(), sealed.nonce.end()}, {sealed.bytes.begin(), sealed.bytes.end()}};
}

std::vector<std::unique_ptr<schema::PostingT>> to_table(std::span<const JournalLine> lines) {
  ensure(is_balanced(lines), "a journal entry that does not balance");
  std::vector<std::unique_ptr<schema::PostingT>> postings;
  postings.reserve(lines.size());
  for (const JournalLine& line : lines) {
    auto posting = std::make_unique<schema::PostingT>();
    posting->account = static_cast<std::uint16_t>(line.account);
    posting->side = static_cast<schema::Side>(line.side);
    posting->amount = line.amount;
    postings.push_back(std::move(posting));
  }
  return postings;
}

std::vector<std::unique_ptr<schema::PostingT>> transfer(LedgerAccount debit, LedgerAccount credit, Money amount) {
  const JournalLine lines[] = {{debit, Side::debit, amount}, {credit, Side::credit, amount}};
  return to_table(lines);
}

EntityRef entity(const schema::EntityRef* value) {
  if (value == nullptr) return {};
  return {value->stream_ordinal(), value->stream_version(), value->shard(), value->slot()};
}

std::vector<Draw> draws(const flatbuffers::Vector<const schema::Draw*>* values) {
  std::vector<Draw> result;
  if (values == nullptr) return result;
  result.reserve(values->size());
  for (const schema::Draw* draw : *values) result.push_back({entity(&draw->grant()), draw->amount()});
  return result;
}

}  // namespace daybook
