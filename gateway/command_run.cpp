#include "gateway/command_run.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "engine/subjects.h"
#include "gateway/account_read.h"
#include "gateway/api_keys.h"
#include "gateway/base32.h"
#include "gateway/card_number.h"
#include "gateway/command_text.h"
#include "gateway/query.h"
#include "gateway/request_headers.h"
#include "gateway/services.h"
#include "gateway/time_zones.h"
#include "projections/json_text.h"
#include "schemas/events/governance_generated.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

constexpr Currency currency_unless_said = currency_of("USD");
constexpr std::size_t client_id_bytes = 16;

Permission permission_of(const Command& command) {
  struct {
    Permission operator()(const OpenAccount&) const { return Permission::accounts_create; }
    Permission operator()(const UpdateAccount&) const { return Permission::accounts_update; }
    Permission operator()(const ScheduleAccountDeletion&) const { return Permission::accounts_delete; }
    Permission operator()(const RestoreAccount&) const { return Permission::accounts_restore; }
    Permission operator()(const PurgeAccount&) const { return Permission::accounts_purge; }
    Permission operator()(const PlaceLegalHold&) const { return Permission::accounts_legal_hold; }
    Permission operator()(const ReleaseLegalHold&) const { return Permission::accounts_legal_hold; }
    Permission operator()(const UnparkAccount&) const { return Permission::accounts_unpark; }
    Permission operator()(const IssueCredit&) const { return Permission::credits_issue; }
    Permission operator()(const ConsumeCredit&) const { return Permission::credits_manage; }
    Permission operator()(const ExpireCredit&) const { return Permission::credits_manage; }
    Permission operator()(const VoidCredit&) const { return Permission::credits_manage; }
    Permission operator()(const AllocateUnitCredits&) const { return Permission::units_adjust; }
    Permission operator()(const DeductUnitCredits&) const { return Permission::units_spend; }
    Permission operator()(const AdjustUnitCredits&) const { return Permission::units_adjust; }
    Permission operator()(const ReserveUnitCredits&) const { return Permission::units_spend; }
    Permission operator()(const CaptureReservation&) const { return Permission::units_spend; }
    Permission operator()(const ReleaseReservation&) const { return Permission::units_spend; }
    Permission operator()(const AdvanceSandboxClock&) const { return Permission::clock_set; }
    Permission operator()(const CreateTestClock&) const { return Permission::test_clocks_manage; }
    Permission operator()(const AdvanceTestClock&) const { return Permission::test_clocks_manage; }
    Permission operator()(const CreateBook&) const { return Permission::books_manage; }
    Permission operator()(const ChangeBook&) const { return Permission::books_change; }
    Permission operator()(const CloseBook&) const { return Permission::books_manage; }
    Permission operator()(const CreateApiKey&) const { return Permission::api_keys_manage; }
    Permission operator()(const RevokeApiKey&) const { return Permission::api_keys_manage; }
    Permission operator()(const CreatePlan&) const { return Permission::plans_manage; }
    Permission operator()(const RevisePlan&) const { return Permission::plans_manage; }
    Permission operator()(const RetirePlan&) const { return Permission::plans_manage; }
    Permission operator()(const RestorePlan&) const { return Permission::plans_manage; }
    Permission operator()(const SyncCatalogue&) const { return Permission::plans_sync; }
    Permission operator()(const AttachPaymentMethod&) const { return Permission::payment_methods_manage; }
    Permission operator()(const SetDefaultPaymentMethod&) const { return Permission::payment_methods_manage; }
    Permission operator()(const DetachPaymentMethod&) const { return Permission::payment_methods_manage; }
    Permission operator()(const CreateDiscount&) const { return Permission::discounts_manage; }
    Permission operator()(const ChangeDiscount&) const { return Permission::discounts_manage; }
    Permission operator()(const RetireDiscount&) const { return Permission::discounts_manage; }
    Permission operator()(const CreateCoupon&) const { return Permission::discounts_manage; }
    Permission operator()(const RetireCoupon&) const { return Permission::discounts_manage; }
    Permission operator()(const RedeemCoupon&) const { return Permission::coupons_redeem; }
    Permission operator()(const ApplyDiscount&) const { return Permission::coupons_redeem; }
    Permission operator()(const RemoveDiscount&) const { return Permission::coupons_redeem; }
    Permission operator()(const ApplyCredit&) const { return Permission::credits_manage; }
    Permission operator()(const DraftInvoice&) const { return Permission::invoices_manage; }
    Permission operator()(const AddInvoiceLine&) const { return Permission::invoices_manage; }
    Permission operator()(const RemoveInvoiceLine&) const { return Permission::invoices_manage; }
    Permission operator()(const FinalizeInvoice&) const { return Permission::invoices_manage; }
    Permission operator()(const VoidInvoice&) const { return Permission::invoices_void; }
    Permission operator()(const MarkInvoiceUncollectible&) const { return Permission::invoices_void; }
    Permission operator()(const SendInvoice&) const { return Permission::invoices_send; }
    Permission operator()(const ChangePolicy&) const { return Permission::policies_manage; }
    Permission operator()(const SetTaxRate&) const { return Permission::tax_manage; }
    Permission operator()(const CreateSubscription&) const { return Permission::subscriptions_create; }
    Permission operator()(const StartCheckout&) const { return Permission::subscriptions_create; }
    Permission operator()(const CompleteCheckout&) const { return Permission::payments_record_result; }
    Permission operator()(const ExpireCheckout&) const { return Permission::payments_record_result; }
    Permission operator()(const MirrorProviderSubscription&) const { return Permission::payments_record_result; }
    Permission operator()(const CancelSubscription&) const { return Permission::subscriptions_cancel; }
    Permission operator()(const ReactivateSubscription&) const { return Permission::subscriptions_cancel; }
    Permission operator()(const IssueCreditNote&) const { return Permission::credit_notes_manage; }
    Permission operator()(const VoidCreditNote&) const { return Permission::credit_notes_manage; }
    Permission operator()(const AdjustInvoice&) const { return Permission::adjustments_create; }
    Permission operator()(const ChangePlan&) const { return Permission::subscriptions_change; }
    Permission operator()(const ChangeQuantity&) const { return Permission::subscriptions_change; }
    Permission operator()(const CancelScheduledPlanChange&) const { return Permission::subscriptions_change; }
    Permission operator()(const UpdateSubscription&) const { return Permission::subscriptions_change; }
    Permission operator()(const PauseSubscription&) const { return Permission::subscriptions_cancel; }
    Permission operator()(const ResumeSubscription&) const { return Permission::subscriptions_cancel; }
    Permission operator()(const AttemptPayment&) const { return Permission::invoices_pay; }
    Permission operator()(const RetryPayment&) const { return Permission::invoices_pay; }
    Permission operator()(const RecordPaymentResult&) const { return Permission::payments_record_result; }
    Permission operator()(const RecordOfflinePayment&) const { return Permission::payments_record_offline; }
    Permission operator()(const IssueRefund&) const { return Permission::refunds_issue; }
    Permission operator()(const RecordRefundResult&) const { return Permission::payments_record_result; }
    Permission operator()(const OpenDispute&) const { return Permission::payments_record_result; }
    Permission operator()(const CloseDispute&) const { return Permission::payments_record_result; }
    Permission operator()(const ReceiveProviderEvent&) const { return Permission::payments_record_result; }
    Permission operator()(const ProcessProviderEvent&) const { return Permission::payments_record_result; }
  } const finder;
  return std::visit(finder, command);
}

