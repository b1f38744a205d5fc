// An account of Given that subscribes: plans by their prices, commands by verbs, and what came of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "schemas/envelope_generated.h"
#include "tests/domain/invoicing.h"
#include "tests/domain/zones.h"

namespace daybook::test {

inline PlanTermsPointer flat_terms(std::string amount, schema::IntervalUnit interval = schema::IntervalUnit::month,
                                   std::uint16_t count = 1) {
  auto terms = std::make_shared<schema::PlanTermsT>();
  terms->name = "A plan";
  terms->interval = interval;
  terms->interval_count = count;
  auto price = std::make_unique<schema::PlanPriceT>();
  price->currency = currency_of("USD").packed;
  price->interval = interval;
  price->interval_count = count;
  price->unit_amount = std::move(amount);
  terms->prices.push_back(std::move(price));
  return terms;
}

class Subscribing : public Invoicing {
 public:
  /// In a zone of the tz data from that instant on.
  explicit Subscribing(std::string_view start = "2027-01-15T08:00:00Z", const std::string& time_zone = "UTC") {
    zones = &test::zones();
    now = at(start);
    UpdateAccount update;
    update.account_id = "acme";
    update.time_zone = {Change<std::string>::Kind::set, time_zone};
    when(update);
  }

  void plan(PlanTermsPointer terms, const std::string& id = "plan") {
    REQUIRE(when(CreatePlan{id, {}, std::move(terms)}).accepted());
  }
  static CreateSubscription to_plan(const std::string& id = "plan") {
    CreateSubscription command;
    command.account_id = "acme";
    command.plan_id = id;
    return command;
  }
  /// To a flat plan of that price, made for it.
  EntityRef subscribe(const std::string& amount, schema::IntervalUnit interval = schema::IntervalUnit::month,
                      std::uint16_t count = 1) {
    plan(flat_terms(amount, interval, count));
    return accept(to_plan());
  }
  EntityRef cancel(EntityRef id, CancellationMode mode = CancellationMode::period_end) {
    CancelSubscription command;
    command.subscription = id;
    command.mode = mode;
    return accept(command);
  }
  static PauseSubscription pausing(EntityRef id, std::string_view resumes_at = {}) {
    PauseSubscription command;
    command.subscription = id;
    if (!resumes_at.empty()) command.resumes_at = at(resumes_at);
    return command;
  }
  void pause(EntityRef id, std::string_view resumes_at = {}) { accept(pausing(id, resumes_at)); }
  void resume(EntityRef id) { accept(ResumeSubscription{{}, id}); }
  const Subscription& subscription(EntityRef id) const { return *account.find_subscription(id); }
  /// What is owed is paid, by the payment that is under way or by money that came.
  void settle() {
    const std::map<EntityRef, Invoice> invoices = account.invoices();
    for (const auto& [id, invoice] : invoices) {
      if (invoice.status != InvoiceStatus::open) continue;
      if (invoice.is_collecting) {
        RecordPaymentResult result;
        result.payment = invoice.payment;
        result.outcome = PaymentOutcome::succeeded;
        accept(result);
      } else {
        IssueCredit paid = issue(invoice.amount_remaining(), CreditType::overpayment);
        paid.invoice = id;
        accept(paid);
      }
    }
  }
  /// Everything that is due up to then has happened.
  void wait_until(std::string_view instant) {
    now = at(instant);
    run_due();
  }
  /// "[2024-01-31,2024-02-29)" in UTC, with times where they are no midnights.
  static std::string span(Instant start, Instant end) {
    const auto text = [](Instant one) {
      const std::string whole = format_rfc3339(one);
      return whole.ends_with("T00:00:00Z") ? whole.substr(0, 10) : whole;
    };
    return "[" + text(start) + "," + text(end) + ")";
  }
  std::string period(EntityRef id) const { return span(subscription(id).period_start, subscription(id).period_end); }
  /// Of each invoice, in order: number, the first line's period, total.
  std::vector<std::string> invoices() const {
    std::vector<std::string> rows;
    for (const auto& [id, invoice] : account.invoices()) {
      const auto& line = *invoice.lines.front();
      rows.push_back(invoice.number + " " + span(line.period_start, line.period_end) + " " +
                     std::to_string(invoice.total));
    }
    return rows;
  }
  std::size_t count(schema::Event type) const {
    return static_cast<std::size_t>(std::count(types.begin(), types.end(), static_cast<std::uint8_t>(type)));
  }
};

}  // namespace daybook::test
