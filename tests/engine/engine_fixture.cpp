#include "tests/engine/engine_fixture.h"

#include <cstdlib>

#include "domain/evolve.h"
#include "eventstore/stream_index.h"

namespace daybook::test {

EngineFixture::EngineFixture(ShardNumber shards, rocksdb::Env* env) {
  std::string pattern = (std::filesystem::temp_directory_path() / "daybook-engine-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  data_ = std::filesystem::path(pattern) / "data";
  options_.data = data_;
  options_.shards = shards;
  options_.sandbox = true;
  options_.clock = &clock_;
  options_.env = env;
  open();
}

EngineFixture::~EngineFixture() {
  engine_.reset();
  std::filesystem::remove_all(data_.parent_path());
}

void EngineFixture::open() {
  engine_ = Engine::open(options_);
}

void EngineFixture::reopen() {
  engine_.reset();
  open();
}

void EngineFixture::reopen_without_views() {
  engine_.reset();
  std::filesystem::remove_all(data_ / "views");
  open();
}

Work EngineFixture::work(Command command, std::string key, std::string fingerprint) const {
  Work work;
  work.command = std::move(command);
  work.context.principal.book = book;
  work.context.principal.name = "key:test";
  work.context.principal.role = Role::super_admin;
  if (!key.empty()) {
    work.context.idempotency_key = std::move(key);
    work.context.fingerprint = std::move(fingerprint);
  }
  return work;
}

std::future<Answer> EngineFixture::start(Work work) {
  auto promise = std::make_shared<std::promise<Answer>>();
  work.done = [promise](Answer answer) { promise->set_value(std::move(answer)); };
  std::future<Answer> future = promise->get_future();
  REQUIRE(engine_->submit(std::move(work)));
  return future;
}

Answer EngineFixture::run(Work work) {
  return start(std::move(work)).get();
}

Answer EngineFixture::run(Command command, std::string key, std::string fingerprint) {
  return run(work(std::move(command), std::move(key), std::move(fingerprint)));
}

void EngineFixture::open_account(const std::string& id) {
  OpenAccount command;
  command.account_id = id;
  command.name.clear = "Name of " + id;
  command.email.clear = id + "@example.test";
  command.currency = currency_of("USD");
  command.time_zone = "UTC";
  const Answer answer = run(std::move(command));
  REQUIRE(answer.accepted());
}

EntityRef EngineFixture::issue(const std::string& account, std::int64_t amount, std::optional<Instant> expires_at) {
  IssueCredit command;
  command.account_id = account;
  command.amount = amount;
  command.currency = currency_of("USD");
  command.reason.clear = "a reason";
  command.expires_at = expires_at;
  return shown<CreditShown>(run(std::move(command))).grant.id;
}

Answer EngineFixture::allocate(const std::string& account, std::int64_t amount, UnitSource source,
                               std::optional<Instant> expires_at) {
  AllocateUnitCredits command;
  command.account_id = account;
  command.amount = amount;
  command.source = source;
  command.expires_at = expires_at;
  return run(std::move(command));
}

Answer EngineFixture::deduct(const std::string& account, std::int64_t amount, std::string key) {
  DeductUnitCredits command;
  command.account_id = account;
  command.amount = amount;
  return run(std::move(command), std::move(key));
}

Answer EngineFixture::reserve(const std::string& account, std::int64_t amount, std::int64_t ttl_seconds) {
  ReserveUnitCredits command;
  command.account_id = account;
  command.amount = amount;
  command.ttl_seconds = ttl_seconds;
  return run(std::move(command));
}

AccountState EngineFixture::state(const std::string& account) {
  AccountState copy;
  Work read;
  read.context.principal.book = book;
  read.account_id = account;
  read.read_account = [&copy](const AccountState* state, LogPosition, Instant) {
    if (state != nullptr) copy = *state;
  };
  run(std::move(read));
  return copy;
}

Position EngineFixture::head() {
  return engine_->committed(book).position;
}

IndexCheck EngineFixture::check_closed_index() {
  close();
  EventLog::Options options;
  options.directory = data() / "log";
  options.read_only = true;
  const auto index =
      StreamIndex::open({.directory = data() / "views" / "index-0", .row_format = fold_version, .read_only = true});
  return check_index(*EventLog::open(options), 0, *index);
}

IndexCheck EngineFixture::sound_closed_index() {
  IndexCheck check = check_closed_index();
  for (const LogProblem& problem : check.problems) CHECK_MESSAGE(false, problem.text);
  return check;
}

}  // namespace daybook::test
