// State rows: what is read back is what was written, and damaged bytes are refused and never believed.
#include <array>
#include <functional>

#include "domain/native.h"
// native.h comes first: the generated headers name its functions.
#include "schemas/events/credit_notes_generated.h"
#include "tests/domain/filled.h"

using namespace daybook;
using namespace daybook::test;

namespace {

/// Decodes and encodes again; nothing of what is refused.
using Again = std::function<std::optional<std::string>(std::string_view row)>;

struct StateRow {
  std::string name;
  std::string bytes;
  Again again;
};

template <class Decode, class Encode>
Again reread(Decode decode, Encode encode) {
  return [=](std::string_view row) -> std::optional<std::string> {
    const auto value = decode(row);
    return value ? std::optional(encode(*value)) : std::nullopt;
  };
}

std::vector<StateRow> rows_of(const Filled& given) {
  const auto row = [](const auto& entity) { return encode_row(entity); };
  const AccountState& account = given.account;
  return {
      {"account", encode_state(account),
       reread(decode_account, [](const AccountState& one) { return encode_state(one); })},
      {"book", encode_state(given.book), reread(decode_book, [](const BookState& one) { return encode_state(one); })},
      {"details", encode_row(account.details), reread(decode_details, row)},
      {"grant", encode_row(*account.find_grant(given.ended_credit_id)), reread(decode_grant, row)},
      {"hold", encode_row(*account.find_hold(given.hold_id)), reread(decode_hold, row)},
      {"invoice", encode_row(given.invoice(given.open_id)), reread(decode_invoice, row)},
      {"draft", encode_row(given.invoice(given.draft_id)), reread(decode_invoice, row)},
      {"subscription", encode_row(account.subscriptions().begin()->second), reread(decode_subscription, row)},
      {"credit note", encode_row(*account.find_credit_note(given.note_id)), reread(decode_credit_note, row)},
      {"adjustment", encode_row(*account.find_adjustment(given.surcharge_id)), reread(decode_adjustment, row)},
      {"payment", encode_row(*account.find_payment(given.payment_id)), reread(decode_payment, row)},
      {"offline payment", encode_row(*account.find_payment(given.offline_id)), reread(decode_payment, row)},
      {"refund", encode_row(*account.find_refund(given.refund_id)), reread(decode_refund, row)},
      {"dispute", encode_row(*account.find_dispute(given.dispute_id)), reread(decode_dispute, row)},
      {"checkout session", encode_row(*account.find_checkout_session(given.checkout_id)),
       reread(decode_checkout_session, row)},
  };
}

}  // namespace

TEST_CASE("what is read back of a state row is what was written") {
  const Filled given;
  for (const StateRow& row : rows_of(given)) {
    CAPTURE(row.name);
    CHECK(row.again(row.bytes) == row.bytes);
  }
  const AccountState& account = given.account;
  CHECK(*decode_book(encode_state(given.book)) == given.book);
  CHECK(*decode_details(encode_row(account.details)) == account.details);
  for (const auto& [id, one] : account.grants()) CHECK(*decode_grant(encode_row(one)) == one);
  for (const auto& [id, one] : account.holds()) CHECK(*decode_hold(encode_row(one)) == one);
  for (const auto& [id, one] : account.invoices()) CHECK(*decode_invoice(encode_row(one)) == one);
  for (const auto& [id, one] : account.subscriptions()) CHECK(*decode_subscription(encode_row(one)) == one);
  for (const auto& [id, one] : account.credit_notes()) CHECK(*decode_credit_note(encode_row(one)) == one);
  for (const auto& [id, one] : account.payments()) CHECK(*decode_payment(encode_row(one)) == one);
  for (const auto& [id, one] : account.checkout_sessions()) CHECK(*decode_checkout_session(encode_row(one)) == one);
  for (const auto& [id, one] : account.refunds()) CHECK(*decode_refund(encode_row(one)) == one);
  for (const auto& [id, one] : account.disputes()) CHECK(*decode_dispute(encode_row(one)) == one);
  const InvoiceAdjustment& adjustment = *account.find_adjustment(given.surcharge_id);
  CHECK(*decode_adjustment(encode_row(adjustment)) == adjustment);
}

