// Books: created with their first key, changed, closed for good; and what a closed one still takes.
#include <set>
#include <utility>

#include "domain/deciders/foresight.h"
#include "schemas/events/governance_generated.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

BookTermsPointer named_terms(std::string name) {
  auto terms = std::make_shared<schema::BookTermsT>();
  terms->name = std::move(name);
  terms->legal_entity = std::make_unique<schema::LegalEntityT>();  // as the parser leaves one that is not given
  return terms;
}

CreateBook create(const std::string& id = "shop", BookMode mode = BookMode::test) {
  return {id, mode, named_terms("A shop"), std::string(32, 'k'), "dbk_test_abcd"};
}

ChangeBook change(const std::string& id, std::vector<std::string> members) {
  return {id, named_terms("Another name"), std::move(members)};
}

/// The commands that a closed book takes.
const std::set<std::string_view> taken_when_closed = {"CreateBook",          "CloseBook",
                                                      "RevokeApiKey",        "ScheduleAccountDeletion",
                                                      "PurgeAccount",        "ReceiveProviderEvent",
                                                      "RecordPaymentResult", "ProcessProviderEvent",
                                                      "ExpireCheckout",      "RecordRefundResult",
                                                      "OpenDispute",         "CloseDispute"};

template <class T>
void check_in_closed_book(const Given& given) {
  CAPTURE(T::name_of_command);
  if (taken_when_closed.contains(T::name_of_command)) return;
  const Command command = T{};
  DecisionContext context = given.context();
  context.book = &given.book;
  const Decision decision =
      is_book_command(command) ? decide(given.book, command, context) : decide(given.account, command, context);
  CHECK(decision.rejection == Rejection{RejectionCode::book_closed, {}, {}});
}

template <std::size_t... I>
void check_each_in_closed_book(const Given& given, std::index_sequence<I...>) {
  (check_in_closed_book<std::variant_alternative_t<I, Command>>(given), ...);
}

}  // namespace

TEST_CASE("BOK-01: a book is created with its mode and the key that leads into it") {
  Given given;
  const Decision made = given.when(create("shop", BookMode::live));
  REQUIRE(made.accepted());
  CHECK(made.subject.kind == SubjectKind::book);
  CHECK(made.subject.text_id == "shop");
  const BookProfile& profile = given.book.profile;
  CHECK(profile.is_created);
  CHECK(profile.mode == BookMode::live);
  CHECK(profile.terms->name == "A shop");
  CHECK(profile.terms->legal_entity == nullptr);
  CHECK(profile.created_at == given.now);
  CHECK_FALSE(profile.is_closed());
  REQUIRE(given.book.keys.size() == 1);
  const ApiKey& key = given.book.keys.begin()->second;
  CHECK(key.id == made.subject.id);
  CHECK(key.role == Role::super_admin);
  CHECK(key.digest == std::string(32, 'k'));
  CHECK(key.prefix == "dbk_test_abcd");
  CHECK(key.account_id.empty());
}

TEST_CASE("BOK-01: a book that there is is not created again, whoever made it") {
  Given given;
  CHECK(given.refused(create("default")) == RejectionCode::book_exists);
  REQUIRE(given.when(create()).accepted());
  CHECK(given.refused(create()) == RejectionCode::book_exists);
  CHECK(given.when(create()).rejection.pointer == "/id");
  REQUIRE(given.when(CloseBook{"shop"}).accepted());
  CHECK(given.refused(create()) == RejectionCode::book_exists);
  Given by_its_first_key;
  CreateApiKey key;
  key.name = "first";
  REQUIRE(by_its_first_key.when(key).accepted());
  CHECK(by_its_first_key.refused(create()) == RejectionCode::book_exists);
}

TEST_CASE("BOK-01: what is named of a book changes, the rest stays, and the same again changes nothing") {
  Given given;
  CHECK(given.refused(change("shop", {"name"})) == RejectionCode::not_found);
  CHECK(given.refused(CloseBook{"shop"}) == RejectionCode::not_found);
  REQUIRE(given.when(create()).accepted());
  given.pass_seconds(1);
  ChangeBook terms = change("shop", {"default_currency", "legal_entity", "metadata", "time_zone"});
  terms.terms->currency = currency_of("EUR").packed;
  terms.terms->time_zone = "Europe/Berlin";
  terms.terms->metadata = R"({"region":"eu"})";
  terms.terms->legal_entity->name = "Seller GmbH";
  REQUIRE(given.when(terms).accepted());
  CHECK(given.book.profile.terms->name == "A shop");
  CHECK(given.book.profile.terms->currency == currency_of("EUR").packed);
  CHECK(given.book.profile.terms->time_zone == "Europe/Berlin");
  CHECK(given.book.profile.terms->legal_entity->name == "Seller GmbH");
  CHECK(given.book.profile.updated_at == given.now);
  CHECK(given.book.profile.version == given.book.version);
  const std::size_t before = given.types.size();
  CHECK(given.when(terms).accepted());
  CHECK(given.when(change("shop", {})).accepted());
  CHECK(given.types.size() == before);
  REQUIRE(given.when(change("shop", {"legal_entity", "name"})).accepted());
  CHECK(given.book.profile.terms->name == "Another name");
  CHECK(given.book.profile.terms->legal_entity == nullptr);
  CHECK(given.book.profile.mode == BookMode::test);
}

