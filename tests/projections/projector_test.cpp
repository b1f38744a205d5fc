#include <atomic>
#include <thread>

#include "domain/byte_codec.h"
#include "domain/evolve.h"
#include "eventstore/row_store.h"
#include "schemas/envelope_generated.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

using namespace std::chrono_literals;

/// A live view's row store; the views must be closed.
std::unique_ptr<RowStore> open_store(const ViewsFixture& fixture, ViewName view) {
  const auto folder = fixture.path() / "views" / to_text(view);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) {
      RowStore::Options options;
      options.directory = entry.path();
      return RowStore::open(options);
    }
  }
  return nullptr;
}

ViewStatus status_of(Projections& views, ViewName view, Instant now = Instant{}) {
  for (const ViewStatus& one : views.status(now)) {
    if (one.name == view) return one;
  }
  return {};
}

/// The event that no decision makes: a credit is consumed that was never issued.
PendingEvent impossible_event() {
  schema::CreditConsumedT event;
  event.credit = {1, 99, 0, 0};
  event.amount = {5, currency_of("USD")};
  return PendingEvent::of(std::move(event));
}

std::size_t generations(const ViewsFixture& fixture, ViewName view) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture.path() / "views" / to_text(view))) {
    count += entry.is_directory() ? 1U : 0U;
  }
  return count;
}

}  // namespace

TEST_CASE("views are the same bytes however the log was batched, cached, restarted or rebuilt") {
  const std::uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int log = 0; log < 4; ++log) {
    const ShardNumber shards = log == 3 ? 4 : 1;
    ViewsFixture fixture(shards);
    auto options = fixture.options();
    for (int round = 0; round < 12; ++round) {
      fixture.book.random_commands(random, 150);
      options.batch_events_max = 1 + random() % 300;
      options.cache_bytes = random() % 2 == 0 ? 0 : 1 << 20;
      options.rebuild_cache_bytes = random() % 2 == 0 ? 1'000 : 64 << 20;
      if (random() % 2 == 0) fixture.open(options);
      fixture.views();
    }
    const auto live = fixture.digests();
    for (const ViewName view : all_views) {
      const ViewCheck check = fixture.views().check_view(view);
      CHECK_MESSAGE(check.passed(), to_text(view), ": ", check.differences_found, " differences, ", check.error);
      CHECK(check.events > 1'000);
      fixture.views().rebuild(view);
    }
    CHECK(fixture.digests() == live);
    fixture.views().rebuild_all(2, {});
    CHECK(fixture.digests() == live);
    CHECK(fixture.views().reconcile().passed());
  }
}

TEST_CASE("another log gives another digest") {
  ViewsFixture one, other;
  one.book.open_account("a");
  other.book.open_account("b");
  const auto a = one.digests(), b = other.digests();
  CHECK(a[index_of(ViewName::accounts)] != b[index_of(ViewName::accounts)]);
  CHECK(a[index_of(ViewName::journal)] == b[index_of(ViewName::journal)]);
}

TEST_CASE("views that are deleted are folded again and answer as before") {
  ViewsFixture fixture;
  std::mt19937_64 random(4);
  fixture.book.random_commands(random, 500);
  const auto before = fixture.digests();
  fixture.close();
  std::filesystem::remove_all(fixture.path() / "views");
  CHECK(fixture.digests() == before);
  fixture.close();
  std::filesystem::remove_all(fixture.path() / "views" / "credits");
  CHECK(fixture.digests() == before);
}

TEST_CASE("a view of another fold version is folded again") {
  ViewsFixture fixture;
  std::mt19937_64 random(4);
  fixture.book.random_commands(random, 300);
  const auto before = fixture.digests();
  fixture.close();
  {
    const auto store = open_store(fixture, ViewName::credits);
    const auto batch = store->new_batch();
    std::string row;
    ByteWriter(row).number(static_cast<std::uint32_t>(fold_version + 1));
    batch->put(std::string{'\0', 'v'}, row);
    batch->put("c-what the other version left", "");
    store->write(*batch);
  }
  fixture.open(fixture.options());
  CHECK(fixture.views().snapshot(ViewName::credits).position(0) == fixture.book.head());
  CHECK(fixture.digests() == before);
}

TEST_CASE("a view that is ahead of a log restored to an older state is folded again") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.views();
  fixture.close();
  std::filesystem::copy(fixture.path() / "log", fixture.path() / "older", std::filesystem::copy_options::recursive);
  fixture.book.open_account("b");
  fixture.views();
  fixture.close();
  EventLog::Options log_options;
  log_options.directory = fixture.path() / "older";
  const auto older = EventLog::open(log_options);
  REQUIRE(older->head(0) == 1);
  auto options = fixture.options();
  options.log = older.get();
  auto& views = fixture.open(options);
  views.catch_up();
  CHECK(views.accounts().find("default", "a"));
  CHECK_FALSE(views.accounts().find("default", "b"));
  fixture.close();
}

