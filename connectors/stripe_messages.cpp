#include "connectors/stripe_messages.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "domain/ascii.h"
#include "domain/currency.h"
#include "engine/hmac.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

using simdjson::dom::element;

constexpr std::string_view payment_member = "daybook_payment";
constexpr std::string_view checkout_member = "daybook_checkout";
constexpr std::string_view subscription_member = "daybook_subscription";
constexpr std::string_view refund_member = "daybook_refund";
constexpr std::string_view charge_refunded = "charge.refunded";
constexpr std::array refund_types = {std::string_view("refund.created"), std::string_view("refund.updated"),
                                     std::string_view("refund.failed"), charge_refunded};
constexpr std::array dispute_types = {std::string_view("charge.dispute.created"),
                                      std::string_view("charge.dispute.updated"),
                                      std::string_view("charge.dispute.closed")};
constexpr std::int64_t evidence_days = 7;  ///< Of a dispute that is written here.
constexpr std::string_view subscription_deleted = "customer.subscription.deleted";
constexpr std::array subscription_types = {std::string_view("customer.subscription.created"),
                                           std::string_view("customer.subscription.updated"), subscription_deleted};
constexpr std::size_t message_bytes_max = 255;  ///< Of a failure's words.
constexpr std::size_t code_characters_max = 32;
constexpr std::size_t url_characters_max = 2'000;
constexpr std::size_t seconds_digits_max = 11;

struct KnownType {
  std::string_view type;
  ChargeStatus status;
};

constexpr std::array known_types = {
    KnownType{"payment_intent.succeeded", ChargeStatus::succeeded},
    KnownType{"charge.succeeded", ChargeStatus::succeeded},
    KnownType{"invoice.paid", ChargeStatus::succeeded},
    KnownType{"invoice.payment_succeeded", ChargeStatus::succeeded},
    KnownType{"payment_intent.payment_failed", ChargeStatus::failed},
    KnownType{"charge.failed", ChargeStatus::failed},
    KnownType{"invoice.payment_failed", ChargeStatus::failed},
    KnownType{"payment_intent.requires_action", ChargeStatus::action_required},
    KnownType{"invoice.payment_action_required", ChargeStatus::action_required},
};

CheckoutNews checkout_news_of(std::string_view type) {
  if (type == "checkout.session.completed") return CheckoutNews::completed;
  return type == "checkout.session.expired" ? CheckoutNews::expired : CheckoutNews::none;
}

/// What it says of a charge; unknown: nothing.
ChargeStatus status_of(std::string_view type) {
  const auto row =
      std::find_if(known_types.begin(), known_types.end(), [&](const auto& one) { return one.type == type; });
  return row == known_types.end() ? ChargeStatus::unknown : row->status;
}

template <class Types>
bool is_one_of(const Types& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
  return out;
}

std::string mac_of(std::string_view seconds, std::string_view body, std::string_view secret) {
  std::string signed_text(seconds);
  signed_text.append(".").append(body);
  return hex_of(hmac_sha256(secret, signed_text));
}

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const bool is_number =
      !text.empty() && text.size() <= seconds_digits_max && std::all_of(text.begin(), text.end(), is_digit);
  if (!is_number) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

/// Calls with the name and value of each "name=value" between commas.
template <class Call>
void for_each_part(std::string_view header, Call call) {
  while (!header.empty()) {
    std::string_view part = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    const std::size_t equals = part.find('=');
    if (equals != part.npos) call(part.substr(0, equals), part.substr(equals + 1));
  }
}

