// Limits of what an account or a book may hold: one below the limit a command is taken, at the limit it is refused.
#include "domain/deciders/credit_note_issue.h"
#include "domain/deciders/handlers.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// `one` again and again under ids of its own, by `add`.
template <class T, class Add>
void add_many(T one, std::size_t count, Add add) {
  for (std::size_t i = 0; i < count; ++i) {
    one.id = {2, 1'000'000 + i, 0, 0};
    add(one);
  }
}

struct Limit {
  std::string_view name;
  std::size_t limit;
  /// Brings a new account, or its book, to that many.
  void (*fill)(Filled& given, std::size_t count);
  Command (*command)(const Filled& given);
};

void fill_grants(Filled& given, std::size_t count) {
  Grant grant;
  grant.asset = {"credits", false};
  grant.amount = grant.remaining = 1;
  grant.expires_at = never;
  add_many(grant, count - given.account.grants().size(), [&](const Grant& one) { given.account.restore(one); });
  REQUIRE(given.account.grants().size() == count);
}

/// Only so many units, each in a grant of its own.
void fill_single_units(Filled& given, std::size_t count) {
  given.accept(deduct(given.available()));
  Grant grant;
  grant.asset = {"credits", false};
  grant.amount = grant.remaining = 1;
  grant.expires_at = never;
  add_many(grant, count + 1, [&](const Grant& one) { given.account.restore(one); });
}

Command issue_for_open(const Filled& given) {
  IssueCredit command = issue(1);
  command.invoice = given.open_id;
  return command;
}

Command credit_open(const Filled& given) {
  IssueCreditNote command;
  command.invoice = given.open_id;
  command.amount = 1;
  return command;
}

template <class Value>
void fill_map(std::map<std::string, Value, std::less<>>& map, const Value& one, std::size_t count) {
  while (map.size() < count) map.emplace("filler" + std::to_string(map.size()), one);
}

