// State rows: an account's or a book's folded state as bytes, so that a miss costs one read and not a replay. Not a
// format that outlives a release: a row starts with `fold_version`, and one of another version is folded again.
// Integers are little-endian, texts have a 32-bit length; members in the order of the structs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.h"
#include "domain/book.h"

namespace daybook {

/// Without what has ended; equal states give equal bytes (which makes this the digest's input too).
std::string encode_state(const AccountState& account);
std::string encode_state(const BookState& book);
/// Nothing if the bytes are of another fold version or damaged.
std::optional<AccountState> decode_account(std::string_view row);
std::optional<BookState> decode_book(std::string_view row);

std::string encode_row(const Grant& grant);
std::string encode_row(const Hold& hold);
std::optional<Grant> decode_grant(std::string_view row);
std::optional<Hold> decode_hold(std::string_view row);
std::string encode_row(const Invoice& invoice);
std::optional<Invoice> decode_invoice(std::string_view row);
std::string encode_row(const Subscription& subscription);
std::optional<Subscription> decode_subscription(std::string_view row);
std::string encode_row(const CreditNote& note);
std::optional<CreditNote> decode_credit_note(std::string_view row);
std::string encode_row(const InvoiceAdjustment& adjustment);
std::optional<InvoiceAdjustment> decode_adjustment(std::string_view row);
std::string encode_row(const Payment& payment);
std::optional<Payment> decode_payment(std::string_view row);
std::string encode_row(const Refund& refund);
std::optional<Refund> decode_refund(std::string_view row);
std::string encode_row(const Dispute& dispute);
std::optional<Dispute> decode_dispute(std::string_view row);
std::string encode_row(const CheckoutSession& session);
std::optional<CheckoutSession> decode_checkout_session(std::string_view row);

/// Calls use(id, row) for each that has ended: the row of its own, which says what it is of.
void for_each_row(const AccountState::Ended& ended, const std::function<void(EntityRef, std::string)>& use);
/// Puts what has such a row back into its account. False: the row is damaged, or another's than `id`'s.
bool adopt_row(AccountState& account, EntityRef id, std::string_view row);

std::string encode_row(const AccountDetails& details);
std::optional<AccountDetails> decode_details(std::string_view row);

}  // namespace daybook
