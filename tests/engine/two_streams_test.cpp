// A decision that has events for its account's stream and for its book's: one atomic command. The deciders are the
// domain's with a word to the book added, in the form of an event that books have.
#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/history.h"
#include "engine/index_check.h"
#include "eventstore/envelope_view.h"
#include "eventstore/verify.h"
#include "schemas/envelope_generated.h"
#include "tests/engine/engine_fixture.h"
#include "tests/eventstore/faulty_file_system.h"

namespace daybook::test {
namespace {

/// How many allocations a book takes.
constexpr std::size_t told_max = 5;

void tell_book(Decision& decision, const DecisionContext& context) {
  schema::ApiKeyCreatedT told;
  told.key = context.new_book_id(decision.book_events.size());
  told.name = std::to_string(context.book->keys.size() + decision.book_events.size() + 1);
  decision.book_events.push_back(PendingEvent::of(std::move(told)));
}

/// An allocation tells its book, which has room for so many; an expiry tells it twice.
class TwoStreams : public FaultyFileSystem, public EngineFixture {
 public:
  explicit TwoStreams(ShardNumber shards = 1) : EngineFixture(shards, env()) {
    options().ground.decide = [](const AccountState& account, const Command& command, const DecisionContext& context) {
      Decision decision = decide(account, command, context);
      if (!decision.accepted() || !std::holds_alternative<AllocateUnitCredits>(command)) return decision;
      if (context.book->keys.size() >= told_max) return reject(RejectionCode::limit_reached);
      tell_book(decision, context);
      return decision;
    };
    options().ground.decide_due = [](const AccountState& account, const DueItem& item, const DecisionContext& context) {
      Decision decision = decide_due(account, item, context);
      tell_book(decision, context);
      tell_book(decision, context);
      return decision;
    };
    reopen();
  }
  ~TwoStreams() {
    plan().heal();
    close();
  }
  /// Power loss.
  void crash() {
    close();
    plan().lose_power(data() / "log");
    plan().heal();
    open();
  }

