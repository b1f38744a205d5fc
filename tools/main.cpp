// The one binary: server and operator's tool.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
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
  const Subcommand commands(&app);
  add_serve(commands, action);
  add_verify(commands, action);
  add_events(commands, action);
  add_export(commands, action);
  add_replay(commands, action);
  add_rebuild(commands, action);
  add_clock(commands, action);
  add_keys(commands, action);
  add_consume(commands, action);
  add_backup(commands, action);
  add_restore(commands, action);
  add_checkpoint(commands, action);
  add_prove(commands, action);
  add_check_proof(commands, action);
  add_bench(commands, action);
  add_demo(commands, action);
  add_invoices(commands, action);
  add_catalogue(commands, action);
  add_webhook(commands, action);
  add_job(commands, action);
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
