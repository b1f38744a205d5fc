#include "engine/subjects.h"

#include <algorithm>
#include <concepts>

#include "domain/assert.h"
#include "domain/tables.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

template <class T>
concept NamesAccount = requires(const T& command) { command.account_id; };

/// OpenAccount has a member of that name too, which is no id.
template <class T>
concept NamesPaymentMethod = requires(const T& command) {
  { (command.payment_method) } -> std::same_as<const EntityRef&>;
};

/// Of the plan that the command changes; null if it changes none.
const std::string* plan_id_of(const Command& command) {
  if (const auto* revise = std::get_if<RevisePlan>(&command)) return &revise->plan_id;
  if (const auto* retire = std::get_if<RetirePlan>(&command)) return &retire->plan_id;
  if (const auto* restore = std::get_if<RestorePlan>(&command)) return &restore->plan_id;
  return nullptr;
}

OwnTaxRates::const_iterator find_tax_rate(const BookState& book, std::string_view id) {
  return std::find_if(book.tax_rates.begin(), book.tax_rates.end(),
                      [&](const auto& row) { return tax_rate_id(row.first) == id; });
}

/// The same of a discount.
const std::string* discount_id_of(const Command& command) {
  if (const auto* change = std::get_if<ChangeDiscount>(&command)) return &change->discount_id;
  if (const auto* retire = std::get_if<RetireDiscount>(&command)) return &retire->discount_id;
  return nullptr;
}

/// A subscription's trial, or the account's own.
Subject of_trial(const schema::EntityRef* subscription) {
  const EntityRef id = entity(subscription);
  return {id.is_none() ? SubjectKind::account : SubjectKind::subscription, id};
}

}  // namespace

