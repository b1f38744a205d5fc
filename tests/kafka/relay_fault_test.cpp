// The relay and the broker killed, doubled and cut off: what Kafka holds is the log all the same, exactly once.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "tests/kafka/relay_fixture.h"

namespace daybook::test {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t child_seed = 31;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// This binary again, running only the test case below: a process of its own that can be killed.
class RelayProcess {
 public:
  RelayProcess(const std::filesystem::path& directory, const std::string& prefix) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const std::string address = Broker::get().address();
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      setenv("DAYBOOK_TEST_KAFKA", address.c_str(), 1);
      setenv("DAYBOOK_TEST_LOG", directory.c_str(), 1);
      setenv("DAYBOOK_TEST_PREFIX", prefix.c_str(), 1);
      execl("/proc/self/exe", "test_kafka", "--no-skip", "--test-case=child process*", nullptr);
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
  }
  ~RelayProcess() {
    kill();
    close(output_);
  }

  /// Waits for one sign of progress. False if none comes in time.
  bool wait_for_byte() {
    pollfd descriptor{output_, POLLIN, 0};
    char byte = 0;
    return poll(&descriptor, 1, static_cast<int>(patience.count())) == 1 && read(output_, &byte, 1) == 1;
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

TEST_CASE("child process: appends and relays until it is killed" * doctest::skip()) {
  const std::string directory = environment("DAYBOOK_TEST_LOG");
  if (directory.empty()) return;
  Published published;
  published.prefix = environment("DAYBOOK_TEST_PREFIX");
  TestLog log(child_seed, directory);
  const auto relay = published.relay(log.log());
  relay->start();
  // Told after a transaction and after a commit of the log, so that the kills fall everywhere between the two.
  for (int i = 0;; ++i) {
    const Position head = log.append(3);
    relay->committed(0, head);
    if (i % 4 == 0 && !relay->wait_published(0, head, patience)) return;
    if (write(STDOUT_FILENO, ".", 1) != 1) return;
  }
}

TEST_CASE("a relay that is killed at any moment has published exactly once after its next start") {
  const std::uint64_t seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  TestLog home(child_seed);  // lends its directory; its own log stays empty beside the child's
  const auto directory = home.directory() / "child";
  const Published published;
  constexpr int rounds = 8;
  for (int round = 0; round < rounds; ++round) {
    RelayProcess process(directory, published.prefix);
    const int commits = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < commits; ++i) REQUIRE(process.wait_for_byte());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));  // the moment, not a wait
    process.kill();
  }
  TestLog log(child_seed, directory);
  CHECK(log.log().head(0) > 0);
  published.publish(log.log());
  published.expect_exact(log.log());
}

TEST_CASE("of two relays of one log the first is fenced, says so, and nothing is published twice") {
  TestLog log(32);
  const Published published;
  log.append(20);
  const auto first = published.relay(log.log());
  first->start();
  REQUIRE(first->wait_published(0, log.log().head(0), patience));
  const auto second = published.relay(log.log());
  second->start();
  REQUIRE(second->wait_published(0, log.log().head(0), patience));
  second->committed(0, log.append(20));
  REQUIRE(second->wait_published(0, log.log().head(0), patience));

  first->committed(0, log.append(20));  // the zombie wakes, is fenced, looks again
  second->committed(0, log.log().head(0));
  CHECK_FALSE(first->wait_published(0, log.log().head(0) + 1, patience));
  CHECK(first->status(0).state == "halted");
  CHECK(contains(first->status(0).message, "another relay publishes this log"));
  REQUIRE(second->wait_published(0, log.log().head(0), patience));
  second->committed(0, log.append(20));
  REQUIRE(second->wait_published(0, log.log().head(0), patience));
  published.expect_exact(log.log());
}

TEST_CASE("a broker that is killed while the relay publishes: it waits, goes on, and Kafka holds exactly the log") {
  TestLog log(33);
  const Published published;
  const auto relay = published.relay(log.log());
  relay->start();
  for (int round = 0; round < 2; ++round) {
    // Kept busy from another thread, so that the kill falls into transactions.
    std::jthread writer([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) relay->committed(0, log.append(20));
    });
    REQUIRE(relay->wait_published(0, relay->status(0).published + 500, patience));
    Broker::get().kill();
    const Position at_kill = log.log().head(0);
    while (log.log().head(0) < at_kill + 1000) std::this_thread::yield();  // the log does not care
    writer.request_stop();
    writer.join();
    Broker::get().revive();
    REQUIRE(relay->wait_published(0, log.log().head(0), patience));
    published.expect_exact(log.log());
  }
  MESSAGE("reconnects: " << relay->status(0).reconnects << ", aborted: " << relay->status(0).aborted);
}

TEST_CASE("a relay without a broker says why it waits, loses nothing and stops at once") {
  TestLog log(34);
  const Published published;
  log.append(5);
  KafkaRelay::Options options = published.relay_options();
  options.kafka.brokers = "127.0.0.1:1";
  std::atomic<bool> waiting = false;
  options.on_state = [&](ShardNumber, const KafkaRelay::Status& status) {
    if (status.state != "waiting") return;
    CHECK(contains(status.message, "127.0.0.1:1"));
    waiting = true;
    waiting.notify_all();
  };
  KafkaRelay relay(options, log.log(), event_format(published.log_id));
  relay.start();
  waiting.wait(false);
  CHECK(relay.status(0).published == 0);
  CHECK(relay.status(0).head == log.log().head(0));
  relay.stop(milliseconds(0));
  CHECK(relay.status(0).state == "stopped");
  published.publish(log.log());
  published.expect_exact(log.log());
}

}  // namespace
}  // namespace daybook::test
