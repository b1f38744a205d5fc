// What is to come of a subscription or an account: the invoice of the next period, and what a change would bill if it
// were made now. Both are what the deciders and folds that bill make of the account as it stands; nothing is appended.
#include <functional>

#include "domain/deciders/foresight.h"
#include "domain/deciders/handlers.h"
#include "gateway/account_read.h"
#include "gateway/command_run.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/path_command.h"
#include "gateway/services.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

/// Made on the writer thread, read by the answer.
struct Foresight {
  Rejection refusal{RejectionCode::not_found, {}, {}};
  std::string account_id, stream;
  bool is_deleted = false;
  std::uint64_t ordinal = 0, version = 0;    ///< Of the stream: what is later does not exist.
  std::optional<Subscription> subscription;  ///< As it is then.
  bool is_primary = false;                   ///< That one.
  std::optional<Invoice> invoice, upcoming;
};
using Foresee = std::function<void(const AccountState&, const DecisionContext&, Foresight&)>;
using Render = std::function<void(std::string&, const Foresight&, const Viewer&)>;

void answer_foresight(const ExchangePtr& exchange, const Foresight& seen, const Render& render) {
  if (seen.account_id.empty() || !exchange->may_see_account(seen.account_id)) {
    return exchange->refuse(RejectionCode::not_found);
  }
  if (exchange->is_within_one_account() && seen.is_deleted) return exchange->refuse(RejectionCode::account_deleted);
  if (seen.refusal.code != RejectionCode::none) return exchange->refuse(problem_of(seen.refusal));
  Viewer viewer = viewer_of(*exchange, seen.stream);
  viewer.existing_versions = {{seen.ordinal, seen.version}};
  std::string body;
  render(body, seen, viewer);
  exchange->send(200, std::move(body));
}

/// Calls `foresee` on the writer thread with the account, or the one that the subscription belongs to, after what is
/// due of it.
void foresee_account(const ExchangePtr& exchange, const std::string& account_id, std::optional<EntityRef> subscription,
                     const Foresee& foresee, Render render) {
  const auto seen = std::make_shared<Foresight>();
  Work work;
  work.context.principal = exchange->principal;
  work.account_id = account_id;
  work.entity = subscription;
  work.foresee = [seen, foresee](const AccountState& account, const DecisionContext& context) {
    seen->account_id = account.details.id;
    seen->is_deleted = account.details.status != AccountStatus::active;
    seen->ordinal = account.ordinal;
    seen->version = account.version;
    foresee(account, context, *seen);
  };
  work.done = [exchange, seen, render = std::move(render)](Answer answer) {
    if (!answer.accepted()) return exchange->refuse(problem_of(answer.rejection));
    seen->stream = answer.stream;
    answer_foresight(exchange, *seen, render);
  };
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

/// Nobody has been given its number yet.
Invoice unnumbered(Invoice invoice) {
  invoice.status = InvoiceStatus::draft;
  invoice.series.clear();
  invoice.number.clear();
  invoice.finalized_at = invoice.paid_at = never;
  return invoice;
}

void append_upcoming(std::string& out, const Foresight& seen, const Viewer& viewer) {
  const Subscription* subscription = seen.subscription ? &*seen.subscription : nullptr;
  JsonText json(out);
  json.begin_object().member("object", "upcoming_invoice");
  id_member(json, "subscription_id", "sub", subscription != nullptr ? subscription->id : EntityRef{}, viewer);
  const bool has_next = subscription != nullptr && (subscription->is_renewed() || seen.upcoming.has_value());
  instant_member(json, "at", has_next ? subscription->period_end : never);
  json.key("invoice");
  if (seen.upcoming) {
    append_invoice(out, seen.account_id, unnumbered(*seen.upcoming), viewer);
  } else {
    json.null();
  }
  json.end_object();
}

/// The sums of the credit lines and of the others.
struct LineSums {
  std::int64_t credit = 0, charge = 0;
};

LineSums sums_of(const std::vector<std::shared_ptr<const schema::InvoiceLineT>>& lines) {
  LineSums sums;
  for (const auto& line : lines) (line->credits ? sums.credit : sums.charge) += line->amount;
  return sums;
}

void append_change(std::string& out, const Foresight& seen, const Viewer& viewer) {
  const Invoice* invoice = seen.invoice ? &*seen.invoice : nullptr;
  const LineSums sums = sums_of(invoice != nullptr ? invoice->lines : seen.subscription->waiting);
  JsonText json(out);
  json.begin_object().member("object", "change_preview").key("subscription");
  append_subscription(out, seen.account_id, *seen.subscription, seen.is_primary, viewer);
  json.member("credit", sums.credit).member("charge", sums.charge);
  json.member("tax", invoice != nullptr ? invoice->figures->tax : 0);
  json.member("credited", invoice != nullptr ? invoice->figures->credited : 0);
  json.member("total", invoice != nullptr ? invoice->total : 0);
  json.member("amount_due", invoice != nullptr ? invoice->amount_due() : 0);
  json.key("invoice");
  if (invoice != nullptr) {
    append_invoice(out, seen.account_id, unnumbered(*invoice), viewer);
  } else {
    json.null();
  }
  json.key("next_invoice");
  append_upcoming(out, seen, viewer);
  json.end_object();
}

}  // namespace

void get_upcoming_invoice(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("sub", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  const auto foresee = [id](const AccountState& account, const DecisionContext& context, Foresight& seen) {
    const Subscription* subscription = account.find_subscription(*id);
    if (subscription == nullptr) return;
    seen.refusal = {};
    seen.subscription = *subscription;
    seen.upcoming = upcoming_invoice(account, *id, context);
  };
  foresee_account(exchange, {}, *id, foresee, append_upcoming);
}

void get_invoice_preview(ExchangePtr exchange) {
  const auto foresee = [](const AccountState& account, const DecisionContext& context, Foresight& seen) {
    seen.refusal = {};
    const Subscription* next = nullptr;
    for (const auto& [id, one] : account.subscriptions()) {
      const bool is_billed = one.is_renewed() || (one.is_live() && !one.is_paused() && !one.waiting.empty());
      if (is_billed && (next == nullptr || one.period_end < next->period_end)) next = &one;
    }
    if (next == nullptr) return;
    seen.subscription = *next;
    seen.upcoming = upcoming_invoice(account, next->id, context);
  };
  foresee_account(exchange, exchange->path[0], {}, foresee, append_upcoming);
}

void preview_plan_change(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  ParsedCommand parsed = parse_command(ChangePlan::name_of_command, exchange->request.body, target);
  if (!parsed.command) return exchange->refuse(std::move(parsed.faults));
  const ChangePlan change = std::get<ChangePlan>(std::move(*parsed.command));
  const auto foresee = [change](const AccountState& account, const DecisionContext& context, Foresight& seen) {
    DecisionContext freely = context;
    freely.role = Role::system;  // who may only schedule sees all the same what it would cost now
    const Decision decision = decide(account, change, freely);
    seen.refusal = decision.rejection;
    if (!decision.accepted()) return;
    const AccountState after = foreseen(account, decision, context);
    if (const Invoice* invoice = foreseen_invoice(after, context)) seen.invoice = *invoice;
    const Subscription* changed = after.find_subscription(change.subscription);
    seen.subscription = *changed;
    seen.is_primary = changed == after.primary_subscription();
    seen.upcoming = upcoming_invoice(after, change.subscription, context);
  };
  foresee_account(exchange, {}, change.subscription, foresee, append_change);
}

}  // namespace daybook
