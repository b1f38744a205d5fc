// The currency of an account: changed until something is in it, and never after.
#include "tests/domain/paying.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr Currency euro = currency_of("EUR"), dollar = currency_of("USD");

UpdateAccount to(Currency currency) {
  UpdateAccount update;
  update.account_id = "acme";
  update.currency = {Change<Currency>::Kind::set, currency};
  return update;
}

class Choosing : public Paying {
 public:
  Choosing() {
    plan(flat_terms("1900"));
    auto terms = std::make_shared<schema::DiscountTermsT>();
    terms->name = "A tenth";
    terms->percent = "10";
    terms->starts_at = terms->ends_at = never;
    REQUIRE(when(CreateDiscount{"tenth", std::move(terms)}).accepted());
  }
};

}  // namespace

TEST_CASE("CUR-05: the currency of an account that has nothing in it is changed") {
  Choosing given;
  REQUIRE(given.account.details.currency == currency_of("USD"));
  given.attach();
  const Decision changed = given.when(to(euro));
  REQUIRE(changed.accepted());
  CHECK(given.count(schema::Event::AccountDetailsChanged) == 1);
  CHECK(given.account.details.currency == currency_of("EUR"));
  CHECK(given.when(to(euro)).events.empty());
  const EntityRef invoice = given.finalized({"100"});
  CHECK(given.invoice(invoice).currency == currency_of("EUR"));
}

TEST_CASE("CUR-05: a currency that something is in is fixed, also when that is over") {
  struct Row {
    std::string what;
    void (*make)(Choosing&);
  };
  for (const Row& row :
       {Row{"a draft", [](Choosing& given) { given.draft({"100"}); }},
        Row{"an invoice that was voided",
            [](Choosing& given) {
              given.accept(VoidInvoice{given.finalized({"100"}), Sensitive{}});
            }},
        Row{"a credit that is spent", [](Choosing& given) { given.accept(consume(given.accept(issue(5)), 5)); }},
        Row{"a subscription that has ended",
            [](Choosing& given) { given.cancel(given.accept(Choosing::to_plan()), CancellationMode::immediate); }},
        Row{"a discount",
            [](Choosing& given) {
              ApplyDiscount apply;
              apply.subscription = given.accept(Choosing::to_plan());
              apply.discount_id = "tenth";
              given.accept(apply);
            }},
        Row{"a checkout", [](Choosing& given) {
              StartCheckout start;
              start.account_id = "acme";
              start.plan_id = "plan";
              start.provider = "simulator";
              given.accept(ExpireCheckout{given.accept(start)});
            }}}) {
    CAPTURE(row.what);
    Choosing given;
    row.make(given);
    const Decision refused = given.when(to(euro));
    CHECK(refused.rejection ==
          Rejection{RejectionCode::currency_fixed, "/currency", {{"currency", std::string("USD")}}});
    CHECK(given.when(to(dollar)).accepted());
    CHECK(given.account.details.currency == currency_of("USD"));
  }
}
