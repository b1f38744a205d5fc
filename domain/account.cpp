#include "domain/account.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/grant_fold.h"

namespace daybook {
namespace {

/// What has ended twice is moved once.
template <class Entity>
void move_out(std::vector<EntityRef>& ids, std::map<EntityRef, Entity>& from, std::vector<Entity>& to) {
  for (const EntityRef id : ids) {
    auto row = from.extract(id);
    // GCOVR_EXCL_BR_START: nothing is known to end twice, and if it did, that is no reason to stop
    if (!row.empty()) to.push_back(std::move(row.mapped()));
    // GCOVR_EXCL_BR_STOP
  }
  ids.clear();
}

}  // namespace

std::string_view to_text(AccountStatus status) {
  switch (status) {
    case AccountStatus::active:
      return "active";
    case AccountStatus::deletion_scheduled:
      return "deletion_scheduled";
    case AccountStatus::deleted:
      return "deleted";
  }
  bug("a status of an account without a name");
}

const AccountDiscount* AccountState::find_discount(EntityRef id) const {
  for (const AccountDiscount& discount : discounts) {
    if (discount.id == id) return &discount;
  }
  return nullptr;
}

void AccountState::note_purge() {
  const bool is_due = details.status == AccountStatus::deletion_scheduled && !details.legal_hold;
  if (purge_due_ != never) due_.erase({purge_due_, DueKind::purge, {}});
  purge_due_ = is_due ? details.purge_at : never;
  if (is_due) due_.insert({purge_due_, DueKind::purge, {}});
}

void AccountState::note_trial() {
  if (trial_due_ != never) due_.erase({trial_due_, DueKind::account_trial, {}});
  trial_due_ = details.status == AccountStatus::active ? details.trial.next_due() : never;
  if (trial_due_ != never) due_.insert({trial_due_, DueKind::account_trial, {}});
}

bool AccountState::has_live_subscription() const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [](const auto& entry) { return entry.second.is_live(); });
}

void AccountState::park(const Parking& parking) {
  for (const auto& [id, subscription] : subscriptions_) unindex(subscription);
  details.parking = parking;
  for (const auto& [id, subscription] : subscriptions_) index(subscription);
}

std::string_view to_text(GrantStatus status) {
  switch (status) {
    case GrantStatus::available:
      return "available";
    case GrantStatus::partially_applied:
      return "partially_applied";
    case GrantStatus::consumed:
      return "consumed";
    case GrantStatus::expired:
      return "expired";
    case GrantStatus::voided:
      return "voided";
  }
  bug("grant status without a text");
}

std::string_view to_text(HoldStatus status) {
  switch (status) {
    case HoldStatus::held:
      return "held";
    case HoldStatus::captured:
      return "captured";
    case HoldStatus::released:
      return "released";
    case HoldStatus::expired:
      return "expired";
  }
  bug("hold status without a text");
}

bool Grant::is_promotional() const {
  if (asset.is_money) {
    const auto credit = static_cast<CreditType>(type);
    return credit == CreditType::goodwill || credit == CreditType::promotion;
  }
  return static_cast<UnitSource>(type) != UnitSource::pack;
}

const Grant* AccountState::find_grant(EntityRef id) const {
  const auto found = grants_.find(id);
  return found == grants_.end() ? nullptr : &found->second;
}

const Hold* AccountState::find_hold(EntityRef id) const {
  const auto found = holds_.find(id);
  return found == holds_.end() ? nullptr : &found->second;
}

const Invoice* AccountState::find_invoice(EntityRef id) const {
  const auto found = invoices_.find(id);
  return found == invoices_.end() ? nullptr : &found->second;
}

bool AccountState::has_open_invoice(EntityRef id) const {
  const Invoice* invoice = find_invoice(id);
  return invoice != nullptr && invoice->status == InvoiceStatus::open;
}

const Subscription* AccountState::primary_subscription() const {
  const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                  [](const auto& entry) { return entry.second.is_live(); });
  return found != subscriptions_.end() ? &found->second : nullptr;
}

