#include "gateway/event_reader.h"

#include "domain/flat_string.h"
#include "engine/engine.h"
#include "eventstore/envelope_view.h"
#include "gateway/problem.h"
#include "gateway/render.h"
#include "projections/event_json.h"
#include "projections/json_text.h"
#include "schemas/envelope_generated.h"

namespace daybook {
EventReader::EventReader(Engine& engine, const EventRenderer& renderer, FollowedEvents what)
    : engine_(&engine), renderer_(&renderer), what_(std::move(what)), book_prefix_(what_.book + "/") {}

bool EventReader::matches(std::string_view envelope) const {
  const EventFilter& filter = what_.filter;
  const EnvelopeView event = view_envelope(envelope);
  if (!event.stream.starts_with(book_prefix_)) return false;
  if (filter.stream && event.stream != *filter.stream) return false;
  if (filter.actor && event.principal != *filter.actor) return false;
  if (filter.from && event.recorded_at_us < micros(*filter.from)) return false;
  if (filter.type && renderer_->type_name(envelope) != *filter.type) return false;
  if (!filter.correlation_id || event.correlation_id == *filter.correlation_id) return true;
  return view(schema::GetEnvelope(envelope.data())->request_id()) == *filter.correlation_id;
}

bool EventReader::read(std::string& piece) {
  LogPosition& at = what_.after;
  if (!has_begun_) {
    has_begun_ = true;
    piece += "retry: " + std::to_string(event_stream_retry_ms) + '\n';
    append_cursor(piece);
  }
  const Position head = engine_->committed(what_.book).position;
  if (at.position >= head) return false;
  const Unseal unseal = unseal_for(engine_->keyring(), what_.shows_sealed);
  const auto reader = engine_->log().read_forward(at.shard, at.position + 1);
  StoredEvent event;
  std::size_t looked_at = 0;
  while (piece.size() < event_stream_piece_bytes && looked_at < event_stream_turn_events && at.position < head &&
         reader->next(event)) {
    ++looked_at;
    if (matches(event.envelope)) {
      piece += "id: ";
      append_event_id(piece, at.shard, event.position);
      piece += "\ndata: ";
      renderer_->append_event(piece, event.envelope, &unseal);
      piece += "\n\n";
    }
    at.position = event.position;
  }
  return at.position < head;
}

void EventReader::append_cursor(std::string& piece) const {
  if (what_.after.position != 0) {
    piece += "id: ";
    append_event_id(piece, what_.after.shard, what_.after.position);
    piece += '\n';
  }
  piece += '\n';
}

void EventReader::append_heartbeat(std::string& piece) const {
  piece += ": heartbeat\n";
  append_cursor(piece);
}

void append_problem_message(std::string& piece, const CorruptLog& damage) {
  piece += "event: problem\ndata: ";
  JsonText json(piece);
  json.begin_object().member("code", rejection_info(RejectionCode::event_corrupt).name);
  json.member("position", to_string(LogPosition{damage.shard(), damage.position()})).end_object();
  piece += "\n\n";
}

}  // namespace daybook