TEST_CASE("an account that is read back has the same sums, agenda and open things") {
  const Filled given;
  const AccountState& account = given.account;
  const AccountState again = *decode_account(encode_state(account));
  CHECK(again.details == account.details);
  CHECK(again.due() == account.due());
  CHECK(again.wallets() == account.wallets());
  CHECK(again.receivable() == account.receivable());
  CHECK(again.open_invoices() == account.open_invoices());
  CHECK(again.subscriptions() == account.subscriptions());
  CHECK(again.billed == account.billed);
  CHECK(again.discounts == account.discounts);
  CHECK(again.credited_invoices() == account.credited_invoices());
  CHECK(again.open_checkout_sessions() == 1);
  CHECK(again.reversals() == account.reversals());
  CHECK(*again.find_refund(given.refund_id) == *account.find_refund(given.refund_id));
  CHECK(again.find_refund(given.ended_refund_id) == nullptr);
  CHECK(*again.find_dispute(given.dispute_id) == *account.find_dispute(given.dispute_id));
  CHECK(again.find_dispute(given.ended_dispute_id) == nullptr);
  CHECK(*again.find_checkout_session(given.checkout_id) == *account.find_checkout_session(given.checkout_id));
  CHECK(again.find_checkout_session(given.ended_checkout_id) == nullptr);
  CHECK(again.find_grant(given.ended_credit_id) == nullptr);
  CHECK(again.find_invoice(given.voided_id) == nullptr);
  CHECK(*again.find_invoice(given.open_id) == given.invoice(given.open_id));
}

TEST_CASE("a state row that is cut anywhere, or goes on, is refused") {
  const Filled given;
  for (const StateRow& row : rows_of(given)) {
    CAPTURE(row.name);
    std::size_t believed = 0;
    for (std::size_t size = 0; size < row.bytes.size(); ++size) {
      believed += row.again(std::string_view(row.bytes).substr(0, size)).has_value() ? 1U : 0U;
    }
    CHECK(believed == 0);
    CHECK_FALSE(row.again(row.bytes + '\0').has_value());
  }
}

TEST_CASE("a state row with a changed byte is refused, or is one that can be written") {
  constexpr std::array masks = {0xff, 0x01, 0x80};
  const Filled given;
  for (const StateRow& row : rows_of(given)) {
    CAPTURE(row.name);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < row.bytes.size(); ++at) {
      std::string damaged = row.bytes;
      const int mask = masks[at % masks.size()];
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      const auto once = row.again(damaged);
      refused += once ? 0U : 1U;
      if (once && row.again(*once) != once) FAIL_CHECK("a row that cannot be written, byte ", at, " mask ", mask);
    }
    CHECK(refused > 0);
    // The first two bytes are the fold's version.
    std::string other = row.bytes;
    other[1] = static_cast<char>(other[1] ^ 1);
    CHECK_FALSE(row.again(other).has_value());
  }
}

