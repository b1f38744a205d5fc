// The state of a book's own stream ("book/~book"): what it is, its sandbox clock, its test clocks, its API keys, its
// catalogue, its discounts, its policies, its tax rates and the numbers of its invoices and credit notes. Changed by
// evolve() only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/catalogue.h"
#include "domain/commands.h"
#include "domain/coupons.h"
#include "domain/policies.h"
#include "domain/tax_settings.h"
#include "domain/test_clock.h"

namespace daybook::schema {
struct BookTermsT;
}

namespace daybook {

/// The first book: it is there without having been created, and whoever administers it administers the platform.
inline constexpr std::string_view default_book = "default";

/// What is known of a book beside what it holds.
struct BookProfile {
  bool is_created = false;                          ///< Not of the first book, nor of one made by its first key.
  std::optional<BookMode> mode;                     ///< None: of a book that was not created; the server's own.
  std::shared_ptr<const schema::BookTermsT> terms;  ///< Null: nothing was said.
  Instant created_at = never, updated_at = never, closed_at = never;
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.
  bool is_closed() const { return closed_at != never; }
  bool operator==(const BookProfile& other) const;  ///< Of what the terms say.
};

struct ApiKey {
  EntityRef id;
  std::string name, digest, prefix, account_id;
  Role role = Role::api_key;
  std::vector<std::string> scopes;
  bool revoked = false;
  Instant created_at{};
  Instant revoked_at = never;
  std::uint64_t version = 0;
  bool operator==(const ApiKey&) const = default;
};

struct BookState {
  std::uint64_t version = 0;
  std::uint64_t ordinal = 0;
  Instant decided_at{};
  std::int64_t clock_offset_us = 0;  ///< Sandbox clock = wall time plus this; only ever grows.
  Instant clock_to{};                ///< Where the clock was last set to.
  std::uint64_t clock_version = 0;   ///< Stream version of the last move of the clock.
  BookProfile profile;
  std::map<EntityRef, TestClock> test_clocks;
  std::map<EntityRef, ApiKey> keys;
  /// Never null; replaced as a whole, so that other threads can hold one.
  std::shared_ptr<const Catalogue> catalogue = std::make_shared<Catalogue>();
  /// Likewise.
  std::shared_ptr<const Offers> offers = std::make_shared<Offers>();
  Redemptions redemptions;
  Policies policies;
  OwnTaxRates tax_rates;
  std::map<std::string, std::uint64_t> invoice_numbers;      ///< The last of each series.
  std::map<std::string, std::uint64_t> credit_note_numbers;  ///< Likewise.
  /// Whether anybody made it: answers alone, about books that are not there, may stand in a stream.
  bool exists() const { return profile.is_created || !keys.empty(); }
  bool operator==(const BookState& other) const;
};

/// What the book's terms are read as: those of a book of which nothing was said are its name, which is its id.
schema::BookTermsT terms_of_book(std::string_view id, const BookProfile& profile);

std::string_view to_text(Role role);

}  // namespace daybook
