// Views on a disk that fails: they fall behind, say so, and are whole again by themselves when it works.
#include <thread>

#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/sampling.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

constexpr std::chrono::seconds patience{60};

struct FaultyViews : FaultyFileSystem, ViewsFixture {
  FaultyViews() { book.random_commands(random, 400); }
  ~FaultyViews() {
    plan().heal();
    close();
  }
  Projections::Options faulty_options(bool follow) {
    auto options = ViewsFixture::options();
    options.env = env();
    options.flush_bytes = 64 * 1024;  // So that folding reaches the disk.
    options.batch_events_max = 64;
    options.follow = follow;
    return options;
  }
  /// Those of a fold from nothing on a disk that works.
  std::vector<std::string> clean_digests() {
    const TestFolder other;
    auto options = ViewsFixture::options();
    options.directory = other.path() / "views";
    const auto clean = Projections::open(options);
    clean->catch_up();
    std::vector<std::string> all;
    for (const ViewName view : all_views) all.push_back(clean->digest(view));
    return all;
  }
  static std::vector<std::string> digests_of(const Projections& views) {
    std::vector<std::string> all;
    for (const ViewName view : all_views) all.push_back(views.digest(view));
    return all;
  }

  std::mt19937_64 random{7};
};

}  // namespace

TEST_CASE_FIXTURE(FaultyViews, "a view whose store failed is opened again and comes to the same bytes") {
  Projections& views = open(faulty_options(true));
  for (const ViewName view : all_views) REQUIRE(views.wait_for(view, 0, book.head(), patience));
  SUBCASE("the disk fails") {
    plan().table_appends_until_failure = 1;
  }
  SUBCASE("the disk fails for a while") {
    plan().table_appends_until_failure = 3;
  }
  SUBCASE("the disk is full") {
    plan().no_room = true;
  }
  const auto stands_still = [&] {
    for (const ViewStatus& one : views.status(book.now())) {
      if (one.lag_events > 0 && !one.message.empty()) return true;
    }
    return false;
  };
  while (!stands_still()) {
    REQUIRE(book.head() < 200'000);
    book.random_commands(random, 200);
    views.committed(0, book.head());
    views.wait_for(ViewName::audit, 0, book.head(), std::chrono::milliseconds(50));
  }
  for (const ViewStatus& one : views.status(book.now())) CHECK(one.state != ViewState::failed);
  plan().heal();
  for (const ViewName view : all_views) CHECK(views.wait_for(view, 0, book.head(), patience));
  CHECK(digests_of(views) == clean_digests());
  for (const ViewStatus& one : views.status(book.now())) CHECK(one.message.empty());
}

TEST_CASE_FIXTURE(FaultyViews,
                  "views that were folded on a failing disk until a crash are whole after the next start") {
  for (const int nth : {1, 2, 5}) {
    CAPTURE(nth);
    book.random_commands(random, 200);
    plan().table_appends_until_failure = nth;
    try {
      open(faulty_options(false)).catch_up();
    } catch (const StorageFault&) {  // The fault that was planned.
    }
    close();
    plan().heal();
    Projections& views = open(faulty_options(false));
    views.catch_up();
    CHECK(digests_of(views) == clean_digests());
  }
}

TEST_CASE_FIXTURE(FaultyViews, "a rebuild that fails at any point leaves the view that serves, and can be repeated") {
  Projections& views = open(faulty_options(false));
  views.catch_up();
  const auto before = digests_of(views);
  int failed = 0;
  for (const bool full : {false, true}) {
    for (int nth = 1; nth <= 6; ++nth) {
      CAPTURE(full);
      CAPTURE(nth);
      const ViewName view = all_views[static_cast<std::size_t>(nth) % view_count];
      if (full) {
        plan().no_room = true;
      } else {
        plan().table_appends_until_failure = nth;
      }
      try {
        views.rebuild(view);
      } catch (const StorageFault&) {
        ++failed;
        for (const ViewStatus& one : views.status(book.now())) CHECK(one.rebuild.error.empty() == (one.name != view));
      }
      CHECK(digests_of(views) == before);
      plan().heal();
      views.rebuild(view);
      CHECK(digests_of(views) == before);
    }
  }
  CHECK(failed >= 7);  // The full disk each time, and the first append at least.
}

TEST_CASE_FIXTURE(FaultyViews,
                  "a bit flipped in a read of a view's file is never folded in, and the next read goes on") {
  constexpr int flips_usual = 12;
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 chance(seed);
  open(faulty_options(false)).catch_up();
  int hit = 0;
  for (int flip = 0; flip < samples(flips_usual); ++flip) {
    const bool is_table = flip % 3 != 0;
    const auto nth = static_cast<int>(1 + chance() % (is_table ? 8 : 6));
    CAPTURE(is_table);
    CAPTURE(nth);
    book.random_commands(random, 40);
    close();
    plan().flipped_folder = "/views/";
    plan().flipped_file = is_table ? ".sst" : "MANIFEST";
    plan().flipped_bit = chance();
    if (!is_table) plan().reads_until_flip = nth;
    Projections& views = open(faulty_options(false));
    if (is_table) plan().reads_until_flip = nth;
    try {
      views.catch_up();
      digests_of(views);
    } catch (const StorageFault&) {  // The flip that was planned.
    }
    hit += plan().reads_until_flip < 0 ? 1 : 0;
    plan().heal();
    views.catch_up();
    CHECK(digests_of(views) == clean_digests());
    for (const ViewStatus& one : views.status(book.now())) {
      CHECK(one.message.empty());
      CHECK(one.state != ViewState::failed);
    }
  }
  CHECK(hit > 1);
}

}  // namespace daybook::test
