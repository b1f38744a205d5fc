// An account and a book of Given that hold one of everything that a state can hold, some of it ended.
#pragma once

#include <string>

#include "schemas/events/governance_generated.h"
#include "tests/domain/changing.h"

namespace daybook::test {

inline Sensitive sealed(const std::string& text) {
  return {"", {1, "123456789012", text + " and its tag"}};
}

class Filled : public Changing {
 public:
  Filled() : Changing("2027-01-15T08:00:00Z") {
    fill_book();
    describe_account();
    fill_units();
    fill_subscriptions();
    fill_invoices();
    fill_checkouts();
  }

  EntityRef draft_id, open_id, paid_id, voided_id, hold_id, captured_id, credit_id, ended_credit_id, note_id,
      voided_note_id, surcharge_id, payment_id, paused_id, canceled_id, key_id, checkout_id, ended_checkout_id,
      refund_id, ended_refund_id, dispute_id, ended_dispute_id, offline_id;

 private:
  void accept_on_book(const Command& command) { REQUIRE(when(command).accepted()); }

  void fill_book() {
    AdvanceSandboxClock clock;
    clock.advance = Duration{0, 3, 0};
    accept_on_book(clock);
    ChangeBook book_terms{"default", std::make_shared<schema::BookTermsT>(),
                          std::vector<std::string>{"legal_entity", "name", "time_zone"}};
    book_terms.terms->name = "The first";
    book_terms.terms->time_zone = "Europe/Berlin";
    book_terms.terms->legal_entity = std::make_unique<schema::LegalEntityT>();
    book_terms.terms->legal_entity->name = "Seller GmbH";
    book_terms.terms->legal_entity->address_lines = {"Street 1", "Berlin"};
    accept_on_book(book_terms);
    CreateApiKey key;
    key.name = "operations";
    key.digest = std::string(32, 'd');
    key.prefix = "dbk_";
    key.role = Role::auditor;
    key.scopes = {"accounts.read", "credits.read"};
    key.account_id = "acme";
    const Decision made = when(key);
    REQUIRE(made.accepted());
    key_id = made.subject.id;
    key.role = Role::super_admin;
    key.scopes.clear();
    accept_on_book(RevokeApiKey{when(key).subject.id});
    accept_on_book(CreateTestClock{"a clock", now});
    for (const char* id : {"plan", "other"}) plan(by_day(seat_terms("1000")), id);
    accept_on_book(RevisePlan{"other", seat_terms("1500"), {}});
    SyncCatalogue sync;
    sync.found.provider = "simulator";
    sync.found.products.push_back({"prod_1", "imported", true, seat_terms("800"), {}, {}});
    sync.found.products.push_back(
        {"prod_2", "", true, nullptr, {}, {RejectionCode::price_not_available, "/prices", {}}});
    accept_on_book(sync);
    accept_on_book(RetirePlan{"other"});
    accept_on_book(RestorePlan{"other"});
    accept_on_book(SetTaxRate{"DE", "", "VAT", "19", "2020-01-01", "2030-01-01", false});
    ChangePolicy numbering;
    numbering.policy = "invoice.numbering";
    numbering.prefix = "R-";
    accept_on_book(numbering);
    CreateDiscount discount{"tenth", percent_for_ever("10")};
    discount.terms->name = "A tenth";
    discount.terms->starts_at = discount.terms->ends_at = never;
    discount.terms->plans = {"plan", "other"};
    accept_on_book(discount);
    CreateCoupon coupon;
    coupon.code = "TENTH";
    coupon.discount_id = "tenth";
    coupon.max_redemptions = 5;
    coupon.max_per_account = {Change<std::int64_t>::Kind::set, 4};
    coupon.max_per_user = 2;
    accept_on_book(coupon);
    RedeemCoupon redeem;
    redeem.code = "tenth";
    redeem.account_id = "acme";
    redeem.user_id = "somebody";
    accept(redeem);
  }

  void describe_account() {
    tax("DE", "DE");
    UpdateAccount update;
    update.account_id = "acme";
    update.name = {Change<Sensitive>::Kind::set, sealed("Acme")};
    update.metadata = {Change<Sensitive>::Kind::set, sealed("{}")};
    accept(update);
    for (const char* brand : {"visa", "elo"}) {
      AttachPaymentMethod method;
      method.account_id = "acme";
      method.token = sealed("token");
      method.found = {RejectionCode::none,
                      "simulator",
                      PaymentMethodType::card,
                      PaymentMethodStatus::verified,
                      brand,
                      "4242",
                      12,
                      2031};
      accept(method);
    }
    PlaceLegalHold hold;
    hold.account_id = "acme";
    hold.reason = sealed("a court");
    accept(hold);
  }

  void fill_units() {
    accept(allocate(100, UnitSource::promotion, Instant{micros(now) + 90 * micros_per_day}));
    accept(allocate(50, UnitSource::cycle));
    accept(deduct(20));
    hold_id = accept(reserve(70, 30 * 24 * 3600));
    captured_id = accept(reserve(30));
    accept(capture(captured_id, 10));
  }

