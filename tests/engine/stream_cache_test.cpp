// What the writer of a shard reads together is what it would have read one by one.
#include "engine/stream_cache.h"

#include "domain/evolve.h"
#include "tests/engine/engine_fixture.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr std::size_t cache_bytes = 64 << 20;
const std::vector<std::string> stored = {"default/a0", "default/a1", "default/a2", "default/a3"};

/// A closed ledger of four accounts, and its index.
struct StoredStreams : EngineFixture {
  StoredStreams() {
    for (const std::string& name : stored) open_account(name.substr(name.find('/') + 1));
    close();
    index = StreamIndex::open({.directory = data() / "views" / "index-0", .row_format = fold_version});
  }
  /// Adds a row that is in memory only.
  void add_row(const std::string& name, std::string row) {
    IndexUpdate update;
    update.state_rows.emplace_back(name, std::move(row));
    update.checkpoint = index->checkpoint();
    index->add(std::move(update));
  }
  std::unique_ptr<StreamIndex> index;
};

}  // namespace

TEST_CASE_FIXTURE(StoredStreams, "rows and names that are read together are those that are read one by one") {
  const std::vector<std::string> names = {stored[2], "default/nobody", stored[0], stored[2]};
  const auto rows = index->state_rows(names);
  REQUIRE(rows.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(rows[i] == index->state_row(names[i]));
  CHECK(rows[0].has_value());
  CHECK_FALSE(rows[1].has_value());

  const std::uint64_t ordinal = *index->stream_ordinal(stored[3]);
  const auto found = index->stream_names({ordinal, 1'000, *index->stream_ordinal(stored[1])});
  REQUIRE(found.size() == 3);
  CHECK(found[0] == stored[3]);
  CHECK_FALSE(found[1].has_value());
  CHECK(found[2] == stored[1]);
}

TEST_CASE_FIXTURE(StoredStreams, "a newer row in memory goes before the stored one, also when many are read") {
  const std::string newer = *index->state_row(stored[0]) + "newer";
  add_row(stored[0], newer);
  const auto rows = index->state_rows({stored[1], stored[0]});
  CHECK(rows[1] == newer);
  CHECK(rows[0] == index->state_row(stored[1]));
}

TEST_CASE_FIXTURE(StoredStreams, "what was prefetched is found without the index, once each") {
  StreamCache cache(*index, cache_bytes);
  cache.prefetch(std::vector<std::string>{stored[1], stored[0], "default/nobody", stored[1]});
  CHECK(cache.misses() == 2);
  for (const std::string& name : {stored[0], stored[1]}) {
    const Stream* stream = cache.find(name);
    REQUIRE(stream != nullptr);
    CHECK(encode_stream_row(*stream) == *index->state_row(name));
  }
  CHECK(cache.misses() == 2);
  CHECK(cache.find("default/nobody") == nullptr);

  cache.prefetch(std::vector<std::uint64_t>{*index->stream_ordinal(stored[0]), *index->stream_ordinal(stored[2]),
                                            *index->stream_ordinal(stored[3]), 1'000});
  const std::uint64_t before = cache.misses();
  CHECK(cache.find(*index->stream_ordinal(stored[3]))->name == stored[3]);
  CHECK(cache.find(stored[2]) != nullptr);
  CHECK(cache.misses() == before);
}

TEST_CASE_FIXTURE(StoredStreams, "a damaged row among those that are prefetched is not taken") {
  add_row(stored[1], "damage");
  StreamCache cache(*index, cache_bytes);
  CHECK_THROWS_AS(cache.prefetch(std::vector<std::string>{stored[0], stored[1]}), StorageFault);
  CHECK_THROWS_AS(cache.find(stored[1]), StorageFault);
}
