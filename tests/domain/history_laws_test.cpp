// Laws of whole histories, for random ones: folding the events again gives the state, a dry run says what the run does,
// and repeats of what can be done once change nothing, wherever they come.
#include <algorithm>
#include <random>

#include "domain/state_codec.h"
#include "tests/domain/invoicing.h"
#include "tests/domain/property.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// An account of Given whose random commands name what there is; most of them are accepted.
class RandomHistory : public Invoicing {
 public:
  explicit RandomHistory(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

  Command random_command() {
    const auto amount = static_cast<std::int64_t>(1 + below(90));
    switch (below(12)) {
      case 0:
        return allocate(amount, static_cast<UnitSource>(1 + below(3)), soon());
      case 1:
        return deduct(amount);
      case 2:
        return reserve(amount, 1 + below(40));
      case 3:
        return capture(any(account.holds()), amount);
      case 4:
        return release(any(account.holds()));
      case 5:
        return issue(amount, static_cast<CreditType>(1 + below(7)), soon());
      case 6:
        return consume(any(account.grants()), amount);
      case 7:
        return Command(VoidCredit{any(account.grants()), {}});
      case 8: {
        DraftInvoice command;
        command.account_id = "acme";
        for (std::uint32_t i = 0; i <= below(3); ++i) command.lines.push_back(invoice_line(std::to_string(amount)));
        return command;
      }
      case 9:
        return FinalizeInvoice{any(account.invoices())};
      case 10: {
        IssueCreditNote command;
        command.invoice = any(account.invoices());
        command.amount = amount;
        return command;
      }
      default:
        return VoidInvoice{any(account.invoices()), {}};
    }
  }
  void pass() {
    pass_seconds(below(20));
    run_due();
  }

 private:
  std::optional<Instant> soon() {
    if (below(2) == 0) return std::nullopt;
    return Instant{micros(now) + (1 + below(50)) * micros_per_second};
  }
  template <class Map>
  EntityRef any(const Map& entities) {
    if (entities.empty()) return {2, 99, 0, 0};
    return std::next(entities.begin(), static_cast<std::ptrdiff_t>(below(static_cast<std::uint32_t>(entities.size()))))
        ->first;
  }

  std::mt19937 random_;
};

constexpr int steps_of_a_history = 25;

/// The bytes that the decision's events pack to.
std::vector<std::string> packed(const Decision& decision) {
  std::vector<std::string> all;
  for (const auto* events : {&decision.events, &decision.book_events}) {
    for (const PendingEvent& event : *events) {
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(event.pack(builder));
      all.emplace_back(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
    }
  }
  return all;
}

/// What changes a thing once and for all: a repeat is refused, or finds it done.
std::vector<Command> one_off_commands(RandomHistory& given) {
  std::vector<Command> commands;
  for (int i = 0; i < 2; ++i) {
    commands.push_back(MarkInvoiceUncollectible{given.finalized({"30000"}), {}});
    commands.push_back(VoidInvoice{given.finalized({"20000"}), {}});
  }
  // After the invoices, which would take them.
  for (int i = 0; i < 2; ++i) {
    given.accept(allocate(100));
    commands.push_back(capture(given.accept(reserve(20)), 1 + given.below(20)));
    commands.push_back(release(given.accept(reserve(10))));
    commands.push_back(VoidCredit{given.accept(issue(7)), {}});
    commands.push_back(ExpireCredit{given.accept(issue(9)), {}});
  }
  return commands;
}

}  // namespace

TEST_CASE("LED: folding the events of any history again gives the state that was decided on") {
  always("replayed, the account and its book are byte for byte what they were live", [] {
    RandomHistory given(*rc::gen::arbitrary<std::uint32_t>());
    for (int step = 0; step < steps_of_a_history; ++step) {
      given.when(given.random_command());
      if (given.below(3) == 0) given.pass();
    }
    AccountState account;
    BookState book;
    for (const std::string& bytes : given.envelopes) {
      const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
      if (envelope.stream_ordinal() == 1) {
        evolve(book, envelope);
      } else {
        evolve(account, envelope);
      }
    }
    RC_ASSERT(encode_state(account) == encode_state(given.account));
    RC_ASSERT(encode_state(book) == encode_state(given.book));
    RC_ASSERT(account.due() == given.account.due());
    RC_ASSERT(account.wallets() == given.account.wallets());
    RC_ASSERT(account.receivable() == given.account.receivable());
  });
}

TEST_CASE("API: a dry run of any command has the run's events or its refusal") {
  always("dry and for good, a decision is the same", [] {
    RandomHistory given(*rc::gen::arbitrary<std::uint32_t>());
    for (int step = 0; step < steps_of_a_history; ++step) {
      const Command command = given.random_command();
      DecisionContext context = given.context();
      context.dry_run = true;
      const std::string before = encode_state(given.account);
      const Decision dry = decide(given.account, command, context);
      RC_ASSERT(encode_state(given.account) == before);
      const Decision run = given.when(command);
      RC_ASSERT(dry.rejection == run.rejection);
      RC_ASSERT(packed(dry) == packed(run));
      RC_ASSERT(dry.subject.id == run.subject.id);
    }
  });
}

TEST_CASE("IDM: repeats of what is done once change nothing, in whatever order they come") {
  always("with repeats or without, the state is the same", [] {
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    RandomHistory once(seed), repeated(seed);
    std::vector<Command> commands = one_off_commands(once);
    RC_ASSERT(one_off_commands(repeated).size() == commands.size());
    std::shuffle(commands.begin(), commands.end(), std::mt19937(seed));
    for (const Command& command : commands) once.when(command);
    std::mt19937 random(seed + 1);
    for (std::size_t next = 0; next < commands.size(); ++next) {
      RC_ASSERT(repeated.when(commands[next]).accepted());
      for (auto i = random() % 3; i > 0; --i) {
        const std::size_t before = repeated.types.size();
        repeated.when(commands[random() % (next + 1)]);
        RC_ASSERT(repeated.types.size() == before);
      }
    }
    RC_ASSERT(encode_state(repeated.account) == encode_state(once.account));
    RC_ASSERT(repeated.journal() == once.journal());
  });
}

TEST_CASE("CRD, UNI: whatever happens, no balance goes below zero, and the journal says what the state says") {
  always("sums hold after each command", [] {
    RandomHistory given(*rc::gen::arbitrary<std::uint32_t>());
    for (int step = 0; step < steps_of_a_history; ++step) {
      given.when(given.random_command());
      if (given.below(3) == 0) given.pass();
      for (const auto& [asset, wallet] : given.account.wallets()) {
        RC_ASSERT(wallet.available >= 0);
        RC_ASSERT(wallet.reserved >= 0);
        RC_ASSERT(wallet.granted == wallet.available + wallet.reserved + wallet.consumed + wallet.expired);
      }
    }
    auto sums = given.journal();
    std::int64_t all = 0;
    for (const auto& [account, sum] : sums) all += sum;
    RC_ASSERT(all == 0);
    RC_ASSERT(sums[LedgerAccount::customer_credit] == -given.money());
    RC_ASSERT(sums[LedgerAccount::receivable] == given.account.receivable());
  });
}
