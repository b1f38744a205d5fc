// The log over HTTP: events listed, read one by one, exported as NDJSON and followed live. Events are never changed or
// removed.
#include "eventstore/envelope_view.h"
#include "gateway/account_read.h"
#include "gateway/authenticate.h"
#include "gateway/bulk_limits.h"
#include "gateway/command_fields.h"
#include "gateway/event_reader.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

constexpr Rule type_rule = text_of(64);
constexpr Rule actor_rule = text_of(128);
constexpr Rule correlation_rule = text_of(128);

struct EventQuery {
  EventFilter filter;
  PageRequest<Position> page;
};

std::optional<Position> query_event(const Exchange& exchange, std::string_view name, Faults& faults) {
  const auto text = exchange.request.query_value(name);
  if (!text) return std::nullopt;
  const std::optional<LogRef> event = parse_event_id(*text);
  if (event && event->shard == exchange.services.engine.shard_of(exchange.principal.book)) return event->position;
  faults.invalid("?" + std::string(name), fault_codes::invalid, "must be the id of an event of this book");
  return std::nullopt;
}

EventQuery read_query(const Exchange& exchange, Faults& faults) {
  const Request& request = exchange.request;
  EventQuery query;
  EventFilter& filter = query.filter;
  std::optional<std::string> account = query_text(request, "account_id", a(FieldKind::client_id), faults);
  if (exchange.is_within_one_account()) {
    const bool is_foreign = account && *account != exchange.principal.account_id;
    faults.is_target_bad = faults.is_target_bad || is_foreign;
    account = exchange.principal.account_id;
  }
  if (account) filter.stream = exchange.principal.book + "/" + *account;
  filter.type = query_text(request, "type", type_rule, faults);
  filter.actor = query_text(request, "actor", actor_rule, faults);
  filter.correlation_id = query_text(request, "correlation_id", correlation_rule, faults);
  filter.from = query_instant(request, "from", faults);
  filter.to = query_instant(request, "to", faults);
  query.page.starting_after = query_event(exchange, "starting_after", faults);
  return query;
}

/// Sealed members are shown to those whose role gives them events without a limit, and to keys in their own account.
bool shows_sealed(const Principal& principal) {
  const bool is_limited = access_of(Permission::events_read, principal.role) == Access::limited;
  return sees_personal_data(principal.role) && (!is_limited || principal.role == Role::api_key);
}

Page<Position> find_events(const Exchange& exchange, const EventQuery& query, LogPosition up_to) {
  return exchange.services.projections.audit().events(exchange.principal.book, query.filter, query.page, up_to.shard,
                                                      up_to.position);
}

void answer_list(const ExchangePtr& exchange, const EventQuery& query, LogPosition up_to) {
  const Page<Position> page = find_events(*exchange, query, up_to);
  if (!page.cursor_found) return refuse_cursor(exchange);
  const Unseal unseal = unseal_for(exchange->services.engine.keyring(), shows_sealed(exchange->principal));
  std::string body;
  begin_list(body, page, [&](Position position) {
    const std::string envelope = exchange->services.engine.log().read_one(up_to.shard, position);
    exchange->services.renderer.append_event(body, envelope, &unseal);
  });
  exchange->send(200, std::move(body += '}'));
}

/// Pages through the matches until the end or a bound; then the last line's id is where to go on.
void answer_export(const ExchangePtr& exchange, EventQuery query, LogPosition up_to) {
  const Unseal unseal = unseal_for(exchange->services.engine.keyring(), shows_sealed(exchange->principal));
  std::string body;
  std::size_t events = 0;
  bool has_more = true;
  query.page.limit = page_limit_max;
  while (has_more && events < export_events_max && body.size() < export_bytes_max) {
    const Page<Position> page = find_events(*exchange, query, up_to);
    if (!page.cursor_found) return refuse_cursor(exchange);
    for (const Position position : page.data) {
      const std::string envelope = exchange->services.engine.log().read_one(up_to.shard, position);
      exchange->services.renderer.append_event(body, envelope, &unseal);
      body += '\n';
      ++events;
    }
    has_more = page.has_more;
    if (!page.data.empty()) query.page.starting_after = page.data.back();
  }
  std::vector<Header> headers;
  if (has_more && query.page.starting_after) {
    headers.push_back({"Daybook-Next-Cursor", format_event_id(up_to.shard, *query.page.starting_after)});
  }
  exchange->send(200, std::move(body), std::move(headers), "application/x-ndjson");
}

