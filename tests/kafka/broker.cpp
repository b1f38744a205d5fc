#include "tests/kafka/broker.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

namespace daybook::test {
namespace {

struct Ran {
  int status = 0;
  std::string output;
};

/// Runs tools/kafka with the words given and returns what it printed, without the last newline.
Ran tools_kafka(const std::string& words) {
  Ran ran;
  const std::string command = DAYBOOK_SOURCE_DIR "/tools/kafka " + words;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {-1, {}};
  std::array<char, 256> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) ran.output += buffer.data();
  while (!ran.output.empty() && ran.output.back() == '\n') ran.output.pop_back();
  ran.status = pclose(pipe);
  return ran;
}

void require_success(const std::string& words) {
  if (tools_kafka(words).status != 0) throw std::runtime_error("tools/kafka " + words + " failed");
}

[[noreturn]] void skip() {
  const char* ci = std::getenv("CI");
  const bool must_run = ci != nullptr && std::string(ci) == "true";
  std::puts(must_run ? "FAILED: no Kafka broker, and CI=true" : "SKIPPED: no Kafka broker");
  std::fflush(stdout);
  std::_Exit(must_run ? 1 : 77);
}

}  // namespace

Broker& Broker::get() {
  static Broker broker;
  return broker;
}

Broker::Broker() {
  if (const char* given = std::getenv("DAYBOOK_TEST_KAFKA"); given != nullptr && *given != '\0') {
    address_ = given;
    return;
  }
  ours_ = tools_kafka("status >/dev/null 2>&1").status != 0;
  const Ran started = tools_kafka("start");
  if (started.status != 0 || started.output.empty()) skip();
  address_ = started.output.substr(started.output.rfind('\n') + 1);
}

Broker::~Broker() {
  if (ours_) tools_kafka("wipe");
}

void Broker::kill() {
  require_success("kill 1");
}

void Broker::revive() {
  require_success("revive 1");
}

std::string fresh_prefix() {
  std::random_device random;
  return "t" + std::to_string((std::uint64_t{random()} << 32U) | random()) + ".";
}

}  // namespace daybook::test
