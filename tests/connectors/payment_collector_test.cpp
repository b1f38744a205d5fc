// Collecting over a real engine: every attempt is charged once and has one result, wherever the process ends meanwhile.
#include "connectors/payment_collector.h"

#include <fstream>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "connectors/simulated_provider.h"
#include "schemas/envelope_generated.h"
#include "tests/engine/engine_fixture.h"
#include "tests/simulation/forwarding.h"

namespace daybook::test {
namespace {

using std::chrono::seconds;

class Standing final : public Clock {
 public:
  Instant now() override { return {}; }
  std::chrono::steady_clock::time_point steady() override { return at; }
  std::chrono::steady_clock::time_point at{};
};

/// A log whose readers in this thread fail once behind an attempt, after somebody has asked for that.
class FailsBehindAttempt final : public ForwardingLog {
 public:
  FailsBehindAttempt(std::unique_ptr<EventLog> to, bool& fails) : ForwardingLog(std::move(to)), fails_(fails) {}
  std::unique_ptr<LogReader> read_forward(ShardNumber shard, Position from) const override {
    auto reader = ForwardingLog::read_forward(shard, from);
    if (std::this_thread::get_id() != thread_) return reader;
    return std::make_unique<Reader>(std::move(reader), fails_);
  }

 private:
  class Reader final : public LogReader {
   public:
    Reader(std::unique_ptr<LogReader> to, bool& fails) : to_(std::move(to)), fails_(fails) {}
    bool next(StoredEvent& event) override {
      if (is_behind_ && std::exchange(fails_, false)) throw StorageFault("the log is being opened again");
      const bool is_there = to_->next(event);
      is_behind_ =
          is_there && schema::GetEnvelope(event.envelope.data())->event_type() == schema::Event::PaymentAttempted;
      return is_there;
    }
    void seek(Position position) override { to_->seek(position); }

   private:
    std::unique_ptr<LogReader> to_;
    bool& fails_;
    bool is_behind_ = false;
  };
  const std::thread::id thread_ = std::this_thread::get_id();
  bool& fails_;
};

class Collecting : public EngineFixture {
 public:
  Collecting() { open_account("acme"); }
  ~Collecting() { collector.reset(); }

  void attach(const std::string& token, const std::string& account = "acme") {
    AttachPaymentMethod command;
    command.account_id = account;
    command.token = {token, {}};
    command.is_default = true;
    command.found = simulated_method(token);
    REQUIRE(run(command).accepted());
  }
  /// An invoice that is collected; its payment.
  EntityRef owe(std::int64_t amount = 1'900, const std::string& account = "acme") {
    DraftInvoice draft;
    draft.account_id = account;
    draft.collection = InvoiceCollection::automatic;
    draft.lines.emplace_back().unit_amount = std::to_string(amount);
    const EntityRef invoice = shown<InvoiceShown>(run(draft)).invoice.id;
    return shown<InvoiceShown>(run(FinalizeInvoice{invoice})).invoice.payment;
  }
  Payment payment(EntityRef id) {
    std::optional<Payment> found;
    Work read;
    read.context.principal.book = book;
    read.entity = id;
    read.read_account = [&](const AccountState* account, LogPosition, Instant) { found = *account->find_payment(id); };
    run(std::move(read));
    return found.value();
  }
  /// A paid invoice's payment.
  EntityRef paid(const std::string& token = "tok_ok", std::int64_t amount = 1'900) {
    attach(token);
    const EntityRef id = owe(amount);
    collect();
    REQUIRE(collector->wait_answered(seconds(20)));
    REQUIRE(payment(id).status == PaymentStatus::succeeded);
    collector.reset();
    return id;
  }
  EntityRef give_back(EntityRef payment, std::optional<std::int64_t> amount = {}) {
    IssueRefund command;
    command.payment = payment;
    command.amount = amount;
    return shown<RefundShown>(run(command)).refund.id;
  }
  Refund refund(EntityRef id) {
    std::optional<Refund> found;
    Work read;
    read.context.principal.book = book;
    read.entity = id;
    read.read_account = [&](const AccountState* account, LogPosition, Instant) { found = *account->find_refund(id); };
    run(std::move(read));
    return found.value();
  }
  /// With the simulator, or another provider in its place.
  void collect(PaymentProvider* other = nullptr) {
    PaymentCollector::Options options;
    options.engine = &engine();
    options.provider = [this, other](std::string_view name, const std::string&) -> PaymentProvider* {
      if (name != simulated_provider_name) return nullptr;
      return other != nullptr ? other : &simulator;
    };
    collector = std::make_unique<PaymentCollector>(std::move(options));
    collector->start();
  }
  /// Without threads, by a clock that stands.
  void collect_by_steps() {
    PaymentCollector::Options options;
    options.engine = &engine();
    options.provider = [this](std::string_view, const std::string&) { return &simulator; };
    options.clock = &standing;
    collector = std::make_unique<PaymentCollector>(std::move(options));
  }
  /// The process ends and another one begins.
  void restart() {
    collector.reset();
    reopen();
  }
  std::size_t count(schema::Event type) {
    std::size_t found = 0;
    const auto reader = engine().log().read_forward(0, 1);
    StoredEvent event;
    while (reader->next(event)) found += schema::GetEnvelope(event.envelope.data())->event_type() == type ? 1U : 0U;
    return found;
  }
  std::filesystem::path cursor() { return engine().directory().views_path() / "collector-0"; }

