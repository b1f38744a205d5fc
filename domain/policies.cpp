// What a change of a book's policies means.
#include "domain/policies.h"

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/governance_generated.h"

namespace daybook {

void apply(BookState& book, const schema::PolicyChanged& event, const EventMoment& moment) {
  const schema::PolicyValues* after = event.after();
  ensure(after != nullptr, "a policy changed to nothing");
  if (const auto* numbering = after->invoice_numbering()) {
    book.policies.numbering = {text(numbering->prefix()), numbering->digits(),
                               static_cast<NumberReset>(numbering->reset())};
  }
  if (const auto* numbering = after->credit_note_numbering()) {
    book.policies.credit_note_numbering = {text(numbering->prefix()), numbering->digits(),
                                           static_cast<NumberReset>(numbering->reset())};
  }
  if (const auto* net_days = after->invoice_net_days()) book.policies.net_days.manual = net_days->manual();
  if (const auto* seller = after->tax_seller()) book.policies.seller.country = text(seller->country());
  if (const auto* cancel = after->cancel_unused_time()) {
    book.policies.cancel_unused_time.unused_time = static_cast<UnusedTime>(cancel->unused_time());
  }
  if (const auto* pause = after->pause_max_days()) book.policies.pause_max_days.days = pause->days();
  if (const auto* live = after->subscription_max_live()) {
    book.policies.max_live = static_cast<LiveSubscriptions>(live->max_live());
  }
  if (const auto* cancel = after->subscription_cancel_default()) {
    book.policies.cancel_default = static_cast<CancellationMode>(cancel->mode());
  }
  if (const auto* proration = after->proration_behavior()) {
    book.policies.proration_behavior = static_cast<ProrationBehavior>(proration->proration_behavior());
  }
  if (const auto* coupon = after->coupon_stacking()) {
    book.policies.stacking = static_cast<DiscountStacking>(coupon->stacking());
  }
  if (const auto* coupon = after->coupon_arithmetic()) {
    book.policies.arithmetic = static_cast<PercentArithmetic>(coupon->arithmetic());
  }
  if (const auto* change = after->change_upgrade()) {
    book.policies.upgrade = static_cast<ChangeEffect>(change->effective());
  }
  if (const auto* change = after->change_downgrade()) {
    book.policies.downgrade = static_cast<ChangeEffect>(change->effective());
  }
  if (const auto* proration = after->proration_unit()) {
    book.policies.proration_unit = static_cast<ProrationUnit>(proration->unit());
  }
  if (const auto* opening = after->trial_on_account_open()) {
    book.policies.trial_on_opening = {static_cast<TrialOnOpening>(opening->on_account_open()), opening->days()};
  }
  if (const auto* trial = after->trial_end()) {
    book.policies.trial_end = static_cast<TrialEnd>(trial->trial_end());
  }
  if (const auto* invoice = after->invoice_rounding()) {
    book.policies.rounding = static_cast<Rounding>(invoice->rounding());
  }
  book.policies.version = moment.version;
}

}  // namespace daybook