Problem forbidden(std::string_view permission) {
  Problem problem;
  problem.code = RejectionCode::forbidden;
  problem.detail = "This needs the permission " + std::string(permission) + ".";
  return problem;
}

std::optional<Problem> require(const Principal& principal, Permission permission) {
  if (is_allowed(principal, permission)) return std::nullopt;
  Problem problem;
  problem.code = RejectionCode::forbidden;
  problem.detail = needed_permission(permission);
  return problem;
}

/// What an update changes may need more than accounts.update.
std::optional<Problem> check_update(const Principal& principal, const UpdateAccount& update) {
  if (!update.tax_exempt.is_none() || !update.tax_id.is_none() || !update.vat_id.is_none()) {
    if (auto problem = require(principal, Permission::accounts_update_tax)) return problem;
  }
  const bool is_limited = access_of(Permission::accounts_update_tax, principal.role) == Access::limited;
  if (is_limited && !update.tax_exempt.is_none()) {
    return forbidden("accounts.update_tax of a billing admin");
  }
  if (!update.provider.is_none() || !update.currency.is_none())
    return require(principal, Permission::accounts_update_billing_policy);
  return std::nullopt;
}

std::optional<Problem> check_new_key(const Principal& principal, const CreateApiKey& key) {
  if (!acts_within_one_account(principal.role) || acts_within_one_account(key.role)) return std::nullopt;
  return forbidden("roles.manage");
}

