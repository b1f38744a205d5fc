// Money credits: issue, apply, consume, expire, void. What each posts is in the table below.
#include <algorithm>
#include <utility>

#include "domain/assert.h"
#include "domain/deciders/handlers.h"
#include "domain/deciders/invoice_finalize.h"
#include "domain/tables.h"
#include "schemas/events/credits_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// The other side of customer_credit when a credit of that type comes to be.
LedgerAccount origin_account(CreditType type) {
  switch (type) {
    case CreditType::goodwill:
    case CreditType::promotion:
      return LedgerAccount::credits_granted;
    case CreditType::proration:
    case CreditType::invoice_void:
      return LedgerAccount::revenue;
    case CreditType::refund:
      return LedgerAccount::refunds;
    case CreditType::overpayment:
      return LedgerAccount::cash_clearing;
    case CreditType::dispute:
      return LedgerAccount::dispute_losses;
    case CreditType::adjustment:
      return LedgerAccount::receivable;
  }
  bug("a type of credit without a ledger account");
}

/// Given away: what expires was never earned. Paid for: what expires is breakage.
LedgerAccount expiry_account(const Grant& grant) {
  return grant.is_promotional() ? LedgerAccount::credits_granted : LedgerAccount::breakage;
}

Money money(const Grant& grant, std::int64_t minor) {
  return {minor, *find_currency(grant.asset.code)};
}

/// The credit a command names, or why not.
struct Named {
  const Grant* grant = nullptr;
  Decision refusal;
};

Named find_credit(const AccountState& account, EntityRef id, std::initializer_list<GrantStatus> targets) {
  const Grant* grant = account.find_grant(id);
  if (grant == nullptr || !grant->asset.is_money) return {nullptr, reject(RejectionCode::not_found)};
  if (grant->is_open()) return {grant, {}};
  return {nullptr, reject(RejectionCode::invalid_transition, {},
                          {{"from", std::string(to_text(grant->status))},
                           {"to", std::string(to_text(*targets.begin()))},
                           {"allowed", std::string()}})};
}

Decision one(PendingEvent event, EntityRef credit) {
  Decision decision;
  decision.events.push_back(std::move(event));
  decision.subject = {SubjectKind::credit, credit};
  return decision;
}

/// Why no credit can be applied to the invoice; the code `none` if one can.
Rejection check_payable_by_credit(const Invoice* invoice) {
  if (invoice == nullptr) return {RejectionCode::not_found, "/invoice_id", {}};
  if (invoice->status == InvoiceStatus::uncollectible) {
    return {RejectionCode::invoice_not_creditable, "/invoice_id", {{"invoice_status", std::string("uncollectible")}}};
  }
  if (invoice->status != InvoiceStatus::open) return refuse_transition(*invoice, InvoiceStatus::paid).rejection;
  if (Rejection refusal = check_no_payment(*invoice); refusal.code != RejectionCode::none) return refusal;
  if (invoice->credits.size() < credits_per_invoice_max) return {};
  return limit_reached("credits of an invoice", credits_per_invoice_max).rejection;
}

/// So much of what is due is paid with the credit.
void pay_with(Decision& decision, const AccountState& account, const Invoice& invoice, EntityRef credit,
              std::int64_t amount) {
  decision.events.push_back(credit_applied(account, invoice, credit, amount));
  if (amount < invoice.amount_remaining()) return;
  decision.events.push_back(invoice_paid(account, invoice, schema::SettlementCause::credits));
}

}  // namespace

Rejection check_ceiling(Role role, std::int64_t amount, std::string_view pointer) {
  if (role != Role::support_rep || amount <= credit_ceiling_support) return {};
  return {RejectionCode::credit_ceiling, std::string(pointer), {{"ceiling", credit_ceiling_support}}};
}

Rejection check_room(const AccountState& account, Currency currency, std::int64_t amount) {
  const Wallet wallet = account.wallet({code(currency), true});
  if (wallet.available + wallet.reserved + amount > amount_max) {
    return {RejectionCode::amount_out_of_range, "/amount", {{"available", wallet.available}}};
  }
  if (account.grants().size() >= open_grants_max) {
    return {RejectionCode::limit_reached, {}, {{"limit", std::string("open grants of an account")}}};
  }
  return {};
}

PendingEvent credit_issued(const AccountState& account, const IssueCredit& command, EntityRef id, Instant now,
                           std::optional<LedgerAccount> origin) {
  const Money amount{command.amount, command.currency};
  schema::CreditIssuedT event;
  event.credit = id;
  event.account_id = account.details.id;
  event.amount = amount;
  event.type = static_cast<schema::CreditType>(command.type);
  event.reason = to_table(command.reason.sealed);
  event.priority = command.priority.value_or(priority_default);
  event.effective_at = now;
  event.expires_at = command.expires_at.value_or(never);
  event.metadata = to_table(command.metadata.sealed);
  event.invoice = command.invoice.value_or(EntityRef{});
  event.postings = transfer(origin.value_or(origin_account(command.type)), LedgerAccount::customer_credit, amount);
  return PendingEvent::of(std::move(event));
}

