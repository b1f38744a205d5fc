// Discounts and coupons: what can be offered, who may redeem it, and what both streams say of it.
#include "domain/coupons.h"

#include <array>
#include <functional>

#include "domain/deciders/coupon_check.h"
#include "domain/state_codec.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

DiscountTermsPointer percent_off(std::string percent) {
  auto terms = std::make_shared<schema::DiscountTermsT>();
  terms->name = "A discount";
  terms->percent = std::move(percent);
  terms->starts_at = terms->ends_at = never;
  return terms;
}

DiscountTermsPointer amount_off(std::int64_t amount, std::string_view currency = "USD") {
  DiscountTermsPointer terms = percent_off({});
  terms->kind = schema::DiscountKind::fixed;
  terms->amount = amount;
  terms->currency = find_currency(currency)->packed;
  return terms;
}

CreateDiscount discount(DiscountTermsPointer terms, std::string id = "tenth") {
  return {std::move(id), std::move(terms)};
}

CreateCoupon coupon(std::string code = "save10", std::string discount_id = "tenth") {
  CreateCoupon command;
  command.code = std::move(code);
  command.discount_id = std::move(discount_id);
  return command;
}

RedeemCoupon redeem(std::string code = "save10", std::string user = {}) {
  RedeemCoupon command;
  command.code = std::move(code);
  command.account_id = "acme";
  command.user_id = std::move(user);
  return command;
}

ChangeDiscount change(DiscountTermsPointer terms, std::vector<std::string> members) {
  return {"tenth", std::move(terms), std::move(members)};
}

std::string detail_of(const Rejection& rejection, std::string_view name) {
  for (const RejectionDetail& detail : rejection.details) {
    if (detail.name == name) return std::get<std::string>(detail.value);
  }
  return {};
}

/// With a discount of ten percent, and its coupon "save10".
struct Shop : Given {
  Shop() {
    accept(discount(percent_off("10")));
    accept(coupon());
  }
  std::string reason(const RedeemCoupon& command) {
    const Decision decision = when(command);
    CHECK(decision.rejection.code == RejectionCode::coupon_invalid);
    CHECK(decision.size() == 0);
    return detail_of(decision.rejection, "reason");
  }
};

RejectionCode refused_terms(const std::function<void(schema::DiscountTermsT&)>& spoil, std::string_view pointer) {
  Given given;
  DiscountTermsPointer terms = percent_off("10");
  spoil(*terms);
  const Decision decision = given.when(discount(terms));
  CHECK(decision.rejection.pointer == pointer);
  return decision.rejection.code;
}

}  // namespace

TEST_CASE("CPN-01: terms that no invoice could apply are refused, by member") {
  using Terms = schema::DiscountTermsT;
  const auto wrong = RejectionCode::validation_failed;
  CHECK(refused_terms([](Terms& terms) { terms.percent = "100.000001"; }, "/percent") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.percent = "0"; }, "/percent") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.percent = "ten"; }, "/percent") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.percent.clear(); }, "/percent") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.amount = 5; }, "/amount") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.kind = schema::DiscountKind::fixed; }, "/percent") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.amount_max = 500; }, "/currency") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.currency = currency_of("USD").packed; }, "/currency") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.months = 3; }, "/months") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.duration = schema::DiscountDuration::repeating; }, "/months") == wrong);
  CHECK(refused_terms(
            [](Terms& terms) {
              terms.starts_at = Instant{2};
              terms.ends_at = Instant{2};
            },
            "/ends_at") == wrong);
  CHECK(refused_terms([](Terms& terms) { terms.plans = {"none"}; }, "/plans/0") == RejectionCode::not_found);
  Given given;
  given.accept(discount(percent_off("100"), "all"));
  given.accept(discount(percent_off("0.000001"), "least"));
  given.accept(discount(amount_off(500), "five"));
  CHECK(given.refused(discount(amount_off(500), "five")) == RejectionCode::discount_exists);
}

TEST_CASE("CPN-01: a change is for those who get the discount from then on") {
  Shop given;
  given.accept(redeem());
  given.accept(change(percent_off("20"), {"percent"}));
  CHECK(given.book.offers->discounts.at("tenth").terms->percent == "20");
  CHECK(given.account.discounts.at(0).terms->percent == "10");
  CHECK(given.when(change(percent_off("20"), {"percent"})).size() == 0);
  CHECK(given.refused(change(percent_off("101"), {"percent"})) == RejectionCode::validation_failed);
  auto elsewhere = percent_off("20");
  elsewhere->plans = {"none"};
  CHECK(given.when(change(elsewhere, {"plans"})).rejection == Rejection{RejectionCode::not_found, "/plans/0", {}});
  CHECK(given.when(ChangeDiscount{"tenth", percent_off("30"), {}}).size() == 0);
  ChangeDiscount none = change(percent_off("20"), {"percent"});
  none.discount_id = "none";
  CHECK(given.refused(none) == RejectionCode::not_found);
  given.accept(RetireDiscount{"tenth"});
  CHECK(given.when(RetireDiscount{"tenth"}).size() == 0);
  CHECK(given.refused(change(percent_off("30"), {"percent"})) == RejectionCode::invalid_transition);
  CHECK(given.refused(RetireDiscount{"none"}) == RejectionCode::not_found);
  CHECK(given.account.discounts.size() == 1);
}