/// Where a stream begins: after the event that Last-Event-ID or else ?starting_after names; without both at the first
/// event since ?from, or with what is committed from now on.
Position read_start(const Exchange& exchange, const EventQuery& query, LogPosition head, Faults& faults) {
  std::optional<Position> after = query.page.starting_after;
  std::string_view pointer = "?starting_after";
  if (const std::string_view last = exchange.request.header("last-event-id"); !last.empty()) {
    pointer = "Last-Event-ID";
    const std::optional<LogRef> event = parse_event_id(last);
    if (event && event->shard == head.shard) {
      after = event->position;
    } else {
      faults.invalid(std::string(pointer), fault_codes::invalid, "must be the id of an event of this book");
    }
  }
  if (after && *after > head.position) {
    faults.invalid(std::string(pointer), fault_codes::out_of_range, "is beyond the head of the log");
  }
  if (after || query.filter.from) return after.value_or(0);
  return head.position;
}

/// The audit view knows where the first match is, as far as it has been folded: nothing before need be read.
Position before_first_match(const Exchange& exchange, const EventQuery& query, LogPosition head, Position after) {
  PageRequest<Position> first;
  first.limit = 1;
  if (after > 0) first.starting_after = after;
  const AuditReader audit = exchange.services.projections.audit();
  const Page<Position> page = audit.events(exchange.principal.book, query.filter, first, head.shard, head.position);
  if (!page.data.empty()) return page.data.front() - 1;
  return std::max(after, std::min(audit.snapshot().position(head.shard), head.position));
}

}  // namespace

void list_events(ExchangePtr exchange) {
  Faults faults;
  EventQuery query = read_query(*exchange, faults);
  query.page.limit = query_limit(exchange->request, faults);
  query.page.ending_before = query_event(*exchange, "ending_before", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const LogPosition up_to = exchange->services.engine.committed(exchange->principal.book);
  read_view(exchange, {ViewName::audit},
            [exchange, query = std::move(query), up_to] { answer_list(exchange, query, up_to); });
}

void export_events(ExchangePtr exchange) {
  Faults faults;
  EventQuery query = read_query(*exchange, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const LogPosition up_to = exchange->services.engine.committed(exchange->principal.book);
  read_view(exchange, {ViewName::audit},
            [exchange, query = std::move(query), up_to] { answer_export(exchange, query, up_to); });
}

void stream_events(ExchangePtr exchange) {
  Faults faults;
  EventQuery query = read_query(*exchange, faults);
  const LogPosition head = exchange->services.engine.committed(exchange->principal.book);
  const Position start = read_start(*exchange, query, head, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  on_reader_thread(exchange, [exchange, query = std::move(query), head, start] {
    Services& services = exchange->services;
    FollowedEvents what;
    what.book = exchange->principal.book;
    what.filter = query.filter;
    what.after = {head.shard, before_first_match(*exchange, query, head, start)};
    what.shows_sealed = shows_sealed(exchange->principal);
    what.is_allowed = [&services, key = std::string(exchange->request.header("authorization"))] {
      return authenticate(key, services).has_value();
    };
    auto source = services.streams.open(std::move(what));
    if (!source) return exchange->refuse_busy();
    exchange->send_stream(std::move(source), {{"Cache-Control", "no-store"}}, "text/event-stream");
  });
}

void get_event(ExchangePtr exchange) {
  const std::optional<LogRef> event = parse_event_id(exchange->path[0]);
  const LogPosition head = exchange->services.engine.committed(exchange->principal.book);
  if (!event || event->shard != head.shard || event->position > head.position) {
    return exchange->refuse(RejectionCode::not_found);
  }
  on_reader_thread(exchange, [exchange, event] {
    const std::string envelope = exchange->services.engine.log().read_one(event->shard, event->position);
    if (!verify_envelope(envelope)) return exchange->refuse(RejectionCode::event_corrupt);
    if (!may_see_stream(exchange->principal, view_envelope(envelope).stream)) {
      return exchange->refuse(RejectionCode::not_found);
    }
    const Unseal unseal = unseal_for(exchange->services.engine.keyring(), shows_sealed(exchange->principal));
    std::string body;
    exchange->services.renderer.append_event(body, envelope, &unseal);
    exchange->send(200, std::move(body));
  });
}

}  // namespace daybook