  void fill_subscriptions() {
    CreateSubscription create = to_plan();
    create.quantity = 3;
    create.metadata = sealed("{}");
    create.coupon = "TENTH";
    create.user_id = "somebody";
    const EntityRef changing = accept(create);
    settle();
    create.coupon.clear();
    create.trial_days = 14;
    paused_id = accept(create);
    create.trial_days = 0;
    canceled_id = accept(create);
    pass_seconds(5 * 24 * 3600);
    pause(paused_id, "2027-02-15T00:00:00Z");
    cancel(canceled_id, CancellationMode::immediate);
    accept(MirrorProviderSubscription{canceled_id, "stripe", "sub_at_stripe", "canceled", true});
    accept(seats(changing, 5, next_invoice));
    accept(later(changing, "other"));
  }

  void fill_invoices() {
    credit_id = accept(issue(900, CreditType::refund, Instant{micros(now) + 60 * micros_per_day}));
    draft_id = draft({"100", "250"});
    open_id = finalized({"1000", "2000"});
    paid_id = finalized({"0", "10"});
    ended_credit_id = accept(issue(30));
    accept(consume(ended_credit_id, 30));
    pay_by_credit(paid_id);
    voided_id = finalized({"77"});
    accept(VoidInvoice{voided_id, sealed("a mistake")});
    accept(issue(5'000));
    note_id = note(open_id, 100);
    voided_note_id = note(open_id, 50);
    accept(VoidCreditNote{voided_note_id, sealed("no")});
    surcharge_id = adjust(AdjustmentType::surcharge, 40);
    adjust(AdjustmentType::write_off, 10);
    DraftInvoice collected;
    collected.account_id = "acme";
    collected.lines.push_back(invoice_line("9000"));
    collected.collection = InvoiceCollection::automatic;
    accept(FinalizeInvoice{accept(collected)});
    payment_id = account.payments().rbegin()->first;
    fill_reversals();
    credit_id = accept(issue(700));
  }
  /// A paid invoice's payment.
  EntityRef paid() {
    DraftInvoice collected;
    collected.account_id = "acme";
    collected.lines.push_back(invoice_line("4000"));
    collected.collection = InvoiceCollection::automatic;
    accept(FinalizeInvoice{accept(collected)});
    RecordPaymentResult result;
    result.payment = account.payments().rbegin()->first;
    result.transaction_id = "ch_1";
    accept(result);
    return result.payment;
  }
  void fill_reversals() {
    const std::vector<EntityRef> payments = {paid(), paid(), paid()};
    accept(OpenDispute{payments[0], 50, "fraudulent", "dp_0", now});
    ended_dispute_id = account.reversals_of(payments[0]).dispute;
    accept(CloseDispute{payments[0], "dp_0", DisputeOutcome::lost});
    IssueRefund issue_refund;
    issue_refund.payment = payments[0];
    issue_refund.amount = 100;
    issue_refund.description = sealed("sorry");
    ended_refund_id = accept(issue_refund);
    RecordRefundResult result;
    result.refund = ended_refund_id;
    result.outcome = RefundOutcome::failed;
    result.code = "lost_or_stolen_card";
    accept(result);
    refund_id = accept(issue_refund);
    accept(issue_refund);
    accept(OpenDispute{payments[1], 500, "fraudulent", "dp_1", {}});
    accept(OpenDispute{payments[2], 600, "fraudulent", "dp_2", {}});
    dispute_id = account.reversals_of(payments[1]).dispute;
    RecordOfflinePayment offline;
    offline.invoice = open_id;
    offline.amount = 25;
    offline.reference = sealed("statement 7");
    offline.received_at = now;
    offline_id = accept(offline);
  }
  void fill_checkouts() {
    StartCheckout start;
    start.account_id = "acme";
    start.plan_id = "plan";
    start.quantity = 2;
    start.coupon = "TENTH";
    start.user_id = "another";
    start.trial_days = 0;
    start.metadata = sealed("{}");
    start.success_url = sealed("https://example.test/done");
    start.cancel_url = sealed("https://example.test/back");
    start.provider = "simulator";
    start.opened_by = "key:key_1";
    ended_checkout_id = accept(start);
    accept(ExpireCheckout{ended_checkout_id});
    checkout_id = accept(start);
  }
  void pay_by_credit(EntityRef id) {
    if (invoice(id).status == InvoiceStatus::paid) return;
    IssueCredit command = issue(invoice(id).amount_remaining());
    command.invoice = id;
    accept(command);
  }
  EntityRef note(EntityRef id, std::int64_t amount) {
    IssueCreditNote command;
    command.invoice = id;
    command.amount = amount;
    return accept(command);
  }
  EntityRef adjust(AdjustmentType type, std::int64_t amount) {
    AdjustInvoice command;
    command.invoice = open_id;
    command.type = type;
    command.amount = amount;
    command.reason = sealed("why");
    return accept(command);
  }
};

}  // namespace daybook::test
