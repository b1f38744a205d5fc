#include "projections/payments_view.h"

#include <array>

#include "domain/byte_codec.h"
#include "domain/payment_fold.h"
#include "domain/refund_fold.h"
#include "domain/state_codec.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/entity_list.h"
#include "projections/reversal_events.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/stream_accounts.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char payment_table = 'p';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char invoice_table = 'v';
constexpr char transaction_table = 't';

constexpr std::array statuses = {PaymentStatus::pending, PaymentStatus::requires_action,    PaymentStatus::succeeded,
                                 PaymentStatus::failed,  PaymentStatus::partially_refunded, PaymentStatus::refunded,
                                 PaymentStatus::disputed};

std::string account_prefix(std::string_view book, std::string_view account) {
  return KeyWriter(payment_table).text(book).text(account).take();
}
std::string own_key(std::string_view book, std::string_view account, EntityRef id) {
  return account_prefix(book, account) + key_suffix(id.stream_version, id.slot);
}
std::string book_list(std::string_view book, PaymentStatus status) {
  return KeyWriter(book_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string account_list(std::string_view book, std::string_view account, PaymentStatus status) {
  return KeyWriter(account_table).text(book).text(account).number(static_cast<std::uint8_t>(status)).take();
}
std::string invoice_list(std::string_view book, EntityRef invoice, PaymentStatus status) {
  return list_of_entity(invoice_table, book, invoice, static_cast<std::uint8_t>(status));
}
std::string transaction_list(std::string_view book, std::string_view transaction_id) {
  return KeyWriter(transaction_table).text(book).text(transaction_id).take();
}
struct StoredPayment {
  Position position = 0;
  Payment payment;
};

std::optional<StoredPayment> decode_stored(std::string_view bytes) {
  StoredPayment stored;
  if (bytes.size() < sizeof(stored.position)) return std::nullopt;
  ByteReader(bytes).number(stored.position);
  auto payment = decode_payment(bytes.substr(sizeof(stored.position)));
  if (!payment) return std::nullopt;
  stored.payment = std::move(*payment);
  return stored;
}

struct PaymentTraits {
  struct Value {
    StoredPayment stored;
    std::optional<PaymentStatus> listed;  ///< As the lists have it.
  };
  static constexpr std::size_t memory_bytes = 700;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.stored.position);
    return bytes + encode_row(value.stored.payment);
  }
  static bool decode(std::string_view bytes, Value& value) {
    auto stored = decode_stored(bytes);
    if (!stored) return false;
    value.stored = std::move(*stored);
    value.listed = value.stored.payment.status;
    return true;
  }
};

/// Whether the event says what goes back of a payment.
template <class Payload>
concept ReversesPayment = requires(PaymentReversals& reversals, const Payload& payload, const EventMoment& moment) {
  fold(reversals, payload, moment);
};

/// Calls use(payload) with the event's own table if it is about a payment.
template <class Use>
void with_payload(const FoldEvent& event, Use use) {
  const schema::Envelope& envelope = *event.envelope;
  switch (envelope.event_type()) {
    case schema::Event::PaymentAttempted:
      return use(*envelope.event_as_PaymentAttempted());
    case schema::Event::PaymentSucceeded:
      return use(*envelope.event_as_PaymentSucceeded());
    case schema::Event::PaymentFailed:
      return use(*envelope.event_as_PaymentFailed());
    case schema::Event::PaymentActionRequired:
      return use(*envelope.event_as_PaymentActionRequired());
    case schema::Event::OfflinePaymentRecorded:
      return use(*envelope.event_as_OfflinePaymentRecorded());
    default:
      with_reversal_payload(envelope, use, use);
  }
}

class PaymentsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { payments_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) {
      const EntityRef id = entity(payload.payment());
      if (id.is_none() || is_own(event, id)) return;
      payments_.want(id_of(event, id), [&] { return key_of(event, id); });
    });
  }
  void load() override { payments_.load(); }

  void fold(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) { fold_payload(event, payload); });
  }

  void write(RowBatch& batch) override {
    payments_.write(batch, [&](RowTable<PaymentTraits>::Row& row) {
      const Payment& payment = row.value.stored.payment;
      if (row.value.listed == payment.status) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const auto lists = [&](PaymentStatus status) { return lists_of(book, account, status, payment.invoice); };
      const auto from = row.value.listed ? lists(*row.value.listed) : std::vector<std::string>();
      relist(lists_, from, lists(payment.status), order_suffix(payment.created_at, payment.id), account);
      const bool was_collected = row.value.listed && is_collected(*row.value.listed);
      if (payment.is_collected() && !was_collected && !payment.transaction_id.empty()) {
        relist(lists_, {}, std::vector{transaction_list(book, payment.transaction_id)},
               order_suffix(payment.created_at, payment.id), account);
      }
      row.value.listed = payment.status;
    });
    lists_.write(batch);
    streams_.write(batch);
    payments_.forget_if([](const PaymentTraits::Value& value) { return !value.stored.payment.is_open(); });
  }
  void forget() override {
    payments_.forget();
    lists_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override {
    return payments_.memory_bytes() + lists_.memory_bytes() + streams_.memory_bytes();
  }

 private:
  /// Whether the event made it: no other can have, and the store need not be asked.
  static bool is_own(const FoldEvent& event, EntityRef id) {
    return id.stream_version == event.version && id.stream_ordinal == event.ordinal;
  }

  void fold_payload(const FoldEvent& event, const schema::PaymentAttempted& payload) {
    if (!is_own(event, entity(payload.payment()))) refuse(event, "a payment that has another event's id");
    if (payload.amount() == nullptr) refuse(event, "a payment without an amount");
    add(event, attempted_payment(payload, event.moment()));
  }
  void fold_payload(const FoldEvent& event, const schema::OfflinePaymentRecorded& payload) {
    if (!is_own(event, entity(payload.payment()))) refuse(event, "a payment that has another event's id");
    if (payload.amount() == nullptr) refuse(event, "a payment without an amount");
    add(event, offline_payment(payload, event.moment()));
  }
  void fold_payload(const FoldEvent& event, const schema::PaymentFailed& payload) {
    if (payload.amount() == nullptr) refuse(event, "a payment without an amount");
    if (is_own(event, entity(payload.payment()))) return add(event, unattempted_payment(payload, event.moment()));
    change(event, payload);
  }
  template <class Payload>
  void fold_payload(const FoldEvent& event, const Payload& payload) {
    change(event, payload);
  }

  void add(const FoldEvent& event, Payment payment) {
    auto& row = payments_.add(id_of(event, payment.id), [&] { return key_of(event, payment.id); });
    row.value.stored.payment = std::move(payment);
    row.value.stored.position = event.position;
    payments_.change(row);
    streams_.note(event);
  }
  template <class Payload>
  void change(const FoldEvent& event, const Payload& payload) {
    const EntityRef id = entity(payload.payment());
    auto& row = payments_.at(id_of(event, id), [&] { return key_of(event, id); });
    Payment& payment = row.value.stored.payment;
    const bool is_there = row.value.stored.position != 0;
    if constexpr (ReversesPayment<Payload>) {
      if (!is_there || !payment.is_collected()) refuse(event, "there is no such payment that succeeded");
      if (payload.amount() == nullptr) refuse(event, "what goes back of a payment without an amount");
      PaymentReversals reversals = payment.reversals;
      daybook::fold(reversals, payload, event.moment());
      payment = with_reversals(std::move(payment), reversals);
    } else {
      if (!is_there || !payment.is_open()) refuse(event, "there is no such payment in flight");
      daybook::fold(payment, payload, event.moment());
    }
    payments_.change(row);
  }

  static std::vector<std::string> lists_of(std::string_view book, std::string_view account, PaymentStatus status,
                                           EntityRef invoice) {
    return {book_list(book, status), account_list(book, account, status), invoice_list(book, invoice, status)};
  }
  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  static std::string key_of(const FoldEvent& event, EntityRef id) { return own_key(event.book, event.account, id); }

  RowTable<PaymentTraits> payments_;
  RowChanges lists_;
  StreamAccounts streams_;
};

PaymentRow make_row(std::string_view book, std::string_view account, const std::optional<std::string>& bytes) {
  auto stored = bytes ? decode_stored(*bytes) : std::nullopt;
  if (!stored) throw DamagedView("a missing or damaged row");
  PaymentRow row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.payment = std::move(stored->payment);
  return row;
}

Page<PaymentRow> read_rows(const RowStore::Snapshot& rows, std::string_view book, const std::vector<std::string>& lists,
                           const IndexBounds& bounds, const std::optional<std::string>& of_account) {
  return read_list<PaymentRow>(rows, lists, bounds, of_account, [&](std::string_view account, std::string_view place) {
    const std::string key = account_prefix(book, account).append(place);
    return make_row(book, account, rows.get(key));
  });
}

}  // namespace

std::unique_ptr<ViewFold> make_payments_fold() {
  return std::make_unique<PaymentsFold>();
}

std::optional<PaymentRow> PaymentsReader::find(std::string_view book, EntityRef payment) const {
  const std::optional<std::string> account = account_of(snapshot_.rows(), book, payment);
  if (!account) return std::nullopt;
  const auto bytes = snapshot_.rows().get(own_key(book, *account, payment));
  if (!bytes) return std::nullopt;
  return make_row(book, *account, bytes);
}

std::optional<EntityRef> PaymentsReader::find_charge(std::string_view book, std::string_view transaction_id) const {
  const std::vector prefixes{transaction_list(book, transaction_id)};
  IndexBounds bounds;
  bounds.limit = 1;
  const Page<PaymentRow> newest = read_rows(snapshot_.rows(), book, prefixes, bounds, {});
  return newest.data.empty() ? std::nullopt : std::optional(newest.data.front().payment.id);
}

Page<PaymentRow> PaymentsReader::list(std::string_view book, const PaymentFilter& filter,
                                      const PageRequest<EntityRef>& request) const {
  IndexBounds bounds;
  const bool is_placed = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = find(book, id);
    const bool is_listed = row && filter.account_id.value_or(row->account_id) == row->account_id &&
                           filter.invoice.value_or(row->payment.invoice) == row->payment.invoice;
    if (!is_listed) return std::nullopt;
    return order_suffix(row->payment.created_at, id);
  });
  if (!is_placed) return {{}, false, false};
  std::vector<std::string> prefixes;
  for (const PaymentStatus status : statuses) {
    if (filter.status.value_or(status) != status) continue;
    prefixes.push_back(filter.invoice      ? invoice_list(book, *filter.invoice, status)
                       : filter.account_id ? account_list(book, *filter.account_id, status)
                                           : book_list(book, status));
  }
  return read_rows(snapshot_.rows(), book, prefixes, bounds, filter.account_id);
}

}  // namespace daybook