Subject subject_of(const schema::Envelope& first_event) {
  const EntityRef event_id{first_event.stream_ordinal(), first_event.stream_version(), first_event.shard(), 0};
  // Its first event is a plan's, unless nothing has changed.
  const bool is_sync = text(first_event.command()) == SyncCatalogue::name_of_command;
  if (is_sync && first_event.event_type() != schema::Event::CommandAnswered) return {SubjectKind::catalogue_sync, {}};
  switch (first_event.event_type()) {
    case schema::Event::AccountOpened:
    case schema::Event::AccountDetailsChanged:
    case schema::Event::AccountDeletionScheduled:
    case schema::Event::AccountRestored:
    case schema::Event::AccountPurged:
    case schema::Event::LegalHoldPlaced:
    case schema::Event::LegalHoldReleased:
    case schema::Event::AccountParked:
    case schema::Event::AccountUnparked:
    case schema::Event::AccountTrialStarted:
      return {SubjectKind::account, {}};
    case schema::Event::CreditIssued:
      return {SubjectKind::credit, event_id};
    case schema::Event::CreditConsumed:
      return {SubjectKind::credit, entity(first_event.event_as_CreditConsumed()->credit())};
    case schema::Event::CreditExpired:
      return {SubjectKind::credit, entity(first_event.event_as_CreditExpired()->credit())};
    case schema::Event::CreditVoided:
      return {SubjectKind::credit, entity(first_event.event_as_CreditVoided()->credit())};
    case schema::Event::UnitCreditsAllocated:
    case schema::Event::UnitCreditsDeducted:
    case schema::Event::UnitCreditsAdjusted:
    case schema::Event::UnitCreditsExpired:
      return {SubjectKind::unit_entry, event_id};
    case schema::Event::UnitCreditsReserved:
      return {SubjectKind::reservation, event_id};
    case schema::Event::UnitReservationCaptured:
      return {SubjectKind::reservation, entity(first_event.event_as_UnitReservationCaptured()->reservation())};
    case schema::Event::UnitReservationReleased:
      return {SubjectKind::reservation, entity(first_event.event_as_UnitReservationReleased()->reservation())};
    case schema::Event::UnitReservationExpired:
      return {SubjectKind::reservation, entity(first_event.event_as_UnitReservationExpired()->reservation())};
    case schema::Event::SandboxClockAdvanced:
      return {SubjectKind::clock, {}};
    case schema::Event::TestClockCreated:
      return {SubjectKind::test_clock, event_id};
    case schema::Event::TestClockAdvanced:
      return {SubjectKind::test_clock, entity(first_event.event_as_TestClockAdvanced()->test_clock())};
    case schema::Event::TestClockBecameReady:
      return {SubjectKind::test_clock, entity(first_event.event_as_TestClockBecameReady()->test_clock())};
    case schema::Event::ApiKeyCreated:
      return {SubjectKind::api_key, event_id};
    case schema::Event::ApiKeyRevoked:
      return {SubjectKind::api_key, entity(first_event.event_as_ApiKeyRevoked()->key())};
    case schema::Event::PlanCreated:
      return {SubjectKind::plan, {}, text(first_event.event_as_PlanCreated()->plan_id())};
    case schema::Event::PlanVersionPublished:
      return {SubjectKind::plan, {}, text(first_event.event_as_PlanVersionPublished()->plan_id())};
    case schema::Event::PlanRetired:
      return {SubjectKind::plan, {}, text(first_event.event_as_PlanRetired()->plan_id())};
    case schema::Event::PlanRestored:
      return {SubjectKind::plan, {}, text(first_event.event_as_PlanRestored()->plan_id())};
    case schema::Event::PlanImported:
      return {SubjectKind::plan, {}, text(first_event.event_as_PlanImported()->plan_id())};
    case schema::Event::CatalogueSyncCompleted:
      return {SubjectKind::catalogue_sync, {}};
    case schema::Event::PaymentMethodAttached:
      return {SubjectKind::payment_method, event_id};
    case schema::Event::DefaultPaymentMethodChanged:
      return {SubjectKind::payment_method,
              entity(first_event.event_as_DefaultPaymentMethodChanged()->payment_method())};
    case schema::Event::PaymentMethodDetached:
      return {SubjectKind::account, {}};
    case schema::Event::DiscountCreated:
      return {SubjectKind::discount, {}, text(first_event.event_as_DiscountCreated()->discount_id())};
    case schema::Event::DiscountChanged:
      return {SubjectKind::discount, {}, text(first_event.event_as_DiscountChanged()->discount_id())};
    case schema::Event::DiscountRetired:
      return {SubjectKind::discount, {}, text(first_event.event_as_DiscountRetired()->discount_id())};
    case schema::Event::CouponCreated:
      return {SubjectKind::coupon, {}, text(first_event.event_as_CouponCreated()->code())};
    case schema::Event::CouponRetired:
      return {SubjectKind::coupon, {}, text(first_event.event_as_CouponRetired()->code())};
    case schema::Event::DiscountApplied: {
      const EntityRef subscription = entity(first_event.event_as_DiscountApplied()->subscription());
      if (!subscription.is_none()) return {SubjectKind::subscription, subscription};
      return {SubjectKind::account_discount, event_id};
    }
    case schema::Event::DiscountRemoved:
      return {SubjectKind::subscription, entity(first_event.event_as_DiscountRemoved()->subscription())};
    case schema::Event::CouponRedeemed:  // never the first of its command
      break;
    case schema::Event::InvoiceDrafted:
      return {SubjectKind::invoice, event_id};
    case schema::Event::InvoiceLineAdded:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceLineAdded()->invoice())};
    case schema::Event::InvoiceLineRemoved:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceLineRemoved()->invoice())};
    case schema::Event::InvoiceFinalized:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceFinalized()->invoice())};
    case schema::Event::InvoicePaid:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoicePaid()->invoice())};
    case schema::Event::InvoiceVoided:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceVoided()->invoice())};
    case schema::Event::InvoiceMarkedUncollectible:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceMarkedUncollectible()->invoice())};
    case schema::Event::InvoiceBecameOverdue:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceBecameOverdue()->invoice())};
    case schema::Event::InvoiceSent:
      return {SubjectKind::invoice, entity(first_event.event_as_InvoiceSent()->invoice())};
    case schema::Event::PolicyChanged:
      return {SubjectKind::policy, {}, text(first_event.event_as_PolicyChanged()->policy())};
    case schema::Event::TaxRateSet: {
      const auto& event = *first_event.event_as_TaxRateSet();
      const Date from = parse_date(text(event.from())).value_or(Date{});
      return {SubjectKind::tax_rate,
              {},
              tax_rate_id({text(event.country()), text(event.region()), text(event.name()), from})};
    }
    case schema::Event::SubscriptionCreated:
      return {SubjectKind::subscription, event_id};
    case schema::Event::SubscriptionTrialStarted:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionTrialStarted()->subscription())};
    case schema::Event::SubscriptionActivated:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionActivated()->subscription())};
    case schema::Event::TrialConverted:
      return {SubjectKind::subscription, entity(first_event.event_as_TrialConverted()->subscription())};
    case schema::Event::SubscriptionRenewed:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionRenewed()->subscription())};
    case schema::Event::SubscriptionCancellationScheduled:
      return {SubjectKind::subscription,
              entity(first_event.event_as_SubscriptionCancellationScheduled()->subscription())};
    case schema::Event::SubscriptionCanceled:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionCanceled()->subscription())};
    case schema::Event::SubscriptionReactivated:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionReactivated()->subscription())};
    case schema::Event::CreditNoteIssued:
      return {SubjectKind::credit_note, event_id};
    case schema::Event::CreditNoteVoided:
      return {SubjectKind::credit_note, entity(first_event.event_as_CreditNoteVoided()->credit_note())};
    case schema::Event::InvoiceAdjusted:
      return {SubjectKind::adjustment, event_id};
    case schema::Event::PlanChanged:
      return {SubjectKind::subscription, entity(first_event.event_as_PlanChanged()->subscription())};
    case schema::Event::SubscriptionQuantityChanged:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionQuantityChanged()->subscription())};
    case schema::Event::ProrationCalculated:
      return {SubjectKind::subscription, entity(first_event.event_as_ProrationCalculated()->subscription())};
    case schema::Event::PlanChangeScheduled:
      return {SubjectKind::subscription, entity(first_event.event_as_PlanChangeScheduled()->subscription())};
    case schema::Event::ScheduledPlanChangeCanceled:
      return {SubjectKind::subscription, entity(first_event.event_as_ScheduledPlanChangeCanceled()->subscription())};
    case schema::Event::SubscriptionDetailsChanged:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionDetailsChanged()->subscription())};
    case schema::Event::SubscriptionPaused:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionPaused()->subscription())};
    case schema::Event::SubscriptionResumed:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionResumed()->subscription())};
    case schema::Event::SubscriptionBecamePastDue:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionBecamePastDue()->subscription())};
    case schema::Event::ProviderSubscriptionMirrored:
      return {SubjectKind::subscription, entity(first_event.event_as_ProviderSubscriptionMirrored()->subscription())};
    case schema::Event::SubscriptionRecovered:
      return {SubjectKind::subscription, entity(first_event.event_as_SubscriptionRecovered()->subscription())};
    case schema::Event::TrialEndedEarly:
      return of_trial(first_event.event_as_TrialEndedEarly()->subscription());
    case schema::Event::TrialReminderIssued:
      return of_trial(first_event.event_as_TrialReminderIssued()->subscription());
    case schema::Event::TrialExpired:
      return of_trial(first_event.event_as_TrialExpired()->subscription());
    case schema::Event::PaymentAttempted:
      return {SubjectKind::payment, event_id};
    case schema::Event::PaymentSucceeded:
      return {SubjectKind::payment, entity(first_event.event_as_PaymentSucceeded()->payment())};
    case schema::Event::PaymentFailed:
      return {SubjectKind::payment, entity(first_event.event_as_PaymentFailed()->payment())};
    case schema::Event::PaymentActionRequired:
      return {SubjectKind::payment, entity(first_event.event_as_PaymentActionRequired()->payment())};
    case schema::Event::CreditApplied:
      return {SubjectKind::credit, entity(first_event.event_as_CreditApplied()->credit())};
    case schema::Event::BookCreated: {
      const EntityRef first_key{event_id.stream_ordinal, event_id.stream_version + 1, event_id.shard, 0};
      return {SubjectKind::book, first_key, text(first_event.event_as_BookCreated()->book_id())};
    }
    case schema::Event::BookChanged:
      return {SubjectKind::book, {}, text(first_event.event_as_BookChanged()->book_id())};
    case schema::Event::BookClosed:
      return {SubjectKind::book, {}, text(first_event.event_as_BookClosed()->book_id())};
    case schema::Event::CheckoutSessionOpened:
      return {SubjectKind::checkout_session, entity(first_event.event_as_CheckoutSessionOpened()->checkout_session())};
    case schema::Event::CheckoutSessionCompleted:
      return {SubjectKind::checkout_session,
              entity(first_event.event_as_CheckoutSessionCompleted()->checkout_session())};
    case schema::Event::CheckoutSessionExpired:
      return {SubjectKind::checkout_session, entity(first_event.event_as_CheckoutSessionExpired()->checkout_session())};
    case schema::Event::OfflinePaymentRecorded:
      return {SubjectKind::payment, event_id};
    case schema::Event::RefundIssued:
      return {SubjectKind::refund, event_id};
    case schema::Event::RefundSucceeded:
      return {SubjectKind::refund, entity(first_event.event_as_RefundSucceeded()->refund())};
    case schema::Event::RefundFailed:
      return {SubjectKind::refund, entity(first_event.event_as_RefundFailed()->refund())};
    case schema::Event::RefundCanceled:
      return {SubjectKind::refund, entity(first_event.event_as_RefundCanceled()->refund())};
    case schema::Event::DisputeOpened:
      return {SubjectKind::dispute, event_id};
    case schema::Event::DisputeWon:
      return {SubjectKind::dispute, entity(first_event.event_as_DisputeWon()->dispute())};
    case schema::Event::DisputeLost:
      return {SubjectKind::dispute, entity(first_event.event_as_DisputeLost()->dispute())};
    case schema::Event::CreditNoteNumberAssigned:  // nor these
    case schema::Event::CreditReturned:
    case schema::Event::InvoiceNumberAssigned:
      break;
    case schema::Event::ProviderEventReceived:
    case schema::Event::ProviderEventProcessed:
    case schema::Event::ProviderEventIgnored:
    case schema::Event::ProviderEventFailed:
      break;  // their answer shows nothing
    case schema::Event::CommandAnswered: {
      const auto& event = *first_event.event_as_CommandAnswered();
      return {static_cast<SubjectKind>(event.subject()), entity(event.resource()), text(event.resource_id())};
    }
    case schema::Event::NONE:
      break;
  }
  return {};
}

