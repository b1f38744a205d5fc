#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

PageRequest<EntityRef> page_of(std::size_t limit, std::optional<EntityRef> after = {}) {
  return {.limit = limit, .starting_after = after, .ending_before = {}};
}

std::vector<EntityRef> payments_of(const PaymentsReader& reader, const PaymentFilter& filter) {
  std::vector<EntityRef> all;
  for (const PaymentRow& row : reader.list("default", filter, page_of(200)).data) all.push_back(row.payment.id);
  return all;
}

PaymentFilter of(std::optional<std::string> account, std::optional<EntityRef> invoice = {},
                 std::optional<PaymentStatus> status = {}) {
  return {std::move(account), invoice, status};
}

}  // namespace

TEST_CASE("a payment's row is what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  std::size_t rows = 0;
  fixture.compare_rounds(random, [&] {
    const auto reader = fixture.views().payments();
    for (const char* book : {"default", "second"}) {
      for (const PaymentRow& row : reader.list(book, {}, page_of(200)).data) {
        const std::string account = (book[0] == 's' ? "second/" : "") + row.account_id;
        const Payment* payment = fixture.book.state(account).find_payment(row.payment.id);
        REQUIRE(payment != nullptr);
        CHECK(row.payment == fixture.book.state(account).with_reversals(*payment));
        ++rows;
      }
    }
    return rows > 100;
  });
  CHECK(fixture.views().check_view(ViewName::payments).passed());
  CHECK(fixture.views().check_view(ViewName::invoices).passed());
  CHECK(fixture.views().reconcile().passed());
}

TEST_CASE("PMT-07: payments are listed by account, invoice and status, and move from list to list") {
  ViewsFixture fixture;
  std::vector<EntityRef> invoices, payments;
  for (const char* account : {"a", "b"}) {
    fixture.book.open_account(account);
    fixture.book.attach_method(account);
    for (int i = 0; i < 2; ++i) {
      invoices.push_back(fixture.book.draft_invoice(account, 100));
      fixture.book.finalize(invoices.back());
      payments.push_back(fixture.book.pay(invoices.back()));
    }
  }
  fixture.book.record(payments[0], PaymentOutcome::failed);
  fixture.book.record(payments[1], PaymentOutcome::succeeded);
  fixture.book.record(payments[2], PaymentOutcome::action_required);
  payments.push_back(fixture.book.pay(invoices[0]));
  const PaymentsReader reader = fixture.views().payments();
  using Ids = std::vector<EntityRef>;
  CHECK(payments_of(reader, {}) == Ids{payments[4], payments[3], payments[2], payments[1], payments[0]});
  CHECK(payments_of(reader, of("b")) == Ids{payments[3], payments[2]});
  CHECK(payments_of(reader, of({}, invoices[0])) == Ids{payments[4], payments[0]});
  CHECK(payments_of(reader, of("a", invoices[0], PaymentStatus::failed)) == Ids{payments[0]});
  CHECK(payments_of(reader, of("b", invoices[0])).empty());
  CHECK(payments_of(reader, of({}, {}, PaymentStatus::succeeded)) == Ids{payments[1]});
  CHECK(payments_of(reader, of({}, {}, PaymentStatus::requires_action)) == Ids{payments[2]});
  CHECK(payments_of(reader, of({}, {}, PaymentStatus::pending)) == Ids{payments[4], payments[3]});
  CHECK(reader.list("second", {}, page_of(9)).data.empty());
  CHECK_FALSE(reader.list("default", of("a"), page_of(9, payments[2])).cursor_found);
  const auto page = reader.list("default", {}, page_of(1, payments[3]));
  REQUIRE(page.data.size() == 1);
  CHECK(page.data[0].payment.id == payments[2]);
  CHECK(page.has_more);
  CHECK(reader.find("default", payments[1])->payment.status == PaymentStatus::succeeded);
  CHECK_FALSE(reader.find("second", payments[1]).has_value());
  CHECK_FALSE(reader.find("default", invoices[1]).has_value());
}

}  // namespace daybook::test