  SimulatedProvider simulator;
  Standing standing;
  std::unique_ptr<PaymentCollector> collector;
};

/// What the collector does not ask.
class Unasked : public PaymentProvider {
 public:
  ProviderMethod find_method(std::string_view token) const override { return simulated_method(token); }
  RejectionCode check_signature(std::string_view, std::string_view, Instant) const override {
    return RejectionCode::signature_invalid;
  }
  ProviderTopic topic_of(std::string_view) const override { return ProviderTopic::none; }
  ProviderNotice read_message(std::string_view) const override { return {}; }
};

/// Charges, and does something else with what the provider says.
class Wrapped final : public Unasked {
 public:
  explicit Wrapped(SimulatedProvider& simulator) : simulator_(simulator) {}
  std::function<ChargeResult(ChargeResult)> on_charge = [](ChargeResult result) { return result; };
  std::function<ChargeResult(ChargeResult)> on_find = [](ChargeResult result) { return result; };

  ChargeResult charge(const Charge& charge) override { return on_charge(simulator_.charge(charge)); }
  ChargeResult find(std::string_view key) override { return on_find(simulator_.find(key)); }
  std::function<RefundCallResult(RefundCallResult)> on_refund = [](RefundCallResult result) { return result; };
  std::function<RefundCallResult(RefundCallResult)> on_find_refund = [](RefundCallResult result) { return result; };
  RefundCallResult refund(const RefundCall& call) override { return on_refund(simulator_.refund(call)); }
  RefundCallResult find_refund(const RefundCall& call) override { return on_find_refund(simulator_.find_refund(call)); }

