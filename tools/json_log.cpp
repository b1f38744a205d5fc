#include "tools/json_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <stdexcept>

#include "domain/instant.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::microseconds>(message.time.time_since_epoch()).count();
    std::string line = "{\"time\":\"";
    append_rfc3339(line, Instant{since_epoch});
    const auto level = spdlog::level::to_string_view(message.level);
    line.append("\",\"level\":\"").append(level.data(), level.size()).append("\",");
    const std::string_view text(message.payload.data(), message.payload.size());
    if (text.size() > 2 && text.front() == '{' && text.back() == '}') {
      line.append(text.substr(1));
    } else {
      line.append("\"message\":");
      append_json_string(line, text);
      line.push_back('}');
    }
    line.push_back('\n');
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

constexpr std::size_t flush_at_bytes = 64 * 1024;
constexpr auto flush_period = std::chrono::seconds(1);

/// Standard error in blocks: a busy server writes a line a request, and a system call for each would be felt. What is
/// worse than information goes out at once, the rest at the latest after flush_period.
class BlockSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  ~BlockSink() override { flush_(); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    formatter_->format(message, lines_);
    if (message.level >= spdlog::level::warn || lines_.size() >= flush_at_bytes) flush_();
  }
  void flush_() override {
    const char* at = lines_.data();
    for (std::size_t left = lines_.size(); left > 0;) {
      const ssize_t written = write(STDERR_FILENO, at, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;  // Nobody reads it any more, and there is no other place to say so.
      at += written;
      left -= static_cast<std::size_t>(written);
    }
    lines_.clear();
  }
  spdlog::memory_buf_t lines_;
};

}  // namespace

void log_as_json(const std::string& level) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off") {
    throw std::invalid_argument("the log level is one of trace, debug, info, warning, error, critical, off");
  }
  auto logger = std::make_shared<spdlog::logger>("daybook", std::make_shared<BlockSink>());
  logger->set_formatter(std::make_unique<JsonFormatter>());
  logger->set_level(parsed);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(flush_period);
}

}  // namespace daybook
