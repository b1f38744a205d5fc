#include "tests/simulation/model_provider.h"

#include <utility>

namespace daybook::test {
namespace {

ChargeResult declined(const std::string& key, const char* code) {
  ChargeResult result;
  result.status = ChargeStatus::failed;
  result.code = code;
  result.message = "No.";
  result.transaction_id = "charge of " + key;
  return result;
}

ChargeResult made_of(const Charge& charge) {
  constexpr std::string_view fails_first = "tok_fail_then_ok:";
  if (charge.token == "tok_declined") return declined(charge.key, "card_declined");
  if (charge.token == "tok_insufficient_funds") return declined(charge.key, "insufficient_funds");
  if (charge.token == "tok_expired_card") return declined(charge.key, "expired_card");
  if (charge.token.starts_with(fails_first) && charge.attempt <= std::stoul(charge.token.substr(fails_first.size()))) {
    return declined(charge.key, "card_declined");
  }
  ChargeResult result;
  result.status = charge.token == "tok_requires_action" ? ChargeStatus::action_required : ChargeStatus::succeeded;
  result.transaction_id = "charge of " + charge.key;
  if (result.status == ChargeStatus::action_required) result.action_url = "https://provider.invalid/act";
  return result;
}

}  // namespace

bool ModelProvider::is_lost() {
  return is_away_ || (lose_once_in_ > 0 && random_.once_in(lose_once_in_));
}

ChargeResult ModelProvider::charge(const Charge& charge) {
  if (is_lost()) return {};
  const auto [row, is_new] = made_.try_emplace(charge.key);
  asked_.push_back({charge.key, charge.amount.minor, !is_new && !row->second.is_of_lost_history});
  if (is_new) {
    row->second = {charge.amount.minor, made_of(charge), false};
    if (row->second.result.status == ChargeStatus::succeeded) ++charged_;
  }
  return is_lost() || charge.token == "tok_timeout" ? ChargeResult{} : row->second.result;
}

ChargeResult ModelProvider::find(std::string_view key) {
  if (is_lost()) return {};
  const auto row = made_.find(key);
  if (row != made_.end()) return row->second.result;
  ChargeResult result;
  result.status = ChargeStatus::not_found;
  return result;
}

ChargeResult ModelProvider::act(const std::string& key, bool agrees) {
  const auto row = made_.find(key);
  if (row == made_.end()) return {};
  ChargeResult& result = row->second.result;
  if (result.status != ChargeStatus::action_required) return result;
  if (agrees) {
    result.status = ChargeStatus::succeeded;
    result.action_url.clear();
    ++charged_;
  } else {
    result = declined(key, "authentication_failed");
  }
  return result;
}

void ModelProvider::lose_history() {
  for (auto& [key, made] : made_) made.is_of_lost_history = true;
}

const ModelProvider::Made* ModelProvider::find_made(const std::string& key) const {
  const auto row = made_.find(key);
  return row == made_.end() ? nullptr : &row->second;
}

std::vector<ModelProvider::Asked> ModelProvider::take_asked() {
  return std::exchange(asked_, {});
}

}  // namespace daybook::test