 private:
  SimulatedProvider& simulator_;
};

/// Nothing reaches it.
class Deaf final : public Unasked {
 public:
  ChargeResult charge(const Charge&) override { return {}; }
  ChargeResult find(std::string_view) override { return {}; }
  RefundCallResult refund(const RefundCall&) override { return {}; }
  RefundCallResult find_refund(const RefundCall&) override { return {}; }
};

}  // namespace

TEST_CASE_FIXTURE(Collecting, "PRV-04: each of the simulator's tokens comes to what is documented, in every run") {
  collect();
  struct Row {
    const char* token;
    PaymentStatus status;
    const char* code;
  };
  for (const Row& row : {Row{"tok_ok", PaymentStatus::succeeded, ""},
                         {"tok_declined", PaymentStatus::failed, "card_declined"},
                         {"tok_insufficient_funds", PaymentStatus::failed, "insufficient_funds"},
                         {"tok_expired_card", PaymentStatus::failed, "expired_card"},
                         {"tok_requires_action", PaymentStatus::requires_action, ""},
                         {"tok_fail_then_ok:1", PaymentStatus::failed, "card_declined"},
                         {"tok_timeout", PaymentStatus::succeeded, ""},
                         {"tok_bank_account", PaymentStatus::succeeded, ""},
                         {"tok_sepa_debit", PaymentStatus::succeeded, ""},
                         {"tok_wallet", PaymentStatus::succeeded, ""}}) {
    CAPTURE(row.token);
    attach(row.token);
    const EntityRef id = owe();
    REQUIRE(collector->wait_answered(seconds(20)));
    const Payment found = payment(id);
    CHECK(found.status == row.status);
    CHECK(found.failure_code == row.code);
    CHECK(found.action_url.empty() == (row.status != PaymentStatus::requires_action));
    CHECK(found.transaction_id == "sim_" + found.provider_key);
  }
  CHECK(simulator.counters().charges == 5);
}

TEST_CASE_FIXTURE(Collecting, "PMT-04: a charge that succeeds pays its invoice, and tok_fail_then_ok the next time") {
  collect();
  attach("tok_fail_then_ok:2");
  const EntityRef invoice = payment(owe()).invoice;
  for (int attempt = 2; attempt <= 3; ++attempt) {
    REQUIRE(collector->wait_answered(seconds(20)));
    CHECK(state("acme").find_invoice(invoice)->status == InvoiceStatus::open);
    AttemptPayment again;
    again.invoice = invoice;
    REQUIRE(run(again).accepted());
  }
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(state("acme").receivable() == 0);
  CHECK(count(schema::Event::InvoicePaid) == 1);
  CHECK(count(schema::Event::PaymentFailed) == 2);
  CHECK(simulator.counters().charges == 1);
}

TEST_CASE_FIXTURE(Collecting,
                  "PRV-04, REF-02: what becomes of a refund is what its charge's token says, in every run") {
  struct Row {
    const char* token;
    RefundStatus status;
    const char* code;
  };
  std::uint64_t refunds = 0;
  for (const Row& row : {Row{"tok_ok", RefundStatus::succeeded, ""},
                         {"tok_refund_timeout", RefundStatus::succeeded, ""},
                         {"tok_refund_pending", RefundStatus::succeeded, ""},
                         {"tok_refund_failed", RefundStatus::failed, "expired_or_canceled_card"}}) {
    CAPTURE(row.token);
    const EntityRef id = give_back(paid(row.token), 900);
    collect();
    REQUIRE(collector->wait_answered(seconds(20)));
    collector.reset();
    CHECK(refund(id).status == row.status);
    CHECK(refund(id).failure_code == row.code);
    CHECK(refund(id).provider_refund_id == "simre_" + refund(id).provider_key);
    CHECK(refund(id).credit_note.is_none() == (row.status == RefundStatus::failed));
    refunds += row.status == RefundStatus::succeeded ? 1U : 0U;
    CHECK(simulator.counters().refunds == refunds);
  }
  CHECK(count(schema::Event::RefundSucceeded) == 3);
  CHECK(count(schema::Event::RefundFailed) == 1);
}

TEST_CASE_FIXTURE(Collecting, "PRV-08: wherever the process ends, a refund is made once and has one result") {
  const EntityRef id = give_back(paid());
  Wrapped wrapped(simulator);
  SUBCASE("before the call") {
    restart();
  }
  SUBCASE("during the call, which the provider has not seen") {
    Deaf deaf;
    collect(&deaf);
    while (collector->status().unknown < 2) std::this_thread::yield();
    restart();
  }
  SUBCASE("during the call, which the provider has seen") {
    wrapped.on_refund = [](const RefundCallResult&) { return RefundCallResult{}; };
    wrapped.on_find_refund = [](const RefundCallResult& result) {
      return result.status == RefundCallStatus::not_found ? result : RefundCallResult{};
    };
    collect(&wrapped);
    while (collector->status().unknown < 2) std::this_thread::yield();
    restart();
  }
  SUBCASE("after the answer, before it is recorded") {
    wrapped.on_refund = [this](RefundCallResult result) {
      engine().stop();
      return result;
    };
    collect(&wrapped);
    while (simulator.counters().refunds == 0) std::this_thread::yield();
    restart();
  }
  SUBCASE("after it is recorded, and views/ is lost") {
    collect();
    REQUIRE(collector->wait_answered(seconds(20)));
    collector.reset();
    reopen_without_views();
  }
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(refund(id).status == RefundStatus::succeeded);
  CHECK(simulator.counters().refunds == 1);
  CHECK(count(schema::Event::RefundIssued) == 1);
  CHECK(count(schema::Event::RefundSucceeded) == 1);
  CHECK(count(schema::Event::CreditNoteIssued) == 1);
}

TEST_CASE_FIXTURE(Collecting, "a refund to credit asks nobody, and one of a purged account is made all the same") {
  const EntityRef payment = paid();
  IssueRefund credit;
  credit.payment = payment;
  credit.amount = 100;
  credit.destination = RefundDestination::credit;
  CHECK(shown<RefundShown>(run(credit)).refund.status == RefundStatus::succeeded);
  const EntityRef id = give_back(payment);
  REQUIRE(run(ScheduleAccountDeletion{"acme", {}}).accepted());
  REQUIRE(run(PurgeAccount{"acme"}).accepted());
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(refund(id).status == RefundStatus::succeeded);
  CHECK(refund(id).amount == 1'800);
  CHECK(simulator.counters().refunds == 1);
}

TEST_CASE_FIXTURE(Collecting, "PRV-06: a charge whose answer is lost is asked for by its key and made once") {
  attach("tok_timeout");
  const EntityRef id = owe();
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(simulator.counters().calls == 1);
  CHECK(simulator.counters().charges == 1);
  CHECK(collector->status().unknown == 1);
}

TEST_CASE_FIXTURE(Collecting, "PRV-08: wherever the process ends, a payment is charged once and has one result") {
  attach("tok_ok");
  const EntityRef id = owe();
  Wrapped wrapped(simulator);
  std::uint64_t charged_before = 1;
  SUBCASE("before the call") {
    charged_before = 0;
    restart();
  }
  SUBCASE("during the call, which the provider has not seen") {
    charged_before = 0;
    Deaf deaf;
    collect(&deaf);
    while (collector->status().unknown < 2) std::this_thread::yield();
    restart();
  }
  SUBCASE("during the call, which the provider has seen") {
    wrapped.on_charge = [](const ChargeResult&) { return ChargeResult{}; };
    wrapped.on_find = [](const ChargeResult& result) {
      return result.status == ChargeStatus::not_found ? result : ChargeResult{};
    };
    collect(&wrapped);
    while (collector->status().unknown < 2) std::this_thread::yield();
    restart();
  }
  SUBCASE("after the answer, before it is recorded") {
    wrapped.on_charge = [this](ChargeResult result) {
      engine().stop();
      return result;
    };
    collect(&wrapped);
    while (simulator.counters().calls == 0) std::this_thread::yield();
    restart();
  }
  SUBCASE("after it is recorded") {
    collect();
    REQUIRE(collector->wait_answered(seconds(20)));
    restart();
    CHECK(payment(id).status == PaymentStatus::succeeded);
  }
  SUBCASE("after it is recorded, and views/ is lost") {
    collect();
    REQUIRE(collector->wait_answered(seconds(20)));
    collector.reset();
    reopen_without_views();
  }
  CHECK(simulator.counters().charges == charged_before);
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(simulator.counters().charges == 1);
  CHECK(count(schema::Event::PaymentAttempted) == 1);
  CHECK(count(schema::Event::PaymentSucceeded) == 1);
  CHECK(count(schema::Event::InvoicePaid) == 1);
}

TEST_CASE_FIXTURE(Collecting,
                  "what is answered is not called again after a start, with a cursor, a damaged one or none") {
  attach("tok_ok");
  attach("tok_declined");
  owe();
  attach("tok_requires_action");
  owe();
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  collector->stop();
  REQUIRE(std::filesystem::exists(cursor()));
  SUBCASE("with its cursor") {}
  SUBCASE("without") {
    std::filesystem::remove(cursor());
  }
  SUBCASE("with a damaged one") {
    std::ofstream(cursor()) << "daybook collector 1\nlog_id 0\nat 0:999\n";
  }
  SUBCASE("with an empty one") {
    std::ofstream(cursor(), std::ios::trunc).flush();
  }
  restart();
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(collector->status().calls == 0);
  CHECK(simulator.counters().calls == 2);
}

TEST_CASE_FIXTURE(Collecting, "a cursor does not pass an attempt without a result") {
  attach("tok_ok");
  collect();
  owe();
  REQUIRE(collector->wait_answered(seconds(20)));
  collector.reset();
  Deaf deaf;
  const EntityRef id = owe(100);
  owe(200);
  restart();
  collect(&deaf);
  while (collector->status().unknown < 4) std::this_thread::yield();
  CHECK(collector->status().unanswered == 2);
  restart();
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(simulator.counters().charges == 3);
}

TEST_CASE_FIXTURE(Collecting, "a payment of a provider that is not configured waits until it is") {
  attach("tok_ok");
  const EntityRef id = owe();
  PaymentCollector::Options options;
  options.engine = &engine();
  collector = std::make_unique<PaymentCollector>(std::move(options));
  collector->start();
  CHECK_FALSE(collector->wait_answered(std::chrono::milliseconds(50)));
  restart();
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).status == PaymentStatus::succeeded);
}

