#include "connectors/stripe_client.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "connectors/stripe_amounts.h"
#include "connectors/stripe_answers.h"
#include "connectors/stripe_catalogue.h"
#include "connectors/stripe_messages.h"
#include "domain/ascii.h"

namespace daybook {
namespace {

constexpr std::size_t stripe_id_characters_max = 255;
constexpr std::size_t stripe_key_characters_max = 255;

/// "pm_..." and the like: nothing else is put into a path or sent as an id.
bool is_stripe_id(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) && text.size() > prefix.size() && text.size() <= stripe_id_characters_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

bool is_method_id(std::string_view text) {
  return is_stripe_id(text, "pm_") || is_stripe_id(text, "card_") || is_stripe_id(text, "src_");
}

bool is_secret_key(std::string_view text) {
  return is_stripe_id(text, "sk_") || is_stripe_id(text, "rk_");
}

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= stripe_key_characters_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', hex[byte >> 4U], hex[byte & 15U]});
  }
}

/// application/x-www-form-urlencoded, of a body or a query; what is empty is left out.
class StripeForm {
 public:
  StripeForm& add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    if (!text_.empty()) text_.push_back('&');
    append_encoded(text_, name);
    text_.push_back('=');
    append_encoded(text_, value);
    return *this;
  }
  StripeForm& add(std::string_view name, std::int64_t value) { return add(name, std::to_string(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

template <class Found>
Found refused_unsent(std::string_view code) {
  Found found;
  found.outcome = StripeOutcome::refused;
  found.code = code;
  return found;
}

StripeMethod refused_method() {
  StripeMethod found = refused_unsent<StripeMethod>("not_an_id");
  found.method.fault = RejectionCode::payment_method_refused;
  return found;
}

std::string key_of_round(const std::string& key, std::uint32_t round) {
  return round == 0 ? key : key + "." + std::to_string(round);
}

std::string seconds_before(Instant since) {
  const std::int64_t seconds = micros(since) / micros_per_second - stripe_clock_skew_s;
  return std::to_string(std::max<std::int64_t>(seconds, 0));
}

/// The further the better, of payments with the same key.
int progress_of(StripeOutcome outcome) {
  switch (outcome) {
    case StripeOutcome::succeeded:
      return 4;
    case StripeOutcome::pending:
      return 3;
    case StripeOutcome::action_required:
      return 2;
    case StripeOutcome::unknown:
      return 1;
    default:
      return 0;
  }
}

std::string_view reason_text(StripeRefundReason reason) {
  switch (reason) {
    case StripeRefundReason::duplicate:
      return "duplicate";
    case StripeRefundReason::fraudulent:
      return "fraudulent";
    case StripeRefundReason::requested_by_customer:
      return "requested_by_customer";
    case StripeRefundReason::none:
      break;
  }
  return {};
}

/// Walks the pages until one holds what is looked for. `ask` gets the last id ("" at first), `take` each row and says
/// whether that is enough. `found` has the result of a page that could not be read, or says that there are too many.
template <class Row, class Found, class Ask, class Take>
void walk_pages(std::size_t pages_max, Found& found, Ask ask, Take take) {
  std::string after;
  for (std::size_t number = 0; number < pages_max; ++number) {
    StripePage<Row> page = ask(after);
    if (page.outcome != StripeOutcome::succeeded) {
      static_cast<StripeResult&>(found) = page;
      // Of a list it says that what it is a list of is not there: no answer to what was asked.
      if (found.outcome == StripeOutcome::not_found) found.outcome = StripeOutcome::refused;
      return;
    }
    for (Row& row : page.rows) {
      if (take(std::move(row))) return;
    }
    if (!page.has_more) return;
    after = page.last_id;
  }
  found.outcome = StripeOutcome::unknown;
  found.code = "too_many_to_look_through";
}

ProviderCalls::Options with_stripe(StripeClient::Options options) {
  if (!is_secret_key(options.secret_key)) throw std::invalid_argument("Stripe's secret key is one such as sk_...");
  ProviderCalls::Options calls = std::move(options.calls);
  calls.provider = stripe_name;
  calls.judge = judge_stripe_answer;
  if (calls.http.base_url.empty()) calls.http.base_url = stripe_api_base;
  calls.http.headers = {"Authorization: Bearer " + options.secret_key,
                        "Stripe-Version: " + std::string(stripe_api_version)};
  return calls;
}

}  // namespace

StripeClient::StripeClient(Options options) : calls_(with_stripe(std::move(options))) {}

CallReply StripeClient::get(std::string_view operation, std::string path) {
  return calls_.call(operation, CallSafety::read, {HttpVerb::get, std::move(path), {}, {}});
}

CallReply StripeClient::post(std::string_view operation, std::string path, std::string form, std::string_view key) {
  HttpExchange exchange{HttpVerb::post, std::move(path), std::move(form), {}};
  exchange.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
  if (key.empty()) return calls_.call(operation, CallSafety::once, exchange);
  exchange.headers.push_back("Idempotency-Key: " + std::string(key));
  return calls_.call(operation, CallSafety::keyed, exchange);
}

StripeCustomer StripeClient::create_customer(const StripeCustomerOrder& order) {
  if (!is_idempotency_key(order.key)) return refused_unsent<StripeCustomer>("not_a_key");
  StripeForm form;
  form.add("email", order.email).add("name", order.name).add("metadata[daybook_account]", order.account);
  return read_stripe_customer(post("create_customer", "/v1/customers", form.take(), order.key));
}

StripeCustomer StripeClient::find_customer(std::string_view account, std::string_view email, Instant since) {
  StripeCustomer found;
  found.outcome = StripeOutcome::not_found;
  walk_pages<StripeCustomer>(
      stripe_find_pages, found,
      [&](const std::string& after) {
        StripeForm query;
        query.add("limit", stripe_page_rows).add("created[gte]", seconds_before(since));
        query.add("email", email).add("starting_after", after);
        return read_stripe_customers(get("find_customer", "/v1/customers?" + query.take()));
      },
      [&](StripeCustomer&& row) {
        if (row.account != account || row.outcome != StripeOutcome::succeeded) return false;
        found = std::move(row);
        return true;
      });
  return found;
}

StripeCustomer StripeClient::read_customer(std::string_view customer) {
  if (!is_stripe_id(customer, "cus_")) return refused_unsent<StripeCustomer>("not_an_id");
  return read_stripe_customer(get("read_customer", "/v1/customers/" + std::string(customer)));
}

StripeCustomer StripeClient::set_default_method(std::string_view customer, std::string_view method) {
  if (!is_stripe_id(customer, "cus_") || !is_method_id(method)) return refused_unsent<StripeCustomer>("not_an_id");
  StripeForm form;
  form.add("invoice_settings[default_payment_method]", method);
  return read_stripe_customer(post("set_default_method", "/v1/customers/" + std::string(customer), form.take()));
}

StripeMethod StripeClient::read_method(std::string_view method, Instant now) {
  if (!is_method_id(method)) return refused_method();
  return read_stripe_method(get("read_method", "/v1/payment_methods/" + std::string(method)), now);
}

StripeMethod StripeClient::attach_method(std::string_view method, std::string_view customer, Instant now) {
  if (!is_method_id(method) || !is_stripe_id(customer, "cus_")) return refused_method();
  StripeForm form;
  form.add("customer", customer);
  const std::string path = "/v1/payment_methods/" + std::string(method) + "/attach";
  return read_stripe_method(post("attach_method", path, form.take()), now);
}

StripeMethod StripeClient::detach_method(std::string_view method, Instant now) {
  if (!is_method_id(method)) return refused_method();
  const std::string path = "/v1/payment_methods/" + std::string(method) + "/detach";
  return read_stripe_method(post("detach_method", path, {}), now);
}

StripeSetup StripeClient::create_setup(const StripeSetupOrder& order) {
  if (!is_idempotency_key(order.key)) return refused_unsent<StripeSetup>("not_a_key");
  if (!is_stripe_id(order.customer, "cus_")) return refused_unsent<StripeSetup>("not_an_id");
  StripeForm form;
  form.add("customer", order.customer).add("usage", "off_session").add("automatic_payment_methods[enabled]", "true");
  form.add("metadata[daybook_account]", order.account);
  return read_stripe_setup(post("create_setup", "/v1/setup_intents", form.take(), order.key));
}

StripeSetup StripeClient::read_setup(std::string_view setup) {
  if (!is_stripe_id(setup, "seti_")) return refused_unsent<StripeSetup>("not_an_id");
  return read_stripe_setup(get("read_setup", "/v1/setup_intents/" + std::string(setup)));
}

StripePayment StripeClient::charge(const StripeChargeOrder& order) {
  const std::string key = key_of_round(order.key, order.round);
  if (order.key.empty() || !is_idempotency_key(key)) return refused_unsent<StripePayment>("not_a_key");
  if (!is_stripe_id(order.customer, "cus_") || !is_method_id(order.method)) {
    return refused_unsent<StripePayment>("not_an_id");
  }
  const std::optional<std::int64_t> amount = to_stripe_amount(order.amount);
  if (!amount) return refused_unsent<StripePayment>("amount_not_representable");
  StripeForm form;
  form.add("amount", *amount).add("currency", stripe_currency(order.amount.currency));
  form.add("customer", order.customer).add("payment_method", order.method);
  form.add("confirm", "true").add("off_session", "true");
  form.add("automatic_payment_methods[enabled]", "true");
  if (order.return_url.empty()) form.add("automatic_payment_methods[allow_redirects]", "never");
  form.add("return_url", order.return_url);
  form.add("metadata[daybook_payment]", order.payment).add("metadata[daybook_key]", order.key);
  return read_stripe_payment(post("charge", "/v1/payment_intents", form.take(), key));
}

StripePayment StripeClient::confirm_payment(std::string_view payment, std::string_view method,
                                            std::string_view return_url) {
  if (!is_stripe_id(payment, "pi_") || !is_method_id(method)) return refused_unsent<StripePayment>("not_an_id");
  StripeForm form;
  form.add("payment_method", method).add("return_url", return_url);
  const std::string path = "/v1/payment_intents/" + std::string(payment) + "/confirm";
  return read_stripe_payment(post("confirm_payment", path, form.take()));
}

StripePayment StripeClient::read_payment(std::string_view payment) {
  if (!is_stripe_id(payment, "pi_")) return refused_unsent<StripePayment>("not_an_id");
  return read_stripe_payment(get("read_payment", "/v1/payment_intents/" + std::string(payment)));
}

StripePayment StripeClient::find_payment(std::string_view customer, std::string_view key, Instant since) {
  if (!is_stripe_id(customer, "cus_") || key.empty()) return refused_unsent<StripePayment>("not_an_id");
  StripePayment best;
  bool has_one = false;
  StripePayment found;
  found.outcome = StripeOutcome::not_found;
  walk_pages<StripePayment>(
      stripe_find_pages, found,
      [&](const std::string& after) {
        StripeForm query;
        query.add("customer", customer).add("limit", stripe_page_rows).add("created[gte]", seconds_before(since));
        query.add("starting_after", after);
        return read_stripe_payments(get("find_payment", "/v1/payment_intents?" + query.take()));
      },
      [&](StripePayment&& row) {
        if (row.key != key) return false;
        if (!has_one || progress_of(row.outcome) > progress_of(best.outcome)) best = std::move(row);
        has_one = true;
        return best.outcome == StripeOutcome::succeeded;
      });
  // One that moved no money says nothing of those that were not seen.
  const bool has_seen_all = found.outcome == StripeOutcome::not_found;
  return has_one && (has_seen_all || progress_of(best.outcome) > 0) ? best : found;
}

StripePayment StripeClient::cancel_payment(std::string_view payment) {
  if (!is_stripe_id(payment, "pi_")) return refused_unsent<StripePayment>("not_an_id");
  return read_stripe_payment(post("cancel_payment", "/v1/payment_intents/" + std::string(payment) + "/cancel", {}));
}

StripeRefund StripeClient::refund(const StripeRefundOrder& order) {
  const std::string key = key_of_round(order.key, order.round);
  if (order.key.empty() || !is_idempotency_key(key)) return refused_unsent<StripeRefund>("not_a_key");
  if (!is_stripe_id(order.payment, "pi_")) return refused_unsent<StripeRefund>("not_an_id");
  const std::optional<std::int64_t> amount = to_stripe_amount(order.amount);
  if (!amount) return refused_unsent<StripeRefund>("amount_not_representable");
  StripeForm form;
  form.add("payment_intent", order.payment).add("amount", *amount).add("reason", reason_text(order.reason));
  form.add("metadata[daybook_refund]", order.refund);
  return read_stripe_refund(post("refund", "/v1/refunds", form.take(), key));
}

StripeRefund StripeClient::read_refund(std::string_view refund) {
  if (!is_stripe_id(refund, "re_") && !is_stripe_id(refund, "pyr_")) return refused_unsent<StripeRefund>("not_an_id");
  return read_stripe_refund(get("read_refund", "/v1/refunds/" + std::string(refund)));
}

StripeRefund StripeClient::find_refund(std::string_view payment, std::string_view own_id) {
  if (!is_stripe_id(payment, "pi_") || own_id.empty()) return refused_unsent<StripeRefund>("not_an_id");
  StripeRefund found;
  found.outcome = StripeOutcome::not_found;
  walk_pages<StripeRefund>(
      stripe_find_pages, found,
      [&](const std::string& after) {
        StripeForm query;
        query.add("payment_intent", payment).add("limit", stripe_page_rows).add("starting_after", after);
        return read_stripe_refunds(get("find_refund", "/v1/refunds?" + query.take()));
      },
      [&](StripeRefund&& row) {
        if (row.refund != own_id) return false;
        found = std::move(row);
        return true;
      });
  return found;
}

StripeResult StripeClient::append_rows(std::string_view operation, const std::string& list, std::size_t pages_max,
                                       std::string& out) {
  StripeResult result;
  result.outcome = StripeOutcome::succeeded;
  out += R"({"object":"list","has_more":false,"data":[)";
  bool is_first = true;
  walk_pages<std::string>(
      pages_max, result,
      [&](const std::string& after) {
        StripeForm query;
        query.add("starting_after", after);
        const std::string more = query.take();
        return read_stripe_rows(get(operation, list + (more.empty() ? "" : "&" + more)));
      },
      [&](const std::string& row) {
        if (!std::exchange(is_first, false)) out.push_back(',');
        out += row;
        return false;
      });
  out += "]}";
  return result;
}

StripeCatalogueText StripeClient::list_catalogue() {
  constexpr std::size_t product_pages = provider_products_max / stripe_page_rows + 1;
  const std::string limit = "limit=" + std::to_string(stripe_page_rows);
  StripeCatalogueText found;
  found.text = R"({"products":)";
  static_cast<StripeResult&>(found) = append_rows("list_products", "/v1/products?" + limit, product_pages, found.text);
  if (found.outcome == StripeOutcome::succeeded) {
    found.text += R"(,"prices":)";
    static_cast<StripeResult&>(found) = append_rows(
        "list_prices", "/v1/prices?active=true&expand%5B%5D=data.tiers&" + limit, stripe_price_pages, found.text);
  }
  found.text.push_back('}');
  if (found.outcome != StripeOutcome::succeeded) found.text.clear();
  return found;
}

StripeMirror StripeClient::read_subscription(std::string_view subscription) {
  if (!is_stripe_id(subscription, "sub_")) return refused_unsent<StripeMirror>("not_an_id");
  return read_stripe_subscription(get("read_subscription", "/v1/subscriptions/" + std::string(subscription)));
}

StripeSession StripeClient::create_checkout(const StripeCheckoutOrder& order) {
  if (!is_idempotency_key(order.key)) return refused_unsent<StripeSession>("not_a_key");
  if (!is_stripe_id(order.customer, "cus_")) return refused_unsent<StripeSession>("not_an_id");
  StripeForm form;
  form.add("mode", "setup").add("customer", order.customer).add("currency", stripe_currency(order.currency));
  form.add("success_url", order.success_url).add("cancel_url", order.cancel_url);
  form.add("metadata[daybook_checkout]", order.checkout);
  return read_stripe_session(post("create_checkout", "/v1/checkout/sessions", form.take(), order.key));
}

}  // namespace daybook