const Limit limits[] = {
    {"open grants, of units", open_grants_max, fill_grants, [](const Filled&) -> Command { return allocate(1); }},
    {"open grants, of money", open_grants_max, fill_grants, [](const Filled&) -> Command { return issue(1); }},
    {"open grants, by an adjustment", open_grants_max, fill_grants,
     [](const Filled&) -> Command {
       AdjustUnitCredits command;
       command.account_id = "acme";
       command.amount = 1;
       return command;
     }},
    {"draws of a deduction", draws_per_movement_max, fill_single_units,
     [](const Filled& given) -> Command { return deduct(given.available()); }},
    {"draws of a reservation", draws_per_movement_max, fill_single_units,
     [](const Filled& given) -> Command { return reserve(given.available()); }},
    {"draws of an adjustment", draws_per_movement_max, fill_single_units,
     [](const Filled& given) -> Command {
       AdjustUnitCredits command;
       command.account_id = "acme";
       command.amount = -given.available();
       return command;
     }},
    {"open reservations", open_holds_max,
     [](Filled& given, std::size_t count) {
       add_many(*given.account.find_hold(given.hold_id), count - given.account.holds().size(),
                [&](const Hold& one) { given.account.restore(one); });
     },
     [](const Filled&) -> Command { return reserve(1); }},
    {"credits of an invoice", credits_per_invoice_max,
     [](Filled& given, std::size_t count) {
       given.account.change_invoice(given.open_id, [&](Invoice& one) { one.credits.resize(count); });
     },
     issue_for_open},
    {"credit notes that could be voided", voidable_notes_max,
     [](Filled& given, std::size_t count) {
       add_many(*given.account.find_credit_note(given.note_id), count - given.account.credit_notes().size(),
                [&](const CreditNote& one) { given.account.restore(one); });
     },
     credit_open},
    {"subscriptions", subscriptions_max,
     [](Filled& given, std::size_t count) {
       add_many(*given.account.find_subscription(given.canceled_id), count - given.account.subscriptions().size(),
                [&](const Subscription& one) { given.account.restore(one); });
     },
     [](const Filled&) -> Command { return Subscribing::to_plan(); }},
    {"plans of a book", plans_max,
     [](Filled& given, std::size_t count) {
       Catalogue catalogue = *given.book.catalogue;
       fill_map(catalogue.plans, Plan(catalogue.plans.at("plan")), count);
       given.book.catalogue = std::make_shared<Catalogue>(std::move(catalogue));
     },
     [](const Filled&) -> Command {
       return CreatePlan{"new", {}, flat_terms("1")};
     }},
    {"versions of a plan", plan_versions_max,
     [](Filled& given, std::size_t count) {
       Catalogue catalogue = *given.book.catalogue;
       Plan& plan = catalogue.plans.at("plan");
       plan.versions.resize(count, plan.versions.front());
       given.book.catalogue = std::make_shared<Catalogue>(std::move(catalogue));
     },
     [](const Filled&) -> Command {
       return RevisePlan{"plan", flat_terms("1"), {}};
     }},
    {"discounts of a book", discounts_max,
     [](Filled& given, std::size_t count) {
       Offers offers = *given.book.offers;
       fill_map(offers.discounts, OfferedDiscount(offers.discounts.at("tenth")), count);
       given.book.offers = std::make_shared<Offers>(std::move(offers));
     },
     [](const Filled&) -> Command {
       auto terms = percent_for_ever("5");
       terms->name = "new";
       terms->starts_at = terms->ends_at = never;
       return CreateDiscount{"new", std::move(terms)};
     }},
    {"coupons of a book", coupons_max,
     [](Filled& given, std::size_t count) {
       Offers offers = *given.book.offers;
       fill_map(offers.coupons, Coupon(offers.coupons.at("TENTH")), count);
       given.book.offers = std::make_shared<Offers>(std::move(offers));
     },
     [](const Filled&) -> Command {
       CreateCoupon command;
       command.code = "NEW";
       command.discount_id = "tenth";
       return command;
     }},
    {"open checkout sessions", open_checkouts_max,
     [](Filled& given, std::size_t count) {
       CheckoutSession one = *given.account.find_checkout_session(given.checkout_id);
       add_many(one, count - given.account.open_checkout_sessions(),
                [&](const CheckoutSession& session) { given.account.restore(session); });
     },
     [](const Filled&) -> Command {
       StartCheckout command;
       command.account_id = "acme";
       command.plan_id = "plan";
       command.provider = "simulator";
       return command;
     }},
    {"users of coupons", coupon_users_max,
     [](Filled& given, std::size_t count) { given.book.redemptions.users = count; },
     [](const Filled&) -> Command {
       RedeemCoupon command;
       command.code = "TENTH";
       command.account_id = "acme";
       command.user_id = "somebody else";
       return command;
     }},
    {"API keys of a book", api_keys_max,
     [](Filled& given, std::size_t count) {
       add_many(ApiKey(given.book.keys.at(given.key_id)), count - given.book.keys.size(),
                [&](const ApiKey& one) { given.book.keys.emplace(one.id, one); });
     },
     [](const Filled&) -> Command { return CreateApiKey{}; }},
};

Decision at_size(const Limit& limit, std::size_t count) {
  Filled given;
  limit.fill(given, count);
  const Command command = limit.command(given);
  return is_book_command(command) ? decide(given.book, command, given.context())
                                  : decide(given.account, command, given.context());
}

std::string_view outcome_of(const Decision& decision) {
  return decision.accepted() ? "accepted" : rejection_info(decision.rejection.code).name;
}

}  // namespace

TEST_CASE("each limit holds: one below it a command is taken, at it the command is refused") {
  for (const Limit& limit : limits) {
    CAPTURE(limit.name);
    CHECK(outcome_of(at_size(limit, limit.limit - 1)) == "accepted");
    CHECK(outcome_of(at_size(limit, limit.limit)) == "limit_reached");
  }
}
