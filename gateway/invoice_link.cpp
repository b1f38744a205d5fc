#include "gateway/invoice_link.h"

#include <algorithm>
#include <charconv>

#include "engine/hmac.h"
#include "engine/keyring.h"
#include "gateway/base32.h"

namespace daybook {
namespace {

constexpr std::string_view invoice_link_purpose = "invoice_link";
constexpr std::string_view invoice_id_prefix = "inv";
constexpr std::size_t link_token_characters_max = 160;  // A book's id of 64, 20, 12 and 26, and the dots.

std::string link_mac(Keyring& keys, std::string_view signed_part) {
  return to_base32(keys.hmac(invoice_link_purpose, signed_part));
}

/// Takes what is behind the last dot.
std::string_view take_last(std::string_view& rest) {
  const std::size_t dot = rest.rfind('.');
  if (dot == rest.npos) return {};
  const std::string_view last = rest.substr(dot + 1);
  rest = rest.substr(0, dot);
  return last;
}

}  // namespace

Instant invoice_link_expiry(const Invoice& invoice) {
  Instant from = std::max(invoice.updated_at, invoice.finalized_at);
  if (is_on_calendar(invoice.due_date)) from = std::max(from, invoice.due_date);
  const std::int64_t second = micros(from) / micros_per_second + invoice_link_days * 86'400;
  return Instant{second * micros_per_second};
}

std::string invoice_link_token(Keyring& keys, const InvoiceLink& link) {
  std::string token = link.book + '.';
  token += format_id(invoice_id_prefix, link.invoice).substr(invoice_id_prefix.size() + 1);
  token += '.' + std::to_string(micros(link.expires_at) / micros_per_second);
  return token + '.' + link_mac(keys, token);
}

std::optional<InvoiceLink> read_invoice_link(Keyring& keys, std::string_view token) {
  if (token.size() > link_token_characters_max) return std::nullopt;
  std::string_view rest = token;
  const std::string_view mac = take_last(rest);
  if (!is_same_secret(mac, link_mac(keys, rest))) return std::nullopt;
  // From here on it is what this ledger wrote.
  const std::string_view expiry = take_last(rest);
  const std::string id = std::string(invoice_id_prefix) + '_' + std::string(take_last(rest));
  std::int64_t second = 0;
  const auto read = std::from_chars(expiry.data(), expiry.data() + expiry.size(), second);
  const std::optional<EntityRef> invoice = parse_id(invoice_id_prefix, id);
  if (!invoice || read.ec != std::errc() || rest.empty()) return std::nullopt;
  return InvoiceLink{std::string(rest), *invoice, Instant{second * micros_per_second}};
}

std::string hosted_invoice_url(Keyring& keys, std::string_view book, const Invoice& invoice) {
  if (!is_on_calendar(invoice.finalized_at)) return {};
  return "/i/" + invoice_link_token(keys, {std::string(book), invoice.id, invoice_link_expiry(invoice)});
}

}  // namespace daybook
