#include "projections/subscriptions_view.h"

#include <algorithm>
#include <type_traits>

#include "domain/byte_codec.h"
#include "domain/state_codec.h"
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/entity_list.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/stream_accounts.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char subscription_table = 'u';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char plan_table = 'p';
constexpr char account_plan_table = 'q';
constexpr char provider_table = 'x';
constexpr char history_table = 'h';

std::string own_key(char table, std::string_view book, std::string_view account, EntityRef id) {
  return KeyWriter(table).text(book).text(account).number(id.stream_version).number(id.slot).take();
}
std::string book_list(std::string_view book, SubscriptionStatus status) {
  return KeyWriter(book_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string account_list(std::string_view book, std::string_view account, SubscriptionStatus status) {
  return KeyWriter(account_table).text(book).text(account).number(static_cast<std::uint8_t>(status)).take();
}
std::string plan_list(std::string_view book, std::string_view plan, SubscriptionStatus status) {
  return KeyWriter(plan_table).text(book).text(plan).number(static_cast<std::uint8_t>(status)).take();
}
std::string account_plan_list(std::string_view book, std::string_view account, std::string_view plan,
                              SubscriptionStatus status) {
  KeyWriter key(account_plan_table);
  return key.text(book).text(account).text(plan).number(static_cast<std::uint8_t>(status)).take();
}
std::string provider_list(std::string_view book, std::string_view provider_subscription, SubscriptionStatus status) {
  KeyWriter key(provider_table);
  return key.text(book).text(provider_subscription).number(static_cast<std::uint8_t>(status)).take();
}
/// Under what a subscription is listed.
struct ListedAs {
  SubscriptionStatus status{};
  std::string plan_id, provider_subscription_id;
  bool operator==(const ListedAs&) const = default;
};
ListedAs listed_as(const Subscription& subscription) {
  return {subscription.status, subscription.plan_id, subscription.mirrored.id};
}
/// Those that it is in.
std::vector<std::string> lists_of(std::string_view book, std::string_view account, const ListedAs& one) {
  std::vector<std::string> lists = {book_list(book, one.status), account_list(book, account, one.status),
                                    plan_list(book, one.plan_id, one.status),
                                    account_plan_list(book, account, one.plan_id, one.status)};
  const std::string& mirrored = one.provider_subscription_id;
  if (!mirrored.empty()) lists.push_back(provider_list(book, mirrored, one.status));
  return lists;
}
bool matches(const SubscriptionRow& row, const SubscriptionFilter& filter) {
  const Subscription& subscription = row.subscription;
  return filter.account_id.value_or(row.account_id) == row.account_id &&
         filter.plan_id.value_or(subscription.plan_id) == subscription.plan_id &&
         filter.provider_subscription_id.value_or(subscription.mirrored.id) == subscription.mirrored.id;
}
std::string narrowest_list(std::string_view book, const SubscriptionFilter& filter, SubscriptionStatus status) {
  if (filter.provider_subscription_id) return provider_list(book, *filter.provider_subscription_id, status);
  if (filter.account_id && filter.plan_id) return account_plan_list(book, *filter.account_id, *filter.plan_id, status);
  if (filter.account_id) return account_list(book, *filter.account_id, status);
  return filter.plan_id ? plan_list(book, *filter.plan_id, status) : book_list(book, status);
}
struct StoredSubscription {
  Position position = 0;
  Subscription subscription;
};

std::optional<StoredSubscription> decode_stored(std::string_view bytes) {
  StoredSubscription stored;
  if (bytes.size() < sizeof(stored.position)) return std::nullopt;
  ByteReader(bytes).number(stored.position);
  auto subscription = decode_subscription(bytes.substr(sizeof(stored.position)));
  if (!subscription) return std::nullopt;
  stored.subscription = std::move(*subscription);
  return stored;
}

struct SubscriptionTraits {
  struct Value {
    StoredSubscription stored;
    std::optional<ListedAs> listed;  ///< As the lists have it.
  };
  static constexpr std::size_t memory_bytes = 1'400;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.stored.position);
    return bytes + encode_row(value.stored.subscription);
  }
  static bool decode(std::string_view bytes, Value& value) {
    auto stored = decode_stored(bytes);
    if (!stored) return false;
    value.stored = std::move(*stored);
    value.listed = listed_as(value.stored.subscription);
    return true;
  }
};

/// Calls use(payload) with the event's own table if it is about a subscription.
template <class Use>
void with_payload(const FoldEvent& event, Use use) {
  const schema::Envelope& envelope = *event.envelope;
  // Of the account where it names no subscription.
  const auto use_of_subscription = [&](const auto& payload) {
    if (!entity(payload.subscription()).is_none()) use(payload);
  };
  switch (envelope.event_type()) {
    case schema::Event::SubscriptionCreated:
      return use(*envelope.event_as_SubscriptionCreated());
    case schema::Event::SubscriptionTrialStarted:
      return use(*envelope.event_as_SubscriptionTrialStarted());
    case schema::Event::SubscriptionActivated:
      return use(*envelope.event_as_SubscriptionActivated());
    case schema::Event::TrialConverted:
      return use(*envelope.event_as_TrialConverted());
    case schema::Event::SubscriptionRenewed:
      return use(*envelope.event_as_SubscriptionRenewed());
    case schema::Event::SubscriptionCancellationScheduled:
      return use(*envelope.event_as_SubscriptionCancellationScheduled());
    case schema::Event::SubscriptionCanceled:
      return use(*envelope.event_as_SubscriptionCanceled());
    case schema::Event::SubscriptionReactivated:
      return use(*envelope.event_as_SubscriptionReactivated());
    case schema::Event::PlanChanged:
      return use(*envelope.event_as_PlanChanged());
    case schema::Event::SubscriptionQuantityChanged:
      return use(*envelope.event_as_SubscriptionQuantityChanged());
    case schema::Event::ProrationCalculated:
      return use(*envelope.event_as_ProrationCalculated());
    case schema::Event::PlanChangeScheduled:
      return use(*envelope.event_as_PlanChangeScheduled());
    case schema::Event::ScheduledPlanChangeCanceled:
      return use(*envelope.event_as_ScheduledPlanChangeCanceled());
    case schema::Event::SubscriptionDetailsChanged:
      return use(*envelope.event_as_SubscriptionDetailsChanged());
    case schema::Event::SubscriptionPaused:
      return use(*envelope.event_as_SubscriptionPaused());
    case schema::Event::SubscriptionResumed:
      return use(*envelope.event_as_SubscriptionResumed());
    case schema::Event::SubscriptionBecamePastDue:
      return use(*envelope.event_as_SubscriptionBecamePastDue());
    case schema::Event::SubscriptionRecovered:
      return use(*envelope.event_as_SubscriptionRecovered());
    case schema::Event::ProviderSubscriptionMirrored:
      return use(*envelope.event_as_ProviderSubscriptionMirrored());
    case schema::Event::TrialEndedEarly:
      return use_of_subscription(*envelope.event_as_TrialEndedEarly());
    case schema::Event::TrialReminderIssued:
      return use_of_subscription(*envelope.event_as_TrialReminderIssued());
    case schema::Event::TrialExpired:
      return use_of_subscription(*envelope.event_as_TrialExpired());
    case schema::Event::DiscountApplied:
      return use_of_subscription(*envelope.event_as_DiscountApplied());
    case schema::Event::DiscountRemoved:
      return use(*envelope.event_as_DiscountRemoved());
    default:
      return;
  }
}

template <class Payload>
constexpr bool is_no_transition =
    std::is_same_v<Payload, schema::SubscriptionRenewed> || std::is_same_v<Payload, schema::DiscountApplied> ||
    std::is_same_v<Payload, schema::DiscountRemoved> || std::is_same_v<Payload, schema::ProrationCalculated> ||
    std::is_same_v<Payload, schema::SubscriptionDetailsChanged> ||
    std::is_same_v<Payload, schema::ProviderSubscriptionMirrored> ||
    std::is_same_v<Payload, schema::TrialReminderIssued>;

class SubscriptionsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { subscriptions_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) {
      const EntityRef id = entity(payload.subscription());
      if (id.is_none() || event.envelope->event_type() == schema::Event::SubscriptionCreated) return;
      subscriptions_.want(id_of(event, id), [&] { return key_of(event, id); });
    });
  }
  void load() override { subscriptions_.load(); }

  void fold(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) { fold_payload(event, payload); });
  }

  void write(RowBatch& batch) override {
    subscriptions_.write(batch, [&](RowTable<SubscriptionTraits>::Row& row) {
      const Subscription& subscription = row.value.stored.subscription;
      ListedAs listed = listed_as(subscription);
      if (row.value.listed == listed) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      std::vector<std::string> from, to = lists_of(book, account, listed);
      if (row.value.listed) from = lists_of(book, account, *row.value.listed);
      // A list that it stays in is not touched: a batch changes a key once.
      std::erase_if(from, [&](const std::string& list) { return std::erase(to, list) != 0; });
      relist(lists_, from, to, order_suffix(subscription.created_at, subscription.id), account);
      row.value.listed = std::move(listed);
    });
    lists_.write(batch);
    history_.write(batch);
    streams_.write(batch);
    subscriptions_.forget_if(
        [](const SubscriptionTraits::Value& value) { return !value.stored.subscription.is_live(); });
  }
  void forget() override {
    subscriptions_.forget();
    lists_.forget();
    history_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override {
    return subscriptions_.memory_bytes() + lists_.memory_bytes() + history_.memory_bytes() + streams_.memory_bytes();
  }

 private:
  void fold_payload(const FoldEvent& event, const schema::SubscriptionCreated& payload) {
    const EntityRef id = entity(payload.subscription());
    // So no other event can have created it, and the store need not be asked.
    if (id.stream_version != event.version || id.stream_ordinal != event.ordinal) {
      refuse(event, "a subscription that has another event's id");
    }
    if (payload.price() == nullptr) refuse(event, "a subscription without its price");
    auto& row = subscriptions_.add(id_of(event, id), [&] { return key_of(event, id); });
    row.value.stored.subscription = created_subscription(payload, event.moment());
    row.value.stored.position = event.position;
    subscriptions_.change(row);
    streams_.note(event);
  }
  template <class Payload>
  void fold_payload(const FoldEvent& event, const Payload& payload) {
    const EntityRef id = entity(payload.subscription());
    constexpr bool needs_plan = requires { payload.plan(); };
    if constexpr (needs_plan) {
      if (payload.plan() == nullptr || payload.plan()->price() == nullptr)
        refuse(event, "a change that lacks its plan");
    }
    constexpr bool needs_period = requires { payload.period(); } &&
                                  !std::is_same_v<Payload, schema::SubscriptionReactivated> &&
                                  !std::is_same_v<Payload, schema::SubscriptionResumed> &&
                                  !std::is_same_v<Payload, schema::TrialExpired> && !needs_plan;
    if constexpr (needs_period) {
      if (payload.period() == nullptr) refuse(event, "an event of a subscription that lacks its period");
    }
    if constexpr (std::is_same_v<Payload, schema::TrialExpired>) {
      const auto* plan = payload.free_plan();
      const bool is_whole = plan != nullptr && plan->price() != nullptr && payload.period() != nullptr;
      if (payload.outcome() == schema::TrialOutcome::downgraded && !is_whole) {
        refuse(event, "a trial that moves to a plan it does not tell");
      }
    }
    auto& row = subscriptions_.at(id_of(event, id), [&] { return key_of(event, id); });
    StoredSubscription& stored = row.value.stored;
    if (stored.position == 0) refuse(event, "there is no such subscription");
    const bool is_first = stored.subscription.period_start == never;
    const SubscriptionStatus before = stored.subscription.status;
    daybook::fold(stored.subscription, payload, event.moment());
    subscriptions_.change(row);
    if constexpr (is_no_transition<Payload>) return;
    std::string statuses(1, is_first ? '\0' : static_cast<char>(before));
    statuses += static_cast<char>(stored.subscription.status);
    history_.put(own_key(history_table, event.book, event.account, id) + key_suffix(event.position),
                 std::move(statuses));
  }
  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  static std::string key_of(const FoldEvent& event, EntityRef id) {
    return own_key(subscription_table, event.book, event.account, id);
  }

  RowTable<SubscriptionTraits> subscriptions_;
  RowChanges lists_;
  RowChanges history_;
  StreamAccounts streams_;
};