bool holds(const AccountState& account, const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::credit:
      return account.find_grant(subject.id) != nullptr;
    case SubjectKind::reservation:
      return account.find_hold(subject.id) != nullptr;
    case SubjectKind::payment_method:
      return account.details.find_payment_method(subject.id) != nullptr;
    case SubjectKind::account_discount:
      return account.find_discount(subject.id) != nullptr;
    case SubjectKind::invoice:
      return account.find_invoice(subject.id) != nullptr;
    case SubjectKind::subscription:
      return account.find_subscription(subject.id) != nullptr;
    case SubjectKind::credit_note:
      return account.find_credit_note(subject.id) != nullptr;
    case SubjectKind::adjustment:
      return account.find_adjustment(subject.id) != nullptr;
    case SubjectKind::payment:
      return account.find_payment(subject.id) != nullptr;
    case SubjectKind::checkout_session:
      return account.find_checkout_session(subject.id) != nullptr;
    case SubjectKind::refund:
      return account.find_refund(subject.id) != nullptr;
    case SubjectKind::dispute:
      return account.find_dispute(subject.id) != nullptr;
    case SubjectKind::none:
    case SubjectKind::account:
    case SubjectKind::unit_entry:
      return true;
    case SubjectKind::clock:
    case SubjectKind::test_clock:
    case SubjectKind::api_key:
    case SubjectKind::plan:
    case SubjectKind::discount:
    case SubjectKind::coupon:
    case SubjectKind::policy:
    case SubjectKind::tax_rate:
    case SubjectKind::book:
    case SubjectKind::catalogue_sync:
      return false;
  }
  return false;
}

