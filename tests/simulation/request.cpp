#include "tests/simulation/request.h"

#include <fmt/format.h>

#include <array>

#include "engine/keyring.h"
#include "schemas/events/coupons_generated.h"

namespace daybook::test {
namespace {

using Kind = Request::Kind;

constexpr std::array<std::string_view, 30> names{
    "open",         "update",      "schedule_deletion", "restore",      "purge",     "place_hold",
    "release_hold", "issue",       "consume",           "expire",       "void",      "allocate",
    "deduct",       "adjust",      "reserve",           "capture",      "release",   "clock",
    "create_key",   "revoke_key",  "discount",          "coupon",       "redeem",    "draft",
    "add_line",     "remove_line", "finalize",          "void_invoice", "write_off", "read"};

Currency currency_or_none(const std::string& asset) {
  return find_currency(asset).value_or(Currency{});
}

InvoiceLineInput line_of(const Request& request) {
  InvoiceLineInput line;
  line.description.clear = request.text;
  line.unit_amount = std::to_string(request.amount);
  return line;
}

std::optional<Command> to_command(const Request& request) {
  const auto about_account = [&](auto command) {
    command.account_id = request.account;
    if constexpr (requires { command.reason; }) command.reason.clear = request.text;
    return Command(std::move(command));
  };
  const auto about_credit = [&](auto command) {
    command.credit = request.entity;
    command.reason.clear = request.text;
    return Command(std::move(command));
  };
  const auto with_units = [&](auto command) {
    command.unit = request.asset;
    command.amount = request.amount;
    return about_account(std::move(command));
  };
  switch (request.kind) {
    case Kind::open: {
      OpenAccount command;
      command.account_id = request.account;
      command.name.clear = request.text;
      command.currency = currency_or_none(request.asset);
      command.time_zone = "UTC";
      return command;
    }
    case Kind::update: {
      UpdateAccount command;
      command.account_id = request.account;
      command.name = {Change<Sensitive>::Kind::set, {request.text, {}}};
      command.country = {Change<std::string>::Kind::set, request.asset};
      return command;
    }
    case Kind::schedule_deletion:
      return about_account(ScheduleAccountDeletion{});
    case Kind::restore:
      return about_account(RestoreAccount{});
    case Kind::purge:
      return about_account(PurgeAccount{});
    case Kind::place_hold:
      return about_account(PlaceLegalHold{});
    case Kind::release_hold:
      return about_account(ReleaseLegalHold{});
    case Kind::issue: {
      IssueCredit command;
      command.amount = request.amount;
      command.currency = currency_or_none(request.asset);
      command.type = static_cast<CreditType>(request.type);
      command.expires_at = request.expires_at;
      command.priority = request.priority;
      return about_account(std::move(command));
    }
    case Kind::consume: {
      ConsumeCredit command;
      command.amount = request.amount;
      return about_credit(std::move(command));
    }
    case Kind::expire:
      return about_credit(ExpireCredit{});
    case Kind::void_credit:
      return about_credit(VoidCredit{});
    case Kind::allocate: {
      AllocateUnitCredits command;
      command.source = static_cast<UnitSource>(request.type);
      command.expires_at = request.expires_at;
      command.priority = request.priority;
      return with_units(std::move(command));
    }
    case Kind::deduct:
      return with_units(DeductUnitCredits{});
    case Kind::adjust:
      return with_units(AdjustUnitCredits{});
    case Kind::reserve: {
      ReserveUnitCredits command;
      command.ttl_seconds = request.ttl_seconds;
      return with_units(std::move(command));
    }
    case Kind::capture: {
      CaptureReservation command;
      command.reservation = request.entity;
      if (!request.is_whole) command.amount = request.amount;
      return about_account(std::move(command));
    }
    case Kind::release: {
      ReleaseReservation command;
      command.reservation = request.entity;
      return about_account(std::move(command));
    }
    case Kind::advance_clock: {
      AdvanceSandboxClock command;
      command.advance = Duration{0, 0, request.amount};
      return command;
    }
    case Kind::create_key: {
      CreateApiKey command;
      command.name = request.text;
      command.digest = sha256(request.text);
      command.prefix = "dbk";
      return command;
    }
    case Kind::revoke_key: {
      RevokeApiKey command;
      command.key = request.entity;
      return command;
    }
    case Kind::create_discount: {
      CreateDiscount command;
      command.discount_id = request.text;
      command.terms = std::make_shared<schema::DiscountTermsT>();
      command.terms->name = request.text;
      command.terms->percent = "10";
      command.terms->starts_at = command.terms->ends_at = never;
      return command;
    }
    case Kind::create_coupon: {
      CreateCoupon command;
      command.code = request.text;
      command.discount_id = request.asset;
      command.max_redemptions = request.amount;
      command.max_per_account = {Change<std::int64_t>::Kind::set, request.type};
      if (request.is_whole) command.max_per_user = 1;
      return command;
    }
    case Kind::redeem: {
      RedeemCoupon command;
      command.code = request.text;
      command.user_id = request.asset;
      return about_account(std::move(command));
    }
    case Kind::draft: {
      DraftInvoice command;
      command.lines.push_back(line_of(request));
      command.net_days = request.type;
      return about_account(std::move(command));
    }
    case Kind::add_line:
      return AddInvoiceLine{request.entity, line_of(request)};
    case Kind::remove_line:
      return RemoveInvoiceLine{request.entity, request.amount};
    case Kind::finalize:
      return FinalizeInvoice{request.entity};
    case Kind::void_invoice:
      return VoidInvoice{request.entity, {request.text, {}}};
    case Kind::write_off:
      return MarkInvoiceUncollectible{request.entity, {request.text, {}}};
    case Kind::read:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(Request::Kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

bool names_credit(Request::Kind kind) {
  return kind == Kind::consume || kind == Kind::expire || kind == Kind::void_credit;
}

bool names_hold(Request::Kind kind) {
  return kind == Request::Kind::capture || kind == Request::Kind::release;
}

bool names_invoice(Request::Kind kind) {
  return kind == Kind::add_line || kind == Kind::remove_line || kind == Kind::finalize || kind == Kind::void_invoice ||
         kind == Kind::write_off;
}

bool names_entity(Request::Kind kind) {
  return names_credit(kind) || names_hold(kind) || names_invoice(kind);
}

bool is_about_deletion(Request::Kind kind) {
  return kind == Kind::schedule_deletion || kind == Kind::restore || kind == Kind::purge || kind == Kind::place_hold ||
         kind == Kind::release_hold;
}

bool is_about_book(Request::Kind kind) {
  return kind == Kind::advance_clock || kind == Kind::create_key || kind == Kind::revoke_key ||
         kind == Kind::create_discount || kind == Kind::create_coupon;
}

std::string describe(const Request& request) {
  std::string line = fmt::format("{} {}/{}", to_text(request.kind), request.book, request.account);
  if (!request.entity.is_none()) {
    line += fmt::format(" of {}.{}", request.entity.stream_ordinal, request.entity.stream_version);
  }
  line += fmt::format(" {} {} of {}", request.amount, request.asset, request.text);
  if (request.is_whole) line += " whole";
  if (request.expires_at) line += fmt::format(" until {}", micros(*request.expires_at));
  if (request.ttl_seconds != 0) line += fmt::format(" for {} s", request.ttl_seconds);
  if (!request.key.empty()) line += fmt::format(" key {} of {}", request.key, request.fingerprint);
  if (request.if_match) line += fmt::format(" if {}", *request.if_match);
  if (request.is_dry_run) line += " dry";
  return line;
}

Work to_work(const Request& request) {
  Work work;
  work.command = to_command(request);
  work.account_id = request.account;
  work.context.principal.book = request.book;
  work.context.principal.name = "key:client";
  work.context.principal.role = request.role;
  work.context.idempotency_key = request.key;
  work.context.fingerprint = request.fingerprint;
  work.context.if_match = request.if_match;
  work.context.dry_run = request.is_dry_run;
  return work;
}

}  // namespace daybook::test
