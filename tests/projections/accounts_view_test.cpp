#include "domain/state_codec.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

std::vector<std::string> ids(const Page<AccountRow>& page) {
  std::vector<std::string> all;
  for (const AccountRow& row : page.data) all.push_back(row.details.id);
  return all;
}

std::vector<std::string> list_accounts(Projections& views, const AccountFilter& filter,
                                       const std::string& book = "default") {
  return ids(views.accounts().list(book, filter, {.limit = 200, .starting_after = {}, .ending_before = {}}));
}

}  // namespace

TEST_CASE("an account's row is what the domain folds from its events") {
  ViewsFixture fixture;
  fixture.book.open_account("acme", "a@example.com");
  fixture.book.change_country("acme", "DE");
  fixture.book.issue_credit("acme", 5);  // Changes no details.
  const auto row = fixture.views().accounts().find("default", "acme");
  REQUIRE(row);
  CHECK(row->details == fixture.book.state("acme").details);
  CHECK(row->details.country == "DE");
  CHECK(row->details.version == 2);
  CHECK(row->ordinal == 1);
  CHECK_FALSE(fixture.views().accounts().find("default", "acm"));
  CHECK_FALSE(fixture.views().accounts().find("other", "acme"));
}

TEST_CASE("accounts are listed newest first, each once, whichever way one pages") {
  ViewsFixture fixture;
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    const std::string id = "a" + std::to_string(i);
    fixture.book.open_account(id);
    fixture.book.open_account("other/" + id);
    expected.insert(expected.begin(), id);
  }
  auto& views = fixture.views();
  for (const std::size_t limit : {1U, 4U, 24U, 25U, 26U, 200U}) {
    check_walks<std::string>(
        expected, limit, [&](const auto& request) { return views.accounts().list("default", {}, request); },
        [](const AccountRow& row) { return row.details.id; });
  }
  CHECK(list_accounts(views, {}, "nobody").empty());
}

TEST_CASE("a page has one row at least and two hundred at most") {
  ViewsFixture fixture;
  fixture.book.hold();
  for (std::size_t i = 0; i < page_limit_max + 2; ++i) fixture.book.open_account("a" + std::to_string(i));
  fixture.book.commit();
  const auto get = [&](std::size_t limit) {
    return fixture.views().accounts().list("default", {}, {.limit = limit, .starting_after = {}, .ending_before = {}});
  };
  CHECK(get(page_limit_max).data.size() == page_limit_max);
  CHECK(get(page_limit_max + 1).data.size() == page_limit_max);
  CHECK(get(0).data.size() == 1);
  CHECK(get(page_limit_max + 1).has_more);
}

TEST_CASE("accounts that are opened while somebody pages do not move his pages") {
  ViewsFixture fixture;
  for (const char* id : {"a", "b", "c", "d"}) fixture.book.open_account(id);
  const auto first =
      fixture.views().accounts().list("default", {}, {.limit = 2, .starting_after = {}, .ending_before = {}});
  CHECK(ids(first) == std::vector<std::string>{"d", "c"});
  fixture.book.open_account("e");
  const auto second =
      fixture.views().accounts().list("default", {}, {.limit = 2, .starting_after = "c", .ending_before = {}});
  CHECK(ids(second) == std::vector<std::string>{"b", "a"});
  const auto before =
      fixture.views().accounts().list("default", {}, {.limit = 2, .starting_after = {}, .ending_before = "c"});
  CHECK(ids(before) == std::vector<std::string>{"e", "d"});
}

TEST_CASE("a cursor that names no account of the book is said to be unknown") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("other/b");
  const auto page =
      fixture.views().accounts().list("default", {}, {.limit = 2, .starting_after = "b", .ending_before = {}});
  CHECK_FALSE(page.cursor_found);
  CHECK(page.data.empty());
}

TEST_CASE("accounts are found by e-mail, several to one address, and move with a change of it") {
  ViewsFixture fixture;
  fixture.book.open_account("a", "x@example.com");
  fixture.book.open_account("b", "x@example.com");
  fixture.book.open_account("c", "y@example.com");
  fixture.book.open_account("d");
  AccountFilter x, y;
  x.email_digest = BookBuilder::digest_of("x@example.com");
  y.email_digest = BookBuilder::digest_of("y@example.com");
  CHECK(list_accounts(fixture.views(), x) == std::vector<std::string>{"b", "a"});
  fixture.book.change_email("a", "y@example.com");
  CHECK(list_accounts(fixture.views(), x) == std::vector<std::string>{"b"});
  CHECK(list_accounts(fixture.views(), y) == std::vector<std::string>{"c", "a"});
}

TEST_CASE("accounts are filtered by the half-open range of when they were created") {
  ViewsFixture fixture;
  std::vector<Instant> created;
  for (const char* id : {"a", "b", "c"}) {
    fixture.book.open_account(id);
    created.push_back(fixture.book.state(id).details.created_at);
  }
  AccountFilter filter;
  filter.created_from = created[1];
  CHECK(list_accounts(fixture.views(), filter) == std::vector<std::string>{"c", "b"});
  filter.created_to = created[2];
  CHECK(list_accounts(fixture.views(), filter) == std::vector<std::string>{"b"});
  filter.created_from.reset();
  CHECK(list_accounts(fixture.views(), filter) == std::vector<std::string>{"b", "a"});
}

TEST_CASE("statuses that no account of this release has give empty lists") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  AccountFilter filter;
  filter.status = "active";
  filter.standing = "active";
  filter.payment_status = "none";
  CHECK(list_accounts(fixture.views(), filter).size() == 1);
  filter.status = "suspended";
  CHECK(list_accounts(fixture.views(), filter).empty());
}

}  // namespace daybook::test