  std::future<Answer> start_allocation(const std::string& account, std::string key = {}) {
    AllocateUnitCredits command;
    command.account_id = account;
    command.amount = 10;
    return start(work(command, std::move(key)));
  }
  BookState book_state() {
    BookState copy;
    Work read;
    read.context.principal.book = book;
    read.read_book = [&copy](const BookState& state, LogPosition, Instant) { copy = state; };
    run(std::move(read));
    return copy;
  }
  std::size_t told() { return book_state().keys.size(); }
  std::string stored(Position position) { return engine().log().read_one(engine().shard_of(book), position); }
  /// The log in itself, and the indexes against it.
  void check_stores() {
    const ShardNumber shard = engine().shard_of(book);
    const LogCheck log_check = verify_log(engine().log(), shard);
    CHECK(log_check.ok());
    CHECK(log_check.events == head());
    const std::string live = encode_state(book_state());
    close();
    const auto index = StreamIndex::open({.directory = data() / "views" / ("index-" + std::to_string(shard)),
                                          .row_format = fold_version,
                                          .read_only = true});
    EventLog::Options log_options;
    log_options.directory = data() / "log";
    log_options.shards = options().shards;
    log_options.read_only = true;
    const auto log = EventLog::open(log_options);
    CHECK(check_index(*log, shard, *index).ok());
    const auto ordinal = index->stream_ordinal(book + "/~book");
    REQUIRE(ordinal);
    CHECK(encode_state(fold_book(*log, *index, shard, *ordinal, {}).state) == live);
    open();
  }
};

}  // namespace

TEST_CASE("a command's events for its account and for its book are one command, each in its own stream") {
  for (const ShardNumber shards : {ShardNumber{1}, ShardNumber{4}}) {
    TwoStreams ledger(shards);
    ledger.open_account("acme");
    ledger.open_account("other");
    const Answer first = ledger.allocate("acme", 10);
    CHECK(first.position.position == 4);
    CHECK(first.stream == "default/acme");
    CHECK(shown<UnitEntryShown>(first).balance_after == 10);
    CHECK(shown<UnitEntryShown>(first).movement.id.stream_version == 2);
    REQUIRE(ledger.allocate("other", 20).accepted());

    const std::string own = ledger.stored(5), of_book = ledger.stored(6);
    const EnvelopeView account = view_envelope(own), book = view_envelope(of_book);
    CHECK(account.stream == "default/other");
    CHECK(account.stream_version == 2);
    CHECK(account.command_index == 0);
    CHECK(account.command_size == 2);
    CHECK(book.stream == "default/~book");
    CHECK(book.stream_version == 2);
    CHECK(book.command_index == 1);
    CHECK(book.command_size == 2);
    CHECK(book.command == "AllocateUnitCredits");
    CHECK(book.sealing_key == 0);
    CHECK(account.sealing_key != 0);
    CHECK(book.recorded_at_us > account.recorded_at_us);
    const EntityRef id = ledger.book_state().keys.rbegin()->first;
    CHECK(id.stream_ordinal == book.stream_ordinal);
    CHECK(id.stream_version == 2);
    CHECK(id.shard == ledger.engine().shard_of("default"));
    ledger.check_stores();
    CHECK(ledger.told() == 2);
    ledger.reopen_without_views();
    CHECK(ledger.told() == 2);
    ledger.check_stores();
  }
}

TEST_CASE("a book of its own that no event had before is numbered after its account") {
  TwoStreams ledger;
  ledger.options().ground.decide = [](const AccountState& account, const Command& command,
                                      const DecisionContext& context) {
    Decision decision = decide(account, command, context);
    tell_book(decision, context);
    return decision;
  };
  ledger.reopen();
  ledger.open_account("acme");
  CHECK(view_envelope(ledger.stored(1)).stream_ordinal == 1);
  const EntityRef id = ledger.book_state().keys.begin()->first;
  CHECK(id.stream_ordinal == 2);
  CHECK(id.stream_version == 1);
  ledger.check_stores();
}

TEST_CASE("a limit of the book is exact, whoever asks at once") {
  for (const ShardNumber shards : {ShardNumber{1}, ShardNumber{4}}) {
    TwoStreams ledger(shards);
    for (int account = 0; account < 10; ++account) ledger.open_account("a" + std::to_string(account));
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 40; ++i) answers.push_back(ledger.start_allocation("a" + std::to_string(i % 10)));
    std::size_t accepted = 0;
    for (auto& answer : answers) accepted += answer.get().accepted() ? 1 : 0;
    CHECK(accepted == told_max);
    CHECK(ledger.told() == told_max);
    CHECK(ledger.head() == 10 + 2 * told_max);
    ledger.check_stores();
  }
}

TEST_CASE("a repeat of a command in two streams is answered as the first was") {
  TwoStreams ledger;
  ledger.open_account("acme");
  ledger.open_account("other");
  auto first_future = ledger.start_allocation("acme", "once");
  auto at_once = ledger.start_allocation("acme", "once");
  const Answer first = first_future.get();
  const auto is_first = [&](const Answer& again) {
    CHECK(again.is_replay);
    CHECK(again.position == first.position);
    CHECK(shown<UnitEntryShown>(again).balance_after == 10);
    CHECK(shown<UnitEntryShown>(again).movement.id == shown<UnitEntryShown>(first).movement.id);
  };
  is_first(at_once.get());
  is_first(ledger.start_allocation("acme", "once").get());
  // The book moves on, the account does not; then the account.
  REQUIRE(ledger.allocate("other", 10).accepted());
  is_first(ledger.start_allocation("acme", "once").get());
  REQUIRE(ledger.allocate("acme", 5).accepted());
  is_first(ledger.start_allocation("acme", "once").get());
  ledger.reopen();
  is_first(ledger.start_allocation("acme", "once").get());
  ledger.crash();
  is_first(ledger.start_allocation("acme", "once").get());
  CHECK(ledger.told() == 3);
  CHECK(ledger.head() == 8);
}

