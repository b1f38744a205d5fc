// The history of one unit of an account: which movements there are is an index in the view `units`, what each says is
// read from the log.
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// Stands for "the present": nothing is newer.
constexpr std::uint64_t newest_version = std::numeric_limits<std::uint64_t>::max();

struct HistoryQuery {
  std::string unit;
  std::size_t limit = 0;
  std::optional<EntityRef> starting_after, ending_before;
};

/// The cursors as versions; nothing if one names an entry of another account.
std::optional<PageRequest<std::uint64_t>> page_request(const HistoryQuery& query, std::uint64_t ordinal) {
  PageRequest<std::uint64_t> page;
  page.limit = query.limit;
  for (const auto& cursor : {query.starting_after, query.ending_before}) {
    if (cursor && cursor->stream_ordinal != ordinal) return std::nullopt;
  }
  if (query.starting_after) page.starting_after = query.starting_after->stream_version;
  if (query.ending_before) page.ending_before = query.ending_before->stream_version;
  return page;
}

/// The newest lines up to a version: pages past what is newer, which an index by version would not need.
Page<UnitLine> history_until(const UnitsReader& units, const std::string& book, const AccountCopy& copy,
                             const std::string& unit, PageRequest<std::uint64_t> request) {
  const std::size_t limit = request.limit;
  const bool skips = copy.version != newest_version && !request.starting_after && !request.ending_before;
  if (skips) request.limit = page_limit_max;
  Page<UnitLine> page = units.history(book, copy.details.id, unit, request);
  while (skips && page.has_more && page.data.back().version > copy.version) {
    request.starting_after = page.data.back().version;
    page = units.history(book, copy.details.id, unit, request);
  }
  std::erase_if(page.data, [&](const UnitLine& line) { return line.version > copy.version; });
  if (skips && page.data.size() < limit && page.has_more) {
    // The page began with newer lines: take the rest from where the older ones begin.
    request.starting_after = page.data.back().version;
    Page<UnitLine> rest = units.history(book, copy.details.id, unit, request);
    page.data.insert(page.data.end(), rest.data.begin(), rest.data.end());
    page.has_more = rest.has_more;
  }
  if (page.data.size() > limit) {
    page.data.resize(limit);
    page.has_more = true;
  }
  return page;
}

void append_line(std::string& out, const Exchange& exchange, const AccountCopy& copy, const UnitLine& line) {
  const std::string bytes = exchange.services.engine.log().read_one(copy.position.shard, line.position);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  std::optional<UnitMovement> movement = unit_movement(envelope);
  if (!movement)
    throw CorruptLog(copy.position.shard, line.position, "the units view names an event that moves no units");
  UnitEntryShown entry;
  entry.account_id = copy.details.id;
  entry.movement = std::move(*movement);
  entry.balance_after = line.available_after;
  entry.reserved_after = line.reserved_after;
  if (envelope.actor() && envelope.actor()->principal()) entry.actor = envelope.actor()->principal()->str();
  append_unit_entry(out, entry, viewer_of(exchange, copy.stream));
}

void answer_history(const ExchangePtr& exchange, const AccountCopy& copy, const HistoryQuery& query) {
  const std::optional<PageRequest<std::uint64_t>> request = page_request(query, copy.ordinal);
  if (!request) return refuse_cursor(exchange);
  const UnitsReader units = exchange->services.projections.units();
  const Page<UnitLine> page = history_until(units, exchange->principal.book, copy, query.unit, *request);
  if (!page.cursor_found) return refuse_cursor(exchange);
  std::string body;
  begin_list(body, page, [&](const UnitLine& line) { append_line(body, *exchange, copy, line); });
  exchange->send(200, std::move(body += '}'));
}

}  // namespace

void list_unit_history(ExchangePtr exchange) {
  Faults faults;
  const Request& request = exchange->request;
  HistoryQuery query;
  query.unit = query_text(request, "unit", rules::unit, faults).value_or("credits");
  query.limit = query_limit(request, faults);
  query.starting_after = query_id(request, "starting_after", "ue", faults);
  query.ending_before = query_id(request, "ending_before", "ue", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  // A read of the present is made up to the view's own state, which may be newer than the copy.
  const bool is_past = request.query_value("as_of") || request.query_value("at");
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt},
               [query = std::move(query), is_past](const ExchangePtr& answered, const AccountCopy& copy) {
                 AccountCopy bound = copy;
                 if (!is_past) bound.version = newest_version;
                 read_view(answered, {ViewName::units},
                           [answered, bound = std::move(bound), query] { answer_history(answered, bound, query); });
               });
}

}  // namespace daybook
