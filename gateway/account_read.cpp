#include "gateway/account_read.h"

#include <spdlog/spdlog.h>

#include "eventstore/fault.h"
#include "gateway/query.h"
#include "gateway/services.h"

namespace daybook {
namespace {

using Answerer = std::function<void(const ExchangePtr&, const AccountCopy&)>;

/// Made on the writer thread: no more than what is needed.
void copy_account(const AccountState& account, const ReadTarget& target, AccountCopy& copy) {
  if (target.all_details) {
    copy.details = account.details;
  } else {
    copy.details.id = account.details.id;
    copy.details.currency = account.details.currency;
    copy.details.status = account.details.status;
  }
  copy.wallets = account.wallets();
  copy.receivable = account.receivable();
  copy.version = account.version;
  copy.ordinal = account.ordinal;
  const Subscription* primary = account.primary_subscription();
  if (primary != nullptr) copy.primary_subscription = primary->id;
  if (target.current_subscription && primary != nullptr) copy.subscription = *primary;
  if (!target.entity) return;
  if (const Grant* grant = account.find_grant(*target.entity)) copy.grant = *grant;
  if (const Hold* hold = account.find_hold(*target.entity)) copy.hold = *hold;
  if (const Invoice* invoice = account.find_invoice(*target.entity)) copy.invoice = account.with_credit_notes(*invoice);
  if (const Subscription* subscription = account.find_subscription(*target.entity)) copy.subscription = *subscription;
  if (const CreditNote* note = account.find_credit_note(*target.entity)) copy.credit_note = *note;
  if (const auto* adjustment = account.find_adjustment(*target.entity)) copy.adjustment = *adjustment;
  if (const auto* session = account.find_checkout_session(*target.entity)) copy.checkout_session = *session;
  if (const Refund* refund = account.find_refund(*target.entity)) copy.refund = *refund;
  if (const Dispute* dispute = account.find_dispute(*target.entity)) copy.dispute = *dispute;
}

void answer_copy(const ExchangePtr& exchange, const ReadTarget& target, const AccountCopy& copy,
                 const Answerer& answer) {
  const bool is_other = !target.account_id.empty() && copy.details.id != target.account_id;
  if (copy.details.id.empty() || is_other || !exchange->may_see_account(copy.details.id)) {
    return exchange->refuse(RejectionCode::not_found);
  }
  // Its owner sees a deleted account no more; staff and auditors go on seeing it.
  if (exchange->is_within_one_account() && copy.details.status != AccountStatus::active) {
    return exchange->refuse(RejectionCode::account_deleted);
  }
  answer(exchange, copy);
}

/// The state after the last event, from the log, while a full disk has stopped the writer. What has fallen due since
/// cannot be run then, so an account that has some is not shown.
void read_at_rest(const ExchangePtr& exchange, ReadTarget target, Answerer answer) {
  on_reader_thread(exchange, [=, answer = std::move(answer)] {
    const Engine& engine = exchange->services.engine;
    const std::string& book = exchange->principal.book;
    const Engine::History history = target.entity ? engine.account_of_entity_as_of(book, *target.entity, {}, {})
                                                  : engine.account_as_of(book, target.account_id, {}, {});
    AccountCopy copy;
    copy.position = engine.committed(book);
    copy.stream = history.stream;
    if (history.state && history.state->exists()) {
      copy.now = engine.now(book, history.state->details.test_clock);
      if (history.state->next_due() <= copy.now) return exchange->refuse_busy();
      copy_account(*history.state, target, copy);
    }
    answer_copy(exchange, target, copy, answer);
  });
}

void read_now(ExchangePtr exchange, ReadTarget target, Answerer answer) {
  // Filled on the writer thread, read by the completion: the work holds one reference, its answer the other.
  const auto copy = std::make_shared<AccountCopy>();
  Work work;
  work.context.principal = exchange->principal;
  work.account_id = target.account_id;
  work.entity = target.entity;
  work.read_account = [copy, target](const AccountState* account, LogPosition head, Instant now) {
    copy->position = head;
    copy->now = now;
    if (account != nullptr && account->exists()) copy_account(*account, target, *copy);
  };
  work.done = [exchange, copy, target = std::move(target), answer = std::move(answer)](Answer result) {
    if (result.rejection.code == RejectionCode::storage_full) return read_at_rest(exchange, target, answer);
    if (!result.accepted()) return exchange->refuse(problem_of(result.rejection));
    copy->stream = result.stream;
    answer_copy(exchange, target, *copy, answer);
  };
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

void read_history(const ExchangePtr& exchange, ReadTarget target, std::optional<Instant> at,
                  std::optional<LogPosition> position, Answerer answer) {
  on_reader_thread(exchange, [=, answer = std::move(answer)] {
    const Engine& engine = exchange->services.engine;
    const std::string& book = exchange->principal.book;
    const Engine::History history = target.entity ? engine.account_of_entity_as_of(book, *target.entity, at, position)
                                                  : engine.account_as_of(book, target.account_id, at, position);
    AccountCopy copy;
    copy.position = history.position;
    copy.stream = history.stream;
    if (history.state && history.state->exists()) {
      copy.now = at.value_or(history.state->decided_at);
      copy_account(*history.state, target, copy);
    }
    answer_copy(exchange, target, copy, answer);
  });
}

}  // namespace

void on_reader_thread(const ExchangePtr& exchange, std::function<void()> job) {
  const auto guarded = [exchange, job = std::move(job)] {
    try {
      job();
    } catch (const CorruptLog& fault) {
      spdlog::error("request {}: {}", exchange->request_id, fault.what());
      if (exchange->responder) exchange->refuse(RejectionCode::event_corrupt);
    } catch (const StorageFault& fault) {
      spdlog::error("request {}: {}", exchange->request_id, fault.what());
      if (exchange->responder) exchange->refuse(RejectionCode::not_ready);
    } catch (const std::exception& error) {
      spdlog::error("request {}: {}", exchange->request_id, error.what());
      if (exchange->responder) exchange->refuse(RejectionCode::internal);
    }
  };
  if (!exchange->services.readers.post(guarded)) exchange->refuse_busy();
}

Viewer viewer_of(const Exchange& exchange, std::string stream) {
  const Engine& engine = exchange.services.engine;
  Viewer viewer{exchange.services.engine.keyring(), sees_personal_data(exchange.principal.role), std::move(stream)};
  viewer.mode_unless_said = engine.mode_unless_said();
  viewer.host = exchange.request.header("host");
  return viewer;
}

void read_account(ExchangePtr exchange, ReadTarget target, Answerer answer) {
  Faults faults;
  const std::optional<Instant> as_of = query_instant(exchange->request, "as_of", faults);
  const std::optional<LogPosition> at = query_position(exchange->request, "at", faults);
  if (as_of && at) faults.invalid("?at", fault_codes::conflict, "give at most one of as_of and at");
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const Engine& engine = exchange->services.engine;
  const ShardNumber shard = engine.shard_of(exchange->principal.book);
  if (at && at->shard != shard) {
    faults.invalid("?at", fault_codes::out_of_range, "names another shard than the book's");
    return exchange->refuse(std::move(faults));
  }
  if (as_of || at) return read_history(exchange, std::move(target), as_of, at, std::move(answer));
  read_now(std::move(exchange), std::move(target), std::move(answer));
}

}  // namespace daybook