TEST_CASE("a dry run of a command in two streams shows both and appends nothing") {
  TwoStreams ledger;
  ledger.open_account("acme");
  AllocateUnitCredits command;
  command.account_id = "acme";
  command.amount = 4;
  Work work = ledger.work(command);
  work.context.dry_run = true;
  const Answer answer = ledger.run(std::move(work));
  CHECK(shown<UnitEntryShown>(answer).balance_after == 4);
  REQUIRE(answer.dry_run_events.size() == 2);
  const EnvelopeView account = view_envelope(answer.dry_run_events[0]), book = view_envelope(answer.dry_run_events[1]);
  CHECK(account.stream == "default/acme");
  CHECK(book.stream == "default/~book");
  CHECK(book.position == 3);
  CHECK(book.stream_version == 1);
  CHECK(book.command_index == 1);
  CHECK(book.command_size == 2);
  CHECK(answer.dry_run_bases.at(account.stream_ordinal) == 1);
  CHECK(answer.dry_run_bases.at(book.stream_ordinal) == 0);
  CHECK(ledger.told() == 0);
  CHECK(ledger.head() == 1);
}

TEST_CASE("a stale If-Match leaves the book alone too") {
  TwoStreams ledger;
  ledger.open_account("acme");
  AllocateUnitCredits command;
  command.account_id = "acme";
  command.amount = 4;
  Work work = ledger.work(command);
  work.context.if_match = 7;
  CHECK(ledger.run(std::move(work)).rejection.code == RejectionCode::version_conflict);
  CHECK(ledger.told() == 0);
}

TEST_CASE("what falls due tells the book at the book's own time, and takes effect at the account's") {
  for (const bool by_agenda : {false, true}) {
    TwoStreams ledger;
    ledger.open_account("acme");
    const Instant expiry{micros(ledger.clock().now()) + 60 * micros_per_second};
    ledger.issue("acme", 100, expiry);
    ledger.clock().advance_seconds(3'600);
    if (by_agenda) ledger.reopen();
    CHECK(ledger.state("acme").decided_at == expiry);
    CHECK(ledger.head() == 5);
    const std::string own = ledger.stored(3), of_book = ledger.stored(5);
    CHECK(view_envelope(own).decided_at_us == micros(expiry));
    CHECK(view_envelope(of_book).decided_at_us == micros(ledger.clock().now()));
    CHECK(schema::GetEnvelope(of_book.data())->effective_at()->us() == micros(expiry));
    CHECK(view_envelope(of_book).command_index == 2);
    CHECK(view_envelope(of_book).command_size == 3);
    CHECK(ledger.told() == 2);
    ledger.check_stores();
  }
}

TEST_CASE("a write that fails or is cut keeps no half of a command in two streams, and a repeat settles it") {
  for (const bool by_crash : {false, true}) {
    for (const bool is_torn : {false, true}) {
      TwoStreams ledger;
      ledger.open_account("acme");
      REQUIRE(ledger.start_allocation("acme", "before").get().accepted());
      ledger.plan().tear_failing_append = is_torn;
      ledger.plan().appends_until_failure = 1;
      CHECK(ledger.start_allocation("acme", "unsure").get().rejection.code == RejectionCode::not_ready);
      if (by_crash) {
        ledger.crash();
      } else {
        ledger.plan().heal();
      }
      Answer again;
      do {
        again = ledger.start_allocation("acme", "unsure").get();
      } while (again.rejection.code == RejectionCode::not_ready);
      CHECK(shown<UnitEntryShown>(again).balance_after == 20);
      CHECK(ledger.told() == 2);
      CHECK(ledger.head() == 5);
      ledger.check_stores();
    }
  }
}

}  // namespace daybook::test