SubscriptionRow make_row(std::string_view book, std::string_view account, const std::optional<std::string>& bytes) {
  auto stored = bytes ? decode_stored(*bytes) : std::nullopt;
  if (!stored) throw DamagedView("a missing or damaged row");
  SubscriptionRow row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.created_at = {stored->subscription.id.shard, stored->position};
  row.subscription = std::move(stored->subscription);
  return row;
}

SubscriptionTransition transition_of(std::string_view key, std::string_view statuses) {
  const auto is_status = [](char c) {
    return c >= static_cast<char>(SubscriptionStatus::trialing) && c <= static_cast<char>(SubscriptionStatus::past_due);
  };
  const bool is_whole = key.size() >= sizeof(Position) && statuses.size() == 2 &&
                        (statuses[0] == '\0' || is_status(statuses[0])) && is_status(statuses[1]);
  if (!is_whole) throw DamagedView("a damaged row of a history");
  SubscriptionTransition transition;
  KeyReader position(key.substr(key.size() - sizeof(Position) - 1));
  transition.position = position.number<Position>();
  if (statuses[0] != '\0') transition.from = static_cast<SubscriptionStatus>(statuses[0]);
  transition.to = static_cast<SubscriptionStatus>(statuses[1]);
  return transition;
}

}  // namespace

