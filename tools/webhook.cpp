// daybook webhook send: posts what a payment provider would, signed as it signs, about a payment, a refund, a dispute,
// a checkout session or a subscription of a running sandbox.
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "connectors/simulated_provider.h"
#include "connectors/stripe_messages.h"
#include "engine/clock.h"
#include "engine/keyring.h"
#include "gateway/api_keys.h"
#include "gateway/base32.h"
#include "projections/json_text.h"
#include "tools/command_line.h"
#include "tools/http_client.h"

namespace daybook {
namespace {

struct WebhookOptions {
  std::string provider, event, payment, checkout, subscription, refund, account, id;
  std::string url = "http://127.0.0.1:8080";
  std::string key = std::string(dev_key_text);
  std::string secret = std::string(simulated_webhook_secret);
  std::string code = "card_declined";
  std::string token = "tok_ok";
  std::string status;
  std::string reason = "fraudulent";
  std::int64_t amount = 0;
  std::uint32_t age_s = 0;
  bool json = false;
};

constexpr std::size_t event_id_bytes = 10;

/// What messages of a topic are about, where an option of its own names it.
struct Named {
  ProviderTopic topic;
  std::string WebhookOptions::*id;
  std::string_view key;  ///< In the result.
  std::string_view refusal;
};
constexpr std::array named = {
    Named{ProviderTopic::checkout, &WebhookOptions::checkout, "checkout_session_id",
          "a checkout session is named of checkout.session.completed and .expired, and of no other"},
    Named{ProviderTopic::subscription, &WebhookOptions::subscription, "subscription_id",
          "a subscription is named of customer.subscription.created, .updated and .deleted, and of no other"},
    Named{ProviderTopic::refund, &WebhookOptions::refund, "refund_id",
          "a refund is named of refund.created, .updated and .failed and of charge.refunded, and of no other"},
};

/// The payment as the server shows it: the named one, the account's newest, or the newest there is. Empty: there is
/// none.
std::string payment_shown(const WebhookOptions& options, const std::string& server) {
  const bool is_named = !options.payment.empty();
  const std::string path =
      is_named ? "/v1/payments/" + options.payment
               : "/v1/payments?limit=1" + (options.account.empty() ? std::string() : "&account_id=" + options.account);
  const HttpReply reply = http_request("GET", server, path, options.key, {});
  if (reply.status != 200) {
    throw std::invalid_argument(fmt::format("the server does not show it ({}): {}", path, reply.body));
  }
  const std::string prefix = is_named ? "" : "/data/0";
  std::string id = member_of(reply.body, prefix + "/id");
  if (id.empty() || is_named) return id.empty() ? std::string() : reply.body;
  return http_request("GET", server, "/v1/payments/" + id, options.key, {}).body;
}

/// The refund as the server shows it.
std::string refund_shown(const WebhookOptions& options, const std::string& server) {
  const std::string path = "/v1/refunds/" + options.refund;
  const HttpReply reply = http_request("GET", server, path, options.key, {});
  if (reply.status == 200) return reply.body;
  throw std::invalid_argument(fmt::format("the server does not show it ({}): {}", path, reply.body));
}

StripeCharge charge_of(const std::string& payment, const WebhookOptions& options) {
  StripeCharge charge;
  charge.code = options.code;
  if (payment.empty()) {
    charge.transaction_id = "pi_unknown";
    charge.currency = "USD";
    return charge;
  }
  charge.payment = member_of(payment, "/id");
  charge.transaction_id = member_of(payment, "/provider_transaction_id");
  if (charge.transaction_id.empty()) charge.transaction_id = "sim_" + member_of(payment, "/provider_key");
  charge.amount = std::stoll(member_of(payment, "/amount"));
  charge.currency = member_of(payment, "/currency");
  charge.action_url = "https://simulator.invalid/authenticate/" + member_of(payment, "/provider_key");
  return charge;
}

StripeToldRefund refund_of(const std::string& refund, const WebhookOptions& options) {
  StripeToldRefund told;
  told.refund = member_of(refund, "/id");
  told.provider_id = member_of(refund, "/provider_refund_id");
  if (told.provider_id.empty()) told.provider_id = "simre_" + member_of(refund, "/provider_key");
  told.transaction_id = "sim_" + member_of(refund, "/payment_id");
  told.amount = std::stoll(member_of(refund, "/amount"));
  told.currency = member_of(refund, "/currency");
  told.status = options.status.empty() ? "succeeded" : options.status;
  told.code = options.code;
  return told;
}

/// Of the whole payment unless an amount is named. Its own name is made of the charge's.
StripeToldDispute dispute_of(const std::string& payment, const WebhookOptions& options) {
  const StripeCharge charge = charge_of(payment, options);
  StripeToldDispute told;
  told.provider_id = "dp_" + charge.transaction_id;
  told.transaction_id = charge.transaction_id;
  told.amount = options.amount != 0 ? options.amount : charge.amount;
  told.currency = charge.currency;
  told.reason = options.reason;
  told.status = options.status.empty() ? "needs_response" : options.status;
  return told;
}

std::string body_of(const WebhookOptions& options, const std::string& shown, const std::string& id, Instant at) {
  if (!options.checkout.empty()) {
    return stripe_message(id, options.event, StripeCheckout{options.checkout, "sim_" + options.checkout, options.token},
                          at);
  }
  if (!options.subscription.empty()) {
    const std::string status = options.status.empty() ? "active" : options.status;
    const StripeSubscription told{options.subscription, "sim_" + options.subscription, status};
    return stripe_message(id, options.event, told, at);
  }
  const ProviderTopic topic = stripe_topic_of(options.event);
  if (topic == ProviderTopic::refund) return stripe_message(id, options.event, refund_of(shown, options), at);
  if (topic == ProviderTopic::dispute) return stripe_message(id, options.event, dispute_of(shown, options), at);
  return stripe_message(id, options.event, charge_of(shown, options), at);
}

int run_send(const WebhookOptions& options) {
  if (options.provider != stripe_name) {
    throw std::invalid_argument("the provider is stripe: the simulator posts as no other yet");
  }
  if (!options.payment.empty() && !options.account.empty()) {
    throw std::invalid_argument("name a payment or an account, not both");
  }
  const ProviderTopic topic = stripe_topic_of(options.event);
  const Named* about = nullptr;
  for (const Named& one : named) {
    const bool is_given = !(options.*one.id).empty();
    if (is_given != (topic == one.topic)) throw std::invalid_argument(std::string(one.refusal));
    if (is_given) about = &one;
  }
  if (about != nullptr && !(options.payment + options.account).empty()) {
    throw std::invalid_argument("name what it is about, or what a charge was for, not both");
  }
  const std::string server = server_of(options.url);
  const std::string shown = about == nullptr                 ? payment_shown(options, server)
                            : topic == ProviderTopic::refund ? refund_shown(options, server)
                                                             : std::string();
  const std::string id = options.id.empty() ? "evt_sim_" + to_base32(random_bytes(event_id_bytes)) : options.id;
  const Instant now = wall_clock().now();
  const Instant at{micros(now) - static_cast<std::int64_t>(options.age_s) * micros_per_second};
  const std::string body = body_of(options, shown, id, at);
  const HttpReply reply = http_request("POST", server, "/v1/webhooks/" + options.provider, {}, body,
                                       {"Stripe-Signature: " + sign_as_stripe(body, options.secret, at)});
  if (reply.status != 200) {
    fmt::print(stderr, "daybook: {} refused it with {}: {}\n", options.url, reply.status, reply.body);
    return exit_check_failed;
  }
  const std::string about_id = about == nullptr ? member_of(shown, "/id") : options.*about->id;
  if (options.json) {
    std::string line;
    JsonText json(line);
    json.begin_object().member("id", id).member("type", options.event);
    json.key(about == nullptr ? "payment_id" : about->key);
    about_id.empty() ? json.null() : json.string(about_id);
    json.end_object();
    fmt::print("{}\n", line);
  } else {
    fmt::print("{} {} about {}: received\n", id, options.event,
               about_id.empty() ? "no payment, there is none" : about_id);
  }
  return exit_done;
}

}  // namespace

void add_webhook(Subcommand app, Action& action) {
  const auto options = std::make_shared<WebhookOptions>();
  const Subcommand webhook = app.subcommand("webhook", "What payment providers post");
  webhook.require_subcommand();
  const Subcommand command = webhook.subcommand("send", "Post a provider's signed message to a server in test mode");
  command.add_option("provider", &options->provider, "stripe").required();
  command.add_option("event", &options->event, "The message's type, as invoice.payment_failed").required();
  command.add_option("--payment", &options->payment, "What it is about, a payment's id; else the newest payment");
  command.add_option("--checkout", &options->checkout, "Of checkout.session.*: the session's id");
  command.add_option("--subscription", &options->subscription, "Of customer.subscription.*: our subscription's id");
  command.add_option(
      "--status", &options->status,
      "How the provider's subscription, refund or dispute stands: else active, succeeded, needs_response");
  command.add_option("--refund", &options->refund, "Of refund.* and charge.refunded: our refund's id");
  command.add_option("--reason", &options->reason, "Of charge.dispute.*: why").shows_default();
  command.add_option("--amount", &options->amount, "Of charge.dispute.*: minor units; else the whole payment");
  command.add_option("--token", &options->token, "The payment method that a checkout is completed with")
      .shows_default();
  command.add_option("--account", &options->account, "About this account's newest payment");
  command.add_option("--id", &options->id, "The event's own id, to send one again; else a new one");
  command.add_option("--code", &options->code, "Why it failed, of those that tell of a failure").shows_default();
  command.add_option("--age-seconds", &options->age_s, "Signed so long ago").between(0, 864'000).shows_default();
  command.add_option("--secret", &options->secret, "As the server's --stripe-webhook-secret")
      .envname("STRIPE_WEBHOOK_SECRET")
      .shows_default();
  command.add_option("--url", &options->url, "The server's").shows_default();
  command.add_option("--key", &options->key, "API key, to look the payment up").envname("DAYBOOK_KEY");
  command.add_flag("--json", options->json, "The result as JSON");
  command.footer(
      "Exit code 1 if the server refuses the message.\n\n"
      "Examples:\n  daybook webhook send stripe invoice.payment_failed\n"
      "  daybook webhook send stripe payment_intent.succeeded --payment pay_00000000010000000400\n"
      "  daybook webhook send stripe payment_intent.succeeded --account acme --id evt_1\n"
      "  daybook webhook send stripe checkout.session.completed --checkout cs_00000000010000000400\n"
      "  daybook webhook send stripe customer.subscription.deleted --subscription sub_00000000010000000400 --status "
      "canceled\n"
      "  daybook webhook send stripe refund.updated --refund re_00000000010000000400 --status failed --code "
      "lost_or_stolen_card\n"
      "  daybook webhook send stripe charge.dispute.closed --account acme --status won\n"
      "  daybook webhook send stripe invoice.paid --age-seconds 360   # refused: signed too long ago");
  command.callback([options, &action] { action = [options] { return run_send(*options); }; });
}

}  // namespace daybook
