// One account's things as of now, from the engine (linearizable), or as of an earlier time or position, folded from the
// log on a reader thread. Either way the answer works on a copy.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "domain/account.h"
#include "eventstore/position.h"
#include "gateway/exchange.h"
#include "gateway/render.h"

namespace daybook {

struct AccountCopy {
  AccountDetails details;  ///< Only id, currency and status unless all details were asked for.
  std::map<Asset, Wallet> wallets;
  std::int64_t receivable = 0;
  std::optional<Grant> grant;  ///< The entity that was asked for, whichever it is.
  std::optional<Hold> hold;
  std::optional<Invoice> invoice;
  std::optional<Subscription> subscription;
  EntityRef primary_subscription;  ///< None if none lives.
  std::optional<CreditNote> credit_note;
  std::optional<InvoiceAdjustment> adjustment;
  std::optional<CheckoutSession> checkout_session;
  std::optional<Refund> refund;
  std::optional<Dispute> dispute;
  std::string stream;
  std::uint64_t version = 0;  ///< Of the stream.
  std::uint64_t ordinal = 0;  ///< Of the stream.
  LogPosition position;       ///< As of which all this is.
  Instant now{};              ///< The account's own time then; of a position, that of its last event.
};

struct ReadTarget {
  std::string account_id;  ///< Empty if only the entity is known.
  std::optional<EntityRef> entity;
  bool all_details = false;
  bool current_subscription = false;  ///< The primary one, as AccountCopy::subscription.
};

/// Answers 404 if there is no such account or it is not the principal's own, obeys ?as_of and ?at, and
/// otherwise calls `answer` with the copy, on a completion or reader thread.
void read_account(ExchangePtr exchange, ReadTarget target,
                  std::function<void(const ExchangePtr&, const AccountCopy&)> answer);

/// Runs the job on a reader thread, or answers 503 if too many wait. Faults of the store become 500 and 503.
void on_reader_thread(const ExchangePtr& exchange, std::function<void()> job);

Viewer viewer_of(const Exchange& exchange, std::string stream);

}  // namespace daybook