/// Who may cancel with a limit may do so at the period's end, or as the book's policy has it.
std::optional<Problem> check_cancellation(const Principal& principal, const CancelSubscription& cancel) {
  const bool is_limited = access_of(Permission::subscriptions_cancel, principal.role) == Access::limited;
  if (!is_limited || cancel.mode != CancellationMode::immediate) return std::nullopt;
  return forbidden("subscriptions.cancel of a billing admin");
}

/// Who may adjust with a limit gives discounts only; how large ones, the command's decision says.
std::optional<Problem> check_adjustment(const Principal& principal, const AdjustInvoice& adjust) {
  const bool is_limited = access_of(Permission::adjustments_create, principal.role) == Access::limited;
  if (!is_limited || adjust.type == AdjustmentType::discount) return std::nullopt;
  return forbidden("adjustments.create of a billing admin");
}

/// What the provider of the book says of the method behind a token, before the command is decided.
ProviderMethod method_behind(const Sensitive& token, const std::string& book, const Services& services) {
  ProviderMethod method;
  if (holds_card_number(token.clear)) {
    method.fault = RejectionCode::raw_card_refused;
  } else if (services.options.find_payment_method && services.engine.mode_of(book) == BookMode::test) {
    method = services.options.find_payment_method(token.clear);
  }
  return method;
}

/// What the provider of the book offers, before the command is decided.
ProviderCatalogue catalogue_of(const std::string& book, const Services& services) {
  const auto& read = services.options.read_catalogue;
  if (read && services.engine.mode_of(book) == BookMode::test) return read();
  ProviderCatalogue none;
  none.fault = RejectionCode::provider_not_configured;
  return none;
}

/// The same for every repeat with the same key.
std::string new_client_id(std::string_view purpose, const CommandContext& context, Services& services) {
  const std::string& key = context.idempotency_key;
  if (key.empty()) return to_base32(random_bytes(client_id_bytes));
  const std::string scope = context.principal.book + '\n' + context.principal.name + '\n' + key;
  return to_base32(services.engine.keyring().hmac(purpose, scope, client_id_bytes));
}

/// Whether it names a method of the account or one of the provider's tokens.
void tell_method(CreateSubscription& create, const std::string& book, const Services& services) {
  std::string& text = create.payment_method.clear;
  if (text.empty()) return;
  create.own_method = parse_id("pm", text);
  if (create.own_method) {
    text.clear();
  } else {
    create.found = method_behind(create.payment_method, book, services);
  }
}

void append_dry_run(std::string& out, const Exchange& exchange, const Answer& answer) {
  Viewer viewer = viewer_of(exchange, answer.stream);
  viewer.existing_versions = answer.dry_run_bases;
  const Unseal unseal = unseal_for(viewer.keys, viewer.sees_personal_data);
  JsonText json(out);
  json.begin_object().member("object", "dry_run").key("resource");
  append_shown(out, answer, {}, viewer);
  json.key("events").begin_array();
  bool is_first = true;
  for (const std::string& envelope : answer.dry_run_events) {
    if (!std::exchange(is_first, false)) out += ',';
    exchange.services.renderer.append_event(out, envelope, &unseal);
  }
  json.end_array().key("awaits").begin_array();
  if (answer.payment) json.string("payment");
  if (answer.refund && answer.refund->is_open()) json.string("refund");
  json.end_array().member("position", to_string(answer.position)).end_object();
}

