// Policies of a book: each set as a whole, by its name.
#include <algorithm>

#include "domain/ascii.h"
#include "domain/deciders/handlers.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

/// The numbers of two series must not be one text: digits at the prefix's end could be the number's.
bool valid_prefix(std::string_view prefix) {
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("-_/.").find(c) != std::string_view::npos;
  };
  return prefix.size() <= number_prefix_characters_max && std::all_of(prefix.begin(), prefix.end(), is_allowed) &&
         (prefix.empty() || !is_digit(prefix.back()));
}

/// A member of another policy than the command names, if it has one.
std::string_view stray_member(const ChangePolicy& command) {
  const bool is_numbering = command.policy == "invoice.numbering" || command.policy == "credit_note.numbering";
  if (!is_numbering && command.prefix) return "/prefix";
  if (!is_numbering && command.digits) return "/digits";
  if (!is_numbering && command.reset) return "/reset";
  if (command.policy != "invoice.net_days" && command.manual) return "/manual";
  if (command.policy != "tax.seller" && command.country) return "/country";
  if (command.policy != "cancel.unused_time" && command.unused_time) return "/unused_time";
  const bool has_days = command.policy == "pause.max_days" || command.policy == "trial.on_account_open";
  if (!has_days && command.days) return "/days";
  if (command.policy != "subscription.max_live" && command.max_live) return "/max_live";
  if (command.policy != "subscription.cancel_default" && command.mode) return "/mode";
  if (command.policy != "proration.behavior" && command.proration_behavior) return "/proration_behavior";
  if (command.policy != "coupon.stacking" && command.stacking) return "/stacking";
  if (command.policy != "coupon.arithmetic" && command.arithmetic) return "/arithmetic";
  const bool is_of_change = command.policy == "change.upgrade" || command.policy == "change.downgrade";
  if (!is_of_change && command.effective) return "/effective";
  if (command.policy != "proration.unit" && command.unit) return "/unit";
  if (command.policy != "trial.on_account_open" && command.on_account_open) return "/on_account_open";
  if (command.policy != "trial.end" && command.trial_end) return "/trial_end";
  if (command.policy != "invoice.rounding" && command.rounding) return "/rounding";
  return {};
}

std::unique_ptr<schema::InvoiceNumberingPolicyT> table_of(const NumberingPolicy& numbering) {
  auto table = std::make_unique<schema::InvoiceNumberingPolicyT>();
  table->prefix = numbering.prefix;
  table->digits = numbering.digits;
  table->reset = static_cast<schema::NumberReset>(numbering.reset);
  return table;
}

/// What is asked for; what is left out is the default.
NumberingPolicy numbering_of(const ChangePolicy& command, NumberingPolicy numbering) {
  numbering.prefix = command.prefix.value_or(numbering.prefix);
  numbering.digits = static_cast<std::uint8_t>(command.digits.value_or(numbering.digits));
  numbering.reset = command.reset.value_or(numbering.reset);
  return numbering;
}

std::unique_ptr<schema::ChangeEffectPolicyT> table_of(ChangeEffect effect) {
  auto table = std::make_unique<schema::ChangeEffectPolicyT>();
  table->effective = static_cast<schema::ChangeEffect>(effect);
  return table;
}

std::unique_ptr<schema::PolicyValuesT> values_of(std::string_view policy, const Policies& policies) {
  auto values = std::make_unique<schema::PolicyValuesT>();
  if (policy == "invoice.numbering") {
    values->invoice_numbering = table_of(policies.numbering);
  } else if (policy == "credit_note.numbering") {
    values->credit_note_numbering = table_of(policies.credit_note_numbering);
  } else if (policy == "invoice.net_days") {
    values->invoice_net_days = std::make_unique<schema::InvoiceNetDaysPolicyT>();
    values->invoice_net_days->manual = policies.net_days.manual;
  } else if (policy == "cancel.unused_time") {
    values->cancel_unused_time = std::make_unique<schema::CancelUnusedTimePolicyT>();
    values->cancel_unused_time->unused_time = static_cast<schema::UnusedTime>(policies.cancel_unused_time.unused_time);
  } else if (policy == "pause.max_days") {
    values->pause_max_days = std::make_unique<schema::PauseMaxDaysPolicyT>();
    values->pause_max_days->days = policies.pause_max_days.days;
  } else if (policy == "subscription.max_live") {
    values->subscription_max_live = std::make_unique<schema::SubscriptionMaxLivePolicyT>();
    values->subscription_max_live->max_live = static_cast<schema::LiveSubscriptions>(policies.max_live);
  } else if (policy == "subscription.cancel_default") {
    values->subscription_cancel_default = std::make_unique<schema::SubscriptionCancelDefaultPolicyT>();
    values->subscription_cancel_default->mode = static_cast<schema::CancellationMode>(policies.cancel_default);
  } else if (policy == "proration.behavior") {
    values->proration_behavior = std::make_unique<schema::ProrationBehaviorPolicyT>();
    values->proration_behavior->proration_behavior =
        static_cast<schema::ProrationBehavior>(policies.proration_behavior);
  } else if (policy == "coupon.stacking") {
    values->coupon_stacking = std::make_unique<schema::CouponStackingPolicyT>();
    values->coupon_stacking->stacking = static_cast<schema::DiscountStacking>(policies.stacking);
  } else if (policy == "coupon.arithmetic") {
    values->coupon_arithmetic = std::make_unique<schema::CouponArithmeticPolicyT>();
    values->coupon_arithmetic->arithmetic = static_cast<schema::PercentArithmetic>(policies.arithmetic);
  } else if (policy == "change.upgrade") {
    values->change_upgrade = table_of(policies.upgrade);
  } else if (policy == "change.downgrade") {
    values->change_downgrade = table_of(policies.downgrade);
  } else if (policy == "proration.unit") {
    values->proration_unit = std::make_unique<schema::ProrationUnitPolicyT>();
    values->proration_unit->unit = static_cast<schema::ProrationUnit>(policies.proration_unit);
  } else if (policy == "trial.on_account_open") {
    values->trial_on_account_open = std::make_unique<schema::TrialOnAccountOpenPolicyT>();
    values->trial_on_account_open->on_account_open =
        static_cast<schema::TrialOnOpening>(policies.trial_on_opening.starts);
    values->trial_on_account_open->days = policies.trial_on_opening.days;
  } else if (policy == "trial.end") {
    values->trial_end = std::make_unique<schema::TrialEndPolicyT>();
    values->trial_end->trial_end = static_cast<schema::TrialEnd>(policies.trial_end);
  } else if (policy == "invoice.rounding") {
    values->invoice_rounding = std::make_unique<schema::InvoiceRoundingPolicyT>();
    values->invoice_rounding->rounding = static_cast<schema::Rounding>(policies.rounding);
  } else {
    values->tax_seller = std::make_unique<schema::TaxSellerPolicyT>();
    values->tax_seller->country = policies.seller.country;
  }
  return values;
}

}  // namespace

