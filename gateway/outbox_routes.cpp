// What would have been sent: the messages that events give, in the sandbox. Names of templates and ids only, no text
// and nobody's address.
#include "domain/flat_string.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "projections/json_text.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr Rule message_name_rule = text_of(64);
constexpr Rule message_correlation_rule = text_of(128);

std::optional<MessagePlace> query_message(const Exchange& exchange, std::string_view name, Faults& faults) {
  const auto text = exchange.request.query_value(name);
  if (!text) return std::nullopt;
  const auto message = parse_message_id(*text);
  if (message && message->first == exchange.services.engine.shard_of(exchange.principal.book)) return message->second;
  faults.invalid("?" + std::string(name), fault_codes::invalid, "must be the id of a message of this book");
  return std::nullopt;
}

void append_message(std::string& out, ShardNumber shard, const MessageRow& row, const EventRenderer& renderer) {
  const schema::Envelope& envelope = *schema::GetEnvelope(row.envelope.data());
  const std::string_view stream = view(envelope.stream());
  const std::string_view account = stream.substr(stream.find('/') + 1);
  const bool is_webhook = row.message.channel == Channel::webhook;
  JsonText json(out);
  json.begin_object().member("object", "message").member("id", format_message_id(shard, row.place));
  json.member("channel", to_text(row.message.channel));
  member_or_null(json, "template", is_webhook ? std::string_view() : row.message.name);
  member_or_null(json, "event", is_webhook ? row.message.name : std::string_view());
  member_or_null(json, "account_id", account.starts_with('~') ? std::string_view() : account);
  json.member("event_id", format_event_id(shard, row.place.position));
  json.member("event_type", renderer.type_name(row.envelope));
  member_or_null(json, "correlation_id", view(envelope.correlation_id()));
  json.key("resources");
  renderer.append_resources(out, row.envelope);
  instant_member(json, "created_at", Instant{envelope.decided_at() == nullptr ? 0 : envelope.decided_at()->us()});
  json.end_object();
}

}  // namespace

void list_outbox(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  MessageFilter filter;
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  const Rule channel = one_of(channel_names);
  if (const auto name = query_text(request, "channel", channel, faults)) {
    filter.channel = static_cast<Channel>(value_of_name(channel, *name));
  }
  filter.template_name = query_text(request, "template", message_name_rule, faults);
  filter.webhook_event = query_text(request, "event", message_name_rule, faults);
  filter.correlation_id = query_text(request, "correlation_id", message_correlation_rule, faults);
  PageRequest<MessagePlace> page_request;
  page_request.limit = query_limit(request, faults);
  page_request.starting_after = query_message(*exchange, "starting_after", faults);
  page_request.ending_before = query_message(*exchange, "ending_before", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  const LogPosition up_to = exchange->services.engine.committed(exchange->principal.book);
  read_view(exchange, {ViewName::audit}, [exchange, filter, page_request, up_to] {
    const Page<MessageRow> page = exchange->services.projections.outbox().messages(
        exchange->principal.book, filter, page_request, up_to.shard, up_to.position);
    send_page(exchange, page, [&](std::string& out, const MessageRow& row) {
      append_message(out, up_to.shard, row, exchange->services.renderer);
    });
  });
}

}  // namespace daybook
