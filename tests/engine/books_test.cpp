// Books in the engine: what falls due until a book's end is run and nothing after, over restarts; and the books of all
// shards.
#include <set>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/governance_generated.h"
#include "tests/engine/engine_fixture.h"

namespace daybook::test {
namespace {

struct Books : EngineFixture {
  explicit Books(ShardNumber shards = 1) : EngineFixture(shards) {}

  static CreateBook creating(const std::string& id, BookMode mode = BookMode::test) {
    auto terms = std::make_shared<schema::BookTermsT>();
    terms->name = "Book " + id;
    return {id, mode, terms, std::string(24, 'k') + std::string(8, id.back()), "dbk_test_abcd"};
  }
  Answer give(const std::string& in_book, Command command, std::string key = {}, std::string fingerprint = "f") {
    book = in_book;
    return run(work(std::move(command), std::move(key), std::move(fingerprint)));
  }
  void create(const std::string& id) { REQUIRE(give(id, creating(id)).accepted()); }
  Position head_of(const std::string& of_book) { return engine().committed(of_book).position; }
};

struct FourShards : Books {
  FourShards() : Books(4) {}
};

std::set<std::string> ids_of(const std::vector<BookShown>& books) {
  std::set<std::string> ids;
  for (const BookShown& book : books) CHECK(ids.insert(book.id).second);
  return ids;
}

}  // namespace

TEST_CASE_FIXTURE(FourShards, "BOK-01: the books of all shards are known, the first one always, over a restart") {
  std::set<std::string> expected = {"default"};
  CHECK(ids_of(engine().books()) == expected);
  std::set<ShardNumber> shards;
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g"}) {
    create(id);
    expected.insert(id);
    shards.insert(engine().shard_of(id));
  }
  CHECK(shards.size() > 1);
  // One that was made by its first key, and one of which nothing but a refusal is in the log.
  CreateApiKey key;
  key.name = "first";
  key.digest = std::string(32, 'q');
  REQUIRE(give("keyed", key).accepted());
  expected.insert("keyed");
  CHECK(give("nothing", CloseBook{"nothing"}, "k").rejection.code == RejectionCode::not_found);
  CHECK(ids_of(engine().books()) == expected);
  CHECK_FALSE(engine().find_book("nothing").has_value());
  CHECK(give("nothing", creating("nothing")).accepted());
  expected.insert("nothing");
  const std::vector<BookShown> before = engine().books();
  CHECK(ids_of(before) == expected);
  reopen();
  CHECK(ids_of(engine().books()) == expected);
  for (const BookShown& one : before) CHECK(engine().find_book(one.id)->profile == one.profile);
  reopen_without_views();
  for (const BookShown& one : before) CHECK(engine().find_book(one.id)->profile == one.profile);
}

TEST_CASE_FIXTURE(FourShards, "BOK-01: commands on books of several shards are given together and all answered") {
  std::vector<Work> all;
  std::vector<std::future<Answer>> answers;
  for (const char* id : {"a", "b", "c", "d", "e", "f", "g"}) {
    book = id;
    Work one = work(creating(id));
    auto promise = std::make_shared<std::promise<Answer>>();
    answers.push_back(promise->get_future());
    one.done = [promise](Answer answer) { promise->set_value(std::move(answer)); };
    all.push_back(std::move(one));
  }
  REQUIRE(engine().submit(std::move(all)));
  for (std::future<Answer>& answer : answers) CHECK(answer.get().accepted());
  CHECK(engine().books().size() == 8);
}

TEST_CASE_FIXTURE(Books, "BOK-01: a repeat gives the first answer, another command under its key is refused") {
  const Answer first = give("shop", creating("shop"), "k");
  const Answer again = give("shop", creating("shop"), "k");
  CHECK(again.is_replay);
  CHECK(again.position == first.position);
  CHECK(shown<BookShown>(again).first_key == shown<BookShown>(first).first_key);
  CHECK(give("shop", creating("shop"), "k", "g").rejection.code == RejectionCode::idempotency_key_reused);
  CHECK(give("shop", creating("shop"), "other").rejection.code == RejectionCode::book_exists);
  // As it was then, whatever has become of it.
  const BookProfile then = shown<BookShown>(first).profile;
  REQUIRE(give("shop", CloseBook{"shop"}).accepted());
  CHECK(shown<BookShown>(give("shop", creating("shop"), "k")).profile == then);
  CHECK(give("shop", CloseBook{"shop"}).is_unchanged);
}

