// The folds of one entity without the rest of its account, as views have them, and what an account's fold does where
// the entity has left the state: with events that lack what may be absent.
#include "domain/credit_note_fold.h"
#include "domain/grant_fold.h"
#include "domain/native.h"
// native.h comes before the generated headers, which name its functions.
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

const EventMoment moment{5, Instant{7}, Instant{7}};

/// A table in bytes of its own.
template <class Table>
class Built {
 public:
  /// `add` gives the builder its members.
  template <class Add>
  explicit Built(Add add) {
    typename Table::Builder table(builder_);
    add(table);
    builder_.Finish(table.Finish());
  }
  const Table& operator*() const { return *flatbuffers::GetRoot<Table>(builder_.GetBufferPointer()); }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace

TEST_CASE("a credit that says nothing but its amount is nobody's but the account's, and is used up by invoices") {
  const auto amount = flatbuffers::Pack(Money{100, currency_of("USD")});
  const Built<schema::CreditIssued> issued([&](auto& table) { table.add_amount(&amount); });
  Grant grant = issued_grant(*issued, moment);
  CHECK(grant.invoice.is_none());
  CHECK(grant.remaining == 100);
  const auto apply = [&](std::int64_t minor) {
    const auto part = flatbuffers::Pack(Money{minor, currency_of("USD")});
    const Built<schema::CreditApplied> applied([&](auto& table) { table.add_amount(&part); });
    fold(grant, *applied, moment);
    return grant.status;
  };
  CHECK(apply(40) == GrantStatus::partially_applied);
  CHECK(apply(60) == GrantStatus::consumed);
  CHECK(grant.applications.size() == 2);
}

TEST_CASE("a credit note without lines and taxes is an amount; on a paid invoice it leaves the version alone") {
  const auto id = flatbuffers::Pack(EntityRef{2, 9, 0});
  const Built<schema::CreditNoteIssued> issued([&](auto& table) {
    table.add_credit_note(&id);
    table.add_total(30);
  });
  const CreditNoteShare share = share_of(*issued);
  CHECK(share.total == 30);
  CHECK(share.lines.empty());
  CHECK(share.taxes.empty());
  Invoice invoice;
  invoice.status = InvoiceStatus::paid;
  invoice.version = 3;
  fold(invoice, *issued, moment);
  CHECK(invoice.version == 3);
  invoice.status = InvoiceStatus::open;
  fold(invoice, *issued, moment);
  CHECK(invoice.version == moment.version);
  CHECK(invoice.credit_notes.size() == 2);
}

TEST_CASE("a period that names no anchor goes on from the one that there is") {
  flatbuffers::FlatBufferBuilder builder;
  schema::SubscriptionRenewedT event;
  event.period = std::make_unique<schema::SubscriptionPeriodT>();
  event.period->number = 4;
  builder.Finish(schema::SubscriptionRenewed::Pack(builder, &event));
  Subscription subscription;
  subscription.anchor = {2027, 1, 31};
  fold(subscription, *flatbuffers::GetRoot<schema::SubscriptionRenewed>(builder.GetBufferPointer()), moment);
  CHECK(subscription.period_number == 4);
  CHECK(subscription.anchor == Date{2027, 1, 31});
}

TEST_CASE("CN: a credit note on an invoice that has left the state is the account's, and the invoice stays away") {
  Invoicing given;
  given.accept(issue(500));
  const EntityRef paid = given.finalized({"300"});
  REQUIRE(given.invoice(paid).status == InvoiceStatus::paid);
  AccountState replayed = given.account;
  replayed.take_ended();
  REQUIRE(replayed.find_invoice(paid) == nullptr);
  IssueCreditNote note;
  note.invoice = paid;
  note.amount = 100;
  const std::size_t before = given.envelopes.size();
  const EntityRef id = given.accept(note);
  for (std::size_t i = before; i < given.envelopes.size(); ++i) {
    const schema::Envelope& envelope = *schema::GetEnvelope(given.envelopes[i].data());
    if (envelope.stream_ordinal() == replayed.ordinal) evolve(replayed, envelope);
  }
  CHECK(replayed.find_invoice(paid) == nullptr);
  CHECK(replayed.find_credit_note(id) != nullptr);
  CHECK(replayed.wallet({"USD", true}).available == given.money());
}

TEST_CASE("what ends twice between two rows leaves the state once") {
  Paying given;
  given.attach();
  const EntityRef invoice = given.collected("1900");
  given.accept(Paying::decline(given.last_payment().id));
  CHECK(given.account.has_ended());
  CHECK(given.account.take_ended().payments.size() == 1);
  given.accept(MarkInvoiceUncollectible{invoice, {}});
  given.accept(Paying::pay(invoice));
  given.accept(Paying::success(given.last_payment().id));
  CHECK(given.invoice(invoice).status == InvoiceStatus::paid);
  CHECK(given.account.take_ended().invoices.size() == 1);
  CHECK_FALSE(given.account.has_ended());
}
