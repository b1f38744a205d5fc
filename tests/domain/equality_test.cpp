// States are compared where a view or a row is held against the fold: each member counts.
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Each change makes another value of it.
template <class T>
void check_each_counts(const T& one, const std::vector<void (*)(T&)>& changes) {
  CHECK(T(one) == one);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CAPTURE(i);
    T other = one;
    changes[i](other);
    CHECK_FALSE(other == one);
    CHECK_FALSE(one == other);
  }
}

/// The same table with another content.
template <class Table, class Change>
std::shared_ptr<const Table> altered(const std::shared_ptr<const Table>& table, Change change) {
  auto copy = std::make_shared<Table>(*table);
  change(*copy);
  return copy;
}

}  // namespace

TEST_CASE("two invoices are equal if every member is, lines and figures by what they say") {
  const Filled given;
  check_each_counts<Invoice>(
      given.invoice(given.open_id),
      {[](Invoice& one) { ++one.id.stream_version; },
       [](Invoice& one) { one.currency = currency_of("EUR"); },
       [](Invoice& one) { one.status = InvoiceStatus::paid; },
       [](Invoice& one) { one.billing_reason = 7; },
       [](Invoice& one) { ++one.net_days; },
       [](Invoice& one) { one.subscription.stream_version = 9; },
       [](Invoice& one) { one.collects_automatically = !one.collects_automatically; },
       [](Invoice& one) { one.tax_inclusive = !one.tax_inclusive; },
       [](Invoice& one) { one.series += "x"; },
       [](Invoice& one) { ++one.sequence; },
       [](Invoice& one) { one.number += "x"; },
       [](Invoice& one) { one.lines.pop_back(); },
       [](Invoice& one) { one.lines.front() = nullptr; },
       [](Invoice& one) { one.lines.front() = altered(one.lines.front(), [](auto& line) { ++line.amount; }); },
       [](Invoice& one) { ++one.last_line; },
       [](Invoice& one) { ++one.subtotal; },
       [](Invoice& one) { one.figures = nullptr; },
       [](Invoice& one) { one.figures = altered(one.figures, [](auto& figures) { ++figures.tax; }); },
       [](Invoice& one) { ++one.total; },
       [](Invoice& one) { one.credits.push_back({}); },
       [](Invoice& one) { ++one.credit_applied; },
       [](Invoice& one) { one.credit_notes.pop_back(); },
       [](Invoice& one) { one.adjustments.pop_back(); },
       [](Invoice& one) { ++one.credited_due; },
       [](Invoice& one) { ++one.surcharged; },
       [](Invoice& one) { ++one.written_off; },
       [](Invoice& one) { ++one.amount_paid; },
       [](Invoice& one) { ++one.payment_attempts; },
       [](Invoice& one) { one.payment.stream_version = 9; },
       [](Invoice& one) { one.is_collecting = true; },
       [](Invoice& one) { one.due_date = Instant{1}; },
       [](Invoice& one) { one.finalized_at = Instant{1}; },
       [](Invoice& one) { one.paid_at = Instant{1}; },
       [](Invoice& one) { one.voided_at = Instant{1}; },
       [](Invoice& one) { one.uncollectible_at = Instant{1}; },
       [](Invoice& one) { one.is_overdue = true; },
       [](Invoice& one) { one.reason.key_id = 9; },
       [](Invoice& one) { one.metadata.key_id = 9; },
       [](Invoice& one) { one.created_at = Instant{1}; },
       [](Invoice& one) { one.updated_at = Instant{1}; },
       [](Invoice& one) { ++one.version; }});
}

TEST_CASE("two credit notes, and two adjustments, are equal if every member is") {
  const Filled given;
  check_each_counts<CreditNote>(
      *given.account.find_credit_note(given.note_id),
      {[](CreditNote& one) { ++one.id.stream_version; }, [](CreditNote& one) { ++one.invoice.stream_version; },
       [](CreditNote& one) { one.currency = currency_of("EUR"); },
       [](CreditNote& one) { one.status = CreditNoteStatus::voided; },
       [](CreditNote& one) { one.is_final = !one.is_final; }, [](CreditNote& one) { one.document = nullptr; },
       [](CreditNote& one) { one.document = altered(one.document, [](auto& document) { ++document.total; }); },
       [](CreditNote& one) { one.void_reason.key_id = 9; }, [](CreditNote& one) { one.created_at = Instant{1}; },
       [](CreditNote& one) { one.updated_at = Instant{1}; }, [](CreditNote& one) { one.voided_at = Instant{1}; },
       [](CreditNote& one) { ++one.version; }});
  check_each_counts<InvoiceAdjustment>(
      *given.account.find_adjustment(given.surcharge_id),
      {[](InvoiceAdjustment& one) { ++one.id.stream_version; },
       [](InvoiceAdjustment& one) { ++one.invoice.stream_version; },
       [](InvoiceAdjustment& one) { one.currency = currency_of("EUR"); },
       [](InvoiceAdjustment& one) { one.type = AdjustmentType::credit; },
       [](InvoiceAdjustment& one) { one.document = nullptr; },
       [](InvoiceAdjustment& one) { one.created_at = Instant{1}; }, [](InvoiceAdjustment& one) { ++one.version; }});
}

