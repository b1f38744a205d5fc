// The subcommands of `daybook`: each adds itself to the parser and says what to run. Results go to stdout, progress to
// stderr; `--json` makes both machine-readable.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/kafka_settings.h"

namespace daybook {

/// What a process ends with.
enum ExitCode : int { exit_done = 0, exit_check_failed = 1, exit_usage = 2, exit_io = 3 };

/// Set by the subcommand that was chosen.
using Action = std::function<int()>;

/// --data and --json, which nearly all have.
struct CommonOptions {
  std::filesystem::path data = "./data";
  bool json = false;
};
void add_common(CLI::App& command, CommonOptions& options);

/// Brokers and librdkafka's properties ("name=value"). Throws std::invalid_argument for a property without a value.
KafkaSettings kafka_settings(const std::string& brokers, const std::vector<std::string>& properties);

void add_serve(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_events(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_rebuild(CLI::App& app, Action& action);
void add_clock(CLI::App& app, Action& action);
void add_keys(CLI::App& app, Action& action);
void add_consume(CLI::App& app, Action& action);
void add_backup(CLI::App& app, Action& action);
void add_restore(CLI::App& app, Action& action);
/// Below `daybook keys`.
void add_keys_backup(CLI::App& keys, Action& action);
void add_checkpoint(CLI::App& app, Action& action);
void add_prove(CLI::App& app, Action& action);
void add_check_proof(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);

}  // namespace daybook
