// A test book's own clocks: made, shown, sent forward.
#include "gateway/account_read.h"
#include "gateway/book_read.h"
#include "gateway/command_run.h"
#include "gateway/handlers.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/view_read.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

/// Copies the book's test clocks, newest first; then answers.
void copy_clocks(const ExchangePtr& exchange,
                 std::function<void(const ExchangePtr&, const std::vector<TestClock>&)> answer) {
  // Filled on the writer thread, read by the completion.
  const auto clocks = std::make_shared<std::vector<TestClock>>();
  const auto take = [clocks](const BookState& book, Instant) {
    for (auto clock = book.test_clocks.rbegin(); clock != book.test_clocks.rend(); ++clock) {
      clocks->push_back(clock->second);
    }
  };
  read_book(exchange, take, [exchange, clocks, answer = std::move(answer)] { answer(exchange, *clocks); });
}

}  // namespace

void append_test_clock(std::string& out, const TestClock& clock, const Viewer& viewer) {
  JsonText json(out);
  json.begin_object().member("object", "test_clock");
  id_member(json, "id", "clock", clock.id, viewer);
  member_or_null(json, "name", clock.name);
  json.member("status", clock.is_advancing() ? "advancing" : "ready");
  instant_member(json, "frozen_time", clock.frozen_time);
  instant_member(json, "advancing_to", clock.is_advancing() ? clock.to : never);
  instant_member(json, "created_at", clock.created_at);
  instant_member(json, "updated_at", clock.updated_at);
  json.member("version", clock.version).end_object();
}

void create_test_clock(ExchangePtr exchange) {
  run_body_command(exchange, CreateTestClock::name_of_command);
}

void list_test_clocks(ExchangePtr exchange) {
  Faults faults;
  const PageRequest<EntityRef> request = query_page(exchange->request, "clock", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  copy_clocks(exchange, [request](const ExchangePtr& answered, const std::vector<TestClock>& clocks) {
    const Page<TestClock> page = page_of(clocks, request, [](const TestClock& clock) { return clock.id; });
    const Viewer viewer = viewer_of(*answered, {});
    send_page(answered, page, [&](std::string& out, const TestClock& clock) { append_test_clock(out, clock, viewer); });
  });
}

void get_test_clock(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("clock", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  copy_clocks(exchange, [id](const ExchangePtr& answered, const std::vector<TestClock>& clocks) {
    for (const TestClock& clock : clocks) {
      if (clock.id != *id) continue;
      std::string body;
      append_test_clock(body, clock, viewer_of(*answered, {}));
      return answered->send_resource(std::move(body), clock.version);
    }
    answered->refuse(RejectionCode::not_found);
  });
}

void advance_test_clock(ExchangePtr exchange) {
  run_for_entity(exchange, AdvanceTestClock::name_of_command);
}

}  // namespace daybook