TEST_CASE("a row that says one thing twice, or keeps what has ended, is refused") {
  Filled given;
  given.accept(given.to_plan());
  given.pass_seconds(1);
  given.accept([&] {
    IssueCreditNote note;
    note.invoice = given.open_id;
    note.amount = 70;
    return note;
  }());
  StartCheckout checkout;
  checkout.account_id = "acme";
  checkout.plan_id = "plan";
  checkout.provider = "simulator";
  checkout.opened_by = "key:key_1";
  given.accept(checkout);
  const AccountState& account = given.account;
  const std::string row = encode_state(account);
  const auto replaced = [&](const std::string& old_bytes, const std::string& new_bytes) {
    const std::size_t at = row.find(old_bytes);
    REQUIRE(at != row.npos);
    return std::string(row).replace(at, old_bytes.size(), new_bytes);
  };
  // Behind the fold's version a row of its own is what stands in the account's.
  const auto bytes = [](const auto& entity) { return encode_row(entity).substr(2); };
  const auto refuses_twice_and_ended = [&](const auto& entities, auto ended) {
    const auto is_open = [](const auto& entry) { return entry.second.is_open(); };
    const auto first = std::find_if(entities.begin(), entities.end(), is_open);
    REQUIRE(first != entities.end());
    const auto second = std::find_if(std::next(first), entities.end(), is_open);
    REQUIRE(second != entities.end());
    CHECK_FALSE(decode_account(replaced(bytes(second->second), bytes(first->second))).has_value());
    auto other = second->second;
    ended(other);
    CHECK_FALSE(decode_account(replaced(bytes(second->second), bytes(other))).has_value());
  };
  Invoice ended = given.invoice(given.open_id);
  ended.status = InvoiceStatus::paid;
  CHECK_FALSE(decode_account(replaced(bytes(given.invoice(given.open_id)), bytes(ended))).has_value());
  refuses_twice_and_ended(account.credit_notes(), [](CreditNote& one) { one.is_final = true; });
  refuses_twice_and_ended(account.payments(), [](Payment& one) { one.status = PaymentStatus::succeeded; });
  refuses_twice_and_ended(account.refunds(), [](Refund& one) { one.status = RefundStatus::canceled; });
  refuses_twice_and_ended(account.disputes(), [](Dispute& one) { one.status = DisputeStatus::won; });
  refuses_twice_and_ended(account.checkout_sessions(),
                          [](CheckoutSession& one) { one.status = CheckoutStatus::expired; });
  const auto& subscriptions = account.subscriptions();
  const std::string twice = replaced(bytes(subscriptions.rbegin()->second), bytes(subscriptions.begin()->second));
  CHECK_FALSE(decode_account(twice).has_value());
}

TEST_CASE("a row of what cannot be is refused") {
  const Filled given;
  InvoiceAdjustment adjustment = *given.account.find_adjustment(given.surcharge_id);
  for (const int type : {0, 5}) {
    adjustment.type = static_cast<AdjustmentType>(type);
    CHECK_FALSE(decode_adjustment(encode_row(adjustment)).has_value());
  }
  Refund refund = *given.account.find_refund(given.refund_id);
  for (const int value : {0, 6}) {
    Refund odd = refund;
    odd.reason = static_cast<RefundReason>(value);
    CHECK_FALSE(decode_refund(encode_row(odd)).has_value());
    odd = refund;
    odd.status = static_cast<RefundStatus>(value);
    CHECK_FALSE(decode_refund(encode_row(odd)).has_value());
    odd = refund;
    odd.destination = static_cast<RefundDestination>(value);
    CHECK_FALSE(decode_refund(encode_row(odd)).has_value());
    Dispute dispute = *given.account.find_dispute(given.dispute_id);
    dispute.status = static_cast<DisputeStatus>(value);
    CHECK_FALSE(decode_dispute(encode_row(dispute)).has_value());
    Payment payment = *given.account.find_payment(given.offline_id);
    payment.offline.method = static_cast<OfflineMethod>(value);
    CHECK_FALSE(decode_payment(encode_row(payment)).has_value());
  }
  Subscription changing = given.account.subscriptions().begin()->second;
  auto no_price = std::make_shared<schema::SubscribedPlanT>(*changing.scheduled_plan);
  no_price->price = nullptr;
  changing.scheduled_plan = std::move(no_price);
  CHECK_FALSE(decode_subscription(encode_row(changing)).has_value());
  CheckoutSession session = *given.account.find_checkout_session(given.checkout_id);
  for (const int status : {0, 9}) {
    CheckoutSession odd = session;
    odd.status = static_cast<CheckoutStatus>(status);
    CHECK_FALSE(decode_checkout_session(encode_row(odd)).has_value());
  }
  session.trial_days.reset();
  const std::string without = encode_row(session);
  session.trial_days = 0;
  std::string with = encode_row(session);
  const auto flag = std::mismatch(with.begin(), with.end(), without.begin()).first;
  *std::next(flag) = 7;
  CHECK(decode_checkout_session(with)->trial_days == 7);
  *flag = 0;
  CHECK_FALSE(decode_checkout_session(with).has_value());
}

