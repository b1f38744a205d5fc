#include "connectors/stripe_answers.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "connectors/stripe_amounts.h"
#include "connectors/stripe_messages.h"
#include "domain/ascii.h"

namespace daybook {
namespace {

using JsonElement = simdjson::dom::element;

constexpr std::size_t answer_message_bytes_max = 255;
constexpr std::size_t answer_code_characters_max = 32;
constexpr std::size_t answer_url_bytes_max = 2'000;
constexpr std::size_t answer_id_bytes_max = 255;

/// After these the same method fails again, whenever it is tried. docs.stripe.com/declines/codes, and for bank debits
/// docs.stripe.com/error-codes.
constexpr std::array hard_declines = {
    std::string_view("account_closed"),
    std::string_view("bank_account_unusable"),
    std::string_view("card_not_supported"),
    std::string_view("currency_not_supported"),
    std::string_view("debit_not_authorized"),
    std::string_view("do_not_try_again"),
    std::string_view("expired_card"),
    std::string_view("fraudulent"),
    std::string_view("incorrect_number"),
    std::string_view("invalid_account"),
    std::string_view("invalid_expiry_month"),
    std::string_view("invalid_expiry_year"),
    std::string_view("invalid_number"),
    std::string_view("lost_card"),
    std::string_view("merchant_blacklist"),
    std::string_view("new_account_information_available"),
    std::string_view("no_account"),
    std::string_view("pickup_card"),
    std::string_view("restricted_card"),
    std::string_view("revocation_of_all_authorizations"),
    std::string_view("revocation_of_authorization"),
    std::string_view("security_violation"),
    std::string_view("stolen_card"),
    std::string_view("stop_payment_order"),
    std::string_view("transaction_not_allowed"),
};

struct KnownMethodType {
  std::string_view type;
  PaymentMethodType ours;
};
constexpr std::array method_types = {
    KnownMethodType{"card", PaymentMethodType::card},
    KnownMethodType{"sepa_debit", PaymentMethodType::sepa_debit},
    KnownMethodType{"us_bank_account", PaymentMethodType::bank_account},
    KnownMethodType{"bacs_debit", PaymentMethodType::bank_account},
    KnownMethodType{"au_becs_debit", PaymentMethodType::bank_account},
    KnownMethodType{"nz_bank_account", PaymentMethodType::bank_account},
    KnownMethodType{"acss_debit", PaymentMethodType::bank_account},
    KnownMethodType{"link", PaymentMethodType::wallet},
    KnownMethodType{"paypal", PaymentMethodType::wallet},
    KnownMethodType{"cashapp", PaymentMethodType::wallet},
    KnownMethodType{"amazon_pay", PaymentMethodType::wallet},
    KnownMethodType{"revolut_pay", PaymentMethodType::wallet},
};

std::string_view json_text(const JsonElement& from, std::string_view pointer) {
  std::string_view text;
  return from.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::int64_t json_number(const JsonElement& from, std::string_view pointer) {
  std::int64_t number = 0;
  return from.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : 0;
}

/// A member that is an object's id, or, expanded, the object.
std::string_view json_id(const JsonElement& from, const std::string& pointer) {
  const std::string_view id = json_text(from, pointer);
  return id.empty() ? json_text(from, pointer + "/id") : id;
}

/// As much as there is room for in whole characters, without control characters.
std::string bounded_line(std::string_view text, std::size_t bytes_max) {
  std::size_t end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  std::string out(text.substr(0, end));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

std::string normal_code(std::string_view text, std::string_view otherwise) {
  if (text.empty()) text = otherwise;
  std::string out(text.substr(0, answer_code_characters_max));
  for (char& c : out) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (!is_lower(c) && !is_digit(c)) c = '_';
  }
  return out;
}

std::string https_url(std::string_view text) {
  const bool is_one = text.starts_with("https://") && text.size() <= answer_url_bytes_max &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  return is_one ? std::string(text) : std::string();
}

/// Code, message and kind of what Stripe names as an error of a payment.
void read_decline(const JsonElement& error, StripeResult& result) {
  const std::string_view reason = json_text(error, "/decline_code");
  const std::string_view own = json_text(error, "/code");
  // "generic_decline" says less than "card_declined".
  const bool says_more = !reason.empty() && reason != "generic_decline";
  result.code = normal_code(says_more ? reason : own, reason.empty() ? "payment_failed" : reason);
  result.message = bounded_line(json_text(error, "/message"), answer_message_bytes_max);
  const std::string_view advice = json_text(error, "/advice_code");
  const bool is_listed = std::find(hard_declines.begin(), hard_declines.end(), result.code) != hard_declines.end();
  result.is_hard_decline = advice == "do_not_try_again" || (advice != "try_again_later" && is_listed);
}

bool wants_customer(const StripeResult& result) {
  return result.code == "authentication_required";
}

void read_payment_object(const JsonElement& object, StripePayment& payment) {
  payment.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
  payment.amount = from_stripe_amount(json_number(object, "/amount"), json_text(object, "/currency"));
  payment.payment = json_text(object, "/metadata/daybook_payment");
  payment.key = json_text(object, "/metadata/daybook_key");
}

void read_payment_state(const JsonElement& object, StripePayment& payment) {
  const std::string_view status = json_text(object, "/status");
  payment.outcome = StripeOutcome::failed;
  if (status == "succeeded") {
    payment.outcome = StripeOutcome::succeeded;
  } else if (status == "processing" || status == "requires_capture") {
    payment.outcome = StripeOutcome::pending;
  } else if (status == "requires_action") {
    payment.outcome = StripeOutcome::action_required;
    payment.action_url = https_url(json_text(object, "/next_action/redirect_to_url/url"));
  } else if (status == "canceled") {
    payment.code = "canceled";
    payment.message = bounded_line(json_text(object, "/cancellation_reason"), answer_message_bytes_max);
  } else if (status == "requires_payment_method" || status == "requires_confirmation") {
    JsonElement error;
    if (object.at_pointer("/last_payment_error").get(error) == simdjson::SUCCESS && error.is_object()) {
      read_decline(error, payment);
      if (wants_customer(payment)) payment.outcome = StripeOutcome::action_required;
    } else {
      payment.code = "not_confirmed";
    }
  } else {
    payment.outcome = StripeOutcome::unknown;
    payment.code = "malformed_answer";
  }
}

void read_refund_object(const JsonElement& object, StripeRefund& refund) {
  const std::string_view status = json_text(object, "/status");
  refund.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
  refund.amount = from_stripe_amount(json_number(object, "/amount"), json_text(object, "/currency"));
  refund.refund = json_text(object, "/metadata/daybook_refund");
  if (status == "succeeded") {
    refund.outcome = StripeOutcome::succeeded;
  } else if (status == "pending") {
    refund.outcome = StripeOutcome::pending;
  } else if (status == "requires_action") {
    refund.outcome = StripeOutcome::action_required;
  } else if (status == "failed" || status == "canceled") {
    refund.outcome = StripeOutcome::failed;
    refund.code =
        status == "canceled" ? "canceled" : normal_code(json_text(object, "/failure_reason"), "refund_failed");
  } else {
    refund.code = "malformed_answer";
  }
}

void read_customer_object(const JsonElement& object, StripeCustomer& customer) {
  customer.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
  customer.account = json_text(object, "/metadata/daybook_account");
  customer.default_method = json_id(object, "/invoice_settings/default_payment_method");
  bool is_deleted = false;
  is_deleted = object.at_pointer("/deleted").get(is_deleted) == simdjson::SUCCESS && is_deleted;
  customer.outcome = is_deleted ? StripeOutcome::not_found : StripeOutcome::succeeded;
}

bool has_expired(std::int64_t year, std::int64_t month, Instant now) {
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(micros(now))};
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(at)};
  return std::pair<std::int64_t, std::int64_t>(year, month) <
         std::pair<std::int64_t, std::int64_t>(int{today.year()}, unsigned{today.month()});
}

void read_method_object(const JsonElement& object, Instant now, StripeMethod& found) {
  const std::string_view type = json_text(object, "/type");
  const auto known =
      std::find_if(method_types.begin(), method_types.end(), [&](const auto& row) { return row.type == type; });
  found.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
  found.customer = json_id(object, "/customer");
  if (known == method_types.end()) {
    found.outcome = StripeOutcome::refused;
    found.code = "method_type_not_supported";
    found.method.fault = RejectionCode::payment_method_refused;
    return;
  }
  const std::string at = "/" + std::string(type);
  ProviderMethod& method = found.method;
  found.outcome = StripeOutcome::succeeded;
  method.fault = RejectionCode::none;
  method.provider = stripe_name;
  method.type = known->ours;
  if (object.at_pointer("/card/wallet").is_object()) method.type = PaymentMethodType::wallet;
  std::string_view brand = json_text(object, at + (type == "card" ? "/brand" : "/bank_name"));
  if (brand.empty()) brand = method.type == PaymentMethodType::wallet ? type : json_text(object, at + "/bank_code");
  method.brand = bounded_line(brand, answer_code_characters_max);
  method.last4 = bounded_line(json_text(object, at + "/last4"), 4);
  const std::int64_t month = json_number(object, "/card/exp_month");
  const std::int64_t year = json_number(object, "/card/exp_year");
  if (month < 1 || month > 12 || year < 1970 || year > 9'999) return;
  method.exp_month = static_cast<std::uint8_t>(month);
  method.exp_year = static_cast<std::uint16_t>(year);
  if (has_expired(year, month, now)) method.status = PaymentMethodStatus::expired;
}

/// What an answer that is an error, or none at all, says.
StripeResult result_of_error(const CallReply& reply, const JsonElement* error) {
  StripeResult result;
  result.is_stored = reply.is_stored;
  std::string_view code, type;
  if (error != nullptr) {
    code = json_text(*error, "/code");
    type = json_text(*error, "/type");
    result.message = bounded_line(json_text(*error, "/message"), answer_message_bytes_max);
  }
  switch (reply.fate) {
    case CallFate::unreached:
      result.outcome = StripeOutcome::unreached;
      result.code = "provider_unreachable";
      result.message = bounded_line(reply.problem, answer_message_bytes_max);
      return result;
    case CallFate::unknown:
      result.code = "provider_error";
      if (result.message.empty()) result.message = bounded_line(reply.problem, answer_message_bytes_max);
      return result;
    case CallFate::busy:
      result.outcome = StripeOutcome::busy;
      result.code = normal_code(code, reply.status == 429 ? "rate_limit" : "conflict");
      return result;
    case CallFate::answered:
      break;
  }
  if (reply.status == 401 || reply.status == 403) {
    // Stripe's own words repeat a part of the key.
    result.outcome = StripeOutcome::refused;
    result.code = "provider_key_refused";
    result.message = "Stripe does not accept the secret key for this.";
  } else if (reply.status == 404) {
    result.outcome = StripeOutcome::not_found;
    result.code = normal_code(code, "resource_missing");
  } else if (type == "idempotency_error") {
    // The key was used for another request: what that one did must be looked at.
    result.outcome = StripeOutcome::busy;
    result.code = "idempotency_key_reused";
  } else if (reply.status == 402 || type == "card_error") {
    result.outcome = StripeOutcome::failed;
    if (error != nullptr) read_decline(*error, result);
    if (error == nullptr) result.code = "payment_failed";
  } else {
    result.outcome = StripeOutcome::refused;
    result.code = normal_code(code, "request_refused");
  }
  return result;
}

/// Fills `found` from a good answer by `fill`, or with what an error says, by `fill_error` where the error is one.
template <class Found, class Fill, class FillError>
Found read_object(const CallReply& reply, Fill fill, FillError fill_error) {
  Found found;
  simdjson::dom::parser parser;
  JsonElement root, error;
  const bool is_json =
      parser.parse(reply.body.data(), reply.body.size()).get(root) == simdjson::SUCCESS && root.is_object();
  const bool is_error = is_json && root.at_pointer("/error").get(error) == simdjson::SUCCESS && error.is_object();
  const bool is_good = reply.fate == CallFate::answered && reply.status >= 200 && reply.status < 300;
  if (!is_good) {
    static_cast<StripeResult&>(found) = result_of_error(reply, is_error ? &error : nullptr);
    if (is_error && found.outcome == StripeOutcome::failed) fill_error(error, found);
    return found;
  }
  if (!is_json || json_text(root, "/id").empty()) {
    found.code = "malformed_answer";
    return found;
  }
  fill(root, found);
  found.is_stored = reply.is_stored;
  return found;
}

template <class Found, class Fill>
Found read_object(const CallReply& reply, Fill fill) {
  return read_object<Found>(reply, fill, [](const JsonElement&, Found&) {});
}

template <class Row, class Fill>
StripePage<Row> read_list(const CallReply& reply, Fill fill) {
  StripePage<Row> page;
  simdjson::dom::parser parser;
  JsonElement root, error;
  simdjson::dom::array data;
  const bool is_json =
      parser.parse(reply.body.data(), reply.body.size()).get(root) == simdjson::SUCCESS && root.is_object();
  const bool is_error = is_json && root.at_pointer("/error").get(error) == simdjson::SUCCESS && error.is_object();
  if (reply.fate != CallFate::answered || reply.status < 200 || reply.status >= 300) {
    static_cast<StripeResult&>(page) = result_of_error(reply, is_error ? &error : nullptr);
    return page;
  }
  page.code = "malformed_answer";
  if (!is_json || root.at_pointer("/data").get(data) != simdjson::SUCCESS ||
      root.at_pointer("/has_more").get(page.has_more) != simdjson::SUCCESS) {
    return page;
  }
  for (const JsonElement row : data) {
    page.last_id = json_text(row, "/id");
    if (page.last_id.empty()) return page;
    fill(row, page.rows.emplace_back());
  }
  // Without a row there is no place where the next page begins.
  if (page.has_more && page.rows.empty()) return page;
  page.code.clear();
  page.outcome = StripeOutcome::succeeded;
  return page;
}

}  // namespace

AnswerHints judge_stripe_answer(const HttpAnswer& answer) {
  AnswerHints hints;
  hints.is_stored = answer.header("idempotent-replayed") == "true";
  const std::string_view should_retry = answer.header("stripe-should-retry");
  if (should_retry == "true" || should_retry == "false") hints.should_repeat = should_retry == "true";
  if (answer.status == 409) hints.kind = AnswerKind::locked;
  if (answer.status == 429) {
    simdjson::dom::parser parser;
    JsonElement root;
    const bool is_json = parser.parse(answer.body.data(), answer.body.size()).get(root) == simdjson::SUCCESS;
    // The rate limiter stands before everything else; a lock is waited for within the request.
    const bool is_lock = is_json && json_text(root, "/error/code") == "lock_timeout";
    hints.kind = is_lock ? AnswerKind::locked : AnswerKind::rate_limited;
  }
  // 424: something behind Stripe does not work.
  if (answer.status < 200 || (answer.status >= 300 && answer.status < 400) || answer.status == 424 ||
      answer.status >= 500) {
    hints.kind = AnswerKind::failing;
  }
  return hints;
}

StripeCustomer read_stripe_customer(const CallReply& reply) {
  return read_object<StripeCustomer>(reply, read_customer_object);
}

StripeMethod read_stripe_method(const CallReply& reply, Instant now) {
  StripeMethod found = read_object<StripeMethod>(
      reply, [&](const JsonElement& object, StripeMethod& method) { read_method_object(object, now, method); });
  if (found.outcome == StripeOutcome::succeeded) return found;
  const bool is_refused = found.outcome == StripeOutcome::not_found || found.outcome == StripeOutcome::failed ||
                          (found.outcome == StripeOutcome::refused && found.code != "provider_key_refused");
  found.method.fault = is_refused ? RejectionCode::payment_method_refused : RejectionCode::provider_error;
  return found;
}

StripeSetup read_stripe_setup(const CallReply& reply) {
  return read_object<StripeSetup>(reply, [](const JsonElement& object, StripeSetup& setup) {
    setup.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
    setup.client_secret = json_text(object, "/client_secret");
    setup.customer = json_id(object, "/customer");
    if (json_text(object, "/status") == "succeeded") setup.method = json_id(object, "/payment_method");
    setup.outcome = setup.client_secret.empty() ? StripeOutcome::unknown : StripeOutcome::succeeded;
    if (setup.client_secret.empty()) setup.code = "malformed_answer";
  });
}

StripePayment read_stripe_payment(const CallReply& reply) {
  return read_object<StripePayment>(
      reply,
      [](const JsonElement& object, StripePayment& payment) {
        read_payment_object(object, payment);
        read_payment_state(object, payment);
      },
      [](const JsonElement& error, StripePayment& payment) {
        JsonElement object;
        if (error.at_pointer("/payment_intent").get(object) == simdjson::SUCCESS) read_payment_object(object, payment);
        if (wants_customer(payment)) payment.outcome = StripeOutcome::action_required;
      });
}

StripeRefund read_stripe_refund(const CallReply& reply) {
  return read_object<StripeRefund>(reply, read_refund_object);
}

StripeMirror read_stripe_subscription(const CallReply& reply) {
  return read_object<StripeMirror>(reply, [](const JsonElement& object, StripeMirror& mirror) {
    mirror.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
    mirror.own_id = json_text(object, "/metadata/daybook_subscription");
    mirror.subscription.provider = stripe_name;
    mirror.subscription.id = mirror.id;
    mirror.subscription.status = bounded_line(json_text(object, "/status"), answer_message_bytes_max);
    mirror.subscription.has_ended =
        mirror.subscription.status == "canceled" || mirror.subscription.status == "incomplete_expired";
    mirror.outcome = mirror.subscription.status.empty() ? StripeOutcome::unknown : StripeOutcome::succeeded;
    if (mirror.subscription.status.empty()) mirror.code = "malformed_answer";
  });
}

StripeSession read_stripe_session(const CallReply& reply) {
  return read_object<StripeSession>(reply, [](const JsonElement& object, StripeSession& session) {
    session.id = bounded_line(json_text(object, "/id"), answer_id_bytes_max);
    session.url = https_url(json_text(object, "/url"));
    session.outcome = session.url.empty() ? StripeOutcome::unknown : StripeOutcome::succeeded;
    if (session.url.empty()) session.code = "malformed_answer";
  });
}

StripePage<StripeCustomer> read_stripe_customers(const CallReply& reply) {
  return read_list<StripeCustomer>(reply, read_customer_object);
}

StripePage<StripePayment> read_stripe_payments(const CallReply& reply) {
  return read_list<StripePayment>(reply, [](const JsonElement& object, StripePayment& payment) {
    read_payment_object(object, payment);
    read_payment_state(object, payment);
  });
}

StripePage<StripeRefund> read_stripe_refunds(const CallReply& reply) {
  return read_list<StripeRefund>(reply, read_refund_object);
}

StripePage<std::string> read_stripe_rows(const CallReply& reply) {
  return read_list<std::string>(reply,
                                [](const JsonElement& object, std::string& row) { row = simdjson::minify(object); });
}

}  // namespace daybook
