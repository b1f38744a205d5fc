// The journal's lines over HTTP, in the order of the log.
#include <charconv>

#include "gateway/account_read.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "projections/fold_batch.h"
#include "projections/journal_entry.h"

namespace daybook {
namespace {

/// A line's place: "evt_00000000000a-2" is the second line of that event.
struct LinePlace {
  LogRef event;
  std::size_t number = 0;  ///< From 1.
};

std::string format_place(const LinePlace& place) {
  return format_event_id(place.event.shard, place.event.position) + '-' + std::to_string(place.number);
}

std::optional<LinePlace> parse_place(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const std::optional<LogRef> event = parse_event_id(text.substr(0, dash));
  const std::string_view digits = text.substr(dash + 1);
  LinePlace place;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.number);
  if (!event || error != std::errc() || end != digits.data() + digits.size() || place.number == 0) return std::nullopt;
  place.event = *event;
  return place;
}

struct PostingQuery {
  EventFilter filter;
  std::size_t limit = 0;
  std::optional<LinePlace> after;
};

PostingQuery read_query(const Exchange& exchange, Faults& faults) {
  PostingQuery query;
  const Request& request = exchange.request;
  query.limit = query_limit(request, faults);
  const auto account = query_text(request, "account_id", a(FieldKind::client_id), faults);
  if (account) query.filter.stream = exchange.principal.book + "/" + *account;
  query.filter.from = query_instant(request, "from", faults);
  query.filter.to = query_instant(request, "to", faults);
  query.filter.posts = true;
  if (const auto text = request.query_value("starting_after")) {
    query.after = parse_place(*text);
    const bool is_here =
        query.after && query.after->event.shard == exchange.services.engine.shard_of(exchange.principal.book);
    if (!is_here) faults.invalid("?starting_after", fault_codes::invalid, "must be the id of a posting of this book");
  }
  return query;
}

void append_line(std::string& out, const JournalEntry& entry, Instant decided_at, std::size_t number) {
  const JournalLine& line = entry.lines[number - 1];
  JsonText json(out);
  json.begin_object().member("object", "posting");
  json.member("id", format_place({{entry.at.shard, entry.at.position}, number}));
  json.member("event_id", format_event_id(entry.at.shard, entry.at.position)).member("event_type", entry.type);
  member_or_null(json, "account_id", entry.account_id);
  json.member("account", to_text(line.account)).member("number", static_cast<std::uint16_t>(line.account));
  json.member("side", line.side == Side::debit ? "debit" : "credit").member("amount", line.amount.minor);
  json.member("currency", code(line.amount.currency)).member("decided_at", format_rfc3339(decided_at));
  json.member("effective_at", format_rfc3339(entry.effective_at)).member("position", to_string(entry.at)).end_object();
}

/// Every event of the page has a line at least, so as many events as lines are enough.
void answer_list(const ExchangePtr& exchange, const PostingQuery& query, LogPosition up_to) {
  PageRequest<Position> request;
  request.limit = query.limit + 1;
  if (query.after) request.starting_after = query.after->event.position - 1;
  const AuditReader audit = exchange->services.projections.audit();
  const Page<Position> events =
      audit.events(exchange->principal.book, query.filter, request, up_to.shard, up_to.position);
  std::string body = R"({"object":"list","data":[)";
  std::size_t lines = 0;
  bool has_more = events.has_more;
  for (const Position position : events.data) {
    FoldBatch batch({1, envelope_bytes_max});
    const std::string envelope = exchange->services.engine.log().read_one(up_to.shard, position);
    batch.clear(up_to.shard);
    batch.add({position, envelope});
    batch.finish();
    const std::optional<JournalEntry> entry = journal_entry_of(batch.events().front());
    const bool is_begun = query.after && query.after->event.position == position;
    for (std::size_t i = is_begun ? query.after->number + 1 : 1; entry && i <= entry->lines.size(); ++i) {
      has_more = has_more || lines == query.limit;
      if (lines == query.limit) break;
      if (lines++ > 0) body += ',';
      append_line(body, *entry, batch.events().front().decided_at, i);
    }
    if (lines == query.limit && has_more) break;
  }
  body += "],\"has_more\":";
  body += has_more ? "true}" : "false}";
  exchange->send(200, std::move(body));
}

}  // namespace

void list_postings(ExchangePtr exchange) {
  Faults faults;
  const PostingQuery query = read_query(*exchange, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const LogPosition up_to = exchange->services.engine.committed(exchange->principal.book);
  read_view(exchange, {ViewName::audit}, [exchange, query, up_to] { answer_list(exchange, query, up_to); });
}

}  // namespace daybook
