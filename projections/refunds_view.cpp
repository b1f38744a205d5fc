#include "projections/refunds_view.h"

#include <initializer_list>

#include "domain/byte_codec.h"
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

namespace daybook {
namespace {

constexpr char book_lists = 's';
constexpr char account_lists = 'y';
constexpr char invoice_lists = 'v';
constexpr char payment_lists = 'p';

/// What the two kinds differ in.
struct RefundKind {
  using Entity = Refund;
  using Status = RefundStatus;
  using Row = RefundRow;
  static constexpr char table = 'r';
  static constexpr std::uint8_t listed_from = 0;
  static constexpr std::initializer_list<Status> statuses = {Status::pending, Status::succeeded, Status::failed,
                                                             Status::canceled};
  static constexpr auto member = &RefundRow::refund;
  static constexpr auto decode = &decode_refund;
  static Instant began_at(const Refund& refund) { return refund.created_at; }
};

struct DisputeKind {
  using Entity = Dispute;
  using Status = DisputeStatus;
  using Row = DisputeRow;
  static constexpr char table = 'd';
  static constexpr std::uint8_t listed_from = 16;
  static constexpr std::initializer_list<Status> statuses = {Status::open, Status::won, Status::lost};
  static constexpr auto member = &DisputeRow::dispute;
  static constexpr auto decode = &decode_dispute;
  static Instant began_at(const Dispute& dispute) { return dispute.opened_at; }
};

template <class Kind>
std::uint8_t listed_as(typename Kind::Status status) {
  return static_cast<std::uint8_t>(Kind::listed_from + static_cast<std::uint8_t>(status));
}

template <class Kind>
std::string account_rows(std::string_view book, std::string_view account) {
  return KeyWriter(Kind::table).text(book).text(account).take();
}

std::string list_of_book(std::string_view book, std::uint8_t listed) {
  return KeyWriter(book_lists).text(book).number(listed).take();
}
std::string list_of_account(std::string_view book, std::string_view account, std::uint8_t listed) {
  return KeyWriter(account_lists).text(book).text(account).number(listed).take();
}

/// The entity behind its position; nothing of damaged bytes.
template <class Kind>
std::optional<typename Kind::Entity> decode_placed(std::string_view bytes, Position& position) {
  if (bytes.size() < sizeof(position)) return std::nullopt;
  ByteReader(bytes).number(position);
  return Kind::decode(bytes.substr(sizeof(position)));
}

template <class Kind>
struct KindTraits {
  struct Value {
    Position position = 0;
    typename Kind::Entity entity;
    std::optional<typename Kind::Status> listed;  ///< As the lists have it.
  };
  static constexpr std::size_t memory_bytes = 900;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.position);
    return bytes + encode_row(value.entity);
  }
  static bool decode(std::string_view bytes, Value& value) {
    auto found = decode_placed<Kind>(bytes, value.position);
    if (!found) return false;
    value.entity = std::move(*found);
    value.listed = value.entity.status;
    return true;
  }
};

/// Calls use(kind, id, payload) with the event's own table if it is about a refund or a dispute.
template <class Use>
void with_reversal(const FoldEvent& event, Use use) {
  with_reversal_payload(
      *event.envelope, [&](const auto& payload) { use(RefundKind{}, entity(payload.refund()), payload); },
      [&](const auto& payload) { use(DisputeKind{}, entity(payload.dispute()), payload); });
}

class RefundsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override {
    refunds_.attach(store, is_empty);
    disputes_.attach(store, is_empty);
  }
  void want(const FoldEvent& event) override {
    with_reversal(event, [&](auto kind, EntityRef id, const auto&) {
      using Kind = decltype(kind);
      if (id.is_none() || is_own(event, id)) return;
      table(kind).want(id_of(event, id), [&] { return key_of<Kind>(event, id); });
    });
  }
  void load() override {
    refunds_.load();
    disputes_.load();
  }

  void fold(const FoldEvent& event) override {
    with_reversal(event, [&](auto kind, EntityRef id, const auto& payload) {
      if (payload.amount() == nullptr) refuse(event, "what goes back of a payment without an amount");
      fold_payload(kind, event, id, payload);
    });
  }

  void write(RowBatch& batch) override {
    write_table<RefundKind>(batch, refunds_);
    write_table<DisputeKind>(batch, disputes_);
    lists_.write(batch);
    streams_.write(batch);
  }
  void forget() override {
    refunds_.forget();
    disputes_.forget();
    lists_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override {
    return refunds_.memory_bytes() + disputes_.memory_bytes() + lists_.memory_bytes() + streams_.memory_bytes();
  }

 private:
  /// Whether the event made it: no other can have, and the store need not be asked.
  static bool is_own(const FoldEvent& event, EntityRef id) {
    return id.stream_version == event.version && id.stream_ordinal == event.ordinal;
  }

  void fold_payload(RefundKind kind, const FoldEvent& event, EntityRef id, const schema::RefundIssued& payload) {
    add(kind, event, id, issued_refund(payload, event.moment()));
  }
  void fold_payload(DisputeKind kind, const FoldEvent& event, EntityRef id, const schema::DisputeOpened& payload) {
    add(kind, event, id, opened_dispute(payload, event.moment()));
  }
  template <class Kind, class Payload>
  void fold_payload(Kind kind, const FoldEvent& event, EntityRef id, const Payload& payload) {
    auto& rows = table(kind);
    auto& row = rows.at(id_of(event, id), [&] { return key_of<Kind>(event, id); });
    if (row.value.position == 0 || !row.value.entity.is_open()) refuse(event, "there is nothing of the kind under way");
    daybook::fold(row.value.entity, payload, event.moment());
    rows.change(row);
  }
  template <class Kind>
  void add(Kind kind, const FoldEvent& event, EntityRef id, typename Kind::Entity made) {
    if (!is_own(event, id)) refuse(event, "what goes back of a payment has another event's id");
    auto& rows = table(kind);
    auto& row = rows.add(id_of(event, id), [&] { return key_of<Kind>(event, id); });
    row.value.entity = std::move(made);
    row.value.position = event.position;
    rows.change(row);
    streams_.note(event);
  }

  template <class Kind>
  void write_table(RowBatch& batch, RowTable<KindTraits<Kind>>& rows) {
    rows.write(batch, [&](typename RowTable<KindTraits<Kind>>::Row& row) {
      const auto& one = row.value.entity;
      if (row.value.listed == one.status) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const auto lists = [&](typename Kind::Status status) {
        const std::uint8_t listed = listed_as<Kind>(status);
        return std::vector{list_of_book(book, listed), list_of_account(book, account, listed),
                           list_of_entity(invoice_lists, book, one.invoice, listed),
                           list_of_entity(payment_lists, book, one.payment, listed)};
      };
      const auto from = row.value.listed ? lists(*row.value.listed) : std::vector<std::string>();
      relist(lists_, from, lists(one.status), order_suffix(Kind::began_at(one), one.id), account);
      row.value.listed = one.status;
    });
    rows.forget_if([](const auto& value) { return !value.entity.is_open(); });
  }

  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  template <class Kind>
  static std::string key_of(const FoldEvent& event, EntityRef id) {
    return account_rows<Kind>(event.book, event.account) + key_suffix(id.stream_version, id.slot);
  }
  RowTable<KindTraits<RefundKind>>& table(RefundKind) { return refunds_; }
  RowTable<KindTraits<DisputeKind>>& table(DisputeKind) { return disputes_; }

  RowTable<KindTraits<RefundKind>> refunds_;
  RowTable<KindTraits<DisputeKind>> disputes_;
  RowChanges lists_;
  StreamAccounts streams_;
};

