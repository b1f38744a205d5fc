#include "tests/simulation/plants.h"

#include <cstring>
#include <stdexcept>

#include "schemas/envelope_generated.h"
#include "tests/simulation/forwarding.h"
#include "tests/simulation/plants_billing.h"

namespace daybook::test {
namespace {

/// True once in so many calls, by counting: a bug that shows now and then.
class Now {
 public:
  explicit Now(unsigned once_in) : once_in_(once_in) {}
  bool operator()() { return ++calls_ % once_in_ == 0; }

 private:
  unsigned once_in_, calls_ = 0;
};

Plant named(std::string name, std::string what) {
  Plant plant;
  plant.name = std::move(name);
  plant.what = std::move(what);
  return plant;
}

// ---- The log --------------------------------------------------------------------------------------------------------

class TwoWrites final : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) override {
    const std::size_t half = envelopes.size() / 2;
    if (half > 0) ForwardingLog::append(shard, first, envelopes.first(half));
    ForwardingLog::append(shard, first + half, envelopes.subspan(half));
  }
};

class ChangedEvent final : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) override {
    if (!now_()) return ForwardingLog::append(shard, first, envelopes);
    std::string changed(envelopes.front());
    const auto* decided = schema::GetEnvelope(envelopes.front().data())->decided_at();
    const auto offset = reinterpret_cast<const char*>(decided) - envelopes.front().data();
    const std::int64_t later = decided->us() + 1;
    std::memcpy(changed.data() + offset, &later, sizeof later);
    std::vector<std::string_view> all(envelopes.begin(), envelopes.end());
    all.front() = changed;
    ForwardingLog::append(shard, first, all);
  }

 private:
  Now now_{5};
};

// ---- Row stores -----------------------------------------------------------------------------------------------------

/// A batch that loses or changes what is put under some keys, now and then.
class LossyBatch final : public RowBatch {
 public:
  LossyBatch(std::unique_ptr<RowBatch> to, char table, bool changes, Now& now)
      : to_(std::move(to)), table_(table), changes_(changes), now_(now) {}
  void put(std::string_view key, std::string_view value) override {
    const bool is_hit = (table_ == '\0' || key.front() == table_) && now_();
    if (!is_hit) return to_->put(key, value);
    if (!changes_) return;
    std::string other(value);
    other.back() = static_cast<char>(other.back() ^ 1);
    to_->put(key, other);
  }
  void erase(std::string_view key) override { to_->erase(key); }
  std::size_t count() const override { return to_->count(); }
  void clear() override { to_->clear(); }
  RowBatch& inner() { return *to_; }

 private:
  std::unique_ptr<RowBatch> to_;
  char table_;
  bool changes_;
  Now& now_;
};

class LossyRows final : public ForwardingRows {
 public:
  LossyRows(std::unique_ptr<RowStore> to, char table, bool changes, unsigned once_in)
      : ForwardingRows(std::move(to)), table_(table), changes_(changes), now_(once_in) {}
  std::unique_ptr<RowBatch> new_batch() const override {
    return std::make_unique<LossyBatch>(ForwardingRows::new_batch(), table_, changes_, now_);
  }
  void write(RowBatch& batch) override { ForwardingRows::write(static_cast<LossyBatch&>(batch).inner()); }

 private:
  char table_;
  bool changes_;
  mutable Now now_;  // new_batch() is const
};

/// Loses (or changes) one in so many rows of a table, of the stores whose folder begins so.
Plant lossy(std::string name, std::string what, std::string folder, char table, bool changes, unsigned once_in) {
  Plant plant = named(std::move(name), std::move(what));
  plant.rows = [=](std::unique_ptr<RowStore> rows, const std::string& directory) -> std::unique_ptr<RowStore> {
    if (!directory.starts_with(folder)) return rows;
    return std::make_unique<LossyRows>(std::move(rows), table, changes, once_in);
  };
  return plant;
}

// ---- Keys and the witness -------------------------------------------------------------------------------------------

class KeepsPurgedKeys final : public ForwardingKeyring {
 public:
  using ForwardingKeyring::ForwardingKeyring;
  void purge(std::uint64_t) override {}
};

class GivesKeysTwice final : public ForwardingKeyring {
 public:
  using ForwardingKeyring::ForwardingKeyring;
  std::uint64_t new_key() override {
    if (!now_()) last_ = ForwardingKeyring::new_key();
    return last_;
  }

 private:
  Now now_{30};
  std::uint64_t last_ = ForwardingKeyring::new_key();
};

class NoWitness final : public ForwardingDirectory {
 public:
  using ForwardingDirectory::ForwardingDirectory;
  void witness(ShardNumber, HeadWitness) override {}
};

// ---- Kafka ----------------------------------------------------------------------------------------------------------

class SkipsRecords final : public ForwardingProducer {
 public:
  using ForwardingProducer::ForwardingProducer;
  void send(const KafkaRecord& record) override {
    if (!now_()) ForwardingProducer::send(record);
  }

 private:
  Now now_{150};
};

class SendsTwice final : public ForwardingProducer {
 public:
  using ForwardingProducer::ForwardingProducer;
  void send(const KafkaRecord& record) override {
    ForwardingProducer::send(record);
    if (now_()) ForwardingProducer::send(record);
  }

 private:
  Now now_{150};
};

class TrustsEveryCommit final : public ForwardingProducer {
 public:
  using ForwardingProducer::ForwardingProducer;
  KafkaOutcome commit(const std::stop_token& stop) override {
    const KafkaOutcome outcome = ForwardingProducer::commit(stop);
    return outcome == KafkaOutcome::unknown ? KafkaOutcome::committed : outcome;
  }
};