std::vector<Header> headers_of(const Answer& answer) {
  std::vector<Header> headers;
  headers.push_back({"Daybook-Position", to_string(answer.position)});
  if (answer.is_replay) headers.push_back({"Idempotent-Replayed", "true"});
  const bool has_tag = answer.accepted() && !answer.is_dry_run && answer.version != 0;
  if (has_tag) headers.push_back({"ETag", etag_of(answer.version)});
  return headers;
}

/// With what has become of the payment that it attempted, declined or not known yet, or of the refund.
int status_of(const Answer& answer, int accepted_status) {
  if (answer.refund) return answer.refund->is_open() ? 202 : accepted_status;
  if (!answer.payment) return accepted_status;
  if (answer.payment->is_open()) return 202;
  return answer.payment->status == PaymentStatus::failed ? 402 : accepted_status;
}

/// A line of the log and the metrics, of a catalogue that was just read.
void note_sync(const Exchange& exchange, const Answer& answer) {
  const auto* shown = std::get_if<CatalogueSyncShown>(&answer.shown);
  if (shown == nullptr || answer.is_replay || answer.is_dry_run) return;
  const schema::CatalogueSyncCompletedT& outcome = *shown->sync.outcome;
  spdlog::info("catalogue of {} in book {}: {} imported, {} revised, {} retired, {} restored, {} unchanged, {} skipped",
               outcome.provider, exchange.principal.book, outcome.imported, outcome.revised, outcome.retired,
               outcome.restored, outcome.unchanged, outcome.skipped.size());
  Metrics& metrics = exchange.services.metrics;
  const auto count = [&](std::string_view change, std::size_t plans) {
    metrics.count("catalogue_products_total", {{"provider", outcome.provider}, {"outcome", change}},
                  static_cast<double>(plans));
  };
  count("imported", outcome.imported);
  count("revised", outcome.revised);
  count("retired", outcome.retired);
  count("restored", outcome.restored);
  count("unchanged", outcome.unchanged);
  count("skipped", outcome.skipped.size());
}

/// Whether the client wants no answer to wait for the outside (RFC 7240).
bool prefers_async(const Request& request) {
  return request.header("prefer").find("respond-async") != std::string_view::npos;
}

}  // namespace

std::optional<Problem> check_command_permission(const Principal& principal, Command& command) {
  if (auto problem = require(principal, permission_of(command))) return problem;
  if (acts_within_one_account(principal.role)) {
    const bool is_own = std::visit(
        [&](auto& one) {
          if constexpr (requires { one.account_id; }) {
            if (one.account_id.empty()) one.account_id = principal.account_id;
            return one.account_id == principal.account_id;
          } else {
            return is_book_command(command);  // whose account's it is nobody has said
          }
        },
        command);
    if (!is_own) {
      Problem problem;
      problem.code = RejectionCode::not_found;
      return problem;
    }
  }
  // A book that the principal does not see is none for it; only the platform changes others than its own.
  if (const auto* change = std::get_if<ChangeBook>(&command)) {
    const bool may_change = change->book_id == principal.book || is_allowed(principal, Permission::books_manage);
    if (!may_change) return Problem{.code = RejectionCode::not_found};
  }
  if (const auto* update = std::get_if<UpdateAccount>(&command)) return check_update(principal, *update);
  if (const auto* key = std::get_if<CreateApiKey>(&command)) return check_new_key(principal, *key);
  if (const auto* cancel = std::get_if<CancelSubscription>(&command)) return check_cancellation(principal, *cancel);
  if (const auto* adjust = std::get_if<AdjustInvoice>(&command)) return check_adjustment(principal, *adjust);
  const auto* open = std::get_if<OpenAccount>(&command);
  const auto* create = std::get_if<CreateSubscription>(&command);
  const bool brings_method = (open != nullptr && !open->payment_method_token.clear.empty()) ||
                             (create != nullptr && !create->payment_method.clear.empty());
  return brings_method ? require(principal, Permission::payment_methods_manage) : std::nullopt;
}