bool holds(const BookState& book, const Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::api_key:
      return book.keys.contains(subject.id);
    case SubjectKind::test_clock:
      return book.test_clocks.contains(subject.id);
    case SubjectKind::plan:
      return book.catalogue->plans.contains(subject.text_id);
    case SubjectKind::discount:
      return book.offers->discounts.contains(subject.text_id);
    case SubjectKind::coupon:
      return book.offers->coupons.contains(subject.text_id);
    case SubjectKind::book:
      return subject.id.is_none() || book.keys.contains(subject.id);
    case SubjectKind::catalogue_sync:
      return book.catalogue->last_sync.outcome != nullptr;
    case SubjectKind::none:
    case SubjectKind::clock:
    case SubjectKind::policy:
      return true;
    case SubjectKind::tax_rate:
      return find_tax_rate(book, subject.text_id) != book.tax_rates.end();
    default:
      return false;
  }
}

void show(Answer& answer, const Subject& subject, const AccountState& account, const std::optional<UnitMovement>& entry,
          std::string_view actor) {
  switch (subject.kind) {
    case SubjectKind::account:
      answer.shown = AccountShown{account.details, account.wallets(), account.receivable()};
      answer.version = account.details.version;
      return;
    case SubjectKind::credit: {
      const Grant* grant = account.find_grant(subject.id);
      ensure(grant != nullptr, "an answer about a credit that the state does not hold");
      answer.shown = CreditShown{account.details.id, *grant};
      answer.version = grant->version;
      return;
    }
    case SubjectKind::unit_entry: {
      ensure(entry.has_value(), "an answer about a unit movement that is not there");
      const Wallet wallet = account.wallet({entry->unit, false});
      answer.shown = UnitEntryShown{account.details.id, *entry, wallet.available, wallet.reserved, std::string(actor)};
      answer.version = entry->id.stream_version;
      return;
    }
    case SubjectKind::reservation: {
      const Hold* hold = account.find_hold(subject.id);
      ensure(hold != nullptr, "an answer about a reservation that the state does not hold");
      answer.shown = ReservationShown{account.details.id, *hold, account.wallet(hold->asset)};
      answer.version = hold->version;
      return;
    }
    case SubjectKind::payment_method: {
      const PaymentMethod* method = account.details.find_payment_method(subject.id);
      ensure(method != nullptr, "an answer about a payment method that the account does not have");
      answer.shown =
          PaymentMethodShown{account.details.id, *method, account.details.default_payment_method == method->id};
      answer.version = method->version;
      return;
    }
    case SubjectKind::account_discount: {
      const AccountDiscount* discount = account.find_discount(subject.id);
      ensure(discount != nullptr, "an answer about a discount that the account does not have");
      answer.shown = RedemptionShown{account.details.id, *discount};
      answer.version = discount->version;
      return;
    }
    case SubjectKind::invoice: {
      const Invoice* invoice = account.find_invoice(subject.id);
      ensure(invoice != nullptr, "an answer about an invoice that the state does not hold");
      answer.shown = InvoiceShown{account.details.id, account.with_credit_notes(*invoice)};
      answer.version = invoice->version;
      return;
    }
    case SubjectKind::subscription: {
      const Subscription* subscription = account.find_subscription(subject.id);
      ensure(subscription != nullptr, "an answer about a subscription that the account does not have");
      answer.shown =
          SubscriptionShown{account.details.id, *subscription, subscription == account.primary_subscription()};
      answer.version = subscription->version;
      return;
    }
    case SubjectKind::credit_note: {
      const CreditNote* note = account.find_credit_note(subject.id);
      ensure(note != nullptr, "an answer about a credit note that the state does not hold");
      answer.shown = CreditNoteShown{account.details.id, *note};
      answer.version = note->version;
      return;
    }
    case SubjectKind::adjustment: {
      const InvoiceAdjustment* adjustment = account.find_adjustment(subject.id);
      ensure(adjustment != nullptr, "an answer about an adjustment that the state does not hold");
      answer.shown = AdjustmentShown{account.details.id, *adjustment};
      answer.version = adjustment->version;
      return;
    }
    case SubjectKind::payment: {
      const Payment* payment = account.find_payment(subject.id);
      ensure(payment != nullptr, "an answer about a payment that the state does not hold");
      answer.shown = PaymentShown{account.details.id, *payment};
      answer.version = payment->version;
      return;
    }
    case SubjectKind::checkout_session: {
      const CheckoutSession* session = account.find_checkout_session(subject.id);
      ensure(session != nullptr, "an answer about a checkout session that the state does not hold");
      answer.shown = CheckoutSessionShown{account.details.id, *session};
      answer.version = session->version;
      return;
    }
    case SubjectKind::refund: {
      const Refund* refund = account.find_refund(subject.id);
      ensure(refund != nullptr, "an answer about a refund that the state does not hold");
      answer.shown = RefundShown{account.details.id, *refund};
      answer.version = refund->version;
      return;
    }
    case SubjectKind::dispute: {
      const Dispute* dispute = account.find_dispute(subject.id);
      ensure(dispute != nullptr, "an answer about a dispute that the state does not hold");
      answer.shown = DisputeShown{account.details.id, *dispute};
      answer.version = dispute->version;
      return;
    }
    case SubjectKind::none:
      return;
    case SubjectKind::clock:
    case SubjectKind::test_clock:
    case SubjectKind::api_key:
    case SubjectKind::plan:
    case SubjectKind::discount:
    case SubjectKind::coupon:
    case SubjectKind::policy:
    case SubjectKind::tax_rate:
    case SubjectKind::book:
    case SubjectKind::catalogue_sync:
      bug("an account's answer about its book");
  }
}

