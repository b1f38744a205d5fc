// Coupons over HTTP. What is offered is in memory as of the last commit; how often it was redeemed is asked of the
// book's own state; the redemptions themselves are read from the log, each of which names the one before it.
#include <vector>

#include "domain/tables.h"
#include "gateway/account_read.h"
#include "gateway/book_read.h"
#include "gateway/command_run.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/problem.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

/// How often each of the coupons was redeemed, without its users, in their order.
void count_uses(const ExchangePtr& exchange, std::vector<std::string> codes,
                std::function<void(const std::vector<CouponUse>&, std::uint64_t book_ordinal)> answer) {
  struct Counted {
    std::vector<CouponUse> uses;
    std::uint64_t ordinal = 0;
  };
  // Filled on the writer thread, read by the completion.
  const auto counted = std::make_shared<Counted>();
  const auto take = [counted, codes = std::move(codes)](const BookState& book, Instant) {
    counted->ordinal = book.ordinal;
    for (const std::string& code : codes) {
      const CouponUse& use = book.redemptions.of_coupon(code);
      counted->uses.push_back({use.redemptions, use.last_version, {}});
    }
  };
  read_book(exchange, take, [counted, answer = std::move(answer)] { answer(counted->uses, counted->ordinal); });
}

CouponShown shown_of(const Coupon& coupon, const CouponUse& use) {
  return {coupon, use.redemptions, use.version_of(coupon)};
}

/// Null: 404 was answered.
const Coupon* find_coupon(const ExchangePtr& exchange, const Offers& offers) {
  const auto found = offers.coupons.find(coupon_code(exchange->path[0]));
  if (found != offers.coupons.end()) return &found->second;
  exchange->refuse(RejectionCode::not_found);
  return nullptr;
}

/// The event at that version of the book's stream if it is a redemption of the coupon; else its bytes are empty.
std::string read_redemption(const Exchange& exchange, const std::string& code, std::uint64_t version) {
  const Engine& engine = exchange.services.engine;
  const std::string& book = exchange.principal.book;
  const auto positions = engine.stream_positions(book + "/~book", version, version);
  if (positions.empty()) return {};
  std::string bytes = engine.log().read_one(engine.shard_of(book), positions.front());
  const auto* redeemed = schema::GetEnvelope(bytes.data())->event_as_CouponRedeemed();
  if (redeemed == nullptr || text(redeemed->code()) != code) return {};
  return bytes;
}

CouponRedemption redemption_of(const schema::Envelope& envelope) {
  const schema::CouponRedeemed& event = *envelope.event_as_CouponRedeemed();
  return {entity(event.redemption()),      text(event.code()),    text(event.discount_id()),
          text(event.account_id()),        text(event.user_id()), entity(event.discount()),
          instant(envelope.effective_at())};
}

/// Newest first, from that version of the book's stream on.
void answer_redemptions(const ExchangePtr& exchange, const std::string& code, std::uint64_t version,
                        std::size_t limit) {
  Page<CouponRedemption> page;
  while (version != 0) {
    page.has_more = page.data.size() == limit;
    if (page.has_more) break;
    const std::string bytes = read_redemption(*exchange, code, version);
    if (bytes.empty()) return exchange->refuse(RejectionCode::event_corrupt);
    const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
    page.data.push_back(redemption_of(envelope));
    version = envelope.event_as_CouponRedeemed()->previous_version();
  }
  const Viewer viewer = viewer_of(*exchange, {});
  std::string body;
  begin_list(body, page, [&](const CouponRedemption& one) { append_redemption(body, one, viewer); });
  exchange->send(200, std::move(body += '}'));
}

/// The answer to a validation: what redeeming would give, or why it would be refused.
void answer_validation(const ExchangePtr& exchange, const std::string& code, const Answer& answer) {
  const RejectionCode refusal = answer.rejection.code;
  const bool is_about_coupon = refusal == RejectionCode::coupon_invalid ||
                               refusal == RejectionCode::coupon_already_redeemed ||
                               refusal == RejectionCode::discount_not_combinable;
  if (!answer.accepted() && !is_about_coupon) return exchange->refuse(problem_of(answer.rejection));
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "coupon_validation").member("code", code);
  json.member("valid", answer.accepted()).key("reason");
  if (answer.accepted()) {
    json.null().key("discount");
    append_discount_terms(json, *std::get<RedemptionShown>(answer.shown).discount.terms);
  } else {
    std::string reason = refusal == RejectionCode::discount_not_combinable ? "not_combinable" : "already_redeemed";
    for (const RejectionDetail& detail : answer.rejection.details) {
      if (detail.name == "reason") reason = std::get<std::string>(detail.value);
    }
    json.string(reason).key("discount").null();
  }
  json.end_object();
  exchange->send(200, std::move(body));
}

}  // namespace

