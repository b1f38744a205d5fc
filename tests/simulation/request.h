// What the simulation's clients ask for, as plain values: the model reads them, the engine gets a Work made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/id.h"
#include "domain/instant.h"
#include "engine/engine.h"

namespace daybook::test {

struct Request {
  enum class Kind : std::uint8_t {
    open,
    update,
    schedule_deletion,
    restore,
    purge,
    place_hold,
    release_hold,
    issue,
    consume,
    expire,
    void_credit,
    allocate,
    deduct,
    adjust,
    reserve,
    capture,
    release,
    advance_clock,
    create_key,
    revoke_key,
    create_discount,
    create_coupon,
    redeem,
    draft,
    add_line,
    remove_line,
    finalize,
    void_invoice,
    write_off,
    read
  };
  Kind kind = Kind::read;
  std::string book, account;
  std::string text;           ///< A name, a reason, a time zone, a discount, a coupon's code.
  std::string asset = "USD";  ///< A currency or a unit; of a coupon its discount, of a redemption its user.
  /// Also a time to live, in seconds, or how far a clock goes, in microseconds; of a line to be removed its number.
  std::int64_t amount = 0;
  std::int64_t ttl_seconds = 0;  ///< Of a reservation.
  bool is_whole = false;         ///< Captures all of it: no amount is given. Of a coupon: each user has it once.
  int type = 1;                  ///< CreditType or UnitSource; of a draft its net days.
  std::optional<std::int32_t> priority;
  std::optional<Instant> expires_at;
  EntityRef entity;
  Role role = Role::super_admin;
  std::string key, fingerprint;
  std::optional<std::uint64_t> if_match;
  bool is_dry_run = false;
};

std::string_view to_text(Request::Kind kind);
/// What Request::entity is: a credit; a reservation; an invoice.
bool names_credit(Request::Kind kind);
bool names_hold(Request::Kind kind);
bool names_invoice(Request::Kind kind);
/// Any of these.
bool names_entity(Request::Kind kind);
/// Is about whether the account lives.
bool is_about_deletion(Request::Kind kind);
/// Is about the book itself, not about an account of it.
bool is_about_book(Request::Kind kind);
/// One line, for messages.
std::string describe(const Request& request);
/// Everything but Work::done and the reading of a read.
Work to_work(const Request& request);

}  // namespace daybook::test