std::unique_ptr<ViewFold> make_subscriptions_fold() {
  return std::make_unique<SubscriptionsFold>();
}

std::optional<SubscriptionRow> SubscriptionsReader::find(std::string_view book, EntityRef subscription) const {
  const std::optional<std::string> account = account_of(snapshot_.rows(), book, subscription);
  if (!account) return std::nullopt;
  const auto bytes = snapshot_.rows().get(own_key(subscription_table, book, *account, subscription));
  if (!bytes) return std::nullopt;
  return make_row(book, *account, bytes);
}

Page<SubscriptionRow> SubscriptionsReader::list(std::string_view book, const SubscriptionFilter& filter,
                                                const PageRequest<EntityRef>& request) const {
  IndexBounds bounds;
  const bool is_placed = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = find(book, id);
    if (!row || !matches(*row, filter)) return std::nullopt;
    return order_suffix(row->subscription.created_at, id);
  });
  if (!is_placed) return {{}, false, false};
  std::vector<std::string> prefixes;
  for (const SubscriptionStatus status : subscription_statuses) {
    if (filter.status.value_or(status) != status) continue;
    prefixes.push_back(narrowest_list(book, filter, status));
  }
  // What a provider has for a subscription it has for that one: its list is not narrowed any more.
  const auto whose = filter.provider_subscription_id ? std::nullopt : filter.account_id;
  auto page = read_list<SubscriptionRow>(
      snapshot_.rows(), prefixes, bounds, whose, [&](std::string_view account, std::string_view place) {
        const std::string key = KeyWriter(subscription_table).text(book).text(account).take().append(place);
        return make_row(book, account, snapshot_.rows().get(key));
      });
  std::erase_if(page.data, [&](const SubscriptionRow& row) { return !matches(row, filter); });
  return page;
}