void show(Answer& answer, const Subject& subject, const BookState& book, Instant now) {
  switch (subject.kind) {
    case SubjectKind::clock:
      answer.shown = ClockShown{now, book.clock_offset_us};
      answer.version = book.clock_version;
      return;
    case SubjectKind::test_clock: {
      const auto found = book.test_clocks.find(subject.id);
      ensure(found != book.test_clocks.end(), "an answer about a test clock that the book does not have");
      answer.shown = TestClockShown{found->second};
      answer.version = found->second.version;
      return;
    }
    case SubjectKind::api_key: {
      const auto found = book.keys.find(subject.id);
      ensure(found != book.keys.end(), "an answer about an API key that the book does not hold");
      answer.shown = ApiKeyShown{found->second};
      answer.version = found->second.version;
      return;
    }
    case SubjectKind::plan: {
      const auto found = book.catalogue->plans.find(subject.text_id);
      ensure(found != book.catalogue->plans.end(), "an answer about a plan that the book does not hold");
      answer.shown = PlanShown{found->second};
      answer.version = found->second.version;
      return;
    }
    case SubjectKind::discount: {
      const auto found = book.offers->discounts.find(subject.text_id);
      ensure(found != book.offers->discounts.end(), "an answer about a discount that the book does not hold");
      answer.shown = DiscountShown{found->second};
      answer.version = found->second.version;
      return;
    }
    case SubjectKind::coupon: {
      const auto found = book.offers->coupons.find(subject.text_id);
      ensure(found != book.offers->coupons.end(), "an answer about a coupon that the book does not hold");
      const CouponUse& use = book.redemptions.of_coupon(subject.text_id);
      answer.version = use.version_of(found->second);
      answer.shown = CouponShown{found->second, use.redemptions, answer.version};
      return;
    }
    case SubjectKind::book: {
      BookShown shown{subject.text_id, book.profile, std::nullopt};
      const auto first_key = book.keys.find(subject.id);
      if (first_key != book.keys.end()) shown.first_key = first_key->second;
      answer.shown = std::move(shown);
      answer.version = book.profile.version;
      return;
    }
    case SubjectKind::catalogue_sync:
      answer.shown = CatalogueSyncShown{book.catalogue->last_sync};
      answer.version = book.catalogue->last_sync.version;
      return;
    case SubjectKind::policy:
      answer.shown = PolicyShown{subject.text_id, book.policies};
      answer.version = book.policies.version;
      return;
    case SubjectKind::tax_rate: {
      const auto rate = find_tax_rate(book, subject.text_id);
      ensure(rate != book.tax_rates.end(), "an answer about a tax rate that is not there");
      answer.shown = TaxRateShown{rate->first, rate->second};
      answer.version = rate->second.version;
      return;
    }
    case SubjectKind::none:
      return;
    default:
      bug("a book's answer about an account");
  }
}