TEST_CASE("CPN-02: a code is the same in capital and small letters, and there once") {
  Shop given;
  CHECK(given.book.offers->coupons.contains("SAVE10"));
  CHECK(given.refused(coupon("SAVE10")) == RejectionCode::coupon_exists);
  CHECK(given.refused(coupon("Save10")) == RejectionCode::coupon_exists);
  CHECK(given.refused(coupon("other", "none")) == RejectionCode::not_found);
  given.accept(redeem("sAvE10"));
  CHECK(given.account.discounts.at(0).code == "SAVE10");
  CHECK(given.refused(redeem("nothing")) == RejectionCode::not_found);
  given.accept(RetireDiscount{"tenth"});
  CHECK(given.refused(coupon("other")) == RejectionCode::invalid_transition);
}

TEST_CASE("CPN-03: a redemption tells the account what it has, and the book that it was redeemed") {
  Shop given;
  const EntityRef id = given.accept(redeem("save10", "u1"));
  REQUIRE(given.types.size() >= 2);
  CHECK(given.types[given.types.size() - 2] == static_cast<std::uint8_t>(schema::Event::DiscountApplied));
  CHECK(given.types.back() == static_cast<std::uint8_t>(schema::Event::CouponRedeemed));
  const schema::Envelope& book = *schema::GetEnvelope(given.envelopes.back().data());
  const schema::CouponRedeemed& redeemed = *book.event_as_CouponRedeemed();
  CHECK(redeemed.number() == 1);
  CHECK(redeemed.previous_version() == 0);
  CHECK_FALSE(redeemed.user_number().has_value());
  const AccountDiscount& discount = given.account.discounts.at(0);
  CHECK(discount.id == id);
  CHECK(discount.id.stream_ordinal == given.account.ordinal);
  CHECK(discount.redemption.stream_ordinal == given.book.ordinal);
  CHECK(discount.redemption.stream_version == book.stream_version());
  CHECK(discount.user_id == "u1");
  CHECK(given.book.redemptions.of_coupon("SAVE10").redemptions == 1);
  CHECK(given.book.redemptions.of_discount("tenth") == 1);
}

TEST_CASE("CPN-04: limits of a coupon, of an account and of a user, each counted by itself") {
  Given given;
  given.accept(discount(percent_off("10")));
  CHECK(given.when(redeem()).rejection.code == RejectionCode::not_found);
  CreateCoupon once = coupon();
  given.accept(once);
  given.accept(redeem());
  const Decision again = given.when(redeem());
  CHECK(again.rejection.code == RejectionCode::coupon_already_redeemed);
  CHECK(detail_of(again.rejection, "by") == "account");

  CreateCoupon by_user = coupon("users");
  by_user.max_per_account.kind = Change<std::int64_t>::Kind::clear;
  by_user.max_per_user = 2;
  given.accept(by_user);
  CHECK(given.when(redeem("users")).rejection.pointer == "/user_id");
  given.accept(redeem("users", "u1"));
  given.accept(redeem("users", "u2"));
  given.accept(redeem("users", "u1"));
  CHECK(detail_of(given.when(redeem("users", "u1")).rejection, "by") == "user");
  given.accept(redeem("users", "u2"));
  CHECK(given.book.redemptions.of_coupon("USERS").by_user.at("u1") == 2);
  CHECK(given.book.redemptions.users == 2);
  CHECK(given.account.discounts.size() == 5);
}

TEST_CASE("CPN-05: each reason why a coupon is not valid") {
  const auto minute = [](Instant at, std::int64_t minutes) { return Instant{micros(at) + minutes * 60'000'000}; };
  Shop given;
  DiscountTermsPointer dated = percent_off("5");
  dated->starts_at = minute(given.now, 1);
  dated->ends_at = minute(given.now, 2);
  given.accept(discount(dated, "dated"));
  given.accept(coupon("dated", "dated"));
  CHECK(given.reason(redeem("dated")) == "not_started");
  given.pass_seconds(60);
  given.accept(redeem("dated"));
  given.pass_seconds(60);
  CHECK(given.reason(redeem("dated")) == "expired");

  CreateCoupon few = coupon("few");
  few.max_redemptions = 1;
  few.max_per_account.kind = Change<std::int64_t>::Kind::clear;
  given.accept(few);
  given.accept(redeem("few"));
  CHECK(given.reason(redeem("few")) == "exhausted");
  DiscountTermsPointer scarce = percent_off("5");
  scarce->max_redemptions = 2;
  given.accept(discount(scarce, "scarce"));
  for (const char* code : {"s1", "s2", "s3"}) given.accept(coupon(code, "scarce"));
  given.accept(redeem("s1"));
  given.accept(redeem("s2"));
  CHECK(given.reason(redeem("s3")) == "exhausted");

  given.accept(discount(amount_off(500, "EUR"), "euros"));
  given.accept(coupon("euros", "euros"));
  CHECK(given.reason(redeem("euros")) == "wrong_currency");

  CreateCoupon first = coupon("first");
  first.first_purchase_only = true;
  given.accept(first);
  given.accept(allocate(10, UnitSource::promotion));
  CHECK(given.when(redeem("first")).accepted());
  first.code = "first2";
  given.accept(first);
  given.accept(allocate(10, UnitSource::pack));
  CHECK(given.reason(redeem("first2")) == "not_first_purchase");

  given.accept(RetireCoupon{"save10"});
  CHECK(given.when(RetireCoupon{"SAVE10"}).size() == 0);
  CHECK(given.refused(RetireCoupon{"none"}) == RejectionCode::not_found);
  CHECK(given.reason(redeem()) == "retired");
}

