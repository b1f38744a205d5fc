#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

std::vector<EntityRef> list_invoices(Projections& views, const InvoiceFilter& filter) {
  std::vector<EntityRef> all;
  const PageRequest<EntityRef> request{.limit = 200, .starting_after = {}, .ending_before = {}};
  for (const InvoiceRow& row : views.invoices().list("default", filter, request).data) all.push_back(row.invoice.id);
  return all;
}

InvoiceFilter of_status(InvoiceStatus status, std::optional<bool> is_overdue = {}) {
  InvoiceFilter filter;
  filter.status = status;
  filter.is_overdue = is_overdue;
  return filter;
}

bool matches(const InvoiceRow& row, const InvoiceFilter& filter) {
  const Invoice& invoice = row.invoice;
  const bool is_overdue = invoice.status == InvoiceStatus::open && invoice.is_overdue;
  return filter.account_id.value_or(row.account_id) == row.account_id &&
         filter.subscription.value_or(invoice.subscription) == invoice.subscription &&
         filter.status.value_or(invoice.status) == invoice.status &&
         filter.is_overdue.value_or(is_overdue) == is_overdue &&
         (!filter.created_from || invoice.created_at >= *filter.created_from) &&
         (!filter.created_to || invoice.created_at < *filter.created_to);
}

}  // namespace

TEST_CASE("an invoice's row is what the account's own fold has, after every event") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  std::size_t compared = 0;
  fixture.compare_rounds(random, [&] {
    const auto invoices = fixture.views().invoices();
    for (const char* account : {"a1", "a2", "second/a0", "second/a3"}) {
      for (const auto& [id, invoice] : fixture.book.state(account).invoices()) {
        const auto row = invoices.find(account[0] == 's' ? "second" : "default", id);
        REQUIRE(row);
        CHECK(encode_row(row->invoice) == encode_row(fixture.book.state(account).with_credit_notes(invoice)));
        ++compared;
      }
    }
    return compared > 50;
  });
}

TEST_CASE("an invoice moves from list to list with its status and stays there when it has ended") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef id = fixture.book.draft_invoice("a", 500);
  const std::vector<EntityRef> one{id}, none;
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::draft)) == one);
  fixture.book.finalize(id);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::draft)) == none);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::open, false)) == one);
  fixture.book.advance(1);  // It is due at once.
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::open, false)) == none);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::open, true)) == one);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::open)) == one);
  fixture.book.write_off(id);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::open)) == none);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::uncollectible, true)) == none);
  CHECK(list_invoices(fixture.views(), of_status(InvoiceStatus::uncollectible)) == one);
  CHECK(list_invoices(fixture.views(), {}) == one);
}

TEST_CASE("an invoice knows its account, its stream and the event that drafted it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef id = fixture.book.draft_invoice("a", 500);
  const auto row = fixture.views().invoices().find("default", id);
  REQUIRE(row);
  CHECK(row->account_id == "a");
  CHECK(row->stream == "default/a");
  CHECK(row->drafted_at == LogPosition{0, 2});
  CHECK_FALSE(fixture.views().invoices().find("other", id));
  CHECK_FALSE(fixture.views().invoices().find("default", EntityRef{1, 1, 0, 0}));
  CHECK_FALSE(fixture.views().invoices().find("default", EntityRef{9, 2, 0, 0}));
}

TEST_CASE("a credit that was consumed comes back with its voided invoice, also in a view that is folded anew") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 500);
  const EntityRef id = fixture.book.draft_invoice("a", 800);
  fixture.book.finalize(id);
  CHECK(fixture.views().credits().find("default", credit)->grant.status == GrantStatus::consumed);
  fixture.book.void_invoice(id);
  CHECK(fixture.views().credits().find("default", credit)->grant.status == GrantStatus::available);
  CHECK(fixture.views().check_view(ViewName::credits).passed());
  CHECK(fixture.views().check_view(ViewName::invoices).passed());
  CHECK(fixture.views().reconcile().passed());
}

TEST_CASE("invoices are listed newest first by every combination of filters, whichever way one pages") {
  ViewsFixture fixture;
  std::mt19937_64 random(7);
  fixture.book.random_commands(random, 8'000, 12);
  auto& views = fixture.views();
  std::vector<InvoiceRow> all;
  views.invoices().for_each("default", [&](const InvoiceRow& row) {
    all.push_back(row);
    return true;
  });
  REQUIRE(all.size() > 60);
  std::sort(all.begin(), all.end(), [](const InvoiceRow& a, const InvoiceRow& b) {
    return std::tie(b.invoice.created_at, b.invoice.id) < std::tie(a.invoice.created_at, a.invoice.id);
  });
  std::vector<InvoiceFilter> filters{
      {}, of_status(InvoiceStatus::paid), of_status(InvoiceStatus::voided), of_status(InvoiceStatus::open, true)};
  filters.emplace_back().account_id = "a1";
  const auto drafted = std::find_if(all.begin(), all.end(),
                                    [](const InvoiceRow& row) { return row.invoice.status == InvoiceStatus::draft; });
  REQUIRE(drafted != all.end());
  filters.emplace_back(of_status(InvoiceStatus::draft)).account_id = drafted->account_id;
  filters.emplace_back().created_from = all[all.size() / 2].invoice.created_at;
  filters.emplace_back().created_to = all[all.size() / 3].invoice.created_at;
  const auto billed =
      std::find_if(all.begin(), all.end(), [](const InvoiceRow& row) { return !row.invoice.subscription.is_none(); });
  REQUIRE(billed != all.end());
  filters.emplace_back().subscription = billed->invoice.subscription;
  filters.emplace_back(filters.back()).account_id = billed->account_id;
  for (const InvoiceFilter& filter : filters) {
    CAPTURE(&filter - filters.data());
    std::vector<EntityRef> expected;
    for (const InvoiceRow& row : all) {
      if (matches(row, filter)) expected.push_back(row.invoice.id);
    }
    REQUIRE(!expected.empty());
    for (const std::size_t limit : {1U, 7U, 200U}) {
      check_walks<EntityRef>(
          expected, limit, [&](const auto& request) { return views.invoices().list("default", filter, request); },
          [](const InvoiceRow& row) { return row.invoice.id; });
    }
  }
}

TEST_CASE("a cursor that names no invoice of the list is said to be unknown") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("b");
  const EntityRef id = fixture.book.draft_invoice("b", 10);
  InvoiceFilter of_a;
  of_a.account_id = "a";
  const PageRequest<EntityRef> after_b{.limit = 5, .starting_after = id, .ending_before = {}};
  CHECK_FALSE(fixture.views().invoices().list("default", of_a, after_b).cursor_found);
  CHECK_FALSE(fixture.views().invoices().list("other", {}, after_b).cursor_found);
  CHECK(fixture.views().invoices().list("default", {}, after_b).cursor_found);
}

}  // namespace daybook::test