template <class Producer>
class WithProducer final : public ForwardingClient {
 public:
  using ForwardingClient::ForwardingClient;
  std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) override {
    return std::make_unique<Producer>(ForwardingClient::producer(transactional_id));
  }
};

/// Sees no open transaction.
class BlindConsumer final : public KafkaConsumer {
 public:
  BlindConsumer(std::unique_ptr<KafkaConsumer> to, const std::string& topic)
      : KafkaConsumer(topic), to_(std::move(to)) {}
  KafkaExtent extent(std::chrono::milliseconds timeout) override { return to_->extent(timeout); }
  void read_from(std::int64_t offset) override { to_->read_from(offset); }
  Next next(KafkaMessage& message, std::chrono::milliseconds timeout) override { return to_->next(message, timeout); }
  void stop() override { to_->stop(); }
  End last_end() const override { return {to_->last_end().offset, to_->last_end().offset}; }

 protected:
  KafkaFault fault(const std::string& what) const override { return KafkaFault("planted: " + what); }

 private:
  std::unique_ptr<KafkaConsumer> to_;
};

class Unfenced final : public ForwardingClient {
 public:
  using ForwardingClient::ForwardingClient;
  std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) override {
    return ForwardingClient::producer(transactional_id + "-" + std::to_string(++producers_));
  }
  std::unique_ptr<KafkaConsumer> consumer(const std::string& topic, std::int32_t partition) override {
    return std::make_unique<BlindConsumer>(ForwardingClient::consumer(topic, partition), topic);
  }

 private:
  std::uint64_t producers_ = 0;
};

// ---- The list -------------------------------------------------------------------------------------------------------

template <class Log>
Plant log_plant(std::string name, std::string what) {
  Plant plant = named(std::move(name), std::move(what));
  plant.log = [](std::unique_ptr<EventLog> log) { return std::make_unique<Log>(std::move(log)); };
  return plant;
}

template <class Keys>
Plant key_plant(std::string name, std::string what) {
  Plant plant = named(std::move(name), std::move(what));
  plant.keyring = [](std::unique_ptr<Keyring> keys) { return std::make_unique<Keys>(std::move(keys)); };
  return plant;
}

template <class Client>
Plant kafka_plant(std::string name, std::string what) {
  Plant plant = named(std::move(name), std::move(what));
  plant.kafka = [](KafkaClient& client) { return std::make_unique<Client>(client); };
  return plant;
}

std::vector<Plant> make_plants() {
  std::vector<Plant> plants;
  Plant early = named("early-answer", "append returns before the log is synced");
  early.change_log_options = [](EventLog::Options& options) { options.sync = false; };
  plants.push_back(early);
  plants.push_back(log_plant<TwoWrites>("two-writes", "a group is appended in two writes"));
  plants.push_back(log_plant<ChangedEvent>("changed-event", "the log keeps an event one microsecond later"));
  plants.push_back(lossy("forgotten-key", "the index loses idempotency keys", "index-", 'k', false, 10));
  plants.push_back(lossy("forgotten-due", "the index loses what is due", "index-", 'd', false, 10));
  plants.push_back(lossy("stale-state", "the index loses state rows", "index-", 's', false, 40));
  plants.push_back(lossy("lost-entity", "the index loses ended credits, holds and invoices", "index-", 'e', false, 10));
  plants.push_back(lossy("lost-position", "the index loses where events are", "index-", 'p', false, 40));
  plants.push_back(lossy("wrong-node", "the Merkle tree stores a wrong node", "merkle-", '\0', true, 7));
  plants.push_back(lossy("lost-balance", "the view of balances loses a row", "balances", '\0', false, 300));
  plants.push_back(lossy("wrong-credit", "the view of credits changes a row", "credits", '\0', true, 300));
  plants.push_back(key_plant<KeepsPurgedKeys>("kept-key", "the key of a purged account is kept"));
  plants.push_back(key_plant<GivesKeysTwice>("shared-key", "two accounts get one sealing key"));
  Plant witness = named("no-witness", "the head witness is never written");
  witness.directory = [](std::unique_ptr<DataDirectory> directory) {
    return std::make_unique<NoWitness>(std::move(directory));
  };
  plants.push_back(witness);
  plants.push_back(kafka_plant<WithProducer<SkipsRecords>>("skipped-record", "a record is not sent to Kafka"));
  plants.push_back(kafka_plant<WithProducer<SendsTwice>>("doubled-record", "a record is sent to Kafka twice"));
  plants.push_back(kafka_plant<WithProducer<TrustsEveryCommit>>("trusted-commit",
                                                                "a commit without a clear answer passes for done"));
  plants.push_back(kafka_plant<Unfenced>("unfenced", "a relay does not fence its predecessor, nor wait for its end"));
  for (Plant& plant : billing_plants()) plants.push_back(std::move(plant));
  return plants;
}

}  // namespace

const std::vector<Plant>& all_plants() {
  static const std::vector<Plant> plants = make_plants();
  return plants;
}

const Plant& find_plant(std::string_view name) {
  static const Plant none{};
  if (name.empty()) return none;
  for (const Plant& plant : all_plants()) {
    if (plant.name == name) return plant;
  }
  throw std::invalid_argument("there is no bug \"" + std::string(name) + "\" to be planted");
}

}  // namespace daybook::test