TEST_CASE_FIXTURE(Books, "BOK-01: what fell due until a book's end is run, however late, and nothing after it") {
  create("shop");
  book = "shop";
  open_account("acme");
  open_account("late");
  const Instant now = clock().now();
  const auto after = [&](std::int64_t seconds) { return Instant{micros(now) + seconds * micros_per_second}; };
  const EntityRef before_end = issue("acme", 100, after(100));
  const EntityRef at_end = issue("acme", 100, after(200));
  const EntityRef after_end = issue("late", 100, after(201));
  close();
  clock().advance_seconds(200);
  open();
  REQUIRE(give("shop", CloseBook{"shop"}).accepted());
  CHECK(engine().find_book("shop")->profile.closed_at == after(200));
  clock().advance_seconds(400 * 24 * 3'600);
  for (int round = 0; round < 2; ++round) {
    AccountState acme = state("acme"), late = state("late");
    for (const EntityRef id : {before_end, at_end}) {
      CHECK((acme.find_grant(id) == nullptr || !acme.find_grant(id)->is_open()));
    }
    REQUIRE(late.find_grant(after_end) != nullptr);
    CHECK(late.find_grant(after_end)->is_open());
    const Position head = head_of("shop");
    CHECK(give("shop", CreateTestClock{"", now}).rejection.code == RejectionCode::book_closed);
    // The agenda has had its turn before this command again.
    CHECK(give("shop", CreateTestClock{"", now}).rejection.code == RejectionCode::book_closed);
    CHECK(head_of("shop") == head);
    reopen();
  }
}

TEST_CASE_FIXTURE(Books, "BOK-01: a test clock of a closed book goes nowhere any more") {
  create("shop");
  const Instant start = *parse_rfc3339("2020-01-01T00:00:00Z");
  const EntityRef timer = shown<TestClockShown>(give("shop", CreateTestClock{"", start})).clock.id;
  OpenAccount opening;
  opening.account_id = "timed";
  opening.currency = currency_of("USD");
  opening.time_zone = "UTC";
  opening.test_clock = timer;
  REQUIRE(give("shop", opening).accepted());
  const EntityRef credit = issue("timed", 100, Instant{micros(start) + micros_per_day});
  REQUIRE(give("shop", CloseBook{"shop"}).accepted());
  AdvanceTestClock advance;
  advance.test_clock = timer;
  advance.advance = Duration{0, 2, 0};
  CHECK(give("shop", advance).rejection.code == RejectionCode::book_closed);
  CHECK(state("timed").find_grant(credit)->is_open());
}

TEST_CASE_FIXTURE(Books, "BOK-03: a book's mode is its own, and the server's where nobody said one") {
  create("shop");
  REQUIRE(give("real", creating("real", BookMode::live)).accepted());
  for (const bool sandbox : {true, false}) {
    options().sandbox = sandbox;
    reopen();
    const BookMode unless_said = sandbox ? BookMode::test : BookMode::live;
    CHECK(engine().mode_unless_said() == unless_said);
    CHECK(engine().mode_of("default") == unless_said);
    CHECK(engine().mode_of("shop") == BookMode::test);
    CHECK(engine().mode_of("real") == BookMode::live);
    const CreateTestClock clock_of_tests{"", clock().now()};
    CHECK(give("shop", clock_of_tests).accepted());
    CHECK(give("default", clock_of_tests).accepted() == sandbox);
    const Answer refused = give("real", clock_of_tests);
    CHECK(refused.rejection.code == RejectionCode::forbidden);
    AdvanceSandboxClock later;
    later.advance = Duration{0, 1, 0};
    CHECK(give("real", later).rejection.code == RejectionCode::not_found);
    CHECK(give("shop", later).accepted());
  }
}

}  // namespace daybook::test
