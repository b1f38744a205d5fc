// The journal's totals, and the views' own state.
#include "engine/clock.h"
#include "gateway/account_read.h"
#include "gateway/handlers.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

/// Debits and credits that no number of postings makes too large for JSON's own integers are not split: 128 bits.
void sum_member(JsonText& json, std::string_view name, Sum128 sum) {
  json.key(name).raw(to_decimal(static_cast<Balance128>(sum)));
}

void append_currency(JsonText& json, const std::vector<JournalTotal>& totals, std::size_t begin, std::size_t end) {
  Sum128 debits = 0, credits = 0;
  for (std::size_t i = begin; i < end; ++i) {
    debits += totals[i].debits;
    credits += totals[i].credits;
  }
  json.begin_object().member("currency", code(totals[begin].currency));
  sum_member(json, "debits", debits);
  sum_member(json, "credits", credits);
  json.key("accounts").begin_array();
  for (std::size_t i = begin; i < end; ++i) {
    json.begin_object().member("account", to_text(totals[i].account));
    json.member("number", static_cast<std::uint16_t>(totals[i].account));
    sum_member(json, "debit", totals[i].debits);
    sum_member(json, "credit", totals[i].credits);
    json.end_object();
  }
  json.end_array().end_object();
}

void append_status(JsonText& json, const ViewStatus& view) {
  json.begin_object().member("object", "projection").member("name", to_text(view.name));
  json.member("state", to_text(view.state)).member("shard", view.shard);
  json.member("position", to_string(LogPosition{view.shard, view.position}));
  json.member("head", to_string(LogPosition{view.shard, view.head}));
  json.member("lag_events", view.lag_events);
  json.key("lag_seconds").raw(std::to_string(view.lag_seconds));
  member_or_null(json, "message", view.message);
  json.key("rebuild").begin_object().member("running", view.rebuild.running);
  json.member("done", view.rebuild.done).member("total", view.rebuild.total).end_object();
  json.end_object();
}

std::vector<ViewStatus> statuses_of(const Exchange& exchange) {
  std::vector<ViewStatus> all = exchange.services.projections.status(wall_clock().now());
  const ShardNumber shard = exchange.services.engine.shard_of(exchange.principal.book);
  std::erase_if(all, [shard](const ViewStatus& view) { return view.shard != shard; });
  return all;
}

}  // namespace

void get_trial_balance(ExchangePtr exchange) {
  read_view(exchange, {ViewName::journal}, [exchange] {
    const JournalReader journal = exchange->services.projections.journal();
    const std::vector<JournalTotal> totals = journal.trial_balance(exchange->principal.book);
    const ShardNumber shard = exchange->services.engine.shard_of(exchange->principal.book);
    std::string body;
    JsonText json(body);
    json.begin_object().member("object", "trial_balance").key("currencies").begin_array();
    for (std::size_t begin = 0; begin < totals.size();) {
      std::size_t end = begin;
      while (end < totals.size() && totals[end].currency == totals[begin].currency) ++end;
      append_currency(json, totals, begin, end);
      begin = end;
    }
    const LogPosition position{shard, journal.snapshot().position(shard)};
    json.end_array().member("position", to_string(position)).end_object();
    exchange->send(200, std::move(body));
  });
}

void list_projections(ExchangePtr exchange) {
  on_reader_thread(exchange, [exchange] {
    std::string body;
    JsonText json(body);
    json.begin_object().member("object", "list").key("data").begin_array();
    for (const ViewStatus& view : statuses_of(*exchange)) append_status(json, view);
    json.end_array().member("has_more", false).end_object();
    exchange->send(200, std::move(body));
  });
}

void rebuild_projection(ExchangePtr exchange) {
  const std::optional<ViewName> view = parse_view_name(exchange->path[0]);
  if (!view) return exchange->refuse(RejectionCode::not_found);
  on_reader_thread(exchange, [exchange, view] {
    if (!exchange->services.projections.start_rebuild(*view)) {
      Problem problem;
      problem.code = RejectionCode::invalid_transition;
      problem.detail = "A rebuild of this view is under way.";
      problem.details = {
          {"from", std::string("rebuilding")}, {"to", std::string("rebuilding")}, {"allowed", std::string("live")}};
      return exchange->refuse(problem);
    }
    for (const ViewStatus& status : statuses_of(*exchange)) {
      if (status.name != *view) continue;
      std::string body;
      JsonText json(body);
      append_status(json, status);
      return exchange->send(202, std::move(body));
    }
    exchange->refuse(RejectionCode::internal);
  });
}

}  // namespace daybook
