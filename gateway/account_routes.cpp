// Accounts: open, list, read, change, and the money position.
#include "engine/sealing.h"
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 6> status_names = {
    "pending", "active", "suspended", "locked", "deletion_scheduled", "deleted"};
constexpr std::array<std::string_view, 3> standing_names = {"active", "warning", "blocked"};
constexpr std::array<std::string_view, 1> parked_names = {"true"};
constexpr std::array<std::string_view, 4> payment_status_names = {"none", "current", "past_due", "overdue"};

struct AccountQuery {
  AccountFilter filter;
  PageRequest<std::string> page;
};

AccountQuery read_query(const Exchange& exchange, Faults& faults) {
  const Request& request = exchange.request;
  AccountQuery query;
  query.filter.status = query_text(request, "status", one_of(status_names), faults);
  query.filter.standing = query_text(request, "standing", one_of(standing_names), faults);
  query.filter.payment_status = query_text(request, "payment_status", one_of(payment_status_names), faults);
  query.filter.is_parked = query_text(request, "parked", one_of(parked_names), faults).has_value();
  query.filter.created_from = query_instant(request, "created_from", faults);
  query.filter.created_to = query_instant(request, "created_to", faults);
  if (const auto email = query_text(request, "email", rules::email, faults)) {
    query.filter.email_digest = email_digest(exchange.services.engine.keyring(), exchange.principal.book, *email);
  }
  query.page = query_page(request, faults);
  return query;
}

struct ListedMoney {
  std::map<Asset, Wallet> wallets;
  std::int64_t receivable = 0;
};

/// The money side and the units of a listed account come from the views too, as of the same wait.
ListedMoney money_of(const BalancesReader& balances, const UnitsReader& units, const std::string& book,
                     const AccountDetails& details) {
  ListedMoney money;
  auto& wallets = money.wallets;
  const std::string& account_id = details.id;
  for (const BalanceRow& row : balances.of_account(book, account_id)) {
    wallets[{code(row.currency), true}].available = row.credit;
    if (row.currency == details.currency) money.receivable = row.receivable;
  }
  for (const UnitTotals& total : units.units(book, account_id)) {
    Wallet& wallet = wallets[{total.unit, false}];
    wallet.available = total.available;
    wallet.reserved = total.reserved;
  }
  return money;
}

void answer_list(const ExchangePtr& exchange, const AccountQuery& query) {
  Projections& projections = exchange->services.projections;
  const std::string& book = exchange->principal.book;
  const Page<AccountRow> page = projections.accounts().list(book, query.filter, query.page);
  const BalancesReader balances = projections.balances();
  const UnitsReader units = projections.units();
  send_page(exchange, page, [&](std::string& out, const AccountRow& row) {
    const ListedMoney money = money_of(balances, units, book, row.details);
    append_account(out, row.details, money.wallets, money.receivable,
                   viewer_of(*exchange, book + "/" + row.details.id));
  });
}

}  // namespace

void open_account(ExchangePtr exchange) {
  run_body_command(exchange, OpenAccount::name_of_command);
}

void update_account(ExchangePtr exchange) {
  run_for_account(exchange, UpdateAccount::name_of_command);
}

void delete_account(ExchangePtr exchange) {
  run_for_account(exchange, ScheduleAccountDeletion::name_of_command);
}

void restore_account(ExchangePtr exchange) {
  run_for_account(exchange, RestoreAccount::name_of_command);
}

void purge_account(ExchangePtr exchange) {
  run_for_account(exchange, PurgeAccount::name_of_command);
}

void place_legal_hold(ExchangePtr exchange) {
  run_for_account(exchange, PlaceLegalHold::name_of_command);
}

void release_legal_hold(ExchangePtr exchange) {
  run_for_account(exchange, ReleaseLegalHold::name_of_command);
}

void unpark_account(ExchangePtr exchange) {
  run_for_account(exchange, UnparkAccount::name_of_command);
}

void list_accounts(ExchangePtr exchange) {
  Faults faults;
  AccountQuery query = read_query(*exchange, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  read_view(exchange, {ViewName::accounts, ViewName::balances, ViewName::units},
            [exchange, query = std::move(query)] { answer_list(exchange, query); });
}

void get_account(ExchangePtr exchange) {
  std::string id = exchange->path[0];
  read_account(std::move(exchange), {std::move(id), std::nullopt, true},
               [](const ExchangePtr& answered, const AccountCopy& copy) {
                 std::string body;
                 append_account(body, copy.details, copy.wallets, copy.receivable, viewer_of(*answered, copy.stream));
                 answered->send_resource(std::move(body), copy.details.version);
               });
}

void get_balance(ExchangePtr exchange) {
  std::string id = exchange->path[0];
  read_account(
      std::move(exchange), {std::move(id), std::nullopt}, [](const ExchangePtr& answered, const AccountCopy& copy) {
        std::string body;
        append_balance(body, copy.details.id, copy.details.currency, copy.wallets, copy.receivable, copy.position);
        answered->send(200, std::move(body));
      });
}

}  // namespace daybook
