// Subscriptions: created, cancelled, begun again; listed and read, with their history.
#include "domain/tables.h"
#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 3> subscription_status_names = {"trialing", "active", "canceled"};

void answer_subscription(const ExchangePtr& exchange, const AccountCopy& copy) {
  std::string body;
  append_subscription(body, copy.details.id, *copy.subscription, viewer_of(*exchange, copy.stream));
  exchange->send_resource(std::move(body), copy.subscription->version);
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
  const auto* actor = envelope.actor();
  json.member("actor", actor && actor->principal() ? actor->principal()->string_view() : std::string_view("system"));
  sealed_member(json, "cancel_reason", reason_of(envelope), viewer);
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

void list_subscriptions(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  SubscriptionFilter filter;
  PageRequest<EntityRef> page_request;
  const Rule status = one_of(subscription_status_names);
  if (const auto name = query_text(request, "status", status, faults)) {
    filter.status = static_cast<SubscriptionStatus>(value_of_name(status, *name));
  }
  filter.account_id = query_text(request, "account_id", a(FieldKind::client_id), faults);
  page_request.limit = query_limit(request, faults);
  page_request.starting_after = query_id(request, "starting_after", "sub", faults);
  page_request.ending_before = query_id(request, "ending_before", "sub", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (exchange->is_within_one_account()) {
    const std::string& own = exchange->principal.account_id;
    if (filter.account_id.value_or(own) != own) return exchange->refuse(RejectionCode::not_found);
    filter.account_id = own;
  }
  read_view(exchange, {ViewName::subscriptions}, [exchange, filter, page_request] {
    const Page<SubscriptionRow> page =
        exchange->services.projections.subscriptions().list(exchange->principal.book, filter, page_request);
    if (!page.cursor_found) return refuse_cursor(exchange);
    std::string body;
    begin_list(body, page, [&](const SubscriptionRow& row) {
      append_subscription(body, row.account_id, row.subscription, viewer_of(*exchange, row.stream));
    });
    exchange->send(200, std::move(body += '}'));
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
  read_account(std::move(exchange), std::move(target), [](const ExchangePtr& answered, const AccountCopy& copy) {
    if (!copy.subscription) return answered->refuse(RejectionCode::no_subscription);
    answer_subscription(answered, copy);
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
      if (!page.cursor_found) return refuse_cursor(answered);
      std::string body;
      begin_list(body, page, [&](const SubscriptionTransition& one) { append_transition(body, *answered, *row, one); });
      answered->send(200, std::move(body += '}'));
    });
  });
}

}  // namespace daybook
