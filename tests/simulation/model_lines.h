// The lines of text that the model's and the engine's answers are compared as.
#pragma once

#include "tests/simulation/model.h"

namespace daybook::test {

/// In minor units or units: the model's own, not the ledger's.
inline constexpr std::int64_t largest_amount = 1'000'000'000'000'000;

struct Sums {
  std::int64_t available = 0, reserved = 0, cycle_granted = 0, cycle_consumed = 0;
};

/// Added up over everything that is open of the asset.
Sums sums_of(const ModelAccount& account, const std::string& asset, bool is_money);

std::string account_line(const ModelAccount& account);
std::string credit_line(EntityRef id, const ModelGrant& grant);
std::string hold_line(EntityRef id, const ModelHold& hold);
std::string invoice_line(EntityRef id, const ModelInvoice& invoice);
/// What a movement takes from which grant, in draw-down order. Requires that it is there.
std::vector<std::pair<EntityRef, std::int64_t>> draw(const ModelAccount& account, const std::string& asset,
                                                     bool is_money, std::int64_t amount);
/// What an account got for a coupon; the id is that of the book's event.
std::string redemption_line(EntityRef redemption, const std::string& code, const std::string& account);
std::string rejection_line(RejectionCode code);

}  // namespace daybook::test