TEST_CASE("two subscriptions are equal if every member is, price, plan and lines by what they say") {
  const Filled given;
  const Subscription& changing = given.account.subscriptions().begin()->second;
  REQUIRE(changing.scheduled_plan != nullptr);
  REQUIRE(changing.waiting.size() == 2);
  check_each_counts<Subscription>(
      changing,
      {[](Subscription& one) { ++one.id.stream_version; },
       [](Subscription& one) { one.price = altered(one.price, [](auto& price) { price.unit_amount = "7"; }); },
       [](Subscription& one) { ++one.quantity; }, [](Subscription& one) { one.scheduled_plan = nullptr; },
       [](Subscription& one) { one.scheduled_plan = altered(one.scheduled_plan, [](auto& plan) { ++plan.net_days; }); },
       [](Subscription& one) { ++one.scheduled_quantity; }, [](Subscription& one) { one.waiting.pop_back(); },
       [](Subscription& one) { one.waiting.front() = altered(one.waiting.front(), [](auto& line) { ++line.amount; }); },
       [](Subscription& one) { one.mirrored.id += "x"; }, [](Subscription& one) { one.discounts.clear(); },
       [](Subscription& one) { ++one.version; }});
}

TEST_CASE("two billed charges are equal if every member is, line and taxes by what they say") {
  const Filled given;
  check_each_counts<BilledCharge>(
      given.account.billed.all().front(),
      {[](BilledCharge& one) { ++one.subscription.stream_version; },
       [](BilledCharge& one) { ++one.invoice.stream_version; },
       [](BilledCharge& one) { one.line = altered(one.line, [](auto& line) { ++line.amount; }); },
       [](BilledCharge& one) { one.taxes.clear(); },
       [](BilledCharge& one) { one.taxes.front() = altered(one.taxes.front(), [](auto& tax) { tax.name = "x"; }); },
       [](BilledCharge& one) { ++one.amount; }, [](BilledCharge& one) { one.tax_inclusive = !one.tax_inclusive; },
       [](BilledCharge& one) { one.is_credited = !one.is_credited; },
       [](BilledCharge& one) { ++one.credited_by.stream_version; }});
}

TEST_CASE("two books are equal if every member is") {
  const Filled given;
  check_each_counts<BookState>(given.book, {[](BookState& one) { ++one.version; },
                                            [](BookState& one) { ++one.ordinal; },
                                            [](BookState& one) { one.decided_at = Instant{1}; },
                                            [](BookState& one) { ++one.clock_offset_us; },
                                            [](BookState& one) { one.clock_to = Instant{1}; },
                                            [](BookState& one) { ++one.clock_version; },
                                            [](BookState& one) { one.profile.is_created = true; },
                                            [](BookState& one) { one.profile.mode = BookMode::live; },
                                            [](BookState& one) { one.profile.terms.reset(); },
                                            [](BookState& one) {
                                              auto terms = std::make_shared<schema::BookTermsT>(*one.profile.terms);
                                              terms->name += '!';
                                              one.profile.terms = std::move(terms);
                                            },
                                            [](BookState& one) { one.profile.created_at = Instant{1}; },
                                            [](BookState& one) { one.profile.updated_at = Instant{1}; },
                                            [](BookState& one) { one.profile.closed_at = Instant{1}; },
                                            [](BookState& one) { ++one.profile.version; },
                                            [](BookState& one) { one.test_clocks.clear(); },
                                            [](BookState& one) { one.keys.clear(); },
                                            [](BookState& one) { one.catalogue = std::make_shared<Catalogue>(); },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              other.plans.at("plan").versions.front().published_at = Instant{1};
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              ++other.plans.at("plan").versions.front().number;
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              other.plans.at("plan").versions.front().terms = flat_terms("7");
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              other.last_sync.outcome = nullptr;
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              auto outcome = *other.last_sync.outcome;
                                              ++outcome.unchanged;
                                              other.last_sync.outcome =
                                                  std::make_shared<schema::CatalogueSyncCompletedT>(std::move(outcome));
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              other.last_sync.completed_at = Instant{1};
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) {
                                              Catalogue other = *one.catalogue;
                                              ++other.last_sync.version;
                                              one.catalogue = std::make_shared<Catalogue>(std::move(other));
                                            },
                                            [](BookState& one) { one.offers = std::make_shared<Offers>(); },
                                            [](BookState& one) { one.redemptions.users += 1; },
                                            [](BookState& one) { one.policies.version += 1; },
                                            [](BookState& one) { one.tax_rates.clear(); },
                                            [](BookState& one) { one.invoice_numbers.clear(); },
                                            [](BookState& one) { one.credit_note_numbers.clear(); }});
}

TEST_CASE("two discounts, offered or got, are equal if every member is") {
  const Filled given;
  check_each_counts<OfferedDiscount>(
      given.book.offers->discounts.at("tenth"),
      {[](OfferedDiscount& one) { one.id += "x"; }, [](OfferedDiscount& one) { one.is_active = false; },
       [](OfferedDiscount& one) { one.terms = percent_for_ever("9"); },
       [](OfferedDiscount& one) { one.created_at = Instant{1}; },
       [](OfferedDiscount& one) { one.updated_at = Instant{1}; }, [](OfferedDiscount& one) { ++one.version; }});
  check_each_counts<AccountDiscount>(
      given.account.discounts.front(),
      {[](AccountDiscount& one) { ++one.id.stream_version; }, [](AccountDiscount& one) { one.discount_id += "x"; },
       [](AccountDiscount& one) { one.code += "x"; }, [](AccountDiscount& one) { ++one.redemption.stream_version; },
       [](AccountDiscount& one) { one.user_id += "x"; },
       [](AccountDiscount& one) { one.terms = percent_for_ever("9"); },
       [](AccountDiscount& one) { one.applied_at = Instant{1}; }, [](AccountDiscount& one) { ++one.version; },
       [](AccountDiscount& one) { ++one.subscription.stream_version; },
       [](AccountDiscount& one) { one.removed_at = Instant{1}; }, [](AccountDiscount& one) { ++one.uses; }});
}
