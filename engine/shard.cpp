#include "engine/shard.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "domain/evolve.h"
#include "domain/state_codec.h"
#include "engine/keyring.h"
#include "engine/limits.h"
#include "engine/sealing.h"
#include "engine/shard_detail.h"
#include "eventstore/damaged_row.h"

namespace daybook {
namespace {

constexpr auto idle_wait = std::chrono::milliseconds(50);     ///< Without work: how long until rows are stored.
constexpr auto reload_wait = std::chrono::milliseconds(500);  ///< Between attempts after a failed write.

}  // namespace

std::string_view Shard::Group::envelope(std::size_t i) const {
  const std::size_t start = i == 0 ? 0 : ends[i - 1];
  return std::string_view(bytes).substr(start, ends[i] - start);
}

Shard::Shard(ShardParts parts) : parts_(std::move(parts)) {}

Shard::~Shard() {
  stop();
}

// ---- The queue --------------------------------------------------------------------------------------------------

bool Shard::submit(std::vector<std::unique_ptr<Work>> work) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (stopping_ || queue_.size() + work.size() > queue_length_max) return false;
    std::move(work.begin(), work.end(), std::back_inserter(queue_));
  }
  queue_wake_.notify_one();
  return true;
}

bool Shard::wait_for_work() {
  auto wait = std::chrono::milliseconds(1'000);
  if (!failed_ && cache_->has_dirty()) wait = idle_wait;
  if (failed_) wait = reload_wait;
  const Instant wall = parts_.clock->now();
  for (const std::string& book : failed_ || is_full() ? std::vector<std::string>() : agenda_->books()) {
    const Instant next = agenda_->next({book, {}});
    const auto known = books_.find(book);  // written by this thread only
    if (next == never || (known != books_.end() && next > known->second.profile.closed_at)) continue;
    const std::int64_t offset_us = known == books_.end() ? 0 : known->second.offset_us;
    const std::int64_t us = micros(next) - micros(wall) - offset_us;
    wait = std::min(wait, std::chrono::milliseconds(std::clamp<std::int64_t>(us / 1'000 + 1, 0, 1'000)));
  }
  const auto steady = parts_.clock->steady();
  const auto wait_until = [&](std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady);
    wait = std::clamp(left + std::chrono::milliseconds(1), std::chrono::milliseconds(0), wait);
  };
  if (!failed_ && !is_full()) {
    for (const auto& [clock, come_to] : moving_clocks_) {
      const auto payments = clock_payments_.find(clock);
      const bool waits = payments != clock_payments_.end() && payments->second.deadline;
      wait_until(waits ? *payments->second.deadline : steady);
    }
  }
  for (const auto& [payment, waiter] : result_waiters_) wait_until(waiter.deadline);
  std::unique_lock lock(queue_mutex_);
  queue_wake_.wait_for(lock, wait, [this] { return stopping_ || !queue_.empty(); });
  return !stopping_ || !queue_.empty();
}

std::vector<std::unique_ptr<Work>> Shard::take() {
  std::vector<std::unique_ptr<Work>> work;
  const std::lock_guard lock(queue_mutex_);
  if (queue_.size() <= group_commands_max) {
    work.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(group_commands_max);
    work.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  return work;
}

void Shard::start() {
  is_stepped_ = !parts_.threads;
  if (!is_stepped_) thread_ = std::thread([this] { run(); });
}

void Shard::stop() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (!std::exchange(is_stepped_, false)) return;
  while (counters().queue_length > 0) step();
  close();
}

void Shard::run() {
  while (wait_for_work()) step();
  close();
}

void Shard::step() {
  const std::vector<std::unique_ptr<Work>> work = take();
  look_at_space();
  if (failed_) reload();
  wall_ = parts_.clock->now();
  ++group_number_;
  try {
    if (failed_) throw StorageFault("the shard is stopped");
    if (!is_full()) run_agenda();
    prefetch(work);
    for (const auto& one : work) {
      process(*one);
      if (group_.bytes.size() >= group_bytes_max) commit();
    }
    release_late_result_waiters(false);
    commit();
    store_dirty(group_.touched.size() + 16, work.empty());
    cache_->shrink();
    cache_hits_ = cache_->hits();
    cache_misses_ = cache_->misses();
    cache_bytes_ = cache_->bytes();
  } catch (const StorageFault& fault) {
    if (!failed_) fail(fault);
    // Everybody who has no answer yet learns that the outcome is unknown; a repeat with the same key settles it.
    for (const auto& one : work) {
      if (!one->done) continue;
      Answer unknown;
      unknown.rejection.code = ran_out_ ? RejectionCode::storage_full : RejectionCode::not_ready;
      answer(*one, std::move(unknown));
    }
  }
  finish_group();
  if (!failed_) wait_for_index();
}