Rejection stored_rejection(const schema::Envelope& command_answered) {
  Rejection rejection;
  const auto& event = *command_answered.event_as_CommandAnswered();
  rejection.code = static_cast<RejectionCode>(event.code());
  rejection.pointer = text(event.pointer());
  if (event.details()) {
    for (const schema::Detail* detail : *event.details()) {
      if (detail->number().has_value()) {
        rejection.details.push_back({text(detail->name()), *detail->number()});
      } else {
        rejection.details.push_back({text(detail->name()), text(detail->text())});
      }
    }
  }
  return rejection;
}

PendingEvent answered_event(const Rejection& rejection, const Subject& subject, std::string_view account_id) {
  schema::CommandAnsweredT event;
  event.account_id = account_id;
  event.code = static_cast<std::uint16_t>(rejection.code);
  event.pointer = rejection.pointer;
  for (const RejectionDetail& detail : rejection.details) {
    auto row = std::make_unique<schema::DetailT>();
    row->name = detail.name;
    if (const auto* number = std::get_if<std::int64_t>(&detail.value)) {
      row->number = *number;
    } else {
      row->text = std::get<std::string>(detail.value);
    }
    event.details.push_back(std::move(row));
  }
  event.resource = subject.id;
  event.subject = static_cast<std::uint8_t>(subject.kind);
  event.resource_id = subject.text_id;
  return PendingEvent::of(std::move(event));
}