const Subscription* AccountState::find_subscription(EntityRef id) const {
  const auto found = subscriptions_.find(id);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

Wallet AccountState::wallet(const Asset& asset) const {
  const auto found = wallets_.find(asset);
  return found == wallets_.end() ? Wallet{} : found->second;
}

std::vector<Draw> AccountState::plan_draw(const Asset& asset, std::int64_t amount) const {
  std::vector<Draw> draws;
  if (amount == 0) return draws;
  const auto open = open_.find(asset);
  ensure(open != open_.end(), "a draw from an asset without open grants");
  std::int64_t left = amount;
  for (auto entry = open->second.begin(); left > 0; ++entry) {
    ensure(entry != open->second.end(), "more drawn than is available");
    const std::int64_t taken = std::min(left, grants_.at(entry->id).free());
    draws.push_back({entry->id, taken});
    left -= taken;
  }
  ensure(left == 0, "a draw of more than is available");
  return draws;
}

void AccountState::add_grant(Grant grant) {
  Wallet& wallet = wallets_[grant.asset];
  wallet.granted += grant.amount;
  const auto [entry, is_new] = grants_.emplace(grant.id, std::move(grant));
  ensure(is_new, "a grant id twice in one stream");
  index(entry->second);
}

void AccountState::take(EntityRef id, std::int64_t amount, Take kind, Instant at, std::uint64_t at_version) {
  Grant& grant = grant_at(id);
  ensure(amount <= grant.free(), "more taken from a grant than is free");
  unindex(grant);
  settle_credit_notes(id);
  grant.remaining -= amount;
  grant.updated_at = at;
  grant.version = at_version;
  Wallet& wallet = wallets_[grant.asset];
  switch (kind) {
    case Take::consume:
      wallet.consumed += amount;
      grant.status = grant.remaining == 0 ? GrantStatus::consumed : GrantStatus::partially_applied;
      break;
    case Take::expire:
      wallet.expired += amount;
      // Units still held outlive the expiry: they can be captured; what comes back expires then.
      if (grant.remaining == 0) grant.status = GrantStatus::expired;
      break;
    case Take::void_grant:
      wallet.expired += amount;
      grant.status = GrantStatus::voided;
      break;
  }
  index(grant);
}

void AccountState::add_hold(Hold hold) {
  Wallet& wallet = wallets_[hold.asset];
  for (const Draw& draw : hold.draws) {
    Grant& grant = grant_at(draw.grant);
    ensure(draw.amount <= grant.free(), "more held of a grant than is free");
    unindex(grant);
    grant.held += draw.amount;
    grant.updated_at = hold.created_at;
    grant.version = hold.version;
    index(grant);
  }
  wallet.reserved += hold.amount;
  due_.insert({hold.expires_at, DueKind::hold_expiry, hold.id});
  const auto id = hold.id;
  const bool is_new = holds_.emplace(id, std::move(hold)).second;
  ensure(is_new, "a hold id twice in one stream");
}

void AccountState::end_hold(EntityRef id, HoldStatus status, const std::vector<Draw>& spent,
                            const std::vector<Draw>& returned, Instant at, std::uint64_t at_version) {
  const auto found = holds_.find(id);
  ensure(found != holds_.end() && found->second.is_open(), "an end of a hold that is not open");
  Hold& hold = found->second;
  Wallet& wallet = wallets_[hold.asset];
  due_.erase({hold.expires_at, DueKind::hold_expiry, id});
  const auto move = [&](const Draw& draw, bool is_spent) {
    Grant& grant = grant_at(draw.grant);
    unindex(grant);
    grant.held -= draw.amount;
    if (is_spent) {
      grant.remaining -= draw.amount;
      grant.status = grant.remaining == 0 ? GrantStatus::consumed : GrantStatus::partially_applied;
    }
    ensure(grant.held >= 0, "more given back to a grant than was held");
    grant.updated_at = at;
    grant.version = at_version;
    index(grant);
  };
  for (const Draw& draw : spent) {
    move(draw, true);
    hold.captured += draw.amount;
    wallet.consumed += draw.amount;
  }
  for (const Draw& draw : returned) {
    move(draw, false);
    hold.released += draw.amount;
  }
  ensure(hold.captured + hold.released == hold.amount, "a hold that does not end whole");
  wallet.reserved -= hold.amount;
  hold.status = status;
  hold.updated_at = at;
  hold.version = at_version;
  ended_holds_.push_back(id);
}

AccountState::DrawOrder AccountState::draw_order(const Grant& grant) {
  return {grant.priority, grant.expires_at, !grant.is_promotional(), grant.effective_at, grant.id};
}

Grant& AccountState::grant_at(EntityRef id) {
  const auto found = grants_.find(id);
  ensure(found != grants_.end() && found->second.is_open(), "a movement on a grant that is not open");
  return found->second;
}

void AccountState::unindex(const Grant& grant) {
  Wallet& wallet = wallets_[grant.asset];
  wallet.available -= grant.free();
  if (!grant.asset.is_money && static_cast<UnitSource>(grant.type) == UnitSource::cycle) {
    wallet.cycle_granted -= grant.amount;
    wallet.cycle_consumed -= grant.amount - grant.free();
  }
  if (grant.free() == 0) return;
  open_[grant.asset].erase(draw_order(grant));
  if (grant.expires_at != never) due_.erase({grant.expires_at, DueKind::grant_expiry, grant.id});
}

void AccountState::index(const Grant& grant) {
  if (!grant.is_open()) {
    if (!pays_open_invoice(grant.id)) ended_grants_.push_back(grant.id);
    return;
  }
  Wallet& wallet = wallets_[grant.asset];
  wallet.available += grant.free();
  if (!grant.asset.is_money && static_cast<UnitSource>(grant.type) == UnitSource::cycle) {
    wallet.cycle_granted += grant.amount;
    wallet.cycle_consumed += grant.amount - grant.free();
  }
  if (grant.free() == 0) return;
  open_[grant.asset].insert(draw_order(grant));
  if (grant.expires_at != never) due_.insert({grant.expires_at, DueKind::grant_expiry, grant.id});
}

void AccountState::apply_credit(EntityRef id, const CreditApplication& application, Instant at,
                                std::uint64_t at_version) {
  grant_at(id).applications.push_back(application);
  take(id, application.amount, Take::consume, at, at_version);
}

void AccountState::return_credit(EntityRef id, const CreditApplication& application, Instant at,
                                 std::uint64_t at_version) {
  const auto found = grants_.find(id);
  ensure(found != grants_.end(), "a credit returned that is not in the state");
  Grant& grant = found->second;
  if (grant.is_open()) unindex(grant);
  give_back(grant, application);
  grant.updated_at = at;
  grant.version = at_version;
  wallets_[grant.asset].consumed -= application.amount;
  index(grant);
}

void AccountState::add_invoice(Invoice invoice) {
  const EntityRef id = invoice.id;
  const auto [entry, is_new] = invoices_.emplace(id, std::move(invoice));
  ensure(is_new, "an invoice id twice in one stream");
  index(entry->second);
}

Invoice& AccountState::invoice_at(EntityRef id) {
  const auto found = invoices_.find(id);
  ensure(found != invoices_.end() && found->second.is_open(), "an event on an invoice that is not open");
  return found->second;
}

void AccountState::unindex(const Invoice& invoice) {
  --open_invoices_;
  receivable_ -= invoice.amount_remaining();
  if (invoice.status == InvoiceStatus::open) due_.erase({invoice.due_date, DueKind::invoice_overdue, invoice.id});
  lines_held_ -= invoice.lines.size();
  if (!invoice.keeps_credits()) return;
  for (const Draw& credit : invoice.credits) {
    if (--paying_[credit.grant] == 0) released_.push_back(credit.grant);
  }
}

void AccountState::index(const Invoice& invoice) {
  if (invoice.status != InvoiceStatus::open) settle_credit_notes(invoice.id);
  if (!invoice.is_open()) {
    if (invoice.status == InvoiceStatus::paid && !invoice.credit_notes.empty()) {
      credited_[invoice.id] = invoice.credit_notes;
    }
    ended_invoices_.push_back(invoice.id);
    return;
  }
  ++open_invoices_;
  receivable_ += invoice.amount_remaining();
  if (invoice.status == InvoiceStatus::open && !invoice.is_overdue && invoice.has_due_date()) {
    due_.insert({invoice.due_date, DueKind::invoice_overdue, invoice.id});
  }
  lines_held_ += invoice.lines.size();
  if (!invoice.keeps_credits()) return;
  for (const Draw& credit : invoice.credits) ++paying_[credit.grant];
}

void AccountState::release_paying() {
  for (const EntityRef id : released_) {
    const auto entry = paying_.find(id);
    ensure(entry != paying_.end(), "a credit released that pays for nothing");
    if (entry->second != 0) continue;
    paying_.erase(entry);
    const auto grant = grants_.find(id);
    ensure(grant != grants_.end(), "a credit that pays for an invoice and is not in the state");
    if (!grant->second.is_open()) ended_grants_.push_back(id);
  }
  released_.clear();
}

void AccountState::add_subscription(Subscription subscription) {
  const EntityRef id = subscription.id;
  const auto [entry, is_new] = subscriptions_.emplace(id, std::move(subscription));
  ensure(is_new, "a subscription id twice in one stream");
  index(entry->second);
}

void AccountState::end_billed(EntityRef subscription, Instant until) {
  billed.end_until(subscription, until, [&](EntityRef invoice) { return has_open_invoice(invoice); });
}

Subscription& AccountState::subscription_at(EntityRef id) {
  const auto found = subscriptions_.find(id);
  ensure(found != subscriptions_.end(), "an event on a subscription that was never created");
  return found->second;
}

void AccountState::unindex(const Subscription& subscription) {
  due_.erase({subscription.next_due(), DueKind::subscription, subscription.id});
}

void AccountState::index(const Subscription& subscription) {
  const Instant at = details.is_parked() ? never : subscription.next_due();
  if (at != never) due_.insert({at, DueKind::subscription, subscription.id});
}

AccountState::Ended AccountState::take_ended() {
  Ended ended;
  move_out(ended_grants_, grants_, ended.grants);
  move_out(ended_holds_, holds_, ended.holds);
  move_out(ended_invoices_, invoices_, ended.invoices);
  move_out(ended_notes_, credit_notes_, ended.credit_notes);
  move_out(ended_payments_, payments_, ended.payments);
  move_out(ended_checkouts_, checkout_sessions_, ended.checkout_sessions);
  move_out(ended_refunds_, refunds_, ended.refunds);
  move_out(ended_disputes_, disputes_, ended.disputes);
  for (auto& [id, adjustment] : adjustments_) ended.adjustments.push_back(std::move(adjustment));
  adjustments_.clear();
  return ended;
}

void AccountState::adopt(Grant grant) {
  ensure(!grant.is_open(), "an open grant is never outside the state");
  const EntityRef id = grant.id;
  if (grants_.emplace(id, std::move(grant)).second) ended_grants_.push_back(id);
}

void AccountState::adopt(Hold hold) {
  ensure(!hold.is_open(), "an open hold is never outside the state");
  const EntityRef id = hold.id;
  if (holds_.emplace(id, std::move(hold)).second) ended_holds_.push_back(id);
}

void AccountState::adopt(Invoice invoice) {
  ensure(!invoice.is_open(), "an open invoice is never outside the state");
  const EntityRef id = invoice.id;
  if (invoices_.emplace(id, std::move(invoice)).second) ended_invoices_.push_back(id);
}

void AccountState::restore(Invoice invoice) {
  const EntityRef id = invoice.id;
  index(invoices_.emplace(id, std::move(invoice)).first->second);
}

void AccountState::restore(Grant grant) {
  const EntityRef id = grant.id;
  index(grants_.emplace(id, std::move(grant)).first->second);
}

void AccountState::restore(Hold hold) {
  wallets_[hold.asset].reserved += hold.amount;
  due_.insert({hold.expires_at, DueKind::hold_expiry, hold.id});
  const EntityRef id = hold.id;
  holds_.emplace(id, std::move(hold));
}

void AccountState::restore(Subscription subscription) {
  add_subscription(std::move(subscription));
}

void AccountState::restore_totals(const Asset& asset, std::int64_t granted, std::int64_t consumed,
                                  std::int64_t expired) {
  Wallet& wallet = wallets_[asset];
  wallet.granted = granted;
  wallet.consumed = consumed;
  wallet.expired = expired;
}

std::size_t AccountState::memory_bytes() const {
  return sizeof(AccountState) + 400 + grants_.size() * (sizeof(Grant) + 320) + holds_.size() * (sizeof(Hold) + 160) +
         wallets_.size() * 160 + discounts.size() * (sizeof(AccountDiscount) + 320) +
         invoices_.size() * (sizeof(Invoice) + 700) + lines_held_ * 500 +
         subscriptions_.size() * (sizeof(Subscription) + 900) + credit_notes_.size() * (sizeof(CreditNote) + 900) +
         credited_.size() * 500 + adjustments_.size() * 500 + billed.all().size() * (sizeof(BilledCharge) + 700) +
         payments_.size() * (sizeof(Payment) + 300) + checkout_sessions_.size() * (sizeof(CheckoutSession) + 900) +
         refunds_.size() * (sizeof(Refund) + 300) + disputes_.size() * (sizeof(Dispute) + 300) +
         reversals_.size() * (sizeof(PaymentReversals) + 80) + given_back.all().size() * sizeof(GivenBackPart);
}

}  // namespace daybook