void Shard::prefetch(const std::vector<std::unique_ptr<Work>>& work) {
  std::vector<std::string> names;
  for (const auto& one : work) {
    const std::string* account_id = one->command ? account_id_of(*one->command) : &one->account_id;
    // An account that is opened is not there yet, as a rule.
    const bool is_there = account_id != nullptr && !account_id->empty() &&
                          !(one->command && std::holds_alternative<OpenAccount>(*one->command));
    if (is_there) names.push_back(account_stream(one->context.principal.book, *account_id));
  }
  cache_->prefetch(std::move(names));
}

void Shard::wait_for_index() {
  while (index_->backlog() > index_backlog_max) {
    if (parts_.threads) {
      std::this_thread::sleep_for(index_pause);
    } else {
      index_->write_waiting();
    }
  }
}

void Shard::write_index() {
  if (!failed_) index_->write_waiting();
}

void Shard::close() {
  finish_group(true);
  if (failed_) return;
  try {
    store_dirty(0, true);
    index_->flush();
  } catch (const StorageFault& fault) {
    spdlog::error("shard {}: the index could not be written while stopping: {}", parts_.number, fault.what());
  }
}

// ---- One piece of work ------------------------------------------------------------------------------------------

Instant Shard::book_now(const std::string& book) {
  const BookState& state = book_stream_of(book).book_state;
  return std::max(plus(wall_, state.clock_offset_us), state.decided_at);
}

Stream& Shard::book_stream_of(const std::string& book) {
  if (last_book_ == nullptr || last_book_->book != book) last_book_ = &cache_->find_or_make(book_stream(book));
  return *last_book_;
}

Instant Shard::clock_now(const std::string& book, EntityRef test_clock) {
  if (test_clock.is_none()) return book_now(book);
  const auto& clocks = book_stream_of(book).book_state.test_clocks;
  const auto found = clocks.find(test_clock);
  if (found == clocks.end()) return book_now(book);
  const auto moving = moving_clocks_.find({book, test_clock});
  return moving != moving_clocks_.end() ? moving->second : found->second.frozen_time;
}

Instant Shard::account_now(const Stream& stream) {
  return std::max(clock_now(stream.book, stream.account.details.test_clock), stream.decided_at());
}

Stream* Shard::stream_of(EntityRef entity, const std::string& book) {
  if (entity.shard != parts_.number) return nullptr;
  Stream* stream = cache_->find(entity.stream_ordinal);
  if (stream == nullptr || stream->book != book || stream->is_book) return nullptr;
  return entity.stream_version > stream->version ? nullptr : stream;
}

Stream* Shard::stream_of(const Work& work) {
  const std::string& book = work.context.principal.book;
  std::optional<EntityRef> entity = work.entity;
  if (work.command && !entity) entity = entity_of(*work.command);
  const std::string* account_id = work.command ? account_id_of(*work.command) : &work.account_id;
  Stream* stream = nullptr;
  if (entity) {
    stream = stream_of(*entity, book);
    if (stream == nullptr) return nullptr;
    // A command that names both must mean the same account.
    if (account_id != nullptr && !account_id->empty() && *account_id != stream->account.details.id) return nullptr;
    load_ended(*stream, *entity);
    if (work.command) load_references(*stream, *work.command);
  } else if (account_id != nullptr) {
    scratch_.assign(book).push_back('/');
    scratch_.append(*account_id);
    stream = cache_->find(scratch_);
  }
  if (stream != nullptr) cache_->touch(*stream);
  return stream;
}

