// Reads of a view: on a reader thread, after the view has reached what was committed when the request arrived (or
// ?min_position), unless ?consistency=eventual.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/id.h"
#include "gateway/exchange.h"
#include "projections/json_text.h"
#include "projections/page.h"
#include "projections/view_name.h"

namespace daybook {

inline constexpr std::chrono::milliseconds view_wait_max{2000};

/// Runs `job` on a reader thread when all of `views`, which are all that the job reads, are there; 503 projection_lag,
/// naming the view that is not, after view_wait_max.
void read_view(const ExchangePtr& exchange, std::vector<ViewName> views, std::function<void()> job);

/// The members of a list's answer: "object", "data" (each row by `append_row`), "has_more". Leaves the object open.
template <class Row, class AppendRow>
void begin_list(std::string& out, const Page<Row>& page, AppendRow append_row) {
  out += R"({"object":"list","data":[)";
  bool is_first = true;
  for (const Row& row : page.data) {
    if (!is_first) out += ',';
    is_first = false;
    append_row(row);
  }
  out += "],\"has_more\":";
  out += page.has_more ? "true" : "false";
}

/// The fault of a cursor that names nothing, as an answer.
void refuse_cursor(const ExchangePtr& exchange);

/// Answers with the list, or that a cursor names nothing. `append_row(out, row)` writes a row; `extra` goes after the
/// list's own members: `,"available":...`.
template <class Row, class AppendRow>
void send_page(const ExchangePtr& exchange, const Page<Row>& page, AppendRow append_row, std::string_view extra = {}) {
  if (!page.cursor_found) return refuse_cursor(exchange);
  std::string body;
  begin_list(body, page, [&](const Row& row) { append_row(body, row); });
  exchange->send(200, std::move(body.append(extra) += '}'));
}

}  // namespace daybook