template <class Kind>
typename Kind::Row read_row(std::string_view book, std::string_view account, std::string_view bytes) {
  Position position = 0;
  auto found = decode_placed<Kind>(bytes, position);
  if (!found) throw DamagedView("a damaged row");
  typename Kind::Row row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.*Kind::member = std::move(*found);
  return row;
}

template <class Kind>
std::optional<typename Kind::Row> find_row(const ViewSnapshot& snapshot, std::string_view book, EntityRef id) {
  const std::optional<std::string> account = account_of(snapshot.rows(), book, id);
  if (!account) return std::nullopt;
  const auto bytes = snapshot.rows().get(account_rows<Kind>(book, *account) + key_suffix(id.stream_version, id.slot));
  if (!bytes) return std::nullopt;
  return read_row<Kind>(book, *account, *bytes);
}

template <class Kind>
Page<typename Kind::Row> read_reversals(const ViewSnapshot& snapshot, std::string_view book, const RefundFilter& filter,
                                        std::optional<typename Kind::Status> status,
                                        const PageRequest<EntityRef>& request) {
  IndexBounds bounds;
  const bool is_placed = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = find_row<Kind>(snapshot, book, id);
    if (!row || filter.account_id.value_or(row->account_id) != row->account_id) return std::nullopt;
    const auto& one = (*row).*Kind::member;
    const bool is_listed =
        filter.invoice.value_or(one.invoice) == one.invoice && filter.payment.value_or(one.payment) == one.payment;
    if (!is_listed) return std::nullopt;
    return order_suffix(Kind::began_at(one), id);
  });
  if (!is_placed) return {{}, false, false};
  std::vector<std::string> prefixes;
  for (const typename Kind::Status one : Kind::statuses) {
    if (status.value_or(one) != one) continue;
    const std::uint8_t listed = listed_as<Kind>(one);
    prefixes.push_back(filter.payment      ? list_of_entity(payment_lists, book, *filter.payment, listed)
                       : filter.invoice    ? list_of_entity(invoice_lists, book, *filter.invoice, listed)
                       : filter.account_id ? list_of_account(book, *filter.account_id, listed)
                                           : list_of_book(book, listed));
  }
  return read_list<typename Kind::Row>(
      snapshot.rows(), prefixes, bounds, filter.account_id, [&](std::string_view account, std::string_view place) {
        const auto bytes = snapshot.rows().get(account_rows<Kind>(book, account).append(place));
        if (!bytes) throw DamagedView("a missing row");
        return read_row<Kind>(book, account, *bytes);
      });
}

}  // namespace

std::unique_ptr<ViewFold> make_refunds_fold() {
  return std::make_unique<RefundsFold>();
}

std::optional<RefundRow> RefundsReader::find_refund(std::string_view book, EntityRef refund) const {
  return find_row<RefundKind>(snapshot_, book, refund);
}

std::optional<DisputeRow> RefundsReader::find_dispute(std::string_view book, EntityRef dispute) const {
  return find_row<DisputeKind>(snapshot_, book, dispute);
}

Page<RefundRow> RefundsReader::refunds(std::string_view book, const RefundFilter& filter,
                                       std::optional<RefundStatus> status,
                                       const PageRequest<EntityRef>& request) const {
  return read_reversals<RefundKind>(snapshot_, book, filter, status, request);
}

Page<DisputeRow> RefundsReader::disputes(std::string_view book, const RefundFilter& filter,
                                         std::optional<DisputeStatus> status,
                                         const PageRequest<EntityRef>& request) const {
  return read_reversals<DisputeKind>(snapshot_, book, filter, status, request);
}

}  // namespace daybook
