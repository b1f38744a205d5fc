// The one binary: server and operator's tool.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "eventstore/fault.h"
#include "tools/command_line.h"

int main(int argc, char** argv) {
  using namespace daybook;
  CLI::App app{"Daybook: an event-sourced billing ledger.\n\nStart one with: daybook serve --dev --data ./data"};
  app.name("daybook");
  app.set_version_flag("--version", DAYBOOK_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  Action action;
  add_serve(app, action);
  add_verify(app, action);
  add_events(app, action);
  add_export(app, action);
  add_replay(app, action);
  add_rebuild(app, action);
  add_clock(app, action);
  add_keys(app, action);
  add_consume(app, action);
  add_backup(app, action);
  add_restore(app, action);
  add_checkpoint(app, action);
  add_prove(app, action);
  add_check_proof(app, action);
  add_bench(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  }
  try {
    return action();
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "daybook: {}\n", error.what());
    return exit_usage;
  } catch (const CorruptLog& damage) {
    fmt::print(stderr, "daybook: {}\n", damage.what());
    return exit_check_failed;
  } catch (const std::exception& error) {
    fmt::print(stderr, "daybook: {}\n", error.what());
    return exit_io;
  }
}