Decision handle(const BookState& book, const ChangePolicy& command, const DecisionContext&) {
  if (std::find(policy_names.begin(), policy_names.end(), command.policy) == policy_names.end()) {
    return reject(RejectionCode::not_found, "/policy");
  }
  if (const std::string_view stray = stray_member(command); !stray.empty()) {
    return reject(must_be(stray, "left out with this policy", {{"policy", command.policy}}));
  }
  if (command.policy == "trial.on_account_open" && command.days.value_or(1) > trial_days_max) {
    return reject(must_be("/days", "no more than the longest trial", {{"maximum", std::int64_t{trial_days_max}}}));
  }
  Policies next = book.policies;
  if (command.policy == "invoice.numbering") {
    next.numbering = numbering_of(command, {});
  } else if (command.policy == "credit_note.numbering") {
    next.credit_note_numbering = numbering_of(command, credit_note_numbering_default);
  } else if (command.policy == "invoice.net_days") {
    next.net_days = {};
    next.net_days.manual = static_cast<std::uint16_t>(command.manual.value_or(next.net_days.manual));
  } else if (command.policy == "cancel.unused_time") {
    next.cancel_unused_time.unused_time = command.unused_time.value_or(CancelUnusedTimePolicy{}.unused_time);
  } else if (command.policy == "pause.max_days") {
    next.pause_max_days.days = static_cast<std::uint16_t>(command.days.value_or(PauseMaxDaysPolicy{}.days));
  } else if (command.policy == "subscription.max_live") {
    next.max_live = command.max_live.value_or(Policies{}.max_live);
  } else if (command.policy == "subscription.cancel_default") {
    next.cancel_default = command.mode.value_or(Policies{}.cancel_default);
  } else if (command.policy == "proration.behavior") {
    next.proration_behavior = command.proration_behavior.value_or(Policies{}.proration_behavior);
  } else if (command.policy == "coupon.stacking") {
    next.stacking = command.stacking.value_or(Policies{}.stacking);
  } else if (command.policy == "coupon.arithmetic") {
    next.arithmetic = command.arithmetic.value_or(Policies{}.arithmetic);
  } else if (command.policy == "change.upgrade") {
    next.upgrade = command.effective.value_or(Policies{}.upgrade);
  } else if (command.policy == "change.downgrade") {
    next.downgrade = command.effective.value_or(Policies{}.downgrade);
  } else if (command.policy == "proration.unit") {
    next.proration_unit = command.unit.value_or(Policies{}.proration_unit);
  } else if (command.policy == "trial.on_account_open") {
    next.trial_on_opening = {};
    next.trial_on_opening.starts = command.on_account_open.value_or(next.trial_on_opening.starts);
    next.trial_on_opening.days = static_cast<std::uint16_t>(command.days.value_or(next.trial_on_opening.days));
  } else if (command.policy == "trial.end") {
    next.trial_end = command.trial_end.value_or(Policies{}.trial_end);
  } else if (command.policy == "invoice.rounding") {
    next.rounding = command.rounding.value_or(Policies{}.rounding);
  } else {
    next.seller.country = command.country.value_or(std::string());
  }
  const std::string& prefix = next.numbering.prefix;
  const std::string& note_prefix = next.credit_note_numbering.prefix;
  // An invoice's and a credit note's numbers are told apart by it.
  if (!valid_prefix(prefix) || !valid_prefix(note_prefix) || prefix == note_prefix) {
    return reject(
        must_be("/prefix",
                "of letters, digits and -_/. without a digit at its end, another for invoices than for credit notes"));
  }
  Decision decision;
  decision.subject = {SubjectKind::policy, {}, command.policy};
  if (next == book.policies) return decision;
  schema::PolicyChangedT event;
  event.policy = command.policy;
  event.before = values_of(command.policy, book.policies);
  event.after = values_of(command.policy, next);
  decision.events.push_back(PendingEvent::of(std::move(event)));
  return decision;
}

}  // namespace daybook