void create_coupon(ExchangePtr exchange) {
  run_body_command(exchange, CreateCoupon::name_of_command);
}

void retire_coupon(ExchangePtr exchange) {
  run_for_entity(exchange, RetireCoupon::name_of_command);
}

void redeem_coupon(ExchangePtr exchange) {
  run_for_entity(exchange, RedeemCoupon::name_of_command);
}

/// A redemption's dry run: the very decision that a redemption would be.
void validate_coupon(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  ParsedCommand parsed = parse_command(RedeemCoupon::name_of_command, exchange->request.body, target);
  if (!parsed.command) return exchange->refuse(std::move(parsed.faults));
  if (const auto problem = check_command_permission(exchange->principal, *parsed.command)) {
    return exchange->refuse(*problem);
  }
  Work work;
  work.context.principal = exchange->principal;
  work.context.request_id = exchange->request_id;
  work.context.dry_run = true;
  work.command = std::move(parsed.command);
  work.done = [exchange, code = coupon_code(exchange->path[0])](Answer answer) {
    answer_validation(exchange, code, answer);
  };
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

void list_coupons(ExchangePtr exchange) {
  Faults faults;
  PageRequest<std::string> request = query_page(exchange->request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  for (auto* cursor : {&request.starting_after, &request.ending_before}) {
    if (*cursor) *cursor = coupon_code(**cursor);
  }
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  std::vector<const Coupon*> newest_first;
  for (const auto& [code, coupon] : offers->coupons) newest_first.push_back(&coupon);
  const auto code_of = [](const Coupon* coupon) { return coupon->code; };
  sort_newest_first(newest_first, code_of);
  auto page = page_of(newest_first, request, code_of);
  if (!page.cursor_found) return refuse_cursor(exchange);
  std::vector<std::string> codes;
  for (const Coupon* coupon : page.data) codes.push_back(coupon->code);
  // The page points into the offers: both are kept until the answer.
  count_uses(exchange, std::move(codes),
             [exchange, offers, page = std::move(page)](const std::vector<CouponUse>& uses, std::uint64_t) {
               std::string body;
               auto use = uses.begin();
               begin_list(body, page, [&](const Coupon* coupon) { append_coupon(body, shown_of(*coupon, *use++)); });
               exchange->send(200, std::move(body += '}'));
             });
}

void get_coupon(ExchangePtr exchange) {
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  const Coupon* coupon = find_coupon(exchange, *offers);
  if (coupon == nullptr) return;
  count_uses(exchange, {coupon->code}, [exchange, offers, coupon](const std::vector<CouponUse>& uses, std::uint64_t) {
    const CouponShown shown = shown_of(*coupon, uses.front());
    std::string body;
    append_coupon(body, shown);
    exchange->send_resource(std::move(body), shown.version);
  });
}

void list_redemptions(ExchangePtr exchange) {
  Faults faults;
  const std::size_t limit = query_limit(exchange->request, faults);
  const auto after = query_id(exchange->request, "starting_after", "red", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const auto offers = exchange->services.engine.offers(exchange->principal.book);
  const Coupon* coupon = find_coupon(exchange, *offers);
  if (coupon == nullptr) return;
  count_uses(exchange, {coupon->code},
             [exchange, limit, after, code = coupon->code](const std::vector<CouponUse>& uses, std::uint64_t ordinal) {
               const std::uint64_t newest = uses.front().last_version;
               on_reader_thread(exchange, [=] {
                 if (!after) return answer_redemptions(exchange, code, newest, limit);
                 const bool is_of_book = after->stream_ordinal == ordinal && after->stream_version <= newest;
                 const std::string bytes =
                     is_of_book ? read_redemption(*exchange, code, after->stream_version) : std::string();
                 if (bytes.empty()) return refuse_cursor(exchange);
                 const auto* last = schema::GetEnvelope(bytes.data())->event_as_CouponRedeemed();
                 answer_redemptions(exchange, code, last->previous_version(), limit);
               });
             });
}

}  // namespace daybook
