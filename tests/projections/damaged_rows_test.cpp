// Rows of views with a flipped bit or a part cut off: no reader is served one, a fold that needs one stops its view,
// and a rebuild mends it.
#include <iostream>
#include <map>

#include "projections/view_folder.h"
#include "tests/eventstore/raw_rows.h"
#include "tests/eventstore/sampling.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

constexpr int damages_usual = 20;

std::filesystem::path folder_of(const ViewsFixture& fixture, ViewName view) {
  const ViewFolder folder(fixture.path() / "views", view);
  return folder.generation(folder.current().value());
}

}  // namespace

TEST_CASE("a damaged row of a view is named by whoever reads it, stops no other view, and is mended by a rebuild") {
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  ViewsFixture fixture;
  fixture.book.random_commands(random, 300);
  fixture.views();
  std::map<std::string, int> stopped_by_fold;
  for (int damage = 0; damage < samples(damages_usual); ++damage) {
    const ViewName view = all_views[random() % view_count];
    CAPTURE(to_text(view));
    fixture.close();
    {
      RawRows raw(folder_of(fixture, view));
      const auto rows = raw.all();
      const auto& [key, row] = rows[1 + random() % (rows.size() - 1)];  // Without the store's format.
      raw.put(key, damaged(row, random));
    }
    Projections& views = fixture.open(fixture.options());
    std::string told;
    try {
      views.digest(view);  // Reads all rows.
    } catch (const StorageFault& fault) {
      told = fault.what();
    }
    // At the start it may have been seen already, and the view is folded again.
    const bool is_fresh =
        views.status(fixture.book.now())[static_cast<std::size_t>(view)].state == ViewState::rebuilding;
    if (!is_fresh) CHECK(told.find(std::string("views/") + std::string(to_text(view))) != told.npos);
    fixture.book.random_commands(random, 20);
    views.catch_up();
    for (const ViewStatus& one : views.status(fixture.book.now())) {
      CAPTURE(one.message);
      if (one.name != view || one.state != ViewState::failed) {
        CHECK(one.lag_events == 0);
        continue;
      }
      ++stopped_by_fold[std::string(to_text(view))];
      CHECK(one.message.find("rebuild") != one.message.npos);
    }
    views.rebuild(view);
    CHECK(views.check_view(view).passed());
    views.digest(view);
  }
  std::cout << "damaged rows of views, seed " << seed << ":";
  for (const auto& [view, count] : stopped_by_fold) std::cout << " " << view << " stopped " << count << " times;";
  std::cout << std::endl;
}

}  // namespace daybook::test