std::optional<Problem> check_mode(const Principal& principal, const Command& command, const Services& services) {
  const auto* open = std::get_if<OpenAccount>(&command);
  const bool is_sandbox_clock = std::holds_alternative<AdvanceSandboxClock>(command);
  const bool is_for_tests = std::holds_alternative<CreateTestClock>(command) ||
                            std::holds_alternative<AdvanceTestClock>(command) ||
                            (open != nullptr && open->test_clock.has_value());
  if (!is_sandbox_clock && !is_for_tests) return std::nullopt;
  if (services.engine.mode_of(principal.book) == BookMode::test) return std::nullopt;
  Problem problem;
  if (is_sandbox_clock) {
    problem.code = RejectionCode::not_found;
    return problem;
  }
  problem.code = RejectionCode::forbidden;
  problem.detail = "The book is a live one: only test books have test clocks.";
  return problem;
}

std::string complete_command(Command& command, CommandContext& context, Services& services) {
  const std::string book = context.principal.book;
  if (auto* open = std::get_if<OpenAccount>(&command)) {
    const std::optional<BookShown> its = services.engine.find_book(book);
    const schema::BookTermsT terms = its ? terms_of_book(book, its->profile) : schema::BookTermsT();
    if (!open->currency) open->currency = terms.currency != 0 ? Currency{terms.currency} : currency_unless_said;
    if (!open->payment_method_token.clear.empty()) {
      open->payment_method = method_behind(open->payment_method_token, book, services);
    }
    if (open->time_zone.empty()) open->time_zone = terms.time_zone;
    if (open->time_zone.empty()) open->time_zone = default_time_zone(open->address.country);
    if (open->account_id.empty()) open->account_id = "acct_" + new_client_id("account_id", context, services);
  }
  if (auto* attach = std::get_if<AttachPaymentMethod>(&command)) {
    attach->found = method_behind(attach->token, book, services);
  }
  if (auto* create = std::get_if<CreateBook>(&command)) {
    if (create->book_id.empty()) create->book_id = "book_" + new_client_id("book_id", context, services);
    NewApiKey key = make_api_key(create->mode);
    create->key_digest = std::move(key.digest);
    create->key_prefix = std::move(key.prefix);
    context.principal.book = create->book_id;
    return std::move(key.text);
  }
  // What is said about a book is decided, and kept for repeats, in that book.
  if (const std::string* about = book_id_of(command)) context.principal.book = *about;
  if (auto* create = std::get_if<CreateSubscription>(&command)) tell_method(*create, book, services);
  if (auto* start = std::get_if<StartCheckout>(&command)) {
    if (services.engine.mode_of(book) == BookMode::test) start->provider = services.options.checkout_provider;
    start->opened_by = context.principal.name;
  }
  if (auto* sync = std::get_if<SyncCatalogue>(&command)) sync->found = catalogue_of(book, services);
  if (auto* complete = std::get_if<CompleteCheckout>(&command)) {
    complete->found = method_behind(complete->payment_method, book, services);
  }
  if (auto* create = std::get_if<CreateApiKey>(&command)) {
    NewApiKey key = make_api_key(services.engine.mode_of(book));
    create->digest = std::move(key.digest);
    create->prefix = std::move(key.prefix);
    return std::move(key.text);
  }
  return {};
}

std::string fingerprint_of(const Command& command, Services& services) {
  return services.engine.keyring().hmac("fingerprint", canonical_text(command));
}