TEST_CASE_FIXTURE(Collecting, "a payment of an account that was purged before it was called is not charged") {
  attach("tok_ok");
  const EntityRef id = owe();
  REQUIRE(run(ScheduleAccountDeletion{"acme", {}}).accepted());
  REQUIRE(run(PurgeAccount{"acme"}).accepted());
  collect();
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).failure_code == "payment_method_unavailable");
  CHECK(simulator.counters().calls == 0);
}

TEST_CASE_FIXTURE(Collecting,
                  "without threads each step makes the calls whose time has come by the clock it was given") {
  attach("tok_timeout");
  const EntityRef id = owe();
  collect_by_steps();
  CHECK(collector->status().calls == 0);
  for (int i = 0; i < 3; ++i) collector->step();
  CHECK(simulator.counters().calls == 1);
  CHECK(collector->status().calls == 1);
  standing.at += payment_pause_min;
  collector->step();
  CHECK(collector->status().calls == 2);
  REQUIRE(collector->wait_answered(seconds(20)));
  CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(simulator.counters().charges == 1);
  collector->stop();
  CHECK(std::filesystem::exists(cursor()));
}

TEST_CASE_FIXTURE(Collecting, "what was read before a read failed is not called again when it goes on") {
  bool fails = false;
  options().ground.open_log = [&fails](const EventLog::Options& log) {
    return std::make_unique<FailsBehindAttempt>(EventLog::open(log), fails);
  };
  restart();
  attach("tok_timeout");
  collect_by_steps();
  collector->step();
  owe();
  fails = true;
  collector->step();
  CHECK_FALSE(fails);
  CHECK(collector->status().calls == 1);
  collector->step();
  CHECK(collector->status().calls == 1);
  collector.reset();
  close();
}

TEST_CASE_FIXTURE(Collecting, "many payments at once are each charged once") {
  attach("tok_ok");
  collect();
  std::vector<EntityRef> ids;
  for (int i = 1; i <= 100; ++i) ids.push_back(owe(i));
  REQUIRE(collector->wait_answered(seconds(60)));
  CHECK(simulator.counters().calls == 100);
  CHECK(simulator.counters().charges == 100);
  for (const EntityRef id : ids) CHECK(payment(id).status == PaymentStatus::succeeded);
  CHECK(state("acme").receivable() == 0);
}

}  // namespace daybook::test