TEST_CASE(
    "CPN-05: a coupon for some plans is not for another; one that is not there, or another account's, is no plan") {
  Shop given;
  for (const char* id : {"pro", "free"}) {
    CreatePlan plan;
    plan.plan_id = id;
    plan.terms = std::make_shared<schema::PlanTermsT>();
    plan.terms->name = id;
    given.accept(plan);
  }
  DiscountTermsPointer terms = percent_off("5");
  terms->plans = {"pro"};
  given.accept(discount(terms, "pros"));
  given.accept(coupon("pros", "pros"));
  RedeemCoupon command = redeem("pros");
  command.plan_id = "free";
  CHECK(given.reason(command) == "wrong_plan");
  CreatePlan anothers;
  anothers.plan_id = "anothers";
  anothers.account_id = "other";
  anothers.terms = std::make_shared<schema::PlanTermsT>();
  anothers.terms->name = "Another's";
  given.accept(anothers);
  for (const char* unknown : {"none", "anothers"}) {
    command.plan_id = unknown;
    CHECK(given.when(command).rejection.code == RejectionCode::not_found);
    CHECK(given.when(command).rejection.pointer == "/plan_id");
  }
  command.plan_id = "pro";
  given.accept(command);
  anothers.plan_id = "own";
  anothers.account_id = "acme";
  given.accept(anothers);
  RedeemCoupon any = redeem();
  any.plan_id = "own";
  given.accept(any);
}

TEST_CASE("an account has so many discounts at most") {
  Given given;
  given.accept(discount(percent_off("1")));
  CreateCoupon many = coupon();
  many.max_per_account.kind = Change<std::int64_t>::Kind::clear;
  given.accept(many);
  for (std::size_t i = 0; i < account_discounts_max; ++i) given.accept(redeem());
  CHECK(given.refused(redeem()) == RejectionCode::limit_reached);
}

TEST_CASE("states with discounts come back from their rows") {
  Shop given;
  CreateCoupon by_user = coupon("users");
  by_user.max_per_user = 2;
  by_user.max_redemptions = 7;
  given.accept(by_user);
  given.accept(redeem());
  given.accept(redeem("users", "u1"));
  given.accept(allocate(10, UnitSource::pack));
  const auto book = decode_book(encode_state(given.book));
  REQUIRE(book);
  CHECK(*book == given.book);
  CHECK(book->redemptions.users == 1);
  const auto account = decode_account(encode_state(given.account));
  REQUIRE(account);
  CHECK(account->discounts == given.account.discounts);
  CHECK(account->has_purchased);
  const std::string row = encode_state(given.book);
  CHECK_FALSE(decode_book(std::string_view(row).substr(0, row.size() - 1)));
}

TEST_CASE("the rules compute with a discount's terms") {
  const auto fixed = discount_of_terms("five", *amount_off(500));
  REQUIRE(fixed);
  CHECK(fixed->kind == DiscountKind::fixed);
  CHECK(fixed->amount == 500);
  CHECK(fixed->priority == 50);
  const auto percent = discount_of_terms("tenth", *percent_off("12.5"));
  REQUIRE(percent);
  const std::array<std::int64_t, 1> lines{1'000};
  const auto applied = apply_discounts(lines, std::array{*percent});
  REQUIRE(applied);
  CHECK(applied->discount == 125);
}

TEST_CASE("CPN-01: a discount without an id gets one of its own, and in a dry run one that says so") {
  Given given;
  const Decision made = given.when(discount(percent_off("10"), ""));
  REQUIRE(made.accepted());
  CHECK(made.subject.text_id.starts_with("disc_"));
  CHECK(given.book.offers->discounts.contains(made.subject.text_id));
  DecisionContext context = given.context();
  context.dry_run = true;
  const Command command = discount(percent_off("10"), "");
  CHECK(decide(given.book, command, context).subject.text_id == "disc_dry_1");
}