TEST_CASE("an event that cannot be folded stops its view only, at the event before it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 5);
  fixture.views();
  fixture.book.consume(credit, 2);
  fixture.book.plant("a", impossible_event());
  fixture.book.open_account("b");
  auto& views = fixture.views();
  const ViewStatus failed = status_of(views, ViewName::credits, fixture.book.now());
  CHECK(failed.state == ViewState::failed);
  CHECK(failed.position == 3);
  CHECK(failed.lag_events == 2);
  CHECK(failed.lag_seconds > 0);
  CHECK(failed.message.find("0:4") != std::string::npos);
  CHECK(views.credits().find("default", credit)->grant.remaining == 3);  // What it has is still served.
  CHECK(status_of(views, ViewName::accounts).position == 5);
  CHECK(status_of(views, ViewName::accounts).state == ViewState::live);
  CHECK(views.accounts().find("default", "b"));
  CHECK_FALSE(views.wait_for(ViewName::credits, 0, 5, 1h));  // At once.
  CHECK_THROWS_AS(views.rebuild(ViewName::credits), CorruptLog);
  CHECK_FALSE(status_of(views, ViewName::credits).rebuild.error.empty());
  CHECK_FALSE(views.check_view(ViewName::credits).error.empty());
  CHECK_FALSE(views.reconcile().passed());
}

TEST_CASE("an event without a payload stops the views at the event before it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.views();
  // The union's type says NONE, which no build knows.
  flatbuffers::FlatBufferBuilder builder;
  const auto stream = builder.CreateString("default/a");
  schema::EnvelopeBuilder envelope(builder);
  envelope.add_position(2);
  envelope.add_stream(stream);
  envelope.add_stream_ordinal(1);
  envelope.add_stream_version(2);
  schema::FinishEnvelopeBuffer(builder, envelope.Finish());
  const std::string_view bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
  fixture.book.log().append(0, 2, std::vector<std::string_view>{bytes});
  fixture.views();
  for (const ViewName view : all_views) {
    CHECK(status_of(fixture.views(), view).state == ViewState::failed);
    CHECK(status_of(fixture.views(), view).position == 1);
  }
}

TEST_CASE("a row that is not what a fold gives is named by check_view, and a rebuild mends it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.issue_credit("a", 5);
  const std::string before = fixture.views().digest(ViewName::journal);
  fixture.close();
  {
    const auto store = open_store(fixture, ViewName::journal);
    const auto batch = store->new_batch();
    std::string first;
    store->snapshot()->scan("j", "k", [&](std::string_view key, std::string_view) {
      first = key;
      return false;
    });
    batch->put(first, std::string(40, '\1'));
    batch->put("jextra\xff", "x");
    store->write(*batch);
  }
  const ViewCheck check = fixture.views().check_view(ViewName::journal);
  CHECK(check.differences_found == 2);
  REQUIRE(check.differences.size() == 2);
  CHECK(check.differences[0].kind == ViewDifference::Kind::different);
  CHECK(check.differences[0].position == LogPosition{0, 2});
  CHECK(check.differences[1].kind == ViewDifference::Kind::unexpected);
  CHECK(check.differences[1].key == "jextra\\xff");
  fixture.views().rebuild(ViewName::journal);
  CHECK(fixture.views().check_view(ViewName::journal).passed());
  CHECK(fixture.views().digest(ViewName::journal) == before);
}

TEST_CASE("a damaged row stops its view and says to rebuild it") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  const EntityRef credit = fixture.book.issue_credit("a", 5);
  fixture.views();
  fixture.close();
  {
    const auto store = open_store(fixture, ViewName::credits);
    const auto batch = store->new_batch();
    store->snapshot()->scan("c", "d", [&](std::string_view key, std::string_view) {
      batch->put(key, "short");
      return true;
    });
    store->write(*batch);
  }
  fixture.book.consume(credit, 2);
  CHECK(status_of(fixture.views(), ViewName::credits).state == ViewState::failed);
  CHECK(status_of(fixture.views(), ViewName::credits).message.find("rebuild") != std::string::npos);
  fixture.views().rebuild(ViewName::credits);
  CHECK(status_of(fixture.views(), ViewName::credits).state == ViewState::live);
  CHECK(fixture.views().credits().find("default", credit)->grant.remaining == 3);
}