void Shard::load_ended(Stream& stream, EntityRef entity) {
  const AccountState& account = stream.account;
  const bool is_here = account.find_grant(entity) != nullptr || account.find_hold(entity) != nullptr ||
                       account.find_invoice(entity) != nullptr || account.find_subscription(entity) != nullptr ||
                       account.find_credit_note(entity) != nullptr || account.find_adjustment(entity) != nullptr ||
                       account.find_payment(entity) != nullptr || account.find_checkout_session(entity) != nullptr ||
                       account.find_refund(entity) != nullptr || account.find_dispute(entity) != nullptr;
  if (is_here) return;
  const auto row = index_->entity_row(entity.stream_ordinal, entity.stream_version, entity.slot);
  if (!row) return;
  if (adopt_row(stream.account, entity, *row)) return;
  throw DamagedRow::in_views(fmt::format("the row in views/ of what began at version {} of {} and has ended is damaged",
                                         entity.stream_version, stream.name));
}

void Shard::load_references(Stream& stream, const Command& command) {
  const AccountState& account = stream.account;
  const auto load_invoice_of = [&](const auto* one) {
    if (one == nullptr) return;
    load_ended(stream, one->invoice);
    if (account.find_invoice(one->invoice) != nullptr) return;
    throw DamagedRow::in_views(
        fmt::format("the row in views/ of {} of {} is not there", format_id("inv", one->invoice), stream.name));
  };
  if (const auto* issue = std::get_if<IssueRefund>(&command))
    return load_invoice_of(account.find_payment(issue->payment));
  if (const auto* result = std::get_if<RecordRefundResult>(&command)) {
    return load_invoice_of(account.find_refund(result->refund));
  }
}

void Shard::run_read(Work& work) {
  Answer done;
  done.position = at(next_position() - 1);
  if (work.read_book) {
    Stream& stream = book_stream_of(work.context.principal.book);
    const Instant now = book_now(stream.book);
    work.read_book(stream.book_state, done.position, now);
    if (!work.context.waits) return answer(work, std::move(done));
    clock_waiters_.push_back({{stream.book, {}}, now, std::move(work.done), std::move(done)});
    work.done = nullptr;
    return;
  }
  Stream* stream = stream_of(work);
  if (stream != nullptr) {
    const Instant now = account_now(*stream);
    run_due(*stream, now);
    done.position = at(next_position() - 1);
    done.stream = stream->name;
    if (work.entity) load_ended(*stream, *work.entity);
    if (work.foresee) {
      work.foresee(stream->account, context_for(*stream, work.context.principal.role, now));
    } else {
      work.read_account(&stream->account, done.position, now);
    }
  } else if (work.read_account) {
    work.read_account(nullptr, done.position, book_now(work.context.principal.book));
  }
  answer(work, std::move(done));
}

void Shard::process(Work& work) {
  if (!work.command) return run_read(work);
  commands_.fetch_add(1, std::memory_order_relaxed);
  if (answer_repeat(work)) return;
  if (is_full() && !work.context.dry_run) {
    Answer refused;
    refused.rejection.code = RejectionCode::storage_full;
    return answer(work, std::move(refused));
  }
  const std::string& book = work.context.principal.book;
  if (is_book_command(*work.command)) {
    Stream& stream = book_stream_of(book);
    // A key for one account: the book's state does not know which accounts there are, the cache does.
    const std::string* account_id = account_id_of(*work.command);
    if (account_id != nullptr && !account_id->empty() && cache_->find(account_stream(book, *account_id)) == nullptr) {
      return reject(work, &stream, Rejection{RejectionCode::not_found, "/account_id", {}}, {}, book_now(book));
    }
    return decide_for_book(work, stream, book_now(book));
  }
  if (const auto* open = std::get_if<OpenAccount>(&*work.command)) {
    Stream& stream = cache_->find_or_make(account_stream(book, open->account_id));
    // One that is not there yet is opened at the time of the clock that it will live by.
    const EntityRef new_clock = open->test_clock.value_or(EntityRef{});
    const Instant now = stream.version != 0 ? account_now(stream) : clock_now(book, new_clock);
    run_due(stream, now);  // of one that is there already
    return decide_for_account(work, stream, now);
  }
  Stream* stream = stream_of(work);
  if (stream == nullptr) {
    return reject(work, nullptr, Rejection{RejectionCode::not_found, {}, {}}, {}, book_now(book));
  }
  const Instant now = account_now(*stream);
  run_due(*stream, now);
  decide_for_account(work, *stream, now);
}