int accepted_status_of(const Command& command) {
  const bool is_new =
      std::holds_alternative<OpenAccount>(command) || std::holds_alternative<IssueCredit>(command) ||
      std::holds_alternative<AllocateUnitCredits>(command) || std::holds_alternative<DeductUnitCredits>(command) ||
      std::holds_alternative<AdjustUnitCredits>(command) || std::holds_alternative<ReserveUnitCredits>(command) ||
      std::holds_alternative<CreateApiKey>(command) || std::holds_alternative<CreatePlan>(command) ||
      std::holds_alternative<AttachPaymentMethod>(command) || std::holds_alternative<CreateDiscount>(command) ||
      std::holds_alternative<CreateCoupon>(command) || std::holds_alternative<RedeemCoupon>(command) ||
      std::holds_alternative<DraftInvoice>(command) || std::holds_alternative<CreateSubscription>(command) ||
      std::holds_alternative<IssueCreditNote>(command) || std::holds_alternative<AdjustInvoice>(command) ||
      std::holds_alternative<CreateTestClock>(command) || std::holds_alternative<AttemptPayment>(command) ||
      std::holds_alternative<RetryPayment>(command) || std::holds_alternative<CreateBook>(command) ||
      std::holds_alternative<StartCheckout>(command) || std::holds_alternative<IssueRefund>(command) ||
      std::holds_alternative<RecordOfflinePayment>(command) || std::holds_alternative<OpenDispute>(command);
  return is_new ? 201 : 200;
}

Outcome outcome_of(const Exchange& exchange, const Answer& answer, int accepted_status, std::string_view secret) {
  Outcome outcome;
  outcome.body.reserve(512);
  if (!answer.accepted()) {
    const Problem problem = problem_of(answer.rejection);
    append_problem(outcome.body, problem, exchange.request_id);
    outcome.status = problem.status();
    outcome.is_problem = true;
    outcome.code = problem.code;
    return outcome;
  }
  if (answer.is_dry_run) {
    append_dry_run(outcome.body, exchange, answer);
    return outcome;
  }
  const auto* clock = std::get_if<TestClockShown>(&answer.shown);
  const bool is_on_its_way = clock != nullptr && clock->clock.is_advancing();
  outcome.status = is_on_its_way ? 202 : status_of(answer, accepted_status);
  append_shown(outcome.body, answer, answer.is_replay ? std::string_view() : secret,
               viewer_of(exchange, answer.stream));
  return outcome;
}

CommandContext context_of(const Exchange& exchange, Faults& faults) {
  CommandContext context;
  const Request& request = exchange.request;
  context.principal = exchange.principal;
  context.request_id = exchange.request_id;
  const std::string_view trace = request.header("traceparent");
  if (valid_traceparent(trace)) context.traceparent = trace;
  context.dry_run = query_flag(request, "dry_run", faults);
  context.waits = query_flag(request, "wait", faults);
  for (const Header& header : request.headers) {
    if (header.name == "idempotency-key") {
      if (!valid_idempotency_key(header.value)) {
        faults.malformed("Idempotency-Key", fault_codes::invalid, "must be 1 to 255 visible ASCII characters");
      } else {
        context.idempotency_key = header.value;
      }
    } else if (header.name == "if-match") {
      const IfMatch condition = parse_if_match(header.value);
      if (!condition.is_valid) faults.malformed("If-Match", fault_codes::invalid, "must be an entity tag or *");
      context.if_match = condition.version;
    }
  }
  return context;
}

void run_command(const ExchangePtr& exchange, Command command) {
  Services& services = exchange->services;
  Faults faults;
  CommandContext context = context_of(*exchange, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (const auto problem = check_command_permission(exchange->principal, command)) return exchange->refuse(*problem);
  if (const auto problem = check_mode(exchange->principal, command, services)) return exchange->refuse(*problem);
  if (!context.idempotency_key.empty()) context.fingerprint = fingerprint_of(command, services);
  if (!prefers_async(exchange->request)) context.payment_wait = services.options.payment_wait;
  std::string secret = complete_command(command, context, services);
  const int accepted_status = accepted_status_of(command);
  Work work;
  work.context = std::move(context);
  work.command = std::move(command);
  work.done = [exchange, accepted_status, secret = std::move(secret)](Answer answer) {
    if (answer.is_replay) exchange->services.metrics.idempotent_replay();
    if (!answer.accepted()) return exchange->refuse(problem_of(answer.rejection), headers_of(answer));
    note_sync(*exchange, answer);
    Outcome outcome = outcome_of(*exchange, answer, accepted_status, secret);
    exchange->send(outcome.status, std::move(outcome.body), headers_of(answer));
  };
  if (!services.engine.submit(std::move(work))) exchange->refuse_busy();
}

}  // namespace daybook
