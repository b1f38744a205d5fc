#include "tools/command_line.h"

#include <stdexcept>

namespace daybook {

void add_common(Subcommand command, CommonOptions& options) {
  command.add_option("--data", &options.data, "The data directory").shows_default();
  command.add_flag("--json", options.json, "Results and progress as JSON");
}

KafkaSettings kafka_settings(const std::string& brokers, const std::vector<std::string>& properties) {
  KafkaSettings settings;
  settings.brokers = brokers;
  for (const std::string& property : properties) {
    const auto equals = property.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("--kafka-property takes name=value");
    settings.extra[property.substr(0, equals)] = property.substr(equals + 1);
  }
  return settings;
}

}  // namespace daybook
