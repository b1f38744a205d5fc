// The subcommands of `daybook`: each adds itself to the parser and says what to run. Results go to stdout, progress to
// stderr; `--json` makes both machine-readable.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/kafka_settings.h"
#include "tools/subcommand.h"

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
void add_common(Subcommand command, CommonOptions& options);

/// Brokers and librdkafka's properties ("name=value"). Throws std::invalid_argument for a property without a value.
KafkaSettings kafka_settings(const std::string& brokers, const std::vector<std::string>& properties);

void add_serve(Subcommand app, Action& action);
void add_verify(Subcommand app, Action& action);
void add_events(Subcommand app, Action& action);
void add_export(Subcommand app, Action& action);
void add_replay(Subcommand app, Action& action);
void add_rebuild(Subcommand app, Action& action);
void add_clock(Subcommand app, Action& action);
void add_keys(Subcommand app, Action& action);
void add_consume(Subcommand app, Action& action);
void add_backup(Subcommand app, Action& action);
void add_restore(Subcommand app, Action& action);
/// Below `daybook keys`.
void add_keys_backup(Subcommand keys, Action& action);
void add_checkpoint(Subcommand app, Action& action);
void add_prove(Subcommand app, Action& action);
void add_check_proof(Subcommand app, Action& action);
void add_bench(Subcommand app, Action& action);
void add_demo(Subcommand app, Action& action);
void add_invoices(Subcommand app, Action& action);
void add_catalogue(Subcommand app, Action& action);
void add_webhook(Subcommand app, Action& action);
void add_job(Subcommand app, Action& action);

}  // namespace daybook
