// Events without what may be absent: a member that came later, or one that says nothing. They fold as if it were empty.
#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "domain/tables.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// The next event of its stream, folded; `add_moment` false leaves out when it was decided.
template <class State, class Payload>
void fold_bare(State& state, const Payload& payload, bool add_moment = true) {
  flatbuffers::FlatBufferBuilder builder;
  schema::EventUnion event;
  event.Set(Payload(payload));
  const auto packed = event.Pack(builder);
  const auto decided = flatbuffers::Pack(Instant{7});
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_stream_ordinal(2);
  envelope.add_stream_version(state.version + 1);
  if (add_moment) envelope.add_decided_at(&decided);
  envelope.add_effective_at(&decided);
  envelope.add_event_type(event.type);
  envelope.add_event(packed);
  schema::FinishEnvelopeBuffer(builder, envelope.Finish());
  evolve(state, *schema::GetEnvelope(builder.GetBufferPointer()));
}

AccountState opened() {
  AccountState account;
  schema::AccountOpenedT event;
  event.account_id = "acme";
  fold_bare(account, event);
  return account;
}

}  // namespace

TEST_CASE("an account that is opened without an address has none") {
  const AccountState account = opened();
  CHECK(account.details.id == "acme");
  CHECK(account.details.country.empty());
  CHECK(account.details.line1.empty());
  CHECK(account.details.test_clock.is_none());
}

TEST_CASE("a change that says nothing of what is after it changes nothing but the version") {
  AccountState account = opened();
  const AccountDetails before = account.details;
  fold_bare(account, schema::AccountDetailsChangedT{});
  CHECK(account.version == 2);
  CHECK(account.details.locale == before.locale);
  schema::AccountDetailsChangedT change;
  change.after = std::make_unique<schema::AccountDetailsT>();
  change.after->locale = "de";
  fold_bare(account, change);
  CHECK(account.details.locale.empty());
  change.changed = {"locale", "tax_exempt", "currency"};
  fold_bare(account, change);
  CHECK(account.details.locale == "de");
  CHECK(account.details.tax_exempt == before.tax_exempt);
  CHECK(account.details.currency == before.currency);
}

TEST_CASE("an answered command changes a stream's version alone, also where nobody says when it was decided") {
  AccountState account = opened();
  fold_bare(account, schema::CommandAnsweredT{});
  CHECK(account.version == 2);
  CHECK(account.decided_at == Instant{7});
  fold_bare(account, schema::CommandAnsweredT{}, false);
  CHECK(account.version == 3);
  CHECK(account.decided_at == Instant{});
  BookState book;
  fold_bare(book, schema::CommandAnsweredT{});
  CHECK(book.version == 1);
}

TEST_CASE("tables that are absent are empty values") {
  CHECK(entity(nullptr).is_none());
  CHECK(instant(nullptr) == Instant{});
  schema::SealedT sealed;
  sealed.key_id = 3;
  sealed.nonce = {'n'};
  sealed.bytes = {'b', 'c'};
  CHECK(from_table(sealed) == Sealed{3, "n", "bc"});
}