TEST_CASE("BOK-01: a branding of which nothing is said is none") {
  Given given;
  REQUIRE(given.when(create()).accepted());
  ChangeBook command = change("shop", {"branding"});
  command.terms->branding = std::make_unique<schema::BrandingT>();
  command.terms->branding->footer = "Thank you";
  REQUIRE(given.when(command).accepted());
  REQUIRE(given.book.profile.terms->branding != nullptr);
  CHECK(given.book.profile.terms->branding->footer == "Thank you");
  command = change("shop", {"branding"});
  command.terms->branding = std::make_unique<schema::BrandingT>();
  REQUIRE(given.when(command).accepted());
  CHECK(given.book.profile.terms->branding == nullptr);
}

TEST_CASE("BOK-01: the first book is there without being created; it is changed and never closed") {
  Given given;
  CHECK(terms_of_book("default", given.book.profile).name == "default");
  const Decision never_closed = given.when(CloseBook{"default"});
  CHECK(never_closed.rejection.code == RejectionCode::invalid_transition);
  REQUIRE(given.when(change("default", {"name"})).accepted());
  CHECK(given.book.profile.terms->name == "Another name");
  CHECK_FALSE(given.book.profile.is_created);
  CHECK_FALSE(given.book.profile.mode.has_value());
  CHECK(given.book.profile.created_at == never);
}

TEST_CASE("BOK-01: a closed book refuses every command but those that its end leaves open") {
  Given given;
  REQUIRE(given.when(create()).accepted());
  const EntityRef key = given.book.keys.begin()->first;
  given.pass_seconds(1);
  REQUIRE(given.when(CloseBook{"shop"}).accepted());
  CHECK(given.book.profile.closed_at == given.now);
  check_each_in_closed_book(given, std::make_index_sequence<std::variant_size_v<Command>>());
  const std::size_t before = given.types.size();
  CHECK(given.when(CloseBook{"shop"}).accepted());
  CHECK(given.types.size() == before);
  CHECK(given.when(RevokeApiKey{key}).accepted());
  CHECK(given.book.keys.at(key).revoked);
  CHECK(given.when(ScheduleAccountDeletion{"acme", {}}).accepted());
  CHECK(given.when(PurgeAccount{"acme"}).accepted());
  CHECK(given.account.details.status == AccountStatus::deleted);
}

TEST_CASE("BOK-01: what the provider says of a charge is recorded in a closed book too") {
  Filled given;
  REQUIRE(given.when(CloseBook{"shop"}).accepted());
  RecordPaymentResult result;
  result.payment = given.payment_id;
  CHECK(given.when(result).rejection.code != RejectionCode::book_closed);
}

TEST_CASE("BOK-01: a closed book has no next invoice") {
  Subscribing given("2027-01-31T00:00:00Z");
  const EntityRef id = given.subscribe("1000");
  REQUIRE(given.when(create()).accepted());
  CHECK(upcoming_invoice(given.account, id, given.context()).has_value());
  REQUIRE(given.when(CloseBook{"shop"}).accepted());
  CHECK_FALSE(upcoming_invoice(given.account, id, given.context()).has_value());
}

TEST_CASE("BOK-03: clocks are moved and test clocks made in test books only, whoever asks the decider") {
  Given given;
  const EntityRef clock = given.accept(CreateTestClock{"a year", given.now});
  given.is_test_book = false;
  const Rejection forbidden{RejectionCode::forbidden, {}, {{"mode", std::string("live")}}};
  CHECK(given.when(CreateTestClock{"a year", given.now}).rejection == forbidden);
  CHECK(given.when(AdvanceTestClock{clock, Duration{0, 1, 0}, {}}).rejection == forbidden);
  AdvanceSandboxClock sandbox;
  sandbox.advance = Duration{0, 1, 0};
  CHECK(given.refused(sandbox) == RejectionCode::not_found);
  OpenAccount open;
  open.account_id = "timed";
  open.currency = currency_of("USD");
  open.test_clock = clock;
  const AccountState nobody;
  DecisionContext context = given.context();
  CHECK(decide(nobody, open, context).rejection == forbidden);
  context.is_test_book = true;
  CHECK(decide(nobody, open, context).accepted());
}

TEST_CASE(
    "BOK-02: a legal entity that says something stands, one that is left out is none, and no member is no change") {
  Given given;
  CreateBook command = create();
  command.terms->legal_entity->name = "A Shop Ltd";
  REQUIRE(given.when(command).accepted());
  ChangeBook nothing{"shop", named_terms("Another name"), {}};
  CHECK(given.when(nothing).size() == 0);
  ChangeBook without = change("shop", {"legal_entity"});
  without.terms->legal_entity.reset();
  CHECK(given.when(without).size() == 1);
  CHECK(given.when(without).size() == 0);
}
