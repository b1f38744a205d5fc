// Payment methods of an account: exactly one default while there are any, and none of it survives a purge.
#include "domain/state_codec.h"
#include "schemas/envelope_generated.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

ProviderMethod visa() {
  ProviderMethod method;
  method.fault = RejectionCode::none;
  method.provider = "simulator";
  method.brand = "visa";
  method.last4 = "4242";
  method.exp_month = 12;
  method.exp_year = 2099;
  return method;
}

Sensitive sealed_token() {
  return {"", {1, "123456789012", "ciphertext and tag"}};
}

AttachPaymentMethod attach(bool is_default = false) {
  AttachPaymentMethod command;
  command.account_id = "acme";
  command.token = sealed_token();
  command.is_default = is_default;
  command.found = visa();
  return command;
}

SetDefaultPaymentMethod set_default(EntityRef method) {
  SetDefaultPaymentMethod command;
  command.payment_method = method;
  return command;
}

DetachPaymentMethod detach(EntityRef method) {
  DetachPaymentMethod command;
  command.payment_method = method;
  return command;
}

}  // namespace

TEST_CASE("ACC-01: an account can be opened with its first payment method") {
  OpenAccount open;
  open.account_id = "fresh";
  open.currency = currency_of("USD");
  open.payment_method_token = sealed_token();
  open.payment_method = visa();
  Given given;
  given.account = {};
  const Decision decision = given.when(open);
  REQUIRE(decision.accepted());
  CHECK(decision.events.size() == 3);
  REQUIRE(given.account.details.payment_methods.size() == 1);
  const PaymentMethod& method = given.account.details.payment_methods.front();
  CHECK(method.last4 == "4242");
  CHECK(method.token == sealed_token().sealed);
  CHECK(given.account.details.default_payment_method == method.id);

  given.account = {};
  open.payment_method.fault = RejectionCode::payment_method_refused;
  CHECK(given.refused(open) == RejectionCode::payment_method_refused);
  CHECK_FALSE(given.account.exists());
}

TEST_CASE("PMM-05: the first method is the default, and another one takes its place in one command") {
  Given given;
  const EntityRef first = given.accept(attach());
  CHECK(given.account.details.default_payment_method == first);
  const EntityRef second = given.accept(attach());
  CHECK(given.account.details.default_payment_method == first);
  given.accept(set_default(second));
  CHECK(given.account.details.default_payment_method == second);
  CHECK(given.when(set_default(second)).events.empty());
  const std::uint64_t before = given.account.details.find_payment_method(second)->version;
  const EntityRef third = given.accept(attach(true));
  CHECK(given.account.details.default_payment_method == third);
  CHECK(given.account.details.find_payment_method(second)->version > before);
  CHECK(given.account.details.find_payment_method(first)->version == before);
  CHECK(given.refused(set_default({1, 999, 0, 0})) == RejectionCode::not_found);
}

TEST_CASE("PMM-06: the newest of the others takes the place of a default that is detached") {
  Given given;
  const EntityRef first = given.accept(attach());
  const EntityRef second = given.accept(attach());
  const EntityRef third = given.accept(attach());
  given.accept(detach(second));
  CHECK(given.account.details.default_payment_method == first);
  given.accept(detach(first));
  CHECK(given.account.details.default_payment_method == third);
  CHECK(given.refused(detach(first)) == RejectionCode::not_found);
  given.accept(detach(third));
  CHECK(given.account.details.payment_methods.empty());
  CHECK(given.account.details.default_payment_method.is_none());
}

TEST_CASE("an account has a limit of methods, tested at it and one past it") {
  Given given;
  for (std::size_t i = 0; i < payment_methods_max; ++i) given.accept(attach());
  CHECK(given.refused(attach()) == RejectionCode::limit_reached);
}

TEST_CASE("PMM: a token that the provider refuses attaches nothing") {
  Given given;
  AttachPaymentMethod command = attach();
  command.found.fault = RejectionCode::payment_method_refused;
  const Decision refused = given.when(command);
  CHECK(refused.rejection.code == RejectionCode::payment_method_refused);
  CHECK(refused.rejection.pointer == "/token");
  CHECK(given.account.details.payment_methods.empty());
}

TEST_CASE("a state row brings the methods back, and a purge leaves none") {
  Given given;
  given.accept(attach());
  given.accept(attach(true));
  const auto again = decode_account(encode_state(given.account));
  REQUIRE(again.has_value());
  CHECK(again->details == given.account.details);
  ScheduleAccountDeletion remove;
  remove.account_id = "acme";
  given.accept(remove);
  PurgeAccount purge;
  purge.account_id = "acme";
  given.accept(purge);
  CHECK(given.account.details.payment_methods.empty());
  CHECK(given.account.details.default_payment_method.is_none());
}
