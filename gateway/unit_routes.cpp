// Prepaid units: balance, check, usage, the movements and reservations.
#include "domain/money.h"
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

constexpr std::string_view default_unit = "credits";

std::string unit_of(const Request& request, Faults& faults) {
  return query_text(request, "unit", rules::unit, faults).value_or(std::string(default_unit));
}

void run_for_reservation(const ExchangePtr& exchange, std::string_view command) {
  CommandTarget target;
  target.account_id = exchange->path[0];
  target.entity_id = exchange->path[1];
  run_path_command(exchange, command, std::move(target));
}

void append_usage(std::string& out, std::string_view account_id, std::string_view unit,
                  const std::optional<UnitTotals>& totals) {
  JsonText json(out);
  json.begin_object().member("object", "unit_credit_usage").member("account_id", account_id).member("unit", unit);
  json.member("movements", totals ? totals->movements : 0).key("by_type").begin_array();
  for (std::size_t i = 0; i < unit_movement_types; ++i) {
    const auto type = static_cast<UnitMovementType>(i);
    const UnitTotals::Sum sum = totals ? totals->of(type) : UnitTotals::Sum{};
    json.begin_object().member("type", to_text(type)).member("count", sum.count);
    json.member("amount", sum.amount).member("reserved_amount", sum.reserved_amount).end_object();
  }
  json.end_array();
}

}  // namespace

void get_unit_balance(ExchangePtr exchange) {
  Faults faults;
  std::string unit = unit_of(exchange->request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt},
               [unit = std::move(unit)](const ExchangePtr& answered, const AccountCopy& copy) {
                 std::string body;
                 append_unit_balance(body, copy.details.id, unit, copy.wallets, copy.position);
                 answered->send(200, std::move(body));
               });
}

void check_units(ExchangePtr exchange) {
  Faults faults;
  std::string unit = unit_of(exchange->request, faults);
  const auto amount = query_integer(exchange->request, "amount", 1, amount_max, faults);
  if (!exchange->request.query_value("amount")) faults.invalid("?amount", fault_codes::required, "is required");
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt},
               [unit = std::move(unit), needed = *amount](const ExchangePtr& answered, const AccountCopy& copy) {
                 const auto found = copy.wallets.find(Asset{unit, false});
                 const std::int64_t available = found == copy.wallets.end() ? 0 : found->second.available;
                 std::string body;
                 JsonText json(body);
                 json.begin_object().member("object", "unit_credit_check").member("account_id", copy.details.id);
                 json.member("unit", unit).member("amount", needed).member("available", available);
                 json.member("sufficient", available >= needed);
                 json.member("missing", available >= needed ? 0 : needed - available);
                 json.member("position", to_string(copy.position)).end_object();
                 answered->send(200, std::move(body));
               });
}

void get_unit_usage(ExchangePtr exchange) {
  Faults faults;
  std::string unit = unit_of(exchange->request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  std::string id = exchange->path[0];
  const auto answer_usage = [unit = std::move(unit)](const ExchangePtr& answered, const AccountCopy& copy) {
    read_view(answered, {ViewName::units},
              [answered, unit, account_id = copy.details.id, wallets = copy.wallets, position = copy.position] {
                const auto totals =
                    answered->services.projections.units().totals(answered->principal.book, account_id, unit);
                const auto found = wallets.find(Asset{unit, false});
                const Wallet wallet = found == wallets.end() ? Wallet{} : found->second;
                std::string body;
                append_usage(body, account_id, unit, totals);
                body += ",\"granted\":" + std::to_string(wallet.granted) +
                        ",\"consumed\":" + std::to_string(wallet.consumed) +
                        ",\"expired\":" + std::to_string(wallet.expired) +
                        ",\"consumed_percent\":" + std::to_string(consumed_percent(wallet)) + ",\"position\":\"" +
                        to_string(position) + "\"}";
                answered->send(200, std::move(body));
              });
  };
  read_account(std::move(exchange), {std::move(id), std::nullopt}, answer_usage);
}

void get_reservation(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("hold", exchange->path[1]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  std::string account_id = exchange->path[0];
  read_account(std::move(exchange), {std::move(account_id), id},
               [](const ExchangePtr& answered, const AccountCopy& copy) {
                 if (!copy.hold || copy.hold->asset.is_money) return answered->refuse(RejectionCode::not_found);
                 const auto wallet = copy.wallets.find(copy.hold->asset);
                 const ReservationShown shown{copy.details.id, *copy.hold,
                                              wallet == copy.wallets.end() ? Wallet{} : wallet->second};
                 std::string body;
                 append_reservation(body, shown, viewer_of(*answered, copy.stream));
                 answered->send_resource(std::move(body), copy.hold->version);
               });
}

void allocate_units(ExchangePtr exchange) {
  run_for_account(exchange, AllocateUnitCredits::name_of_command);
}
void deduct_units(ExchangePtr exchange) {
  run_for_account(exchange, DeductUnitCredits::name_of_command);
}
void adjust_units(ExchangePtr exchange) {
  run_for_account(exchange, AdjustUnitCredits::name_of_command);
}
void reserve_units(ExchangePtr exchange) {
  run_for_account(exchange, ReserveUnitCredits::name_of_command);
}
void capture_reservation(ExchangePtr exchange) {
  run_for_reservation(exchange, CaptureReservation::name_of_command);
}
void release_reservation(ExchangePtr exchange) {
  run_for_reservation(exchange, ReleaseReservation::name_of_command);
}

}  // namespace daybook