TEST_CASE("the follower folds what is committed, and a reader waits for it") {
  ViewsFixture fixture;
  auto options = fixture.options();
  options.follow = true;
  options.linger = 1h;  // A reader that waits does not wait for that.
  auto& views = fixture.open(options);
  for (int i = 0; i < 50; ++i) {
    const std::string id = "a" + std::to_string(i);
    fixture.book.open_account(id);
    views.committed(0, fixture.book.head());
    REQUIRE(views.wait_for(ViewName::accounts, 0, fixture.book.head(), 30s));
    CHECK(views.accounts().find("default", id));
  }
  CHECK_FALSE(views.wait_for(ViewName::accounts, 0, fixture.book.head() + 1, 1ms));
}

TEST_CASE("a view is rebuilt while events arrive and readers read, and nothing goes back or missing") {
  ViewsFixture fixture;
  std::mt19937_64 random(8);
  fixture.book.random_commands(random, 2'000);
  auto options = fixture.options();
  options.follow = true;
  options.linger = 1ms;
  options.batch_events_max = 64;
  auto& views = fixture.open(options);
  REQUIRE(views.wait_for(ViewName::credits, 0, fixture.book.head(), 30s));

  std::atomic<bool> is_done = false;
  std::size_t reads = 0, steps_back = 0;
  std::thread reader([&] {
    Position seen = 0;
    while (!is_done) {
      const auto credits = views.credits();
      const Position now = credits.snapshot().position(0);
      steps_back += now < seen ? 1U : 0U;
      seen = now;
      reads += credits.list("default", {}, {}).data.size();
    }
  });
  for (int round = 0; round < 4; ++round) {
    CHECK(views.start_rebuild(ViewName::credits));
    bool is_running = true;
    while (is_running) {
      fixture.book.random_commands(random, 10);
      views.committed(0, fixture.book.head());
      REQUIRE(views.wait_for(ViewName::credits, 0, fixture.book.head(), 30s));
      is_running = status_of(views, ViewName::credits).rebuild.running;
    }
    CHECK(status_of(views, ViewName::credits).rebuild.error.empty());
  }
  is_done = true;
  reader.join();
  CHECK(reads > 0);
  CHECK(steps_back == 0);
  REQUIRE(views.wait_for(ViewName::credits, 0, fixture.book.head(), 30s));
  CHECK(views.check_view(ViewName::credits).passed());
  CHECK(generations(fixture, ViewName::credits) == 1);
}

TEST_CASE("readers of a copy that was exchanged keep it until they are done") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  {
    const auto reader = fixture.views().accounts();
    fixture.views().rebuild(ViewName::accounts);
    fixture.book.open_account("b");
    CHECK(fixture.views().accounts().find("default", "b"));
    CHECK(generations(fixture, ViewName::accounts) == 2);
    CHECK(reader.find("default", "a"));
    CHECK_FALSE(reader.find("default", "b"));
  }
  CHECK(generations(fixture, ViewName::accounts) == 1);
}

TEST_CASE("leftovers of a rebuild that was killed are deleted, and the old copy goes on") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.views();
  fixture.close();
  std::filesystem::create_directories(fixture.path() / "views" / "accounts" / "7");
  CHECK(status_of(fixture.open(fixture.options()), ViewName::accounts).position == 1);  // Before it folds anything.
  CHECK(generations(fixture, ViewName::accounts) == 1);
  CHECK(fixture.views().accounts().find("default", "a"));
}

TEST_CASE("views are read beside the process that folds them, which they never change") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  auto options = fixture.options();
  options.read_only = true;
  auto& missing = fixture.open(options);
  CHECK(status_of(missing, ViewName::accounts).state == ViewState::failed);
  CHECK_THROWS_AS(missing.accounts(), StorageFault);
  fixture.close();
  fixture.open(fixture.options());
  fixture.views();
  fixture.close();
  fixture.book.open_account("b");
  auto& views = fixture.open(options);
  views.catch_up();
  CHECK(views.accounts().find("default", "a"));
  CHECK_FALSE(views.accounts().find("default", "b"));
  CHECK(views.check_view(ViewName::accounts).passed());
  CHECK_THROWS_AS(views.rebuild(ViewName::accounts), StorageFault);
  CHECK_FALSE(views.start_rebuild(ViewName::accounts));
}

TEST_CASE("every view has a name that is read back") {
  for (const ViewName view : all_views) CHECK(parse_view_name(to_text(view)) == view);
  CHECK_FALSE(parse_view_name("account"));
  CHECK_FALSE(parse_view_name(""));
}

}  // namespace daybook::test