/// The text there; empty if there is none.
std::string_view text_at(const element& from, std::string_view pointer) {
  std::string_view text;
  return from.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// The first of the texts that is one.
std::string_view first_of(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

/// As many whole characters as there is room for, without control characters.
std::string one_line(std::string_view text) {
  std::size_t end = std::min(text.size(), message_bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  std::string out(text.substr(0, end));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

/// A word of the provider's that we keep as ours.
bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= code_characters_max && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

/// Why it failed. A bank's own reason says more than that it declined.
std::string code_of(const element& object) {
  const std::string_view reason =
      first_of({text_at(object, "/last_payment_error/decline_code"), text_at(object, "/outcome/reason")});
  const std::string_view code =
      reason.empty() || reason == "generic_decline"
          ? first_of({text_at(object, "/last_payment_error/code"), text_at(object, "/failure_code")})
          : reason;
  return is_code(code) ? std::string(code) : "payment_failed";
}

std::optional<Money> amount_of(const element& object) {
  std::int64_t minor = 0;
  const bool has_amount = object.at_pointer("/amount").get(minor) == simdjson::SUCCESS ||
                          object.at_pointer("/amount_due").get(minor) == simdjson::SUCCESS;
  std::string currency(text_at(object, "/currency"));
  for (char& c : currency) c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  const std::optional<Currency> known = find_currency(currency);
  if (!has_amount || !known) return std::nullopt;
  return Money{minor, *known};
}

ChargeResult result_of(const element& object, ChargeStatus status) {
  ChargeResult result;
  result.status = status;
  const std::string_view intent = text_at(object, "/payment_intent");
  result.transaction_id = one_line(first_of({intent, text_at(object, "/id")}));
  if (status == ChargeStatus::failed) {
    result.code = code_of(object);
    result.message =
        one_line(first_of({text_at(object, "/last_payment_error/message"), text_at(object, "/failure_message")}));
  }
  if (status == ChargeStatus::action_required) {
    const std::string_view url =
        first_of({text_at(object, "/next_action/redirect_to_url/url"), text_at(object, "/hosted_invoice_url")});
    if (url.size() <= url_characters_max && url.starts_with("https://")) result.action_url = url;
  }
  return result;
}

std::string to_lower(std::string text) {
  for (char& c : text) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void append_failure(JsonText& json, std::string_view object, const StripeCharge& charge) {
  constexpr std::string_view words = "The payment failed.";
  if (object == "charge") {
    json.member("failure_code", charge.code).member("failure_message", words);
    return;
  }
  json.key("last_payment_error").begin_object().member("type", "card_error").member("code", charge.code);
  json.member("message", words).end_object();
}

void append_action(JsonText& json, std::string_view object, const StripeCharge& charge) {
  if (object == "invoice") {
    json.member("hosted_invoice_url", charge.action_url);
    return;
  }
  json.key("next_action").begin_object().member("type", "redirect_to_url").key("redirect_to_url").begin_object();
  json.member("url", charge.action_url).end_object().end_object();
}

void append_charge(JsonText& json, std::string_view type, const StripeCharge& charge) {
  const std::string_view object = type.substr(0, type.rfind('.'));
  const ChargeStatus status = status_of(type);
  json.begin_object();
  if (object == "payment_intent" || status == ChargeStatus::unknown) {
    json.member("id", charge.transaction_id);
  } else {
    json.member("id", (object == "invoice" ? "in_" : "ch_") + charge.transaction_id);
    json.member("payment_intent", charge.transaction_id);
  }
  json.member("object", object).member(object == "invoice" ? "amount_due" : "amount", charge.amount);
  json.member("currency", to_lower(charge.currency));
  if (status == ChargeStatus::failed) append_failure(json, object, charge);
  if (status == ChargeStatus::action_required) append_action(json, object, charge);
  json.key("metadata").begin_object();
  if (!charge.payment.empty()) json.member(payment_member, charge.payment);
  json.end_object().end_object();
}

/// As the method itself, or as the setup that the page made it by.
std::string_view method_of(const element& object) {
  return first_of({text_at(object, "/payment_method"), text_at(object, "/setup_intent/payment_method"),
                   text_at(object, "/setup_intent/payment_method/id")});
}

/// A canceled one, and one whose first payment never came, do not come back.
ProviderSubscription subscription_of(const element& object, bool is_deleted) {
  ProviderSubscription subscription;
  subscription.id = one_line(text_at(object, "/id"));
  subscription.status = one_line(text_at(object, "/status"));
  subscription.has_ended =
      is_deleted || subscription.status == "canceled" || subscription.status == "incomplete_expired";
  return subscription;
}

RefundCallResult refund_of(const element& object) {
  RefundCallResult result;
  result.refund_id = one_line(text_at(object, "/id"));
  const std::string_view status = text_at(object, "/status");
  if (status == "succeeded") result.status = RefundCallStatus::succeeded;
  if (status == "canceled") result.status = RefundCallStatus::canceled;
  if (status == "pending" || status == "requires_action") result.status = RefundCallStatus::pending;
  if (status == "failed") {
    const std::string_view code = text_at(object, "/failure_reason");
    result.status = RefundCallStatus::failed;
    result.code = is_code(code) ? code : "refund_failed";
  }
  return result;
}

/// What becomes of a mere question of the bank's (warning_closed) costs nothing, as a dispute that was won.
ProviderDispute dispute_of(const element& object) {
  ProviderDispute dispute;
  dispute.id = one_line(text_at(object, "/id"));
  const std::string_view reason = text_at(object, "/reason"), status = text_at(object, "/status");
  if (is_code(reason)) dispute.reason = reason;
  if (status == "won" || status == "warning_closed") dispute.outcome = DisputeOutcome::won;
  if (status == "lost") dispute.outcome = DisputeOutcome::lost;
  std::int64_t due_by = 0;
  const bool has_due = object.at_pointer("/evidence_details/due_by").get(due_by) == simdjson::SUCCESS && due_by > 0 &&
                       due_by < micros(latest) / micros_per_second;
  if (has_due) dispute.due_by = Instant{due_by * micros_per_second};
  return dispute;
}

/// What the provider calls the charge.
std::string transaction_of(const element& object) {
  return one_line(first_of({text_at(object, "/payment_intent"), text_at(object, "/payment_intent/id"),
                            text_at(object, "/charge"), text_at(object, "/charge/id")}));
}

template <class Append>
std::string message_with(std::string_view event_id, std::string_view type, Instant at, Append append_object) {
  std::string body;
  JsonText json(body);
  json.begin_object().member("id", event_id).member("object", "event").member("type", type);
  json.member("created", micros(at) / micros_per_second).key("livemode").boolean(false);
  json.key("data").begin_object().key("object");
  append_object(json);
  json.end_object().end_object();
  return body;
}

}  // namespace

std::string sign_as_stripe(std::string_view body, std::string_view secret, Instant at) {
  const std::string seconds = std::to_string(micros(at) / micros_per_second);
  return "t=" + seconds + ",v1=" + mac_of(seconds, body, secret);
}

RejectionCode check_stripe_signature(std::string_view signature, std::string_view body, const WebhookTrust& trust,
                                     Instant now) {
  std::string_view seconds;
  for_each_part(signature, [&](std::string_view name, std::string_view value) {
    if (name == "t") seconds = value;
  });
  const std::optional<std::int64_t> at = parse_seconds(seconds);
  if (!at) return RejectionCode::signature_invalid;
  bool is_signed = false;
  for (const std::string& secret : trust.secrets) {
    const std::string expected = mac_of(seconds, body, secret);
    for_each_part(signature, [&](std::string_view name, std::string_view value) {
      if (name == "v1" && is_same_secret(value, expected)) is_signed = true;
    });
  }
  if (!is_signed) return RejectionCode::signature_invalid;
  const std::int64_t age_s = micros(now) / micros_per_second - *at;
  const bool is_near = age_s <= trust.tolerance_s && age_s >= -trust.tolerance_s;
  return is_near ? RejectionCode::none : RejectionCode::webhook_too_old;
}

ProviderTopic stripe_topic_of(std::string_view type) {
  if (status_of(type) != ChargeStatus::unknown) return ProviderTopic::charge;
  if (checkout_news_of(type) != CheckoutNews::none) return ProviderTopic::checkout;
  if (is_one_of(refund_types, type)) return ProviderTopic::refund;
  if (is_one_of(dispute_types, type)) return ProviderTopic::dispute;
  return is_one_of(subscription_types, type) ? ProviderTopic::subscription : ProviderTopic::none;
}

ProviderNotice read_stripe_message(std::string_view body) {
  ProviderNotice notice;
  notice.message.fault = RejectionCode::malformed_request;
  simdjson::dom::parser parser;
  element event;
  if (parser.parse(body.data(), body.size()).get(event) != simdjson::SUCCESS) return notice;
  element object;
  notice.message.id = text_at(event, "/id");
  notice.message.type = text_at(event, "/type");
  const bool is_object = event.at_pointer("/data/object").get(object) == simdjson::SUCCESS && object.is_object();
  if (notice.message.id.empty() || notice.message.type.empty() || !is_object) return notice;
  notice.message.fault = RejectionCode::none;
  notice.message.payment = parse_id("pay", text_at(object, "/metadata/" + std::string(payment_member)));
  notice.checkout = checkout_news_of(notice.message.type);
  if (notice.checkout != CheckoutNews::none) {
    notice.message.checkout = parse_id("cs", text_at(object, "/metadata/" + std::string(checkout_member)));
    notice.payment_method = method_of(object);
    return notice;
  }
  if (stripe_topic_of(notice.message.type) == ProviderTopic::subscription) {
    notice.message.subscription = parse_id("sub", text_at(object, "/metadata/" + std::string(subscription_member)));
    notice.subscription = subscription_of(object, notice.message.type == subscription_deleted);
    return notice;
  }
  const ProviderTopic topic = stripe_topic_of(notice.message.type);
  if (topic == ProviderTopic::refund) {
    element newest;
    const bool is_in_charge = notice.message.type == charge_refunded;
    if (is_in_charge && object.at_pointer("/refunds/data/0").get(newest) != simdjson::SUCCESS) return notice;
    const element& refund = is_in_charge ? newest : object;
    notice.message.payment.reset();
    notice.message.refund = parse_id("re", text_at(refund, "/metadata/" + std::string(refund_member)));
    notice.amount = amount_of(refund);
    notice.refund = refund_of(refund);
    return notice;
  }
  if (topic == ProviderTopic::dispute) {
    notice.message.transaction_id = transaction_of(object);
    notice.amount = amount_of(object);
    notice.dispute = dispute_of(object);
    return notice;
  }
  const ChargeStatus status = status_of(notice.message.type);
  if (status == ChargeStatus::unknown) return notice;
  notice.amount = amount_of(object);
  notice.result = result_of(object, status);
  return notice;
}

std::string stripe_message(std::string_view event_id, std::string_view type, const StripeCharge& charge, Instant at) {
  return message_with(event_id, type, at, [&](JsonText& json) { append_charge(json, type, charge); });
}

std::string stripe_message(std::string_view event_id, std::string_view type, const StripeCheckout& checkout,
                           Instant at) {
  const bool is_completed = checkout_news_of(type) == CheckoutNews::completed;
  return message_with(event_id, type, at, [&](JsonText& json) {
    json.begin_object().member("id", checkout.provider_id).member("object", "checkout.session");
    json.member("mode", "setup").member("status", is_completed ? "complete" : "expired");
    if (is_completed) json.member("payment_method", checkout.payment_method);
    json.key("metadata").begin_object().member(checkout_member, checkout.session).end_object().end_object();
  });
}

std::string stripe_message(std::string_view event_id, std::string_view type, const StripeSubscription& subscription,
                           Instant at) {
  return message_with(event_id, type, at, [&](JsonText& json) {
    json.begin_object().member("id", subscription.provider_id).member("object", "subscription");
    json.member("status", subscription.status).key("metadata").begin_object();
    json.member(subscription_member, subscription.subscription).end_object().end_object();
  });
}

std::string stripe_message(std::string_view event_id, std::string_view type, const StripeToldRefund& refund,
                           Instant at) {
  const auto append_refund = [&](JsonText& json) {
    json.begin_object().member("id", refund.provider_id).member("object", "refund").member("amount", refund.amount);
    json.member("currency", to_lower(refund.currency)).member("payment_intent", refund.transaction_id);
    json.member("status", refund.status);
    if (refund.status == "failed") json.member("failure_reason", refund.code);
    json.key("metadata").begin_object().member(refund_member, refund.refund).end_object().end_object();
  };
  return message_with(event_id, type, at, [&](JsonText& json) {
    if (type != charge_refunded) return append_refund(json);
    json.begin_object().member("id", "ch_" + refund.transaction_id).member("object", "charge");
    json.member("amount_refunded", refund.amount).member("payment_intent", refund.transaction_id);
    json.key("refunds").begin_object().member("object", "list").key("data").begin_array();
    append_refund(json);
    json.end_array().end_object().end_object();
  });
}

std::string stripe_message(std::string_view event_id, std::string_view type, const StripeToldDispute& dispute,
                           Instant at) {
  return message_with(event_id, type, at, [&](JsonText& json) {
    const std::int64_t due_by = micros(at) / micros_per_second + evidence_days * 24 * 3600;
    json.begin_object().member("id", dispute.provider_id).member("object", "dispute").member("amount", dispute.amount);
    json.member("currency", to_lower(dispute.currency)).member("charge", "ch_" + dispute.transaction_id);
    json.member("payment_intent", dispute.transaction_id).member("reason", dispute.reason);
    json.member("status", dispute.status).key("evidence_details").begin_object().member("due_by", due_by).end_object();
    json.key("metadata").begin_object().end_object().end_object();
  });
}

}  // namespace daybook
