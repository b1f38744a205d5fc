// A log and its views in a temporary folder, and the laws that every list must obey.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "projections/projections.h"
#include "tests/projections/book_builder.h"

namespace daybook::test {

class ViewsFixture {
 public:
  explicit ViewsFixture(ShardNumber shards = 1) : book(folder_.path(), shards) {}

  static std::string email_digest(std::string_view, std::string_view, const Sealed& email) {
    return BookBuilder::digest_of_sealed(email);
  }
  /// Closed and opened again with these; no follower unless asked for.
  Projections::Options options() {
    Projections::Options options;
    options.directory = folder_.path() / "views";
    options.log = &book.log();
    options.follow = false;
    options.email_digest = email_digest;
    options.streams = [this](const std::string& stream, std::uint64_t from, std::uint64_t to) {
      return book.stream_positions(stream, from, to);
    };
    return options;
  }
  Projections& open(const Projections::Options& options) {
    views_.reset();
    views_ = Projections::open(options);
    return *views_;
  }
  void close() { views_.reset(); }
  /// The views with everything folded.
  Projections& views() {
    if (!views_) open(options());
    views_->catch_up();
    return *views_;
  }
  std::vector<std::string> digests() {
    std::vector<std::string> all;
    for (const ViewName view : all_views) all.push_back(views().digest(view));
    return all;
  }
  const std::filesystem::path& path() const { return folder_.path(); }
  /// Rounds of random commands, each followed by `compare`, until that says that enough was compared.
  template <class Compare>
  void compare_rounds(std::mt19937_64& random, Compare compare) {
    bool is_enough = false;
    for (int round = 0; round < 30 || !is_enough; ++round) {
      REQUIRE(round < 1'000);
      book.random_commands(random, 40, 4);
      is_enough = compare();
    }
  }

 private:
  TestFolder folder_;

 public:
  BookBuilder book;

 private:
  std::unique_ptr<Projections> views_;
};

/// Walks the list `page(request)` from end to end in pages of `limit`, forwards and backwards, and checks that both
/// visit exactly `expected`, in the list's order. `cursor(row)` is a row's cursor.
template <class Cursor, class GetPage, class CursorOf>
void check_walks(const std::vector<Cursor>& expected, std::size_t limit, GetPage page, CursorOf cursor_of) {
  CAPTURE(limit);
  std::vector<Cursor> forwards;
  PageRequest<Cursor> request;
  request.limit = limit;
  for (bool more = true; more;) {
    const auto got = page(request);
    REQUIRE(got.cursor_found);
    for (const auto& row : got.data) forwards.push_back(cursor_of(row));
    more = got.has_more;
    if (more) {
      REQUIRE(got.data.size() == limit);
      request.starting_after = forwards.back();
    }
  }
  CHECK(forwards == expected);
  if (expected.empty()) return;

  std::vector<Cursor> backwards;
  request = {};
  request.limit = limit;
  request.ending_before = expected.back();
  for (bool more = true; more;) {
    const auto got = page(request);
    REQUIRE(got.cursor_found);
    for (auto row = got.data.rbegin(); row != got.data.rend(); ++row) backwards.push_back(cursor_of(*row));
    more = got.has_more;
    if (more) {
      REQUIRE(got.data.size() == limit);
      request.ending_before = backwards.back();
    }
  }
  std::reverse(backwards.begin(), backwards.end());
  CHECK(backwards == std::vector<Cursor>(expected.begin(), expected.end() - 1));

  // Between two rows: neither of them.
  request = {};
  request.limit = page_limit_max;
  request.starting_after = expected.front();
  request.ending_before = expected.back();
  std::vector<Cursor> between;
  for (const auto& row : page(request).data) between.push_back(cursor_of(row));
  std::vector<Cursor> inner;
  if (expected.size() > 2) inner.assign(expected.begin() + 1, expected.end() - 1);
  if (inner.size() <= page_limit_max) CHECK(between == inner);
}

}  // namespace daybook::test
