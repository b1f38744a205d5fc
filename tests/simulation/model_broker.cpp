#include "tests/simulation/model_broker.h"

#include <algorithm>

namespace daybook::test {

class ModelProducer final : public KafkaProducer {
 public:
  ModelProducer(ModelBroker& broker, std::string id) : broker_(broker), id_(std::move(id)) {}

  void init_transactions(std::chrono::milliseconds, const std::stop_token&) override {
    broker_.call("init transactions");
    ModelBroker::Producers& producers = broker_.producers_[id_];
    if (producers.open != 0) {
      broker_.end(producers, producers.is_committing ? ModelBroker::State::committed : ModelBroker::State::aborted);
    }
    epoch_ = ++producers.epoch;
    if (broker_.loses_answer()) throw KafkaFault("model: init transactions: no answer");
  }
  void begin() override {
    if (epoch_ == 0) throw KafkaFault("model: begin transaction: not initialized");
    transaction_ = 0;
    reason_.clear();
  }
  void send(const KafkaRecord& record) override {
    // As a client's queue: what the broker says to it, commit() tells.
    if (broker_.is_away_ || is_fenced()) return;
    ModelBroker::Producers& producers = broker_.producers_[id_];
    if (transaction_ == 0) {
      transaction_ = producers.open = broker_.transactions_.size();
      broker_.transactions_.emplace_back();
    }
    ModelBroker::Partition& partition = broker_.partition_at(std::string(record.topic), record.partition);
    broker_.transactions_[transaction_].first.emplace(&partition, partition.size());
    partition.push_back({false, transaction_, std::string(record.key), std::string(record.value),
                         record.headers ? *record.headers : KafkaHeaders()});
  }
  KafkaOutcome commit(const std::stop_token&) override {
    if (broker_.is_away_) return answer(KafkaOutcome::unknown, "model: the broker is away");
    if (is_fenced()) return answer(KafkaOutcome::fenced, "model: another producer has the id");
    ModelBroker::Producers& producers = broker_.producers_[id_];
    if (transaction_ == 0) return KafkaOutcome::committed;
    if (producers.open != transaction_) return answer(KafkaOutcome::fenced, "model: the transaction timed out");
    if (!broker_.loses_answer()) {
      broker_.end(producers, ModelBroker::State::committed);
      return KafkaOutcome::committed;
    }
    switch (broker_.random_.below(4)) {
      case 0:
        broker_.end(producers, ModelBroker::State::aborted);
        return answer(KafkaOutcome::aborted, "model: the broker aborted the transaction");
      case 1:
        return answer(KafkaOutcome::unknown, "model: the request was lost");
      case 2:
        producers.is_committing = true;
        return answer(KafkaOutcome::unknown, "model: the commit is still under way");
      default:
        broker_.end(producers, ModelBroker::State::committed);
        return answer(KafkaOutcome::unknown, "model: the answer was lost");
    }
  }
  const std::string& reason() const override { return reason_; }

 private:
  bool is_fenced() const { return broker_.producers_[id_].epoch != epoch_; }
  KafkaOutcome answer(KafkaOutcome outcome, const char* why) {
    reason_ = why;
    return outcome;
  }

  ModelBroker& broker_;
  const std::string id_;
  std::uint64_t epoch_ = 0;
  std::uint64_t transaction_ = 0;
  std::string reason_;
};

class ModelConsumer final : public KafkaConsumer {
 public:
  ModelConsumer(ModelBroker& broker, const std::string& topic, std::int32_t partition)
      : KafkaConsumer(topic), broker_(broker), partition_(partition) {}

