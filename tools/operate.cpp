// The commands that change something: clock, keys, rebuild. Each takes the data directory if it is free, else asks the
// server that holds it.
#include <fmt/format.h>

#include <future>

#include "engine/engine.h"
#include "engine/sealing.h"
#include "gateway/api_keys.h"
#include "projections/json_text.h"
#include "projections/projections.h"
#include "tools/command_line.h"
#include "tools/http_client.h"
#include "tools/log_access.h"
#include "tools/proof_files.h"

namespace daybook {
namespace {

struct OperateOptions {
  CommonOptions common;
  std::string server_key = std::string(dev_key_text);
  std::string book = "default";
  bool dev = false;
};

void add_server_key(Subcommand command, OperateOptions& options) {
  command.add_option("--key", &options.server_key, "API key for the server, if one holds the directory")
      .envname("DAYBOOK_KEY");
}

/// Decides one command on the directory itself. Throws DirectoryInUse if a server holds it.
Answer run_offline(const OperateOptions& options, Command command, bool sandbox) {
  Engine::Options engine_options;
  engine_options.data = options.common.data;
  engine_options.sandbox = sandbox;
  const auto engine = Engine::open(engine_options);
  std::promise<Answer> promise;
  Work work;
  work.command = std::move(command);
  work.context.principal.book = options.book;
  work.context.principal.name = "cli:daybook";
  work.context.principal.role = Role::super_admin;
  work.context.waits = true;
  work.done = [&promise](Answer answer) { promise.set_value(std::move(answer)); };
  if (!engine->submit(std::move(work))) throw StorageFault("the engine took no command");
  return promise.get_future().get();
}

/// Prints the server's body; the exit code says whether it was a success.
int print_reply(const HttpReply& reply) {
  fmt::print(reply.status < 300 ? stdout : stderr, "{}\n", reply.body);
  return reply.status < 300 ? exit_done : exit_check_failed;
}

int refuse(const Answer& answer) {
  const RejectionInfo& why = rejection_info(answer.rejection.code);
  fmt::print(stderr, "daybook: {}{}{}. {}\n", why.title, answer.rejection.pointer.empty() ? "" : " at ",
             answer.rejection.pointer, why.hint);
  return exit_check_failed;
}

// ---- clock ------------------------------------------------------------------------------------------------------

struct ClockOptions : OperateOptions {
  std::string by, to, test_clock;
};

Command advance_of(const ClockOptions& options) {
  AdvanceSandboxClock command;
  if (!options.by.empty()) {
    command.advance = parse_duration(options.by);
    if (!command.advance) throw std::invalid_argument("a duration is written as in ISO 8601: P3D, PT31M, P1Y2M");
  } else if (!options.to.empty()) {
    command.to = time_option("--to", options.to);
  } else {
    throw std::invalid_argument("say how far: a duration such as P3D, or --to TIME");
  }
  if (options.test_clock.empty()) return command;
  const auto id = parse_id("clock", options.test_clock);
  if (!id) throw std::invalid_argument("--test-clock takes the id of a test clock: clock_...");
  return AdvanceTestClock{*id, command.advance, command.to};
}

void print_clock(const Answer& answer) {
  if (const auto* sandbox = std::get_if<ClockShown>(&answer.shown)) {
    fmt::print("{{\"object\":\"clock\",\"now\":\"{}\",\"offset_seconds\":{}}}\n", format_rfc3339(sandbox->now),
               sandbox->offset_us / micros_per_second);
    return;
  }
  const TestClock& clock = std::get<TestClockShown>(answer.shown).clock;
  fmt::print("{{\"object\":\"test_clock\",\"id\":\"{}\",\"status\":\"ready\",\"frozen_time\":\"{}\"}}\n",
             format_id("clock", clock.id), format_rfc3339(clock.frozen_time));
}

int run_clock(const ClockOptions& options) {
  const Command command = advance_of(options);
  std::string body = options.by.empty() ? "{\"to\":" : "{\"advance\":";
  append_json_string(body, options.by.empty() ? options.to : options.by);
  body += '}';
  try {
    // Looked at first, so that a server that holds the directory is asked without opening anything.
    if (options.dev) {
      const Answer answer = run_offline(options, command, true);
      if (!answer.accepted()) return refuse(answer);
      print_clock(answer);
      return exit_done;
    }
    DataDirectory::open(options.common.data, DataDirectory::Access::change);
  } catch (const DirectoryInUse& held) {
    if (held.address().empty()) throw;
    const std::string path = options.test_clock.empty()
                                 ? std::string("/v1/admin/clock")
                                 : "/v1/test-clocks/" + options.test_clock + "/advance?wait=true";
    return print_reply(http_request("POST", held.address(), path, options.server_key, body));
  }
  throw std::invalid_argument("no server holds the directory; add --dev to move its clocks without one");
}

// ---- keys -------------------------------------------------------------------------------------------------------

struct KeyOptions : OperateOptions {
  std::string name, role = "billing_admin", account;
  std::vector<std::string> scopes;
  bool test = false;
};

std::optional<Role> parse_role(const std::string& text) {
  for (int role = 1; role <= 8; ++role) {
    if (to_text(static_cast<Role>(role)) == text) return static_cast<Role>(role);
  }
  return std::nullopt;
}

int run_create_key(const KeyOptions& options) {
  const auto role = parse_role(options.role);
  if (!role) {
    throw std::invalid_argument(
        "--role is one of super_admin, billing_admin, support_rep, finance_viewer, auditor, "
        "account_owner, account_member, api_key");
  }
  const bool needs_account = *role == Role::account_owner || *role == Role::account_member || *role == Role::api_key;
  if (needs_account != !options.account.empty()) {
    throw std::invalid_argument(needs_account ? "--role " + options.role + " acts within one account: add --account"
                                              : "--account goes with account_owner, account_member and api_key");
  }
  const NewApiKey made = make_api_key(options.test ? BookMode::test : BookMode::live);
  CreateApiKey command;
  command.name = options.name;
  command.digest = made.digest;
  command.prefix = made.prefix;
  command.role = *role;
  command.scopes = options.scopes;
  command.account_id = options.account;
  Answer answer;
  try {
    answer = run_offline(options, command, false);
  } catch (const DirectoryInUse& held) {
    if (held.address().empty()) throw;
    std::string body = "{\"name\":";
    append_json_string(body, options.name);
    body += ",\"role\":";
    append_json_string(body, options.role);
    if (!options.account.empty()) {
      body += ",\"account_id\":";
      append_json_string(body, options.account);
    }
    if (!options.scopes.empty()) {
      body += ",\"scopes\":[";
      for (std::size_t i = 0; i < options.scopes.size(); ++i) {
        if (i > 0) body += ',';
        append_json_string(body, options.scopes[i]);
      }
      body += ']';
    }
    return print_reply(http_request("POST", held.address(), "/v1/api-keys", options.server_key, body + "}"));
  }
  if (!answer.accepted()) return refuse(answer);
  const ApiKey& key = std::get<ApiKeyShown>(answer.shown).key;
  if (options.common.json) {
    std::string line = "{\"object\":\"api_key\",\"id\":";
    append_json_string(line, format_id("key", key.id));
    line += ",\"name\":";
    append_json_string(line, key.name);
    fmt::print("{},\"role\":\"{}\",\"book\":\"{}\",\"secret\":\"{}\"}}\n", line, to_text(key.role), options.book,
               made.text);
  } else {
    fmt::print("{}\n", made.text);
    fmt::print(stderr, "{} ({}, book {}): this is the only time that the key is shown.\n", format_id("key", key.id),
               to_text(key.role), options.book);
  }
  return exit_done;
}

// ---- checkpoint keys --------------------------------------------------------------------------------------------

int print_checkpoint_keys(const CheckpointKeys& keys) {
  for (const VerifierKey& key : keys.verifiers()) fmt::print("{}\n", format_verifier_key(key));
  return exit_done;
}

int run_list_checkpoint_keys(const CommonOptions& options) {
  return print_checkpoint_keys(open_checkpoint_keys(open_log(options.data)));
}

int run_rotate_checkpoint_keys(const OperateOptions& options) {
  if (!std::filesystem::exists(options.common.data / "FORMAT")) {
    throw StorageFault(options.common.data.string() + " is not a Daybook data directory");
  }
  std::unique_ptr<DataDirectory> directory;
  try {
    directory = DataDirectory::open(options.common.data, DataDirectory::Access::change);
  } catch (const DirectoryInUse& held) {
    if (held.address().empty()) throw;
    const HttpReply reply =
        http_request("POST", held.address(), "/v1/ledger/checkpoint-keys/rotate", options.server_key, "{}");
    return reply.status == 200 ? run_list_checkpoint_keys(options.common) : print_reply(reply);
  }
  CheckpointKeys keys({directory->keys_path(), directory->format(), {}, false});
  keys.rotate();
  return print_checkpoint_keys(keys);
}

// ---- rebuild ----------------------------------------------------------------------------------------------------

struct RebuildOptions : OperateOptions {
  std::string view;
  std::filesystem::path master_key_file;
  bool all = false;
};

int run_rebuild(const RebuildOptions& options) {
  const auto view = parse_view_name(options.view);
  if (options.all == !options.view.empty()) throw std::invalid_argument("name one view, or --all");
  if (!options.all && !view) {
    throw std::invalid_argument("the views are accounts, balances, credits, units, journal, audit");
  }
  std::unique_ptr<DataDirectory> directory;
  try {
    directory = DataDirectory::open(options.common.data, DataDirectory::Access::change);
  } catch (const DirectoryInUse& held) {
    if (held.address().empty()) throw;
    int result = exit_done;
    for (const ViewName one : all_views) {
      if (!options.all && one != *view) continue;
      const std::string path = "/v1/projections/" + std::string(to_text(one)) + "/rebuild";
      result = std::max(result, print_reply(http_request("POST", held.address(), path, options.server_key, "{}")));
    }
    return result;
  }
  EventLog::Options log_options;
  log_options.directory = directory->log_path();
  log_options.shards = directory->format().shards;
  const auto log = EventLog::open(log_options);
  Projections::Options view_options;
  view_options.directory = directory->views_path();
  view_options.log = log.get();
  view_options.follow = false;
  const auto keys = Keyring::open(directory->keys_path(), options.master_key_file, true);
  view_options.email_digest = email_digester(*keys);
  const auto projections = Projections::open(view_options);
  Progress progress("rebuild", "events", options.common.json);
  std::uint64_t done = 0;
  if (options.all) {
    projections->rebuild_all(2, [&](const RebuildProgress& at) {
      done = at.total;
      progress.update(at.done, at.total);
    });
  } else {
    projections->rebuild(*view);
  }
  std::uint64_t events = 0;
  for (ShardNumber shard = 0; shard < log->shards(); ++shard) events += log->head(shard);
  const double rate = progress.seconds() > 0 ? static_cast<double>(events) / progress.seconds() : 0;
  std::string line = fmt::format("{{\"events\":{},\"seconds\":{:.3f},\"events_per_second\":{:.0f},\"digests\":{{",
                                 events, progress.seconds(), rate);
  bool is_first = true;
  for (const ViewName one : all_views) {
    if (!options.all && one != *view) continue;
    const std::string digest = projections->digest(one);
    if (!options.common.json) fmt::print("{:<10} {}\n", to_text(one), digest);
    line += fmt::format("{}\"{}\":\"{}\"", is_first ? "" : ",", to_text(one), digest);
    is_first = false;
  }
  if (options.common.json) {
    fmt::print("{}}}}}\n", line);
  } else {
    fmt::print("{} events folded in {:.2f} s ({:.0f}/s)\n", events, progress.seconds(), rate);
  }
  return exit_done;
}

void add_checkpoint_keys(Subcommand keys, Action& action) {
  auto options = std::make_shared<OperateOptions>();
  const Subcommand list = keys.subcommand("checkpoint", "Print every key that checks checkpoints, oldest first");
  list.add_option("--data", &options->common.data, "The data directory").shows_default();
  list.footer("Example:\n  daybook keys checkpoint --data ./data > verifier-keys.txt");
  list.callback([options, &action] { action = [options] { return run_list_checkpoint_keys(options->common); }; });
  const Subcommand rotate = keys.subcommand("rotate-checkpoint", "Add a new key that signs beside the one before it");
  rotate.add_option("--data", &options->common.data, "The data directory").shows_default();
  add_server_key(rotate, *options);
  rotate.footer(
      "Prints all keys, the new ones last. Older signing keys than two are destroyed, their verifier keys kept.");
  rotate.callback([options, &action] { action = [options] { return run_rotate_checkpoint_keys(*options); }; });
}

}  // namespace

void add_clock(Subcommand app, Action& action) {
  auto options = std::make_shared<ClockOptions>();
  const Subcommand clock = app.subcommand("clock", "The clocks of a test-mode ledger");
  clock.require_subcommand();
  const Subcommand command = clock.subcommand("advance", "Move it forward; everything that falls due is run");
  add_common(command, options->common);
  add_server_key(command, *options);
  command.add_option("duration", &options->by, "ISO 8601: P3D, PT31M, P1Y2M");
  command.add_option("--to", &options->to, "An RFC 3339 time instead");
  command.add_option("--test-clock", &options->test_clock, "A test clock's id; else the sandbox clock");
  command.add_option("--book", &options->book, "The book, without a server").shows_default();
  command.add_flag("--dev", options->dev, "Without a server: the directory is a test-mode one");
  command.footer(
      "Examples:\n  daybook clock advance P3D\n  daybook clock advance --to 2027-01-01T00:00:00Z\n"
      "  daybook clock advance P1Y --test-clock clock_00000000010000000100");
  command.callback([options, &action] { action = [options] { return run_clock(*options); }; });
}

void add_keys(Subcommand app, Action& action) {
  auto options = std::make_shared<KeyOptions>();
  const Subcommand keys = app.subcommand("keys", "API keys, the keys of checkpoints, and the sealing keys' backup");
  keys.require_subcommand();
  add_checkpoint_keys(keys, action);
  add_keys_backup(keys, action);
  const Subcommand command = keys.subcommand("create", "Make a key; its text is printed once and stored nowhere");
  add_common(command, options->common);
  add_server_key(command, *options);
  command.add_option("--book", &options->book, "The book that the key belongs to").shows_default();
  command.add_option("--name", &options->name, "For people to recognise it by").required();
  command.add_option("--role", &options->role, "What it may do").shows_default();
  command.add_option("--account", &options->account, "The account of account_owner, account_member, api_key");
  command.add_option("--scope", &options->scopes, "Scope of an api_key, such as units:spend; repeatable");
  command.add_flag("--test", options->test, "A test-mode key");
  command.footer(
      "Examples:\n  daybook keys create --name finance --role finance_viewer\n"
      "  daybook keys create --name meter --role api_key --account acme --scope units:spend");
  command.callback([options, &action] { action = [options] { return run_create_key(*options); }; });
}

void add_rebuild(Subcommand app, Action& action) {
  auto options = std::make_shared<RebuildOptions>();
  const Subcommand command = app.subcommand("rebuild", "Fold a view again from the log, and swap it in");
  add_common(command, options->common);
  add_server_key(command, *options);
  command.add_option("view", &options->view, "accounts, balances, credits, units, journal or audit");
  command.add_flag("--all", options->all, "Every view");
  command.add_option("--master-key-file", &options->master_key_file, "As it was given to serve");
  command.footer("Examples:\n  daybook rebuild credits\n  daybook rebuild --all");
  command.callback([options, &action] { action = [options] { return run_rebuild(*options); }; });
}

}  // namespace daybook
