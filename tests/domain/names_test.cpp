// The words that the API, the documents and Kafka use for what the state holds: each value of each enum has its own.
#include <set>

#include "domain/account.h"
#include "domain/deciders/handlers.h"
#include "domain/journal.h"
#include "domain/unit_movement.h"
#include "tests/domain/given.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// The enum's values from 1, or from `first`, have these names.
template <class Enum>
void check_names(const std::vector<std::string_view>& names, int first = 1) {
  int value = first;
  for (const std::string_view name : names) CHECK(to_text(static_cast<Enum>(value++)) == name);
}

}  // namespace

TEST_CASE("states are told by their names") {
  check_names<AccountStatus>({"active", "deletion_scheduled", "deleted"});
  check_names<GrantStatus>({"available", "partially_applied", "consumed", "expired", "voided"});
  check_names<HoldStatus>({"held", "captured", "released", "expired"});
  check_names<InvoiceStatus>({"draft", "open", "paid", "void", "uncollectible"});
  check_names<PaymentStatus>(
      {"pending", "requires_action", "succeeded", "failed", "partially_refunded", "refunded", "disputed"});
  check_names<RefundStatus>({"pending", "succeeded", "failed", "canceled"});
  check_names<DisputeStatus>({"open", "won", "lost"});
  check_names<SubscriptionStatus>({"trialing", "active", "canceled", "paused", "expired", "past_due"});
  check_names<AccountPaymentStatus>({"none", "current", "past_due"});
  check_names<CreditNoteStatus>({"issued", "void"});
  check_names<PaymentMethodStatus>({"pending", "verified", "requires_action", "expired", "failed", "unknown"});
}

TEST_CASE("kinds are told by their names") {
  check_names<RefundReason>({"duplicate", "fraudulent", "requested_by_customer", "service_issue", "other"});
  check_names<RefundDestination>({"payment_method", "credit"});
  check_names<OfflineMethod>({"bank_transfer", "cash", "check", "other"});
  check_names<AdjustmentType>({"discount", "credit", "surcharge", "write_off"});
  check_names<PaymentMethodType>({"card", "bank_account", "sepa_debit", "wallet", "unknown"});
  check_names<Role>({"super_admin", "billing_admin", "support_rep", "finance_viewer", "auditor", "account_owner",
                     "account_member", "api_key", "system"});
  check_names<UnitMovementType>(
      {"allocate", "deduct", "adjust", "expire", "reserve", "capture", "release", "reservation_expire"}, 0);
}

TEST_CASE("each account of the chart has a name of its own") {
  std::set<std::string_view> names;
  for (const LedgerAccount account : chart_of_accounts()) names.insert(to_text(account));
  CHECK(names.size() == chart_of_accounts().size());
  CHECK(names.contains("cash_clearing"));
  CHECK(to_text(LedgerAccount::dispute_losses) == "dispute_losses");
}

TEST_CASE("a command has the name that requests call it by") {
  CHECK(command_name(allocate(1)) == "AllocateUnitCredits");
  CHECK(command_name(RevokeApiKey{}) == "RevokeApiKey");
}

TEST_CASE(
    "a command of the other kind of stream is not found there, and neither is anything of an account that is not") {
  Given given;
  CHECK(decide(given.account, RevokeApiKey{}, given.context()).rejection.code == RejectionCode::not_found);
  CHECK(decide(given.book, allocate(1), given.context()).rejection.code == RejectionCode::not_found);
  CHECK(decide(AccountState(), allocate(1), given.context()).rejection.code == RejectionCode::not_found);
  AccountState unnamed;
  unnamed.version = 1;  // a stream that has only answers yet
  CHECK(decide(unnamed, allocate(1), given.context()).rejection.code == RejectionCode::not_found);
}

TEST_CASE("every rejection code has its row, and a number without one is a bug's") {
  for (const RejectionInfo& row : all_rejections()) CHECK(&rejection_info(row.code) == &row);
}
