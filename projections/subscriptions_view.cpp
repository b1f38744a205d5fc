#include "projections/subscriptions_view.h"

#include <algorithm>
#include <type_traits>
#include <unordered_set>

#include "domain/byte_codec.h"
#include "domain/state_codec.h"
#include "domain/subscription_fold.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/index_page.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char subscription_table = 'u';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char history_table = 'h';
constexpr char stream_table = 'o';

std::string own_key(char table, std::string_view book, std::string_view account, EntityRef id) {
  return KeyWriter(table).text(book).text(account).number(id.stream_version).number(id.slot).take();
}
std::string book_list(std::string_view book, SubscriptionStatus status) {
  return KeyWriter(book_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string account_list(std::string_view book, std::string_view account, SubscriptionStatus status) {
  return KeyWriter(account_table).text(book).text(account).number(static_cast<std::uint8_t>(status)).take();
}
std::string order_suffix(const Subscription& subscription) {
  const EntityRef id = subscription.id;
  return key_suffix(static_cast<std::uint64_t>(micros(subscription.created_at)), id.stream_ordinal, id.stream_version,
                    id.slot);
}
constexpr std::size_t order_head_bytes = 2 * sizeof(std::uint64_t);  ///< Before its place in its account.
std::string stream_key(ShardNumber shard, std::uint64_t ordinal) {
  return KeyWriter(stream_table).number(shard).number(ordinal).take();
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
    std::optional<SubscriptionStatus> listed;  ///< As the lists have it.
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
    value.listed = value.stored.subscription.status;
    return true;
  }
};

/// Calls use(payload) with the event's own table if it is about a subscription.
template <class Use>
void with_payload(const FoldEvent& event, Use use) {
  const schema::Envelope& envelope = *event.envelope;
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
    case schema::Event::DiscountApplied:
      if (entity(envelope.event_as_DiscountApplied()->subscription()).is_none()) return;
      return use(*envelope.event_as_DiscountApplied());
    default:
      return;
  }
}

template <class Payload>
constexpr bool is_no_transition =
    std::is_same_v<Payload, schema::SubscriptionRenewed> || std::is_same_v<Payload, schema::DiscountApplied>;

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
      if (row.value.listed == subscription.status) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const std::string suffix = order_suffix(subscription);
      if (row.value.listed) {
        lists_.erase(book_list(book, *row.value.listed) + suffix);
        lists_.erase(account_list(book, account, *row.value.listed) + suffix);
      }
      lists_.put(book_list(book, subscription.status) + suffix, std::string(account));
      lists_.put(account_list(book, account, subscription.status) + suffix, std::string(account));
      row.value.listed = subscription.status;
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
    known_streams_.clear();
  }
  std::size_t memory_bytes() const override {
    return subscriptions_.memory_bytes() + lists_.memory_bytes() + history_.memory_bytes() + streams_.memory_bytes() +
           known_streams_.size() * 48;
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
    if (!known_streams_.insert(stream_number(event.shard, event.ordinal)).second) return;
    streams_.put(stream_key(event.shard, event.ordinal),
                 KeyWriter(stream_table).text(event.book).text(event.account).take());
  }
  template <class Payload>
  void fold_payload(const FoldEvent& event, const Payload& payload) {
    const EntityRef id = entity(payload.subscription());
    constexpr bool needs_period =
        requires { payload.period(); } && !std::is_same_v<Payload, schema::SubscriptionReactivated>;
    if constexpr (needs_period) {
      if (payload.period() == nullptr) refuse(event, "an event of a subscription that lacks its period");
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
  RowChanges streams_;
  std::unordered_set<std::uint64_t> known_streams_;  ///< Whose row has been written, or is in streams_.
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
    return c >= static_cast<char>(SubscriptionStatus::trialing) && c <= static_cast<char>(SubscriptionStatus::canceled);
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
  const auto stream = snapshot_.rows().get(stream_key(subscription.shard, subscription.stream_ordinal));
  if (!stream) return std::nullopt;
  KeyReader reader(*stream);
  if (reader.text() != book) return std::nullopt;
  const std::string account(reader.text());
  if (!reader.finished()) throw DamagedView("a damaged row");
  const auto bytes = snapshot_.rows().get(own_key(subscription_table, book, account, subscription));
  if (!bytes) return std::nullopt;
  return make_row(book, account, bytes);
}

Page<SubscriptionRow> SubscriptionsReader::list(std::string_view book, const SubscriptionFilter& filter,
                                                const PageRequest<EntityRef>& request) const {
  Page<SubscriptionRow> page;
  IndexBounds bounds;
  bounds.limit = request.limit;
  const auto place = [&](const std::optional<EntityRef>& id, std::optional<std::string>& suffix) {
    if (!id) return;
    const auto row = find(book, *id);
    const bool is_listed = row && (!filter.account_id || row->account_id == *filter.account_id);
    page.cursor_found = page.cursor_found && is_listed;
    if (is_listed) suffix = order_suffix(row->subscription);
  };
  place(request.starting_after, bounds.starting_after);
  place(request.ending_before, bounds.ending_before);
  if (!page.cursor_found) return page;
  std::vector<std::string> prefixes;
  for (const auto status : {SubscriptionStatus::trialing, SubscriptionStatus::active, SubscriptionStatus::canceled}) {
    if (filter.status.value_or(status) != status) continue;
    prefixes.push_back(filter.account_id ? account_list(book, *filter.account_id, status) : book_list(book, status));
  }
  const IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    if (entry.suffix.size() < order_head_bytes) throw DamagedView("a damaged row of a list");
    // The order's suffix ends with the subscription's place in its account.
    const std::string key =
        KeyWriter(subscription_table).text(book).text(entry.value).take() + entry.suffix.substr(order_head_bytes);
    page.data.push_back(make_row(book, entry.value, snapshot_.rows().get(key)));
  }
  return page;
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