  KafkaExtent extent(std::chrono::milliseconds) override {
    broker_.call("list offsets");
    if (broker_.loses_answer()) throw fault("list offsets: no answer");
    return {0, static_cast<std::int64_t>(stable_end())};
  }
  void read_from(std::int64_t offset) override {
    next_ = static_cast<std::size_t>(offset);
    is_reading_ = true;
  }
  Next next(KafkaMessage& message, std::chrono::milliseconds) override {
    if (broker_.is_away_ || broker_.loses_answer() || !is_reading_) return Next::timeout;
    const ModelBroker::Partition& records = broker_.partition_at(topic_name(), partition_);
    const std::size_t end = stable_end();
    for (; next_ < end; ++next_) {
      const ModelBroker::Record& record = records[next_];
      if (record.is_control || broker_.state(record.transaction) == ModelBroker::State::aborted) continue;
      message = {static_cast<std::int64_t>(next_++), record.key, record.value, record.headers};
      return Next::message;
    }
    end_ = {static_cast<std::int64_t>(end), static_cast<std::int64_t>(records.size())};
    return Next::end;
  }
  void stop() override { is_reading_ = false; }
  End last_end() const override { return end_; }

 protected:
  KafkaFault fault(const std::string& what) const override { return KafkaFault("model: " + what); }

 private:
  /// The first offset of an open transaction.
  std::size_t stable_end() const {
    ModelBroker::Partition& records = broker_.partition_at(topic_name(), partition_);
    std::size_t end = records.size();
    for (const auto& [id, producers] : broker_.producers_) {
      const auto& first = broker_.transactions_[producers.open].first;  // of the one that is none: empty
      if (const auto found = first.find(&records); found != first.end()) end = std::min(end, found->second);
    }
    return end;
  }

  ModelBroker& broker_;
  std::int32_t partition_;
  std::size_t next_ = 0;
  bool is_reading_ = false;
  End end_;
};

void ModelBroker::call(const char* what) const {
  if (is_away_) throw KafkaFault(std::string("model: ") + what + ": the broker is away");
}

void ModelBroker::end(Producers& producers, State state) {
  Transaction& transaction = transactions_[producers.open];
  transaction.state = state;
  for (const auto& [partition, first] : transaction.first) partition->push_back({true, producers.open, {}, {}, {}});
  transaction.first.clear();
  producers.open = 0;
  producers.is_committing = false;
}

void ModelBroker::end_open_transactions() {
  for (auto& [id, producers] : producers_) {
    if (producers.open == 0) continue;
    end(producers, producers.is_committing ? State::committed : State::aborted);
    ++producers.epoch;
  }
}

void ModelBroker::delete_topics(const std::string& prefix) {
  end_open_transactions();
  std::erase_if(topics_, [&](const auto& topic) { return topic.first.starts_with(prefix); });
}

void ModelBroker::ensure_topics(const std::vector<std::string>& topics, std::int32_t partitions,
                                std::chrono::milliseconds, const std::stop_token&) {
  call("ensure topics");
  for (const std::string& topic : topics) {
    auto& has = topics_[topic];
    if (has.empty()) has.resize(static_cast<std::size_t>(partitions));
    if (has.size() == static_cast<std::size_t>(partitions)) continue;
    throw KafkaTopicRefused("model: topic " + topic + " has another number of partitions");
  }
}

std::unique_ptr<KafkaProducer> ModelBroker::producer(const std::string& transactional_id) {
  return std::make_unique<ModelProducer>(*this, transactional_id);
}

std::unique_ptr<KafkaConsumer> ModelBroker::consumer(const std::string& topic, std::int32_t partition) {
  return std::make_unique<ModelConsumer>(*this, topic, partition);
}

ModelBroker::Partition& ModelBroker::partition_at(const std::string& topic, std::int32_t number) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) throw KafkaFault("model: unknown topic " + topic);
  return found->second.at(static_cast<std::size_t>(number));
}

const ModelBroker::Partition& ModelBroker::partition(const std::string& topic, std::int32_t number) const {
  static const Partition none;
  const auto found = topics_.find(topic);
  return found == topics_.end() ? none : found->second.at(static_cast<std::size_t>(number));
}

}  // namespace daybook::test
