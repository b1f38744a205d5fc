#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

PageRequest<EntityRef> first_page(std::size_t limit = 200, std::optional<EntityRef> after = {}) {
  return {.limit = limit, .starting_after = after, .ending_before = {}};
}

class Reversed : public ViewsFixture {
 public:
  /// An account whose invoices of 100 are paid: their payments.
  std::vector<EntityRef> pay_for(const std::string& account, int invoices) {
    book.open_account(account);
    book.attach_method(account);
    std::vector<EntityRef> payments;
    for (int i = 0; i < invoices; ++i) {
      const EntityRef invoice = book.draft_invoice(account, 100);
      book.finalize(invoice);
      payments.push_back(book.pay(invoice));
      book.record(payments.back(), PaymentOutcome::succeeded);
    }
    return payments;
  }
  std::vector<EntityRef> refunds(const RefundFilter& filter, std::optional<RefundStatus> status = {}) {
    std::vector<EntityRef> ids;
    for (const RefundRow& row : views().refunds().refunds("default", filter, status, first_page()).data) {
      ids.push_back(row.refund.id);
    }
    return ids;
  }
  std::vector<EntityRef> disputes(const RefundFilter& filter, std::optional<DisputeStatus> status = {}) {
    std::vector<EntityRef> ids;
    for (const DisputeRow& row : views().refunds().disputes("default", filter, status, first_page()).data) {
      ids.push_back(row.dispute.id);
    }
    return ids;
  }
};

using Ids = std::vector<EntityRef>;

}  // namespace

TEST_CASE("rows of refunds, disputes and their payments are what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  std::size_t refunds = 0, disputes = 0, reversed = 0;
  fixture.compare_rounds(random, [&] {
    const RefundsReader reader = fixture.views().refunds();
    for (const char* book : {"default", "second"}) {
      const auto state_of = [&](const std::string& account) -> const AccountState& {
        return fixture.book.state((book[0] == 's' ? "second/" : "") + account);
      };
      for (const RefundRow& row : reader.refunds(book, {}, {}, first_page()).data) {
        CHECK(row.refund == *state_of(row.account_id).find_refund(row.refund.id));
        ++refunds;
      }
      for (const DisputeRow& row : reader.disputes(book, {}, {}, first_page()).data) {
        CHECK(row.dispute == *state_of(row.account_id).find_dispute(row.dispute.id));
        ++disputes;
      }
      for (const PaymentRow& row : fixture.views().payments().list(book, {}, first_page()).data) {
        const AccountState& account = state_of(row.account_id);
        CHECK(row.payment == account.with_reversals(*account.find_payment(row.payment.id)));
        reversed += row.payment.reversals.version != 0 ? 1U : 0U;
      }
    }
    return refunds > 50 && disputes > 20 && reversed > 50;
  });
  CHECK(fixture.views().check_view(ViewName::refunds).passed());
  CHECK(fixture.views().check_view(ViewName::payments).passed());
  CHECK(fixture.views().reconcile().passed());
}

TEST_CASE_FIXTURE(Reversed, "REF-03: refunds are listed by payment, invoice, account and status, and move") {
  const Ids a = pay_for("a", 2), b = pay_for("b", 1);
  const Ids made = {book.refund(a[0], 10, RefundDestination::payment_method),
                    book.refund(a[0], 20, RefundDestination::credit),
                    book.refund(a[1], 30, RefundDestination::payment_method),
                    book.refund(b[0], 40, RefundDestination::payment_method)};
  views().catch_up();
  CHECK(refunds({}) == Ids{made[3], made[2], made[1], made[0]});
  CHECK(refunds({.account_id = "a", .invoice = {}, .payment = {}}) == Ids{made[2], made[1], made[0]});
  CHECK(refunds({.account_id = {}, .invoice = {}, .payment = a[0]}) == Ids{made[1], made[0]});
  const EntityRef invoice = book.state("a").find_payment(a[1])->invoice;
  CHECK(refunds({.account_id = {}, .invoice = invoice, .payment = {}}) == Ids{made[2]});
  CHECK(refunds({.account_id = "b", .invoice = {}, .payment = a[0]}).empty());
  CHECK(refunds({}, RefundStatus::pending) == Ids{made[3], made[2], made[0]});
  CHECK(refunds({}, RefundStatus::succeeded) == Ids{made[1]});
  book.record_refund(made[0], RefundOutcome::failed);
  book.record_refund(made[2], RefundOutcome::canceled);
  book.record_refund(made[3], RefundOutcome::succeeded);
  views().catch_up();
  CHECK(refunds({}, RefundStatus::pending).empty());
  CHECK(refunds({}, RefundStatus::failed) == Ids{made[0]});
  CHECK(refunds({}, RefundStatus::canceled) == Ids{made[2]});
  CHECK(refunds({}, RefundStatus::succeeded) == Ids{made[3], made[1]});
  const auto page = views().refunds().refunds("default", {}, {}, first_page(1, made[2]));
  REQUIRE(page.data.size() == 1);
  CHECK(page.data[0].refund.id == made[1]);
  CHECK(page.has_more);
  CHECK(views().refunds().refunds("second", {}, {}, first_page(1, made[2])).data.empty());
  CHECK(views().refunds().find_refund("default", made[3])->account_id == "b");
  CHECK_FALSE(views().refunds().find_refund("second", made[3]).has_value());
  CHECK_FALSE(views().refunds().find_refund("default", a[0]).has_value());
}

TEST_CASE_FIXTURE(Reversed, "REF-07: disputes are listed likewise, and their payment moves with them") {
  const Ids payments = pay_for("a", 2);
  const EntityRef won = book.dispute(payments[0], 100), lost = book.dispute(payments[1], 60);
  views().catch_up();
  CHECK(disputes({}) == Ids{lost, won});
  CHECK(disputes({.account_id = {}, .invoice = {}, .payment = payments[0]}) == Ids{won});
  const auto with_status = [&](PaymentStatus status) {
    const PaymentFilter filter{"a", {}, status};
    Ids ids;
    for (const PaymentRow& row : views().payments().list("default", filter, first_page()).data) {
      ids.push_back(row.payment.id);
    }
    return ids;
  };
  CHECK(with_status(PaymentStatus::disputed) == Ids{payments[1], payments[0]});
  book.close_dispute(won, DisputeOutcome::won);
  book.close_dispute(lost, DisputeOutcome::lost);
  views().catch_up();
  CHECK(disputes({}, DisputeStatus::open).empty());
  CHECK(disputes({}, DisputeStatus::won) == Ids{won});
  CHECK(disputes({}, DisputeStatus::lost) == Ids{lost});
  CHECK(with_status(PaymentStatus::succeeded) == Ids{payments[0]});
  CHECK(with_status(PaymentStatus::partially_refunded) == Ids{payments[1]});
  CHECK(views().refunds().find_dispute("default", lost)->dispute.closed_at != never);
  CHECK_FALSE(views().refunds().find_dispute("default", payments[0]).has_value());
}

TEST_CASE_FIXTURE(Reversed, "a charge is found by what its provider calls it, whatever has gone back of it") {
  const Ids payments = pay_for("a", 1);
  book.refund(payments[0], 100, RefundDestination::credit);  // in the same batch as its success
  views().catch_up();
  CHECK(views().payments().find_charge("default", "ch_1") == payments[0]);
  CHECK_FALSE(views().payments().find_charge("second", "ch_1").has_value());
  CHECK_FALSE(views().payments().find_charge("default", "ch_2").has_value());
}

}  // namespace daybook::test