std::optional<EntityRef> entity_of(const Command& command) {
  return std::visit(
      [](const auto& one) -> std::optional<EntityRef> {
        if constexpr (requires { one.credit; }) return one.credit;
        if constexpr (requires { one.reservation; }) return one.reservation;
        if constexpr (requires { one.invoice; }) return one.invoice;
        if constexpr (requires { one.subscription; }) return one.subscription;
        if constexpr (requires { one.credit_note; }) return one.credit_note;
        if constexpr (requires { one.payment; }) return one.payment;
        if constexpr (requires { one.refund; }) return one.refund;
        if constexpr (requires { one.checkout_session; }) return one.checkout_session;
        if constexpr (requires { one.key; }) return one.key;
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, AdvanceTestClock>) return one.test_clock;
        if constexpr (NamesPaymentMethod<std::decay_t<decltype(one)>>) return one.payment_method;
        return std::nullopt;
      },
      command);
}

const std::string* book_id_of(const Command& command) {
  return std::visit(
      [](const auto& one) -> const std::string* {
        if constexpr (requires { one.book_id; }) return &one.book_id;
        return nullptr;
      },
      command);
}

const std::string* account_id_of(const Command& command) {
  return std::visit(
      [](const auto& one) -> const std::string* {
        if constexpr (NamesAccount<std::decay_t<decltype(one)>>) return &one.account_id;
        return nullptr;
      },
      command);
}

