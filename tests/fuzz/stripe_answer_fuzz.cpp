// What Stripe, or whoever answers in its place, can say to a call: the first byte picks how the answer came, the rest
// is its body. Whatever it is, each reader gives a result within the bounds that the ledger has.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connectors/stripe_answers.h"

namespace {

using namespace daybook;

void require_that(bool promise) {
  if (!promise) std::abort();
}

bool is_bounded_line(std::string_view text, std::size_t bytes_max) {
  return text.size() <= bytes_max && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

void check_result(const StripeResult& result) {
  require_that(is_bounded_line(result.message, 255) && is_bounded_line(result.id, 255));
  require_that(result.code.size() <= 32);
  require_that(std::all_of(result.code.begin(), result.code.end(),
                           [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }));
  const bool is_fault = result.outcome == StripeOutcome::failed || result.outcome == StripeOutcome::unknown ||
                        result.outcome == StripeOutcome::refused || result.outcome == StripeOutcome::busy;
  require_that(!is_fault || !result.code.empty());
}

CallReply reply_of(std::uint8_t kind, std::string_view body) {
  constexpr std::array<int, 12> statuses = {200, 201, 400, 401, 402, 403, 404, 409, 429, 500, 302, 204};
  CallReply reply;
  reply.fate = static_cast<CallFate>(kind % 4);
  reply.status = statuses[(kind / 4) % statuses.size()];
  reply.body = body;
  return reply;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const CallReply reply = reply_of(data[0], body);
  HttpAnswer answer;
  answer.status = reply.status;
  answer.body = body;
  (void)judge_stripe_answer(answer);

  const StripePayment payment = read_stripe_payment(reply);
  check_result(payment);
  require_that(payment.action_url.empty() || payment.action_url.starts_with("https://"));
  check_result(read_stripe_customer(reply));
  check_result(read_stripe_setup(reply));
  check_result(read_stripe_refund(reply));
  check_result(read_stripe_subscription(reply));
  const StripeSession session = read_stripe_session(reply);
  check_result(session);
  require_that(session.url.empty() || session.url.starts_with("https://"));
  const StripeMethod method = read_stripe_method(reply, Instant{1'800'000'000'000'000});
  check_result(method);
  require_that((method.outcome == StripeOutcome::succeeded) == (method.method.fault == RejectionCode::none));
  require_that(method.method.last4.size() <= 4 && method.method.exp_month <= 12);
  const StripePage<StripePayment> payments = read_stripe_payments(reply);
  check_result(payments);
  for (const StripePayment& row : payments.rows) check_result(row);
  for (const StripeRefund& row : read_stripe_refunds(reply).rows) check_result(row);
  check_result(read_stripe_customers(reply));
  const StripePage<std::string> rows = read_stripe_rows(reply);
  require_that(!rows.has_more || rows.outcome != StripeOutcome::succeeded || !rows.last_id.empty());
  return 0;
}