void Shard::decide_for_account(Work& work, Stream& stream, Instant now) {
  Command& command = *work.command;
  const CommandContext& context = work.context;
  if (context.if_match && stream.version != 0 && version_of(command, stream.account) != context.if_match) {
    return reject(work, &stream, Rejection{RejectionCode::version_conflict, {}, {}}, {}, now);
  }
  std::uint64_t key = stream.account.details.sealing_key;
  if (std::holds_alternative<OpenAccount>(command) && stream.version == 0) key = parts_.keys->new_key();
  if (key != 0) {
    key = seal_command(command, *parts_.keys, key, stream.name, stream.version ? &stream.account.details : nullptr);
  }
  DecisionContext decision_context = context_for(stream, context.principal.role, now);
  decision_context.dry_run = context.dry_run;
  const Decision decision = parts_.decide(stream.account, command, decision_context);
  if (context.dry_run) return answer(work, dry_run(work, stream, decision, now));
  if (!decision.accepted() || decision.events.empty()) {
    return reject(work, stream.version != 0 ? &stream : nullptr, decision.rejection, decision.subject, now);
  }
  stream.account.details.sealing_key = key;
  append(stream, decision, context, command_name(command), now);
  Answer result;
  result.position = at(next_position() - 1);
  result.stream = stream.name;
  std::optional<UnitMovement> entry;
  if (decision.subject.kind == SubjectKind::unit_entry) {
    entry = unit_movement(envelope_root(group_.envelope(group_.ends.size() - decision.size())));
  }
  show(result, decision.subject, stream.account, entry, context.principal.name);
  if (const auto intent = daybook::intent_of(decision, decision_context)) {
    return answer_or_wait(work, stream, decision.subject, *intent, std::move(result));
  }
  if (const auto* known = std::get_if<RecordPaymentResult>(&command)) release_result_waiters(stream, known->payment);
  if (const auto* known = std::get_if<RecordRefundResult>(&command)) release_result_waiters(stream, known->refund);
  answer(work, std::move(result));
}

void Shard::decide_for_book(Work& work, Stream& stream, Instant now) {
  const CommandContext& context = work.context;
  if (auto* received = std::get_if<ReceiveProviderEvent>(&*work.command)) seal_received(*received, stream.book);
  if (context.if_match && version_of(*work.command, stream.book_state) != context.if_match) {
    return reject(work, &stream, Rejection{RejectionCode::version_conflict, {}, {}}, {}, now);
  }
  DecisionContext decision_context = context_for(stream, context.principal.role, now);
  decision_context.dry_run = context.dry_run;
  const Decision decision = decide(stream.book_state, *work.command, decision_context);
  if (context.dry_run) return answer(work, dry_run(work, stream, decision, now));
  if (!decision.accepted() || decision.events.empty()) {
    return reject(work, &stream, decision.rejection, decision.subject, now);
  }
  append(stream, decision, context, command_name(*work.command), now);
  if (decision.subject.kind == SubjectKind::test_clock) wake_test_clock({stream.book, decision.subject.id});
  Answer result;
  result.position = at(next_position() - 1);
  result.stream = stream.name;
  const Instant after = book_now(stream.book);
  show(result, decision.subject, stream.book_state, after);
  if (decision.subject.kind != SubjectKind::clock) return answer(work, std::move(result));
  // The sandbox clock's move is answered when everything that became due by it has been run.
  clock_waiters_.push_back({{stream.book, {}}, after, std::move(work.done), std::move(result)});
  work.done = nullptr;
}

void Shard::reject(Work& work, Stream* stream, Rejection rejection, const Subject& subject, Instant now) {
  const CommandContext& context = work.context;
  Answer result;
  result.is_dry_run = context.dry_run;
  result.is_unchanged = rejection.code == RejectionCode::none;
  if (!context.idempotency_key.empty() && !context.dry_run) {
    // The book keeps the answers about accounts that do not exist.
    Stream& home = stream != nullptr ? *stream : book_stream_of(context.principal.book);
    Decision kept;
    kept.events.push_back(answered_event(rejection, subject, home.is_book ? std::string() : home.account.details.id));
    append(home, kept, context, command_name(*work.command), home.is_book ? book_now(home.book) : now);
  }
  result.position = at(next_position() - 1);
  if (stream != nullptr && rejection.code == RejectionCode::none) {
    result.stream = stream->name;
    if (stream->is_book) {
      show(result, subject, stream->book_state, now);
    } else {
      show(result, subject, stream->account, std::nullopt, {});
    }
  }
  result.rejection = std::move(rejection);
  answer(work, std::move(result));
}