std::optional<std::uint64_t> version_of(const Command& command, const AccountState& account) {
  const bool is_about_details =
      std::holds_alternative<UpdateAccount>(command) || std::holds_alternative<ScheduleAccountDeletion>(command) ||
      std::holds_alternative<RestoreAccount>(command) || std::holds_alternative<PurgeAccount>(command) ||
      std::holds_alternative<PlaceLegalHold>(command) || std::holds_alternative<ReleaseLegalHold>(command) ||
      std::holds_alternative<UnparkAccount>(command) || std::holds_alternative<AttachPaymentMethod>(command);
  if (is_about_details) return account.details.version;
  const auto entity = entity_of(command);
  if (!entity) return account.version;
  if (const Grant* grant = account.find_grant(*entity)) return grant->version;
  if (const Hold* hold = account.find_hold(*entity)) return hold->version;
  if (const Invoice* invoice = account.find_invoice(*entity)) return invoice->version;
  if (const Subscription* subscription = account.find_subscription(*entity)) return subscription->version;
  if (const CreditNote* note = account.find_credit_note(*entity)) return note->version;
  if (const Payment* payment = account.find_payment(*entity)) return account.with_reversals(*payment).version;
  if (const Refund* refund = account.find_refund(*entity)) return refund->version;
  if (const CheckoutSession* session = account.find_checkout_session(*entity)) return session->version;
  if (const PaymentMethod* method = account.details.find_payment_method(*entity)) return method->version;
  return std::nullopt;
}

std::optional<std::uint64_t> version_of(const Command& command, const BookState& book) {
  if (std::holds_alternative<AdvanceSandboxClock>(command)) return book.clock_version;
  if (book_id_of(command) != nullptr) return book.profile.version;
  if (std::holds_alternative<ChangePolicy>(command)) return book.policies.version;
  if (const auto* set = std::get_if<SetTaxRate>(&command)) {
    const auto from = parse_date(set->from);
    const auto rate = from ? book.tax_rates.find({set->country, set->region, set->name, *from}) : book.tax_rates.end();
    return rate != book.tax_rates.end() ? std::optional(rate->second.version) : std::nullopt;
  }
  if (const auto* advance = std::get_if<AdvanceTestClock>(&command)) {
    const auto clock = book.test_clocks.find(advance->test_clock);
    return clock != book.test_clocks.end() ? std::optional(clock->second.version) : std::nullopt;
  }
  if (const auto entity = entity_of(command)) {
    const auto found = book.keys.find(*entity);
    if (found != book.keys.end()) return found->second.version;
    return std::nullopt;
  }
  if (const std::string* discount_id = discount_id_of(command)) {
    const auto discount = book.offers->discounts.find(*discount_id);
    if (discount == book.offers->discounts.end()) return std::nullopt;
    return discount->second.version;
  }
  if (const auto* retire = std::get_if<RetireCoupon>(&command)) {
    const auto coupon = book.offers->coupons.find(coupon_code(retire->code));
    if (coupon == book.offers->coupons.end()) return std::nullopt;
    return book.redemptions.of_coupon(coupon->first).version_of(coupon->second);
  }
  const std::string* plan_id = plan_id_of(command);
  if (plan_id == nullptr) return book.version;
  const auto plan = book.catalogue->plans.find(*plan_id);
  if (plan == book.catalogue->plans.end()) return std::nullopt;
  return plan->second.version;
}

}  // namespace daybook
