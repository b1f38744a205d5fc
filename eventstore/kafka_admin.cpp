#include "eventstore/kafka_admin.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <thread>

#include "eventstore/kafka_handle.h"

namespace daybook {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
template <auto destroy>
struct Destroyer {
  template <typename T>
  void operator()(T* pointer) const {
    destroy(pointer);
  }
};
using QueuePointer = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using EventPointer = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using OptionsPointer = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopicPointer = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using ResourcePointer = std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;
using MetadataPointer = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;

constexpr milliseconds call_slice{300};  // how long a stop may go unnoticed
constexpr milliseconds ask_again_after{50};
constexpr milliseconds reach_timeout{5'000};  // for a first answer: nobody needs to wait longer to hear that it is away

struct Required {
  const char* name;
  const char* value;
};
/// Anything else would let Kafka drop a record of the log.
constexpr std::array<Required, 3> required_settings{
    {{"retention.ms", "-1"}, {"retention.bytes", "-1"}, {"cleanup.policy", "delete"}}};

/// One admin client and its answers' queue, with a deadline over all calls.
class Admin {
 public:
  Admin(const KafkaSettings& settings, milliseconds timeout, std::stop_token stop)
      : handle_(KafkaHandle::Kind::producer, KafkaConf(settings)),
        queue_(rd_kafka_queue_new(handle_.get())),
        deadline_(Clock::now() + timeout),
        stop_(std::move(stop)) {}

  struct Partitions {
    std::int32_t count = 0;
    std::int32_t with_leader = 0;
  };
  /// By topic; topics that do not exist are absent.
  std::map<std::string, Partitions> partitions_of(const std::vector<std::string>& topics);
  void create(const std::vector<std::string>& topics, std::int32_t partitions,
              const std::map<std::string, std::string>& config);
  /// False if a broker does not know a topic yet: news of a new one takes a moment to get around.
  bool check_settings(const std::vector<std::string>& topics);
  /// Before asking again: a short pause. Throws if there is no time left.
  void pause(const std::string& doing) const {
    if (stop_.stop_requested() || Clock::now() > deadline_) throw handle_.fault(doing + ": no answer in time");
    std::this_thread::sleep_for(ask_again_after);
  }

 private:
  milliseconds left() const {
    return std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()));
  }
  OptionsPointer options(rd_kafka_admin_op_t operation);
  EventPointer answer(const std::string& doing);
  bool check_topic(const rd_kafka_ConfigResource_t* resource) const;

  KafkaHandle handle_;
  QueuePointer queue_;
  Clock::time_point deadline_;
  std::stop_token stop_;
};

OptionsPointer Admin::options(rd_kafka_admin_op_t operation) {
  OptionsPointer made(rd_kafka_AdminOptions_new(handle_.get(), operation));
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_request_timeout(made.get(), static_cast<int>(left().count()), text.data(), text.size());
  return made;
}

EventPointer Admin::answer(const std::string& doing) {
  EventPointer event(rd_kafka_queue_poll(queue_.get(), static_cast<int>(left().count())));
  if (event == nullptr) throw handle_.fault(doing + ": no answer in time");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw handle_.fault(doing + ": " + rd_kafka_event_error_string(event.get()));
  }
  return event;
}

std::map<std::string, Admin::Partitions> Admin::partitions_of(const std::vector<std::string>& topics) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto reached_by = std::min(deadline_, Clock::now() + reach_timeout);
  while (rd_kafka_metadata(handle_.get(), 1, nullptr, &raw, static_cast<int>(call_slice.count())) !=
         RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_poll(handle_.get(), 0);
    if (stop_.stop_requested() || Clock::now() > reached_by) throw handle_.fault("list topics: no answer in time");
  }
  const MetadataPointer metadata(raw);
  std::map<std::string, Partitions> found;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const auto& topic = metadata->topics[t];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (std::find(topics.begin(), topics.end(), topic.topic) == topics.end()) continue;
    auto& partitions = found[topic.topic];
    partitions.count = topic.partition_cnt;
    for (int p = 0; p < topic.partition_cnt; ++p) partitions.with_leader += topic.partitions[p].leader >= 0 ? 1 : 0;
  }
  return found;
}

