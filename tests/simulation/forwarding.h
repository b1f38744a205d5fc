// The parts behind the seams, each passing everything on to another: what a planted bug changes one member of.
#pragma once

#include <memory>
#include <utility>

#include "engine/keyring.h"
#include "eventstore/directory.h"
#include "eventstore/kafka_client.h"
#include "eventstore/log.h"
#include "eventstore/row_store.h"

namespace daybook::test {

class ForwardingLog : public EventLog {
 public:
  explicit ForwardingLog(std::unique_ptr<EventLog> to) : to_(std::move(to)) {}
  ShardNumber shards() const override { return to_->shards(); }
  Position head(ShardNumber shard) const override { return to_->head(shard); }
  std::uint64_t head_checksum(ShardNumber shard) const override { return to_->head_checksum(shard); }
  void append(ShardNumber shard, Position first, std::span<const std::string_view> envelopes) override {
    to_->append(shard, first, envelopes);
  }
  void reopen() override { to_->reopen(); }
  bool has_failed() const override { return to_->has_failed(); }
  std::unique_ptr<LogReader> read_forward(ShardNumber shard, Position from) const override {
    return to_->read_forward(shard, from);
  }
  std::unique_ptr<LogReader> read_backward(ShardNumber shard, Position from) const override {
    return to_->read_backward(shard, from);
  }
  std::string read_one(ShardNumber shard, Position position) const override { return to_->read_one(shard, position); }
  void for_each_row(ShardNumber shard, Position from,
                    const std::function<bool(Position, std::string_view)>& row) const override {
    to_->for_each_row(shard, from, row);
  }
  void check_files() const override { to_->check_files(); }
  std::uint64_t disk_bytes() const override { return to_->disk_bytes(); }
  std::uint64_t free_disk_bytes() const override { return to_->free_disk_bytes(); }

 private:
  std::unique_ptr<EventLog> to_;
};

class ForwardingRows : public RowStore {
 public:
  explicit ForwardingRows(std::unique_ptr<RowStore> to) : to_(std::move(to)) {}
  std::unique_ptr<RowBatch> new_batch() const override { return to_->new_batch(); }
  void write(RowBatch& batch) override { to_->write(batch); }
  void flush() override { to_->flush(); }
  std::optional<std::string> get(std::string_view key) const override { return to_->get(key); }
  std::vector<std::optional<std::string>> get_many(const std::vector<std::string>& keys) const override {
    return to_->get_many(keys);
  }
  std::unique_ptr<Snapshot> snapshot() const override { return to_->snapshot(); }
  std::uint64_t disk_bytes() const override { return to_->disk_bytes(); }

 private:
  std::unique_ptr<RowStore> to_;
};

class ForwardingKeyring : public Keyring {
 public:
  explicit ForwardingKeyring(std::unique_ptr<Keyring> to) : to_(std::move(to)) {}
  std::uint64_t new_key() override { return to_->new_key(); }
  bool is_living(std::uint64_t key_id) override { return to_->is_living(key_id); }
  Sealed seal(std::uint64_t key_id, std::string_view stream, std::string_view field, std::string_view clear) override {
    return to_->seal(key_id, stream, field, clear);
  }
  std::optional<std::string> unseal(const Sealed& sealed, std::string_view stream, std::string_view field) override {
    return to_->unseal(sealed, stream, field);
  }
  void purge(std::uint64_t key_id) override { to_->purge(key_id); }
  std::string hmac(std::string_view purpose, std::string_view message, std::size_t bytes) override {
    return to_->hmac(purpose, message, bytes);
  }

 private:
  std::unique_ptr<Keyring> to_;
};

class ForwardingDirectory : public DataDirectory {
 public:
  explicit ForwardingDirectory(std::unique_ptr<DataDirectory> to) : to_(std::move(to)) {}
  const DirectoryFormat& format() const override { return to_->format(); }
  std::filesystem::path log_path() const override { return to_->log_path(); }
  std::filesystem::path views_path() const override { return to_->views_path(); }
  std::filesystem::path keys_path() const override { return to_->keys_path(); }
  void publish_address(const std::string& address) override { to_->publish_address(address); }
  void witness(ShardNumber shard, HeadWitness head) override { to_->witness(shard, head); }
  void sync_witness() override { to_->sync_witness(); }
  HeadWitness read_witness(ShardNumber shard) const override { return to_->read_witness(shard); }

 private:
  std::unique_ptr<DataDirectory> to_;
};

class ForwardingProducer : public KafkaProducer {
 public:
  explicit ForwardingProducer(std::unique_ptr<KafkaProducer> to) : to_(std::move(to)) {}
  void init_transactions(std::chrono::milliseconds timeout, const std::stop_token& stop) override {
    to_->init_transactions(timeout, stop);
  }
  void begin() override { to_->begin(); }
  void send(const KafkaRecord& record) override { to_->send(record); }
  KafkaOutcome commit(const std::stop_token& stop) override { return to_->commit(stop); }
  const std::string& reason() const override { return to_->reason(); }

 private:
  std::unique_ptr<KafkaProducer> to_;
};

class ForwardingClient : public KafkaClient {
 public:
  explicit ForwardingClient(KafkaClient& to) : to_(to) {}
  void ensure_topics(const std::vector<std::string>& topics, std::int32_t partitions, std::chrono::milliseconds timeout,
                     const std::stop_token& stop) override {
    to_.ensure_topics(topics, partitions, timeout, stop);
  }
  std::unique_ptr<KafkaProducer> producer(const std::string& transactional_id) override {
    return to_.producer(transactional_id);
  }
  std::unique_ptr<KafkaConsumer> consumer(const std::string& topic, std::int32_t partition) override {
    return to_.consumer(topic, partition);
  }

 private:
  KafkaClient& to_;
};

}  // namespace daybook::test
