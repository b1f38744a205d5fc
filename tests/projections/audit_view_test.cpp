#include "projections/hash_index.h"
#include "schemas/envelope_generated.h"
#include "tests/projections/views_fixture.h"

namespace daybook::test {
namespace {

bool posts(const schema::Envelope& envelope) {
  const auto any = [](const auto* event) { return event->postings() != nullptr && event->postings()->size() > 0; };
  switch (envelope.event_type()) {
    case schema::Event::CreditIssued:
      return any(envelope.event_as_CreditIssued());
    case schema::Event::CreditConsumed:
      return any(envelope.event_as_CreditConsumed());
    case schema::Event::CreditExpired:
      return any(envelope.event_as_CreditExpired());
    case schema::Event::CreditVoided:
      return any(envelope.event_as_CreditVoided());
    case schema::Event::CreditApplied:
      return any(envelope.event_as_CreditApplied());
    case schema::Event::CreditReturned:
      return any(envelope.event_as_CreditReturned());
    case schema::Event::InvoiceFinalized:
      return any(envelope.event_as_InvoiceFinalized());
    case schema::Event::InvoiceVoided:
      return any(envelope.event_as_InvoiceVoided());
    case schema::Event::InvoiceMarkedUncollectible:
      return any(envelope.event_as_InvoiceMarkedUncollectible());
    case schema::Event::CreditNoteIssued:
      return any(envelope.event_as_CreditNoteIssued());
    case schema::Event::CreditNoteVoided:
      return any(envelope.event_as_CreditNoteVoided());
    case schema::Event::InvoiceAdjusted:
      return any(envelope.event_as_InvoiceAdjusted());
    case schema::Event::PaymentSucceeded:
      return any(envelope.event_as_PaymentSucceeded());
    case schema::Event::OfflinePaymentRecorded:
      return any(envelope.event_as_OfflinePaymentRecorded());
    case schema::Event::RefundSucceeded:
      return any(envelope.event_as_RefundSucceeded());
    case schema::Event::DisputeOpened:
      return any(envelope.event_as_DisputeOpened());
    case schema::Event::DisputeWon:
      return any(envelope.event_as_DisputeWon());
    case schema::Event::DisputeLost:
      return any(envelope.event_as_DisputeLost());
    default:
      return false;
  }
}

bool matches(const schema::Envelope& envelope, const EventFilter& filter) {
  const auto is = [](const flatbuffers::String* text, const std::string& value) {
    return text != nullptr && text->string_view() == value;
  };
  const std::int64_t at = envelope.recorded_at()->us();
  return (!filter.stream || is(envelope.stream(), *filter.stream)) &&
         (!filter.type || *filter.type == schema::EnumNameEvent(envelope.event_type())) &&
         (!filter.actor || is(envelope.actor()->principal(), *filter.actor)) &&
         (!filter.correlation_id || is(envelope.correlation_id(), *filter.correlation_id) ||
          is(envelope.request_id(), *filter.correlation_id)) &&
         (!filter.posts || posts(envelope)) && (!filter.from || at >= micros(*filter.from)) &&
         (!filter.to || at < micros(*filter.to));
}

/// All positions, by pages of the largest size.
std::vector<Position> list(ViewsFixture& fixture, const EventFilter& filter, const std::string& book = "default") {
  std::vector<Position> all;
  const ShardNumber shard = fixture.book.shard_of(book);
  PageRequest<Position> request;
  request.limit = page_limit_max;
  for (bool more = true; more;) {
    const auto page = fixture.views().audit().events(book, filter, request, shard, fixture.book.head(shard));
    all.insert(all.end(), page.data.begin(), page.data.end());
    more = page.has_more;
    if (more) request.starting_after = all.back();
  }
  return all;
}

}  // namespace

TEST_CASE("events are found by every combination of filters, and page both ways") {
  ViewsFixture fixture;
  std::mt19937_64 random(9);
  const Instant start = fixture.book.now();
  fixture.book.random_commands(random, 2'000, 9);
  const Instant end = fixture.book.now();
  const auto at = [&](int percent) { return Instant{micros(start) + (micros(end) - micros(start)) / 100 * percent}; };

  std::vector<EventFilter> filters(12);
  filters[1].type = "CreditIssued";
  filters[2].actor = "key:1";
  filters[3].stream = "default/a1";
  filters[4].correlation_id = "req_77";
  filters[5].from = at(20);
  filters[5].to = at(60);
  filters[6].type = "UnitCreditsAllocated";
  filters[6].actor = "key:2";
  filters[6].from = at(10);
  filters[7].stream = "default/a2";
  filters[7].type = "CreditIssued";
  filters[7].to = at(90);
  filters[10].posts = true;
  filters[11].posts = true;
  filters[11].stream = "default/a1";
  filters[8].correlation_id = "req_77";
  filters[8].actor = "key:0";
  filters[9].stream = "default/~book";
  for (const char* book : {"default", "second"}) {
    for (EventFilter filter : filters) {
      if (filter.stream) filter.stream = std::string(book) + filter.stream->substr(filter.stream->find('/'));
      const auto expected =
          fixture.book.scan(book, [&](const schema::Envelope& envelope) { return matches(envelope, filter); });
      auto& views = fixture.views();
      for (const std::size_t limit : {3U, 200U}) {
        check_walks<Position>(
            expected, limit,
            [&](const auto& request) { return views.audit().events(book, filter, request, 0, fixture.book.head()); },
            [](Position position) { return position; });
      }
    }
  }
}

TEST_CASE("an events filter that matches nothing gives an empty list") {
  ViewsFixture fixture;
  fixture.book.open_account("a");
  fixture.book.open_account("other/a");
  EventFilter filter;
  filter.type = "NoSuchEvent";
  CHECK(list(fixture, filter).empty());
  filter.type = "NONE";
  CHECK(list(fixture, filter).empty());
  filter = {};
  filter.stream = "other/a";  // Of another book.
  CHECK(list(fixture, filter).empty());
  CHECK(list(fixture, filter, "other").size() == 1);
  filter = {};
  filter.correlation_id = "req_none";
  CHECK(list(fixture, filter).empty());
  filter = {};
  filter.from = fixture.book.now();
  CHECK(list(fixture, filter).empty());
}

TEST_CASE("a page of events goes no further than the position that is asked for") {
  ViewsFixture fixture;
  for (const char* id : {"a", "b", "c"}) fixture.book.open_account(id);
  CHECK(fixture.views().audit().events("default", {}, {}, 0, 2).data == std::vector<Position>{1, 2});
  CHECK(fixture.views().audit().events("default", {}, {}, 0, 9).data.size() == 3);
  CHECK(fixture.views().audit().events("default", {}, {}, 0, 0).data.empty());
}

TEST_CASE("a request is found by its request id and by its correlation id, if they differ") {
  ViewsFixture fixture;
  fixture.book.request_id = "req_a";
  fixture.book.correlation_id = "order-7";
  fixture.book.open_account("a");
  fixture.book.request_id = "req_b";
  fixture.book.open_account("b");
  EventFilter filter;
  filter.correlation_id = "order-7";
  CHECK(list(fixture, filter) == std::vector<Position>{1, 2});
  filter.correlation_id = "req_b";
  CHECK(list(fixture, filter) == std::vector<Position>{2});
}

TEST_CASE("requests are found in full segments of the index and in the open one, across restarts") {
  ViewsFixture fixture;
  auto options = fixture.options();
  options.batch_events_max = 10'000;  // No divisor of a segment.
  fixture.open(options);
  fixture.book.open_account("a");
  std::vector<std::pair<std::string, Position>> some;
  fixture.book.hold();
  const Position events = hash_segment_positions * 2 + 300;
  for (Position position = 2; position <= events; ++position) {
    fixture.book.request_id = "req_" + std::to_string(position);
    if (position == 100) fixture.book.request_id = "req_3759944";  // The index cannot tell these two
    if (position == 200) fixture.book.request_id = "req_4829896";  // apart in a full segment.
    fixture.book.allocate("a", 1);
    if (position == 100 || position == 200 || position % 20'011 == 0 || position > events - 2)
      some.emplace_back(fixture.book.request_id, position);
    if (position % 5'000 == 0) fixture.book.commit();
    if (position % 50'000 == 0) {  // Somewhere in a segment.
      fixture.views();
      fixture.open(options);
    }
  }
  fixture.book.commit();
  for (const auto& [request_id, position] : some) {
    EventFilter filter;
    filter.correlation_id = request_id;
    CHECK(list(fixture, filter) == std::vector<Position>{position});
  }
  const std::string digest = fixture.views().digest(ViewName::audit);
  fixture.views().rebuild(ViewName::audit);
  CHECK(fixture.views().digest(ViewName::audit) == digest);
}

}  // namespace daybook::test