void Admin::create(const std::vector<std::string>& topics, std::int32_t partitions,
                   const std::map<std::string, std::string>& config) {
  std::vector<NewTopicPointer> owned;
  std::vector<rd_kafka_NewTopic_t*> wanted;
  std::array<char, 256> text{};
  for (const auto& topic : topics) {
    owned.emplace_back(rd_kafka_NewTopic_new(topic.c_str(), partitions, -1, text.data(), text.size()));
    if (owned.back() == nullptr) throw KafkaFault("kafka: create topic " + topic + ": " + text.data());
    for (const auto& [name, value] : config) {
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
    }
    wanted.push_back(owned.back().get());
  }
  const auto with = options(RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_CreateTopics(handle_.get(), wanted.data(), wanted.size(), with.get(), queue_.get());
  const auto event = answer("create topics");
  std::size_t count = 0;
  const auto** results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    throw KafkaFault(std::string("kafka: create topic ") + rd_kafka_topic_result_name(results[i]) + ": " +
                     rd_kafka_err2str(error));
  }
}

bool Admin::check_settings(const std::vector<std::string>& topics) {
  std::vector<ResourcePointer> owned;
  std::vector<rd_kafka_ConfigResource_t*> wanted;
  for (const auto& topic : topics) {
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    wanted.push_back(owned.back().get());
  }
  const auto with = options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(handle_.get(), wanted.data(), wanted.size(), with.get(), queue_.get());
  const auto event = answer("describe topics");
  std::size_t count = 0;
  const auto** resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  return std::all_of(resources, resources + count, [this](const auto* resource) { return check_topic(resource); });
}

bool Admin::check_topic(const rd_kafka_ConfigResource_t* resource) const {
  const std::string topic = rd_kafka_ConfigResource_name(resource);
  const auto error = rd_kafka_ConfigResource_error(resource);
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return false;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw handle_.fault("describe topic " + topic + ": " + rd_kafka_ConfigResource_error_string(resource));
  }
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  std::map<std::string, std::string> has;
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    has[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  for (const auto& [name, value] : required_settings) {
    if (has[name] == value) continue;
    throw KafkaTopicRefused("topic " + topic + " has " + name + "=" + has[name] + " and would lose part of the log; " +
                            "mend it with: kafka-configs.sh --alter --entity-type topics --entity-name " + topic +
                            " --add-config " + name + "=" + value);
  }
  return true;
}

}  // namespace

void ensure_kafka_topics(const KafkaSettings& settings, const std::vector<std::string>& topics, std::int32_t partitions,
                         milliseconds timeout, const std::stop_token& stop) {
  Admin admin(settings, timeout, stop);
  std::vector<std::string> absent;
  const auto before = admin.partitions_of(topics);
  for (const auto& topic : topics) {
    if (!before.contains(topic)) absent.push_back(topic);
  }
  std::map<std::string, std::string> config{{"max.message.bytes", std::to_string(kafka_record_bytes_max)}};
  for (const auto& [name, value] : required_settings) config[name] = value;
  if (!absent.empty()) admin.create(absent, partitions, config);
  while (!admin.check_settings(topics)) admin.pause("describe topics");
  // A new topic has no leaders for a moment; an old one may have none while a broker is away.
  while (true) {
    const auto now = admin.partitions_of(topics);
    bool ready = now.size() == topics.size();
    for (const auto& [topic, has] : now) {
      if (has.count != partitions) {
        throw KafkaTopicRefused("topic " + topic + " has " + std::to_string(has.count) + " partitions, the log " +
                                std::to_string(partitions) + " shards; a partition is a shard: use other topics");
      }
      ready = ready && has.with_leader == partitions;
    }
    if (ready) return;
    admin.pause("waiting for " + std::to_string(topics.size()) + " topics to have leaders");
  }
}

void create_kafka_topics(const KafkaSettings& settings, const std::vector<std::string>& topics, std::int32_t partitions,
                         const std::map<std::string, std::string>& config, milliseconds timeout) {
  Admin(settings, timeout, {}).create(topics, partitions, config);
}

}  // namespace daybook
