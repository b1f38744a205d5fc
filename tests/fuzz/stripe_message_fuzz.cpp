// What anybody can post as a provider: the first line is the signature's header, the rest the body. Nobody without the
// secret is believed, and what is read of a body keeps the bounds that a payment's result has.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connectors/stripe_messages.h"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daybook;
  static const WebhookTrust trust{{"a secret that no input has"}};
  constexpr Instant now{1'800'000'000'000'000};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view body = text.substr(std::min(line + 1, text.size()));
  require(check_stripe_signature(text.substr(0, line), body, trust, now) == RejectionCode::signature_invalid);
  const std::string right = sign_as_stripe(body, trust.secrets.front(), now);
  require(check_stripe_signature(right, body, trust, now) == RejectionCode::none);

  const ProviderNotice notice = read_stripe_message(body);
  const ProviderMessage& message = notice.message;
  const ChargeResult& result = notice.result;
  if (message.fault != RejectionCode::none) {
    require(message.fault == RejectionCode::malformed_request);
    return 0;
  }
  require(!message.id.empty() && !message.type.empty());
  const ProviderTopic topic = stripe_topic_of(message.type);
  require((topic == ProviderTopic::charge) == (result.status != ChargeStatus::unknown));
  require((topic == ProviderTopic::checkout) == (notice.checkout != CheckoutNews::none));
  require(topic == ProviderTopic::subscription || (notice.subscription.id + notice.subscription.status).empty());
  require(notice.subscription.id.size() <= 255 && !has_control(notice.subscription.id));
  require((result.status == ChargeStatus::failed) == !result.code.empty() && result.code.size() <= 32);
  require(result.message.size() <= 255 && !has_control(result.message));
  require(result.transaction_id.size() <= 255 && !has_control(result.transaction_id));
  require(result.action_url.empty() || result.action_url.starts_with("https://"));
  return 0;
}
