// Subscriptions: created, changed, cancelled, begun again; listed and read, with their history.
#include "domain/tables.h"
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 6> subscription_status_names = {"trialing", "active",  "canceled",
                                                                       "paused",   "expired", "past_due"};

void answer_subscription(const ExchangePtr& exchange, const AccountCopy& copy) {
  std::string body;
  const bool is_primary = copy.subscription->id == copy.primary_subscription;
  append_subscription(body, copy.details.id, *copy.subscription, is_primary, viewer_of(*exchange, copy.stream));
  exchange->send_resource(std::move(body), copy.subscription->version);
}

ParsedCommand parse_plan_change(const Exchange& exchange) {
  CommandTarget target = entity_of_path(exchange);
  target.is_from_path = true;
  return parse_command(ChangePlan::name_of_command, exchange.request.body, target);
}

/// The general change where the path says when: a body that says otherwise is refused.
void run_plan_change(const ExchangePtr& exchange, ChangeEffect effective) {
  if (!accept_json(exchange)) return;
  ParsedCommand parsed = parse_plan_change(*exchange);
  if (parsed.command) {
    ChangePlan& change = std::get<ChangePlan>(*parsed.command);
    if (change.effective.value_or(effective) != effective) {
      Faults faults;
      faults.invalid("/effective", fault_codes::conflict, "is said by the path");
      return exchange->refuse(std::move(faults));
    }
    change.effective = effective;
  }
  run_parsed(exchange, std::move(parsed));
}

/// What was changed from and to, of an event that changes it.
struct Moved {
  std::string_view from_plan, to_plan;
  std::optional<std::int64_t> from_quantity, to_quantity;
};

Moved moved_by(const schema::Envelope& envelope) {
  Moved moved;
  if (const auto* event = envelope.event_as_SubscriptionCreated()) {
    if (event->plan_id() != nullptr) moved.to_plan = event->plan_id()->string_view();
    moved.to_quantity = event->quantity();
  }
  if (const auto* event = envelope.event_as_PlanChanged()) {
    if (event->from_plan_id() != nullptr) moved.from_plan = event->from_plan_id()->string_view();
    const auto* plan = event->plan();
    if (plan != nullptr && plan->plan_id() != nullptr) moved.to_plan = plan->plan_id()->string_view();
    moved.from_quantity = event->from_quantity();
    moved.to_quantity = event->quantity();
  }
  if (const auto* event = envelope.event_as_SubscriptionQuantityChanged()) {
    moved.from_quantity = event->from_quantity();
    moved.to_quantity = event->quantity();
  }
  if (const auto* event = envelope.event_as_PlanChangeScheduled()) {
    const auto* plan = event->plan();
    if (plan != nullptr && plan->plan_id() != nullptr) moved.to_plan = plan->plan_id()->string_view();
    if (event->quantity() != 0) moved.to_quantity = event->quantity();
  }
  if (const auto* event = envelope.event_as_TrialExpired()) {
    const auto* plan = event->free_plan();
    if (plan != nullptr && plan->plan_id() != nullptr) moved.to_plan = plan->plan_id()->string_view();
  }
  return moved;
}

/// Why it was changed or paused, of an event that says so.
Sealed change_reason_of(const schema::Envelope& envelope) {
  if (const auto* event = envelope.event_as_PlanChanged()) return from_table(event->reason());
  if (const auto* event = envelope.event_as_SubscriptionQuantityChanged()) return from_table(event->reason());
  if (const auto* event = envelope.event_as_PlanChangeScheduled()) return from_table(event->reason());
  if (const auto* event = envelope.event_as_SubscriptionPaused()) return from_table(event->reason());
  return {};
}

/// Why it was cancelled, of an event that says so.
Sealed reason_of(const schema::Envelope& envelope) {
  if (const auto* event = envelope.event_as_SubscriptionCancellationScheduled()) {
    return from_table(event->cancel_reason());
  }
  if (const auto* event = envelope.event_as_SubscriptionCanceled()) return from_table(event->cancel_reason());
  return {};
}

void append_transition(std::string& out, const Exchange& exchange, const SubscriptionRow& row,
                       const SubscriptionTransition& transition) {
  const ShardNumber shard = row.created_at.shard;
  const std::string bytes = exchange.services.engine.log().read_one(shard, transition.position);
  const schema::Envelope& envelope = *schema::GetEnvelope(bytes.data());
  const Viewer viewer = viewer_of(exchange, row.stream);
  JsonText json(out);
  json.begin_object().member("object", "subscription_transition");
  json.member("id", format_event_id(shard, transition.position));
  id_member(json, "subscription_id", "sub", row.subscription.id, viewer);
  json.member("type", exchange.services.renderer.type_name(bytes));
  member_or_null(json, "from_status", transition.from ? to_text(*transition.from) : std::string_view());
  json.member("to_status", to_text(transition.to));
  // The first one says what was subscribed to, which stands in the event that created it.
  const std::string created =
      transition.from ? std::string() : exchange.services.engine.log().read_one(shard, row.created_at.position);
  const Moved moved = moved_by(transition.from ? envelope : *schema::GetEnvelope(created.data()));
  member_or_null(json, "from_plan_id", moved.from_plan);
  member_or_null(json, "to_plan_id", moved.to_plan);
  number_or_null(json, "from_quantity", moved.from_quantity);
  number_or_null(json, "to_quantity", moved.to_quantity);
  const auto* actor = envelope.actor();
  json.member("actor", actor && actor->principal() ? actor->principal()->string_view() : std::string_view("system"));
  sealed_member(json, "cancel_reason", reason_of(envelope), viewer);
  sealed_member(json, "reason", change_reason_of(envelope), viewer);
  instant_member(json, "at", instant(envelope.decided_at()));
  json.end_object();
}

}  // namespace