TEST_CASE("a book without a name, a mode or a plan has a row") {
  CHECK(*decode_book(encode_state(BookState())) == BookState());
  BookState live;
  live.profile.mode = BookMode::live;
  CHECK(*decode_book(encode_state(live)) == live);
}

TEST_CASE("what has ended leaves the state with a row of its own, by which it comes back under its own id only") {
  Filled given;
  AccountState& account = given.account;
  const Invoice paid = given.invoice(given.paid_id);
  const CreditNote note = *account.find_credit_note(given.voided_note_id);
  const Hold hold = *account.find_hold(given.captured_id);
  const Grant grant = *account.find_grant(given.ended_credit_id);
  const InvoiceAdjustment adjustment = *account.find_adjustment(given.surcharge_id);
  given.accept([&] {
    RecordPaymentResult result;
    result.payment = given.payment_id;
    return result;
  }());
  const Payment payment = *account.find_payment(given.payment_id);
  const CheckoutSession checkout = *account.find_checkout_session(given.ended_checkout_id);
  const Refund refund = *account.find_refund(given.ended_refund_id);
  const Dispute dispute = *account.find_dispute(given.ended_dispute_id);
  const std::string open_state = encode_state(account);
  const std::size_t bytes = account.memory_bytes();
  REQUIRE(account.has_ended());
  std::vector<std::pair<EntityRef, std::string>> rows;
  for_each_row(account.take_ended(), [&](EntityRef id, std::string row) { rows.emplace_back(id, std::move(row)); });
  CHECK_FALSE(account.has_ended());
  CHECK(account.memory_bytes() < bytes);
  CHECK(encode_state(account) == open_state);
  CHECK(account.find_invoice(paid.id) == nullptr);

  std::string kinds;
  for (const auto& [id, row] : rows) {
    kinds += kinds.find(row.front()) == std::string::npos ? row.substr(0, 1) : "";
    EntityRef another = id;
    ++another.stream_version;
    CHECK_FALSE(adopt_row(account, another, row));
    CHECK_FALSE(adopt_row(account, id, row.substr(0, row.size() - 1)));
    CHECK_FALSE(adopt_row(account, id, "z" + row.substr(1)));
    CHECK_FALSE(adopt_row(account, id, ""));
    CHECK(adopt_row(account, id, row));
    CHECK(adopt_row(account, id, row));  // it is there already
  }
  CHECK(kinds == "ghinapcrd");
  CHECK(*account.find_invoice(paid.id) == paid);
  CHECK(*account.find_credit_note(note.id) == note);
  CHECK(*account.find_hold(hold.id) == hold);
  CHECK(*account.find_grant(grant.id) == grant);
  CHECK(*account.find_adjustment(adjustment.id) == adjustment);
  CHECK(*account.find_payment(payment.id) == payment);
  CHECK(*account.find_checkout_session(checkout.id) == checkout);
  CHECK(*account.find_refund(refund.id) == refund);
  CHECK(*account.find_dispute(dispute.id) == dispute);
  CHECK(encode_state(account) == open_state);
  // What is still open is in the account's own row.
  CHECK_FALSE(adopt_row(account, given.credit_id, 'g' + encode_row(*account.find_grant(given.credit_id))));
}

TEST_CASE("a state that differs in one entity has another row") {
  const Filled given;
  const std::string book = encode_state(given.book);
  Filled changed;
  CHECK(encode_state(changed.book) == book);
  CHECK(encode_state(changed.account) == encode_state(given.account));
  changed.accept(deduct(1));
  CHECK(encode_state(changed.account) != encode_state(given.account));
  REQUIRE(changed.when(RevokeApiKey{changed.key_id}).accepted());
  CHECK(encode_state(changed.book) != book);
  CHECK_FALSE(changed.book == given.book);
}
