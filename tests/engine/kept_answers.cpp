#include "tests/engine/kept_answers.h"

#include <fmt/format.h>

#include "domain/state_codec.h"
#include "eventstore/merkle_tree.h"

namespace daybook::test {
namespace {

namespace fs = std::filesystem;

constexpr int accounts = 4;
constexpr Position events_min = 520;  ///< Two tiles of the Merkle tree are stored, and a node above them.

std::string text_of(const Answer& answer) {
  std::string text = fmt::format("{} v{} {}", to_string(answer.position), answer.version, answer.is_replay);
  if (const auto* credit = std::get_if<CreditShown>(&answer.shown)) text += encode_row(credit->grant);
  if (const auto* hold = std::get_if<ReservationShown>(&answer.shown)) text += encode_row(hold->hold);
  if (const auto* entry = std::get_if<UnitEntryShown>(&answer.shown)) text += fmt::format(" {}", entry->balance_after);
  return text;
}

}  // namespace

KeptAnswers::KeptAnswers(rocksdb::Env* env) : EngineFixture(1, env), kept_(data().parent_path() / "kept") {
  fill();
  close();
  fs::copy(data(), kept_, fs::copy_options::recursive);
  options().threads = false;
  plan_questions();
  open();
  for (Asked& one : asked_) one.kept = one.ask();
  close();
}

void KeptAnswers::fill() {
  const auto run_keyed = [&](Command command) {
    const std::string key = fmt::format("key{}", keyed_.size());
    keyed_.emplace(key, command);
    return run(std::move(command), key);
  };
  for (int number = 0; number < accounts; ++number) {
    const std::string id = fmt::format("account{}", number);
    open_account(id);
    IssueCredit issued;
    issued.account_id = id;
    issued.amount = 500;
    issued.currency = currency_of("USD");
    const EntityRef credit = shown<CreditShown>(run_keyed(issued)).grant.id;
    VoidCredit voided;
    voided.credit = credit;
    REQUIRE(run_keyed(voided).accepted());
    ended_.push_back(credit);
    REQUIRE(allocate(id, 1'000'000).accepted());
    const EntityRef hold = shown<ReservationShown>(reserve(id, 10)).hold.id;
    ReleaseReservation released;
    released.reservation = hold;
    REQUIRE(run_keyed(released).accepted());
    ended_.push_back(hold);
    REQUIRE(reserve(id, 7, 3'000).accepted());
    reopen();  // Makes a table of the log up to here.
  }
  DeductUnitCredits deduct;
  deduct.amount = 1;
  std::vector<std::future<Answer>> deductions;
  for (int number = 0; number < static_cast<int>(events_min); ++number) {
    deduct.account_id = fmt::format("account{}", number % accounts);
    const std::string key = fmt::format("deduct{}", number);
    if (number % 50 == 0) keyed_.emplace(key, deduct);
    deductions.push_back(start(work(deduct, key)));
  }
  for (auto& one : deductions) REQUIRE(one.get().accepted());
}

Answer KeptAnswers::step(Work work) {
  auto answer = start(std::move(work));
  engine().step(0);
  Answer got = answer.get();
  if (got.rejection.code == RejectionCode::event_corrupt) throw StorageFault("event_corrupt");
  if (!got.accepted()) throw StorageFault(engine().status());
  return got;
}

std::string KeptAnswers::state_text(const std::string& account, std::optional<EntityRef> entity) {
  std::string text = "none";
  Work read;
  read.context.principal.book = book;
  read.account_id = account;
  read.entity = entity;
  read.read_account = [&](const AccountState* state, LogPosition, Instant) {
    if (state == nullptr) return;
    text = encode_state(*state);
    if (!entity) return;
    if (const Grant* grant = state->find_grant(*entity)) text += encode_row(*grant);
    if (const Hold* hold = state->find_hold(*entity)) text += encode_row(*hold);
  };
  step(std::move(read));
  return text;
}

std::string KeptAnswers::repeat_text(const std::string& key) {
  return text_of(step(work(keyed_.at(key), key)));
}

void KeptAnswers::plan_questions() {
  for (const EntityRef entity : ended_) {  // First, as long as no account is in memory.
    asked_.push_back({"what has ended", [this, entity] { return state_text({}, entity); }, {}});
  }
  for (const auto& [key, command] : keyed_) {
    asked_.push_back({"repeat of " + key, [this, key = key] { return repeat_text(key); }, {}});
  }
  for (int number = 0; number < accounts; ++number) {
    const std::string id = fmt::format("account{}", number);
    asked_.push_back({"state of " + id, [this, id] { return state_text(id, {}); }, {}});
    asked_.push_back(
        {"positions of " + id,
         [this, id] { return fmt::format("{}", fmt::join(engine().stream_positions(book + "/" + id, 1, 1'000), " ")); },
         {}});
    asked_.push_back({"past of " + id,
                      [this, id] {
                        const auto past = engine().account_as_of(book, id, {}, LogPosition{0, 300});
                        return past.state ? encode_state(*past.state) : "none";
                      },
                      {}});
  }
  for (const Position position : {3U, 300U, 515U}) {
    asked_.push_back({fmt::format("proof of {}", position),
                      [this, position] {
                        const auto tree = engine().tree(0);
                        if (!tree) throw StorageFault(engine().status());
                        std::string proof;
                        for (const MerkleHash& hash : tree->prove_inclusion(position, 520)) proof += bytes_of(hash);
                        return proof;
                      },
                      {}});
  }
}

std::string KeptAnswers::ask() {
  std::string refused;
  for (const Asked& one : asked_) {
    CAPTURE(one.what);
    try {
      const bool is_same = one.ask() == one.kept;
      CHECK(is_same);
    } catch (const StorageFault& fault) {
      refused = fault.what();
      CHECK_FALSE(refused.empty());
    }
  }
  return refused;
}

std::string KeptAnswers::open_and_ask() {
  try {
    open();
  } catch (const StorageFault& fault) {
    return fault.what();
  }
  std::string refused = ask();
  close();
  return refused;
}

void KeptAnswers::restore() {
  fs::remove_all(data());
  fs::copy(kept_, data(), fs::copy_options::recursive);
}

void KeptAnswers::delete_views() {
  fs::remove_all(data() / "views");
}

}  // namespace daybook::test