bool SubscriptionsReader::is_primary(std::string_view book, const SubscriptionRow& row) const {
  if (!row.subscription.is_live()) return false;
  const std::string own = order_suffix(row.subscription.created_at, row.subscription.id);
  for (const SubscriptionStatus status : subscription_statuses) {
    if (!is_live(status)) continue;
    const std::string prefix = account_list(book, row.account_id, status);
    bool has_older = false;
    snapshot_.rows().scan(prefix, prefix + own, [&](std::string_view, std::string_view) {
      has_older = true;
      return false;
    });
    if (has_older) return false;
  }
  return true;
}

Page<SubscriptionTransition> SubscriptionsReader::history(std::string_view book, const SubscriptionRow& row,
                                                          const PageRequest<Position>& request) const {
  Page<SubscriptionTransition> page;
  const std::string prefix = own_key(history_table, book, row.account_id, row.subscription.id);
  const auto key_at = [&](Position position) { return prefix + key_suffix(position); };
  if (request.starting_after) {
    page.cursor_found = snapshot_.rows().get(key_at(*request.starting_after)).has_value();
    if (!page.cursor_found) return page;
  }
  const std::string from = request.starting_after ? key_at(*request.starting_after + 1) : prefix;
  const std::size_t limit = std::clamp<std::size_t>(request.limit, 1, page_limit_max);
  snapshot_.rows().scan(from, after_prefix(prefix), [&](std::string_view key, std::string_view statuses) {
    page.has_more = page.data.size() == limit;
    if (!page.has_more) page.data.push_back(transition_of(key, statuses));
    return !page.has_more;
  });
  return page;
}

}  // namespace daybook