void Shard::answer(Work& work, Answer answer) {
  if (!work.done) return;
  const auto* shown = std::get_if<TestClockShown>(&answer.shown);
  if (shown != nullptr && shown->clock.is_advancing() && work.context.waits && !answer.is_dry_run) {
    const TestClock clock = shown->clock;
    clock_waiters_.push_back(
        {{work.context.principal.book, clock.id}, clock.to, std::move(work.done), std::move(answer)});
    work.done = nullptr;
    return;
  }
  group_.answers.emplace_back(std::move(work.done), std::move(answer));
  work.done = nullptr;
}

// ---- Seen from other threads ------------------------------------------------------------------------------------

std::shared_ptr<const StreamIndex> Shard::index() const {
  const std::shared_lock lock(books_mutex_);
  return index_;
}

std::shared_ptr<const MerkleTree> Shard::tree() const {
  const std::shared_lock lock(books_mutex_);
  return tree_;
}

std::string Shard::status() const {
  const std::shared_lock lock(books_mutex_);
  if (!failure_.empty() || !short_of_space_) return failure_;
  return fmt::format("less than {} MiB are free on the disk of the data directory: commands are refused, reads go on",
                     parts_.free_bytes_min >> 20);
}

Instant Shard::now(const std::string& book, EntityRef test_clock) const {
  const Instant wall = parts_.clock->now();
  const std::shared_lock lock(books_mutex_);
  const auto found = books_.find(book);
  if (found == books_.end()) return wall;
  const auto clock = found->second.test_clocks.find(test_clock);
  return clock != found->second.test_clocks.end() ? clock->second : plus(wall, found->second.offset_us);
}

std::shared_ptr<const Catalogue> Shard::catalogue(const std::string& book) const {
  return published(book).catalogue;
}

std::shared_ptr<const Offers> Shard::offers(const std::string& book) const {
  return published(book).offers;
}

Shard::PublishedBook Shard::published(const std::string& book) const {
  static const PublishedBook none{0, std::make_shared<const Catalogue>(), std::make_shared<const Offers>(), {}, false,
                                  {}};
  const std::shared_lock lock(books_mutex_);
  const auto found = books_.find(book);
  return found == books_.end() ? none : found->second;
}

void Shard::add_books(std::vector<BookShown>& books) const {
  const std::shared_lock lock(books_mutex_);
  for (const auto& [id, book] : books_) {
    if (book.exists || id == default_book) books.push_back({id, book.profile, {}});
  }
}

std::optional<BookShown> Shard::find_book(const std::string& book) const {
  const std::shared_lock lock(books_mutex_);
  const auto found = books_.find(book);
  const bool is_there = found != books_.end() && found->second.exists;
  if (!is_there && book != default_book) return std::nullopt;
  return BookShown{book, found != books_.end() ? found->second.profile : BookProfile(), {}};
}

BookMode Shard::mode_of(const BookProfile& profile) const {
  return profile.mode.value_or(parts_.sandbox ? BookMode::test : BookMode::live);
}

BookMode Shard::mode_of(const std::string& book) const {
  const std::shared_lock lock(books_mutex_);
  const auto found = books_.find(book);
  return mode_of(found != books_.end() ? found->second.profile : BookProfile());
}

std::optional<std::pair<std::string, ApiKey>> Shard::find_api_key(std::string_view digest) const {
  const std::shared_lock lock(books_mutex_);
  const auto found = keys_by_digest_.find(std::string(digest));
  if (found == keys_by_digest_.end()) return std::nullopt;
  return found->second;
}

Engine::Counters Shard::counters() const {
  Engine::Counters counters;
  counters.events = committed();
  counters.groups = groups_;
  counters.commands = commands_;
  counters.cache_hits = cache_hits_;
  counters.cache_misses = cache_misses_;
  counters.state_cache_bytes = cache_bytes_;
  counters.append_seconds = static_cast<double>(append_us_) / 1e6;
  for (std::size_t type = 0; type < events_by_type_.size(); ++type)
    counters.events_by_type[type] = events_by_type_[type];
  const std::lock_guard lock(queue_mutex_);
  counters.queue_length = queue_.size();
  return counters;
}

}  // namespace daybook
