// A model of a Kafka cluster behind the seam that librdkafka stands behind (eventstore/kafka_client.h): topics of
// partitions, transactions with their control records, read-committed consumers that stop at the first open one, and
// transactional ids whose newest producer fences the others. One conformance suite asks the same of it and of a real
// broker. It fails as it is told: away, refusing, and answers that are lost after the work was done, or before.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "eventstore/kafka_client.h"
#include "tests/simulation/random.h"

namespace daybook::test {

class ModelBroker final : public KafkaClient {
 public:
  explicit ModelBroker(Random random) : random_(random) {}

  // ---- What goes wrong ----
  /// Nobody is there: every call throws KafkaFault, and a commit has an unknown outcome.
  void set_away(bool is_away) { is_away_ = is_away; }
  /// One call in so many has no answer, before or after the broker did its work; 0: all have.
  void fail_once_in(std::uint64_t calls) { fail_once_in_ = calls; }
  /// The broker's own time-out: open transactions end, their producers are fenced.
  void end_open_transactions();
  /// As an operator deletes topics that nobody needs any more; ends open transactions first.
  void delete_topics(const std::string& prefix);

  void ensure_topics(const std::vector<std::string>& topics, std::int32_t partitions, std::chrono::milliseconds timeout,
                     const std::stop_token& stop) override;
  std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) override;
  std::unique_ptr<KafkaConsumer> consumer(const std::string& topic, std::int32_t partition) override;

  // ---- For who looks into it ----
  enum class State : std::uint8_t { open, committed, aborted };
  struct Record {
    bool is_control = false;
    std::uint64_t transaction = 0;
    std::string key, value;
    KafkaHeaders headers;
  };
  using Partition = std::vector<Record>;
  /// Empty if there is no such partition.
  const Partition& partition(const std::string& topic, std::int32_t number) const;
  State state(std::uint64_t transaction) const { return transactions_.at(transaction).state; }

 private:
  friend class ModelProducer;
  friend class ModelConsumer;
  struct Transaction {
    State state = State::open;
    std::map<Partition*, std::size_t> first;  ///< Where its records begin, in each partition that it wrote to.
  };
  struct Producers {
    std::uint64_t epoch = 0;
    std::uint64_t open = 0;      ///< The transaction that is open; 0: none.
    bool is_committing = false;  ///< The broker has decided to commit it, whoever asks again.
  };

  /// A call to the broker; throws KafkaFault if it is away.
  void call(const char* what) const;
  bool loses_answer() { return fail_once_in_ != 0 && random_.once_in(fail_once_in_); }
  void end(Producers& producers, State state);
  Partition& partition_at(const std::string& topic, std::int32_t number);

  Random random_;
  bool is_away_ = false;
  std::uint64_t fail_once_in_ = 0;
  std::map<std::string, std::vector<Partition>> topics_;
  std::vector<Transaction> transactions_{1};  ///< By number, from 1.
  std::map<std::string, Producers> producers_;
};

}  // namespace daybook::test
