#include "connectors/kafka_format.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "domain/id.h"
#include "domain/instant.h"
#include "eventstore/envelope_view.h"
#include "projections/event_json.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

constexpr std::string_view position_header = "position";
constexpr std::string_view previous_position_header = "previous_position";
constexpr std::string_view log_id_header = "log_id";
constexpr std::string_view content_type_header = "content-type";
constexpr std::string_view cloud_event_content_type = "application/cloudevents+json; charset=UTF-8";

std::optional<Position> parse_position(std::optional<std::string_view> text) {
  Position position = 0;
  if (!text || text->empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), position);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return position;
}

/// Members of the outer object: names are ours, values are escaped.
class CloudEventWriter {
 public:
  explicit CloudEventWriter(std::string& out) : out_(out) {}
  void text(std::string_view name, std::string_view value) {
    label(name);
    append_json_string(out_, value);
  }
  void label(std::string_view name) {
    out_ += out_.empty() ? "{\"" : ",\"";
    out_ += name;
    out_ += "\":";
  }

 private:
  std::string& out_;
};

std::string render(const EventRenderer& renderer, const std::string& source, std::string_view envelope,
                   Position previous_in_topic) {
  const EnvelopeView view = view_envelope(envelope);
  std::string out;
  out.reserve(1024 + 4 * envelope.size());
  CloudEventWriter write(out);
  write.text("specversion", "1.0");
  write.text("id", format_event_id(view.shard, view.position));
  write.text("source", source);
  write.text("type", "com.daybook." + std::string(renderer.type_name(envelope)));
  write.text("subject", view.stream);
  write.text("time", format_rfc3339(Instant{view.recorded_at_us}));
  write.text("datacontenttype", "application/json");
  write.text("partitionkey", view.stream);
  write.label("shard");
  out += std::to_string(view.shard);
  write.text("position", std::to_string(view.position));
  write.text("previousposition", std::to_string(previous_in_topic));
  write.label("data");
  renderer.append_event(out, envelope);
  out += '}';
  return out;
}

}  // namespace

EventFormat cloud_event_format(const EventRenderer& renderer, std::string log_id) {
  return {.topic = [&renderer](std::string_view envelope) { return std::string(renderer.topic(envelope)); },
          .cloud_event = [&renderer, source = "/daybook/" + std::move(log_id)](
                             std::string_view envelope,
                             Position previous) { return render(renderer, source, envelope, previous); }};
}

std::vector<std::string> billing_topics(const EventRenderer& renderer) {
  std::vector<std::string> topics;
  for (const auto& type : renderer.event_types()) {
    std::string topic(renderer.topic_of(type));
    if (!topic.empty() && std::find(topics.begin(), topics.end(), topic) == topics.end()) {
      topics.push_back(std::move(topic));
    }
  }
  return topics;
}

std::vector<std::string> KafkaTopics::all() const {
  std::vector<std::string> names{events()};
  for (const auto& topic : billing) names.push_back(name(topic));
  if (with_checkpoints) names.push_back(checkpoints());
  return names;
}

KafkaHeaders origin_headers(const KafkaOrigin& origin) {
  KafkaHeaders headers{{std::string(position_header), std::to_string(origin.position)},
                       {std::string(log_id_header), origin.log_id}};
  if (origin.previous_position) {
    headers.emplace_back(previous_position_header, std::to_string(*origin.previous_position));
    headers.emplace_back(content_type_header, cloud_event_content_type);
  }
  return headers;
}

std::optional<KafkaOrigin> read_origin(const KafkaMessage& message) {
  const auto position = parse_position(message.header(position_header));
  const auto log_id = message.header(log_id_header);
  if (!position || *position == 0 || !log_id) return std::nullopt;
  return KafkaOrigin{*position, parse_position(message.header(previous_position_header)), std::string(*log_id)};
}

}  // namespace daybook
