// A log as the engine would write it, for tests of what reads logs: commands are decided by the domain, packed into
// envelopes and appended in groups. Verbs name their account by its id in the book "default", or as "book/id".
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "domain/deciders/decision.h"
#include "domain/evolve.h"
#include "eventstore/log.h"

namespace daybook::test {

/// A folder under the system's temporary one that goes with the object.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class BookBuilder {
 public:
  /// Creates or opens the log in `folder`/log; the builder knows only the streams that it writes itself.
  explicit BookBuilder(const std::filesystem::path& folder, ShardNumber shards = 1);

  EventLog& log() { return *log_; }
  Position head(ShardNumber shard = 0) const;
  /// Of the streams of this book. One shard unless the log has several.
  ShardNumber shard_of(std::string_view book) const;

  // The envelope's members of the commands to come.
  std::string actor = "key:key_test";
  std::string request_id;
  std::string correlation_id;  ///< Empty: the request id.

  // Verbs. Each appends one group at once, unless hold() gathers several. Ids of what they made.
  void open_account(const std::string& account, const std::string& email = {}, const std::string& currency = "USD");
  void change_email(const std::string& account, const std::string& email);
  void change_country(const std::string& account, const std::string& country);
  EntityRef issue_credit(const std::string& account, std::int64_t amount, CreditType type = CreditType::goodwill,
                         std::optional<Instant> expires_at = {});
  void consume(EntityRef credit, std::int64_t amount);
  void expire(EntityRef credit);
  void void_credit(EntityRef credit);
  void allocate(const std::string& account, std::int64_t amount, const std::string& unit = "credits",
                std::optional<Instant> expires_at = {});
  void deduct(const std::string& account, std::int64_t amount, const std::string& unit = "credits");
  void adjust(const std::string& account, std::int64_t amount, const std::string& unit = "credits");
  EntityRef reserve(const std::string& account, std::int64_t amount, const std::string& unit = "credits");
  void capture(const std::string& account, EntityRef reservation, std::optional<std::int64_t> amount = {});
  void release(const std::string& account, EntityRef reservation);
  /// With one line.
  EntityRef draft_invoice(const std::string& account, std::int64_t amount);
  void add_line(EntityRef invoice, std::int64_t amount);
  void finalize(EntityRef invoice);
  void void_invoice(EntityRef invoice);
  void write_off(EntityRef invoice);
  EntityRef credit_invoice(EntityRef invoice, std::optional<std::int64_t> amount = {});
  void void_credit_note(EntityRef note);
  EntityRef adjust_invoice(EntityRef invoice, AdjustmentType type, std::int64_t amount);
  /// A card, the account's default from then on.
  EntityRef attach_method(const std::string& account);
  EntityRef pay(EntityRef invoice);
  void record(EntityRef payment, PaymentOutcome outcome);
  /// Money for an invoice without a provider.
  EntityRef receive(EntityRef invoice, std::int64_t amount);
  EntityRef refund(EntityRef payment, std::int64_t amount, RefundDestination destination);
  void record_refund(EntityRef refund, RefundOutcome outcome);
  /// Named after the payment and how many it has had.
  EntityRef dispute(EntityRef payment, std::int64_t amount);
  void close_dispute(EntityRef dispute, DisputeOutcome outcome);
  /// A plan "plan" of 10.00 a month, in USD, for the accounts of that book.
  void offer_plan(const std::string& book);
  /// To that plan.
  EntityRef subscribe(const std::string& account, std::int32_t trial_days = 0);
  void cancel(EntityRef subscription, CancellationMode mode);
  void mirror(EntityRef subscription, const std::string& provider_id, bool has_ended = false);
  void reactivate(EntityRef subscription);
  /// For so long, or until it is resumed.
  void pause(EntityRef subscription, std::optional<std::int64_t> seconds = {});
  void resume(EntityRef subscription);
  /// To the other price of the plan, now.
  void change_plan(EntityRef subscription, BillingInterval interval, ProrationBehavior behavior);
  void change_quantity(EntityRef subscription, std::int64_t quantity, ChangeEffect effective,
                       ProrationBehavior behavior);
  void cancel_scheduled_change(EntityRef subscription);
  /// Time goes on, and what is due by then happens in every account.
  void advance(std::int64_t seconds);
  void advance_book_clock(const std::string& book);
  /// Commands that are allowed, on accounts that it opens itself. Returns how many events there are now.
  Position random_commands(std::mt19937_64& random, std::size_t count, std::size_t accounts = 20);
  /// An event that says anything: for damage that no decision makes.
  void plant(const std::string& account, PendingEvent event);

  /// Groups are appended by commit() only, all events so far as one.
  void hold() { is_held_ = true; }
  void commit();

  const AccountState& state(const std::string& account);
  Instant now() const { return now_; }
  /// The HMAC of a test: any function of the text.
  static std::string digest_of(std::string_view email);
  /// The same of an address that this builder has sealed.
  static std::string digest_of_sealed(const Sealed& email);
  /// As the engine's stream index answers.
  std::vector<Position> stream_positions(const std::string& stream, std::uint64_t from, std::uint64_t to) const;
  /// Positions of the book's events, by a scan of the log that asks `matches` of each envelope.
  std::vector<Position> scan(std::string_view book, const std::function<bool(const schema::Envelope&)>& matches) const;

 private:
  struct Stream {
    std::string name;
    AccountState account;
    BookState book;
    std::uint64_t ordinal = 0;
    std::uint64_t version = 0;
    std::vector<Position> positions;
  };
  static std::string stream_name(const std::string& account);
  Stream& stream(const std::string& name);
  Stream& stream_of(EntityRef entity);
  static std::string book_of(const Stream& stream);
  DecisionContext context(const Stream& stream) const;
  Subject submit(Stream& stream, const Command& command);
  void append(Stream& stream, const Decision& decision, std::string_view command);
  void append_to(Stream& stream, const std::vector<PendingEvent>& events, std::size_t size, std::uint16_t& index,
                 std::string_view command);
  void random_command(std::mt19937_64& random, const std::string& account);
  void random_invoicing(std::mt19937_64& random, const std::string& account);
  void random_correcting(std::mt19937_64& random, const std::string& account);
  void random_paying(std::mt19937_64& random, const std::string& account);
  /// Something of a payment goes back, if it can; false if nothing can.
  bool random_reversing(std::mt19937_64& random, const std::string& account);
  void random_subscribing(std::mt19937_64& random, const std::string& account);
  void random_change(std::mt19937_64& random, const Subscription& subscription);

  std::unique_ptr<EventLog> log_;
  std::map<std::string, Stream> streams_;
  std::map<std::pair<ShardNumber, std::uint64_t>, std::string> by_ordinal_;
  std::map<ShardNumber, std::vector<std::string>> pending_;
  std::map<ShardNumber, std::uint64_t> ordinals_;
  Instant now_{1'700'000'000'000'000};
  bool is_held_ = false;
};

}  // namespace daybook::test