Decision handle(const AccountState& account, const IssueCredit& command, const DecisionContext& context) {
  if (command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.amount > amount_max) return reject(RejectionCode::amount_out_of_range, "/amount");
  if (command.currency != account.details.currency) {
    return reject(
        must_be("/currency", "the account's", {{"account_currency", std::string(code(account.details.currency))}}));
  }
  if (command.expires_at && *command.expires_at <= context.now) {
    return reject(must_be("/expires_at", "in the future"));
  }
  Rejection ceiling = check_ceiling(context.role, command.amount, "/amount");
  if (ceiling.code != RejectionCode::none) return reject(std::move(ceiling));
  Rejection no_room = check_room(account, command.currency, command.amount);
  if (no_room.code != RejectionCode::none) return reject(std::move(no_room));

  const Invoice* invoice = command.invoice ? account.find_invoice(*command.invoice) : nullptr;
  if (command.invoice) {
    Rejection refusal = check_payable_by_credit(invoice);
    if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  }
  const EntityRef id = context.new_id();
  Decision decision = one(credit_issued(account, command, id, context.now), id);
  if (invoice != nullptr)
    pay_with(decision, account, *invoice, id, std::min(command.amount, invoice->amount_remaining()));
  return decision;
}

Decision handle(const AccountState& account, const ApplyCredit& command, const DecisionContext&) {
  Named named = find_credit(account, command.credit, {GrantStatus::partially_applied});
  if (named.grant == nullptr) return std::move(named.refusal);
  const Invoice* invoice = account.find_invoice(command.invoice);
  Rejection refusal = check_payable_by_credit(invoice);
  if (refusal.code != RejectionCode::none) return reject(std::move(refusal));
  const std::int64_t free = named.grant->free();
  const std::int64_t due = invoice->amount_remaining();
  const std::int64_t amount = command.amount.value_or(std::min(free, due));
  if (command.amount && amount <= 0) return reject(must_be("/amount", "more than 0", {{"remaining", free}}));
  if (amount > free) {
    return reject(RejectionCode::credit_insufficient, "/amount", {{"remaining", free}});
  }
  if (amount > due) return reject(must_be("/amount", "no more than is due", {{"amount_remaining", due}}));
  Decision decision = shows(SubjectKind::credit, command.credit);
  pay_with(decision, account, *invoice, command.credit, amount);
  return decision;
}

Decision handle(const AccountState& account, const ConsumeCredit& command, const DecisionContext&) {
  Named named = find_credit(account, command.credit, {GrantStatus::consumed});
  if (named.grant == nullptr) return std::move(named.refusal);
  if (command.amount <= 0) return reject(must_be("/amount", "more than 0"));
  if (command.amount > named.grant->free()) {
    return reject(RejectionCode::credit_insufficient, "/amount", {{"remaining", named.grant->free()}});
  }
  const Money amount = money(*named.grant, command.amount);
  schema::CreditConsumedT event;
  event.credit = command.credit;
  event.account_id = account.details.id;
  event.amount = amount;
  event.reason = to_table(command.reason.sealed);
  event.reference = command.reference;
  event.postings = transfer(LedgerAccount::customer_credit, LedgerAccount::revenue, amount);
  return one(PendingEvent::of(std::move(event)), command.credit);
}

PendingEvent credit_expired(const AccountState& account, const Grant& grant, std::int64_t minor) {
  const Money amount = money(grant, minor);
  schema::CreditExpiredT event;
  event.credit = grant.id;
  event.account_id = account.details.id;
  event.amount = amount;
  event.cause = schema::ExpiryCause::time;
  event.postings = transfer(LedgerAccount::customer_credit, expiry_account(grant), amount);
  return PendingEvent::of(std::move(event));
}

PendingEvent credit_voided(const AccountState& account, const Grant& grant, const Sensitive& reason) {
  const Money amount = money(grant, grant.amount);
  schema::CreditVoidedT event;
  event.credit = grant.id;
  event.account_id = account.details.id;
  event.amount = amount;
  event.reason = to_table(reason.sealed);
  event.postings =
      transfer(LedgerAccount::customer_credit, origin_account(static_cast<CreditType>(grant.type)), amount);
  return PendingEvent::of(std::move(event));
}

Decision handle(const AccountState& account, const ExpireCredit& command, const DecisionContext&) {
  Named named = find_credit(account, command.credit, {GrantStatus::expired});
  if (named.grant == nullptr) return std::move(named.refusal);
  const Money amount = money(*named.grant, named.grant->free());
  schema::CreditExpiredT event;
  event.credit = command.credit;
  event.account_id = account.details.id;
  event.amount = amount;
  event.cause = schema::ExpiryCause::request;
  event.reason = to_table(command.reason.sealed);
  event.postings = transfer(LedgerAccount::customer_credit, expiry_account(*named.grant), amount);
  return one(PendingEvent::of(std::move(event)), command.credit);
}

Decision handle(const AccountState& account, const VoidCredit& command, const DecisionContext&) {
  Named named = find_credit(account, command.credit, {GrantStatus::voided});
  if (named.grant == nullptr) return std::move(named.refusal);
  const Grant& grant = *named.grant;
  const bool is_used = grant.remaining != grant.amount;
  // What a credit note gave is taken back with the note.
  if (is_used || static_cast<CreditType>(grant.type) == CreditType::adjustment) {
    return reject(RejectionCode::invalid_transition, {},
                  {{"from", std::string(to_text(is_used ? GrantStatus::partially_applied : grant.status))},
                   {"to", std::string(to_text(GrantStatus::voided))},
                   {"allowed", std::string("consumed, expired")}});
  }
  return one(credit_voided(account, grant, command.reason), command.credit);
}

}  // namespace daybook