void create_subscription(ExchangePtr exchange) {
  run_body_command(exchange, CreateSubscription::name_of_command);
}

void cancel_subscription(ExchangePtr exchange) {
  run_for_entity(exchange, CancelSubscription::name_of_command);
}

void reactivate_subscription(ExchangePtr exchange) {
  run_for_entity(exchange, ReactivateSubscription::name_of_command);
}

void pause_subscription(ExchangePtr exchange) {
  run_for_entity(exchange, PauseSubscription::name_of_command);
}

void resume_subscription(ExchangePtr exchange) {
  run_for_entity(exchange, ResumeSubscription::name_of_command);
}

void change_plan(ExchangePtr exchange) {
  run_for_entity(exchange, ChangePlan::name_of_command);
}

void upgrade_now(ExchangePtr exchange) {
  run_plan_change(exchange, ChangeEffect::now);
}

void schedule_plan_change(ExchangePtr exchange) {
  run_plan_change(exchange, ChangeEffect::period_end);
}

void downgrade(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  ParsedCommand parsed = parse_plan_change(*exchange);
  if (parsed.command) std::get<ChangePlan>(*parsed.command).is_downgrade = true;
  run_parsed(exchange, std::move(parsed));
}

void cancel_scheduled_plan_change(ExchangePtr exchange) {
  run_for_entity(exchange, CancelScheduledPlanChange::name_of_command);
}

void apply_subscription_discount(ExchangePtr exchange) {
  run_for_entity(exchange, ApplyDiscount::name_of_command);
}

/// The path names the discount too.
void remove_subscription_discount(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("di", exchange->path[1]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  const std::string body = R"({"discount":")" + format_id("di", *id) + R"("})";
  run_parsed(exchange, parse_command(RemoveDiscount::name_of_command, body, target));
}

void change_quantity(ExchangePtr exchange) {
  run_for_entity(exchange, ChangeQuantity::name_of_command);
}

void update_subscription(ExchangePtr exchange) {
  run_for_entity(exchange, UpdateSubscription::name_of_command);
}

void list_subscriptions(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  SubscriptionFilter filter;
  const Rule status = one_of(subscription_status_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    filter.status = static_cast<SubscriptionStatus>(value_of_name(status, *name));
  }
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  filter.plan_id = query_text(request, "plan_id", a(FieldKind::client_id), faults);
  filter.provider_subscription_id =
      query_text(request, "provider_subscription_id", rules::provider_text.must(), faults);
  const PageRequest<EntityRef> page_request = query_page(request, "sub", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (!exchange->narrow_to_own(filter.account_id)) return exchange->refuse(RejectionCode::not_found);
  read_view(exchange, {ViewName::subscriptions}, [exchange, filter, page_request] {
    const SubscriptionsReader reader = exchange->services.projections.subscriptions();
    const Page<SubscriptionRow> page = reader.list(exchange->principal.book, filter, page_request);
    send_page(exchange, page, [&](std::string& out, const SubscriptionRow& row) {
      const bool is_primary = reader.is_primary(exchange->principal.book, row);
      append_subscription(out, row.account_id, row.subscription, is_primary, viewer_of(*exchange, row.stream));
    });
  });
}

void get_subscription(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("sub", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  read_account(std::move(exchange), {{}, id}, [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.subscription) return answered->refuse(RejectionCode::not_found);
    answer_subscription(answered, copy);
  });
}

void get_account_subscription(ExchangePtr exchange) {
  ReadTarget target;
  target.account_id = exchange->path[0];
  target.current_subscription = true;
  target.all_details = true;
  read_account(std::move(exchange), std::move(target), [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.subscription) return answered->refuse(RejectionCode::no_subscription);
    std::string body;
    append_current_subscription(body, copy.details, *copy.subscription, copy.now, viewer_of(*answered, copy.stream));
    answered->send(200, std::move(body));  // no tag: it changes with time, and with what is not the subscription's
  });
}

void get_subscription_history(ExchangePtr exchange) {
  Faults faults;
  PageRequest<Position> page_request;
  page_request.limit = query_limit(exchange->request, faults);
  if (const auto text = exchange->request.query_value("starting_after")) {
    const std::optional<LogRef> after = parse_event_id(*text);
    if (!after) faults.invalid("?starting_after", fault_codes::invalid, "must be an event's id");
    if (after) page_request.starting_after = after->position;
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const std::optional<EntityRef> id = parse_id("sub", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  // Whether it may be seen is asked of the account.
  read_account(std::move(exchange), {{}, id}, [id, page_request](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.subscription) return answered->refuse(RejectionCode::not_found);
    read_view(answered, {ViewName::subscriptions}, [answered, id, page_request] {
      const SubscriptionsReader reader = answered->services.projections.subscriptions();
      const auto row = reader.find(answered->principal.book, *id);
      if (!row) return answered->refuse(RejectionCode::not_found);
      const auto page = reader.history(answered->principal.book, *row, page_request);
      send_page(answered, page, [&](std::string& out, const SubscriptionTransition& one) {
        append_transition(out, *answered, *row, one);
      });
    });
  });
}

}  // namespace daybook
