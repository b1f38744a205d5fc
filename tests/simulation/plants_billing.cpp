#include "tests/simulation/plants_billing.h"

#include <algorithm>
#include <utility>

#include "schemas/envelope_generated.h"

namespace daybook::test {
namespace {

/// Changes each event of that type, as it was decided.
template <class Event>
void alter(Decision& decision, const std::function<void(Event&)>& change) {
  for (auto* events : {&decision.events, &decision.book_events}) {
    for (PendingEvent& event : *events) {
      if (event.type() != static_cast<std::uint8_t>(schema::EventTraits<typename Event::TableType>::enum_value))
        continue;
      flatbuffers::FlatBufferBuilder builder;
      const auto place = event.pack(builder);
      Event copy;
      flatbuffers::GetTemporaryPointer(builder, flatbuffers::Offset<typename Event::TableType>(place.o))
          ->UnPackTo(&copy);
      change(copy);
      event = PendingEvent::of(std::move(copy));
    }
  }
}

void drop(Decision& decision, schema::Event type) {
  const auto is_hit = [&](const PendingEvent& event) { return event.type() == static_cast<std::uint8_t>(type); };
  std::erase_if(decision.events, is_hit);
}

/// The others' answers are predicted, and would give a bug away before an audit sees it.
bool is_of_a_shop(const AccountState& account) {
  return account.details.id.starts_with('s');
}

/// Changes what commands on shops' accounts, and what is due of them, come to.
Plant deciding(std::string name, std::string what, std::function<void(Decision&)> change) {
  Plant plant;
  plant.name = std::move(name);
  plant.what = std::move(what);
  plant.decide = [change](const AccountState& account, const Command& command, const DecisionContext& context) {
    Decision decision = decide(account, command, context);
    if (is_of_a_shop(account)) change(decision);
    return decision;
  };
  plant.decide_due = [change](const AccountState& account, const DueItem& item, const DecisionContext& context) {
    Decision decision = decide_due(account, item, context);
    if (is_of_a_shop(account)) change(decision);
    return decision;
  };
  return plant;
}

template <class Event>
Plant altering(std::string name, std::string what, std::function<void(Event&)> change) {
  return deciding(std::move(name), std::move(what),
                  [change = std::move(change)](Decision& decision) { alter<Event>(decision, change); });
}

Plant dropping(std::string name, std::string what, schema::Event type) {
  return deciding(std::move(name), std::move(what), [type](Decision& decision) { drop(decision, type); });
}

void later(Instant& at, std::int64_t us) {
  at = Instant{micros(at) + us};
}

/// A pause, and what a change of the quantity would bill.
Plant billing_pauses(std::string name, std::string what) {
  Plant plant;
  plant.name = std::move(name);
  plant.what = std::move(what);
  plant.decide = [](const AccountState& account, const Command& command, const DecisionContext& context) {
    Decision decision = decide(account, command, context);
    const auto* pause = std::get_if<PauseSubscription>(&command);
    if (pause == nullptr || !decision.accepted()) return decision;
    ChangeQuantity change;
    change.account_id = pause->account_id;
    change.subscription = pause->subscription;
    change.delta = 1;
    change.proration_behavior = ProrationBehavior::create_prorations;
    Decision billed = decide(account, change, context);
    if (billed.events.size() < 2) return decision;
    // In the place of the change itself, so that what follows has the ids that it was decided with.
    billed.events.front() = std::move(decision.events.front());
    return billed;
  };
  return plant;
}

// ---- The provider ---------------------------------------------------------------------------------------------------

class PassingOn : public PaymentProvider {
 public:
  explicit PassingOn(PaymentProvider& to) : to_(to) {}
  ChargeResult charge(const Charge& charge) override { return to_.charge(charge); }
  ChargeResult find(std::string_view key) override { return to_.find(key); }
  RefundCallResult refund(const RefundCall& call) override { return to_.refund(call); }
  RefundCallResult find_refund(const RefundCall& call) override { return to_.find_refund(call); }
  ProviderMethod find_method(std::string_view token) const override { return to_.find_method(token); }
  RejectionCode check_signature(std::string_view signature, std::string_view body, Instant now) const override {
    return to_.check_signature(signature, body, now);
  }
  ProviderTopic topic_of(std::string_view type) const override { return to_.topic_of(type); }
  ProviderNotice read_message(std::string_view body) const override { return to_.read_message(body); }

 private:
  PaymentProvider& to_;
};

class KnowsNothing final : public PassingOn {
 public:
  using PassingOn::PassingOn;
  ChargeResult find(std::string_view) override {
    ChargeResult result;
    result.status = ChargeStatus::not_found;
    return result;
  }
};

class FreshKeys final : public PassingOn {
 public:
  using PassingOn::PassingOn;
  ChargeResult charge(const Charge& charge) override {
    Charge other = charge;
    other.key += "-" + std::to_string(++calls_);
    return PassingOn::charge(other);
  }

