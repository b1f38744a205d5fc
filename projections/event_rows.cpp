#include "projections/event_rows.h"

#include "domain/flat_string.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "eventstore/position.h"
#include "projections/journal_rows.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// RFC 3339; empty if there is none.
std::string time_text(const schema::Instant* at) {
  if (at == nullptr || !is_on_calendar(Instant{at->us()})) return {};
  return format_rfc3339(Instant{at->us()});
}

}  // namespace

const Unseal& unseal_nothing() {
  static const Unseal nothing = [](std::uint64_t, std::string_view, std::string_view, std::string_view,
                                   std::string_view) -> std::optional<std::string> { return std::nullopt; };
  return nothing;
}

void append_event_row_header(std::string& out) {
  out +=
      "event_id,position,type,stream,stream_version,recorded_at,decided_at,effective_at,actor,command,request_id,"
      "correlation_id,data\r\n";
}

void append_event_row(std::string& out, const EventRenderer& renderer, std::string_view envelope) {
  const schema::Envelope& event = *schema::GetEnvelope(envelope.data());
  std::string data;
  renderer.append_data(data, envelope, &unseal_nothing());
  const std::string fields[] = {
      format_event_id(event.shard(), event.position()),
      to_string(LogPosition{event.shard(), event.position()}),
      std::string(renderer.type_name(envelope)),
      std::string(view(event.stream())),
      std::to_string(event.stream_version()),
      time_text(event.recorded_at()),
      time_text(event.decided_at()),
      time_text(event.effective_at()),
      event.actor() == nullptr ? std::string() : std::string(view(event.actor()->principal())),
      std::string(view(event.command())),
      std::string(view(event.request_id())),
      std::string(view(event.correlation_id())),
      std::move(data)};
  bool is_first = true;
  for (const std::string& field : fields) {
    if (!is_first) out += ',';
    is_first = false;
    append_csv_field(out, field);
  }
  out += "\r\n";
}

}  // namespace daybook
