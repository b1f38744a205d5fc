// The hosted invoice's link: who has it sees that invoice without a key, until it expires.
//
//   token    := book "." invoice "." expires_at "." mac
//   invoice  := the 20 characters of the invoice's id behind "inv_"
//   expires_at := whole seconds since 1970, decimal
//   mac      := base32 (gateway/base32.h) of the first 16 bytes of an HMAC of all that is before its dot, under the
//               ledger's key for links
//
// The key is derived from the master key as those of fingerprints are: a purge leaves it, and it tells nothing of
// others.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/invoice.h"

namespace daybook {

class Keyring;

inline constexpr std::int64_t invoice_link_days = 30;

struct InvoiceLink {
  std::string book;
  EntityRef invoice;
  Instant expires_at{};  ///< Whole seconds.
};

/// Of a finalised invoice: 30 days after its last change or its due date, whichever is later. A function of what the
/// invoice is, so one version of it has one link, whenever and as of whenever it is read.
Instant invoice_link_expiry(const Invoice& invoice);

std::string invoice_link_token(Keyring& keys, const InvoiceLink& link);
/// The inverse; nothing for any other text. An expired link is one still.
std::optional<InvoiceLink> read_invoice_link(Keyring& keys, std::string_view token);
/// "/i/<token>", on this server; empty for an invoice that was never finalised.
std::string hosted_invoice_url(Keyring& keys, std::string_view book, const Invoice& invoice);

}  // namespace daybook
