#include "tools/json_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
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

}  // namespace

void log_as_json(const std::string& level) {
  const spdlog::level::level_enum parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off") {
    throw std::invalid_argument("the log level is one of trace, debug, info, warning, error, critical, off");
  }
  auto logger = std::make_shared<spdlog::logger>("daybook", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<JsonFormatter>());
  logger->set_level(parsed);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace daybook