 private:
  unsigned calls_ = 0;
};

class ChargesMore final : public PassingOn {
 public:
  using PassingOn::PassingOn;
  ChargeResult charge(const Charge& charge) override {
    Charge other = charge;
    ++other.amount.minor;
    return PassingOn::charge(other);
  }
};

/// Takes what is refused for done.
class TrustsRefusals final : public PassingOn {
 public:
  using PassingOn::PassingOn;
  ChargeResult charge(const Charge& charge) override {
    ChargeResult result = PassingOn::charge(charge);
    if (result.status == ChargeStatus::failed) result.status = ChargeStatus::succeeded;
    return result;
  }
};

template <class Provider>
Plant charging(std::string name, std::string what) {
  Plant plant;
  plant.name = std::move(name);
  plant.what = std::move(what);
  plant.provider = [](PaymentProvider& provider) { return std::make_unique<Provider>(provider); };
  return plant;
}

// ---- The lists ------------------------------------------------------------------------------------------------------

std::vector<Plant> subscription_plants() {
  std::vector<Plant> plants;
  plants.push_back(altering<schema::SubscriptionRenewedT>("period-gap", "a renewed period begins a second late",
                                                          [](auto& event) { later(event.period->start, 1'000'000); }));
  plants.push_back(altering<schema::SubscriptionResumedT>("short-pause", "a pause moves a period's end a second less",
                                                          [](auto& event) {
                                                            if (event.period) later(event.period->end, -1'000'000);
                                                          }));
  plants.push_back(deciding("unbilled-period", "a renewal makes no invoice", [](Decision& decision) {
    const auto renewed = static_cast<std::uint8_t>(schema::Event::SubscriptionRenewed);
    if (decision.events.empty() || decision.events.front().type() != renewed) return;
    decision.events.erase(decision.events.begin() + 1, decision.events.end());
    decision.book_events.clear();
  }));
  plants.push_back(
      deciding("billed-after-end", "a subscription is billed again and does not begin again", [](auto& decision) {
        if (decision.events.size() < 2) return;
        std::optional<schema::SubscriptionDetailsChangedT> instead;
        alter<schema::SubscriptionReactivatedT>(decision, [&](auto& event) {
          instead.emplace();
          instead->subscription = event.subscription;
          instead->account_id = event.account_id;
        });
        if (instead) decision.events.front() = PendingEvent::of(std::move(*instead));
      }));
  plants.push_back(altering<schema::InvoiceDraftedT>("cent-too-much", "a period is billed a cent too much",
                                                     [](auto& event) { ++event.lines.front()->amount; }));
  plants.push_back(
      altering<schema::InvoiceDraftedT>("billed-twice", "a change is billed as if a period had begun", [](auto& event) {
        const bool is_change = event.billing_reason == schema::BillingReason::subscription_update;
        if (is_change) event.billing_reason = schema::BillingReason::subscription_cycle;
      }));
  plants.push_back(billing_pauses("billed-in-pause", "a change is billed after its subscription was paused"));
  plants.push_back(
      altering<schema::SubscriptionCanceledT>("unasked-end", "a subscription is ended as if that had been scheduled",
                                              [](auto& event) { event.cause = schema::CancellationCause::scheduled; }));
  return plants;
}

std::vector<Plant> invoice_plants() {
  std::vector<Plant> plants;
  plants.push_back(altering<schema::InvoiceFinalizedT>("number-gap", "invoices leave every other number out",
                                                       [](auto& event) { event.sequence *= 2; }));
  plants.push_back(altering<schema::CreditNoteIssuedT>("number-twice", "credit notes have one number",
                                                       [](auto& event) { event.sequence = 1; }));
  plants.push_back(altering<schema::CreditNoteIssuedT>(
      "generous-note", "a credit note gives back more than the invoice came to", [](auto& event) {
        event.total += 1'000'000'000;
        event.net += 1'000'000'000;
        event.credit_amount += 1'000'000'000;
        if (!event.lines.empty()) event.lines.front()->net += 1'000'000'000;
      }));
  plants.push_back(
      dropping("never-paid", "an invoice stays open when nothing is owed for it any more", schema::Event::InvoicePaid));
  plants.push_back(
      altering<schema::CreditAppliedT>("unposted-cent", "a credit pays a cent less than it posts", [](auto& event) {
        if (event.amount.minor > 1) --event.amount.minor;
      }));
  plants.push_back(altering<schema::InvoiceFinalizedT>("early-date", "an invoice is due a second too soon",
                                                       [](auto& event) { later(event.due_date, -1'000'000); }));
  return plants;
}

std::vector<Plant> payment_plants() {
  std::vector<Plant> plants;
  plants.push_back(altering<schema::PaymentAttemptedT>("asks-less", "a payment asks for a cent less than is owed",
                                                       [](auto& event) { --event.amount.minor; }));
  plants.push_back(altering<schema::PaymentAttemptedT>("one-key", "all payments of an account have one key",
                                                       [](auto& event) { event.provider_key = event.account_id; }));
  plants.push_back(
      charging<KnowsNothing>("charged-twice", "nobody asks what became of a charge before it is repeated"));
  plants.push_back(charging<FreshKeys>("fresh-key", "each call to the provider has a key of its own"));
  plants.push_back(charging<ChargesMore>("charged-more", "the provider is asked for a cent more than the intent"));
  plants.push_back(charging<TrustsRefusals>("trusted-refusal", "a refused charge passes for done"));
  return plants;
}

}  // namespace

std::vector<Plant> billing_plants() {
  std::vector<Plant> plants = subscription_plants();
  for (auto& more : {&invoice_plants, &payment_plants}) {
    std::vector<Plant> others = more();
    std::move(others.begin(), others.end(), std::back_inserter(plants));
  }
  return plants;
}

}  // namespace daybook::test
