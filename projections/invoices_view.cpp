#include "projections/invoices_view.h"

#include <type_traits>
#include <vector>

#include "domain/byte_codec.h"
#include "domain/credit_note_fold.h"
#include "domain/invoice_fold.h"
#include "domain/payment_fold.h"
#include "domain/state_codec.h"
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

constexpr char invoice_table = 'i';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char subscription_table = 'u';
constexpr char number_table = 'n';
constexpr char history_table = 'h';

/// Under what an invoice is listed: its status, or that it is open and overdue.
constexpr std::uint8_t listed_overdue = 6;
constexpr std::uint8_t listed_last = listed_overdue;

std::uint8_t listed_as(const Invoice& invoice) {
  const bool is_overdue = invoice.status == InvoiceStatus::open && invoice.is_overdue;
  return is_overdue ? listed_overdue : static_cast<std::uint8_t>(invoice.status);
}

std::string account_prefix(std::string_view book, std::string_view account) {
  return KeyWriter(invoice_table).text(book).text(account).take();
}
std::string version_suffix(EntityRef id) {
  return key_suffix(id.stream_version, id.slot);
}
std::string history_prefix(std::string_view book, std::string_view account, EntityRef id) {
  return KeyWriter(history_table).text(book).text(account).number(id.stream_version).number(id.slot).take();
}
std::string book_list(std::string_view book, std::uint8_t listed) {
  return KeyWriter(book_table).text(book).number(listed).take();
}
std::string account_list(std::string_view book, std::string_view account, std::uint8_t listed) {
  return KeyWriter(account_table).text(book).text(account).number(listed).take();
}
std::string subscription_list(std::string_view book, EntityRef id, std::uint8_t listed) {
  KeyWriter key(subscription_table);
  return key.text(book).number(id.stream_ordinal).number(id.stream_version).number(id.slot).number(listed).take();
}
std::string number_list(std::string_view book, std::string_view number) {
  return KeyWriter(number_table).text(book).text(number).take();
}
/// Those that an invoice stands in.
std::vector<std::string> lists_of(std::string_view book, std::string_view account, EntityRef subscription,
                                  std::uint8_t listed) {
  std::vector<std::string> lists = {book_list(book, listed), account_list(book, account, listed)};
  if (!subscription.is_none()) lists.push_back(subscription_list(book, subscription, listed));
  return lists;
}
std::string instant_suffix(Instant at) {
  return key_suffix(static_cast<std::uint64_t>(micros(at)));
}
struct StoredInvoice {
  Position position = 0;
  Invoice invoice;
};

std::optional<StoredInvoice> decode_stored(std::string_view bytes) {
  StoredInvoice stored;
  if (bytes.size() < sizeof(stored.position)) return std::nullopt;
  ByteReader(bytes).number(stored.position);
  auto invoice = decode_invoice(bytes.substr(sizeof(stored.position)));
  if (!invoice) return std::nullopt;
  stored.invoice = std::move(*invoice);
  return stored;
}

struct InvoiceTraits {
  struct Value {
    StoredInvoice stored;
    std::uint8_t listed = 0;          ///< As the lists have it; 0: not yet.
    bool is_listed_numbered = false;  ///< Whether that of its number has it.
  };
  static constexpr std::size_t memory_bytes = 1'600;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.stored.position);
    return bytes + encode_row(value.stored.invoice);
  }
  static bool decode(std::string_view bytes, Value& value) {
    auto stored = decode_stored(bytes);
    if (!stored) return false;
    value.stored = std::move(*stored);
    value.listed = listed_as(value.stored.invoice);
    value.is_listed_numbered = !value.stored.invoice.number.empty();
    return true;
  }
};

/// Calls use(payload) with the event's own table if it is about an invoice of the account.
template <class Use>
void with_payload(const FoldEvent& event, Use use) {
  const schema::Envelope& envelope = *event.envelope;
  switch (envelope.event_type()) {
    case schema::Event::InvoiceDrafted:
      return use(*envelope.event_as_InvoiceDrafted());
    case schema::Event::InvoiceLineAdded:
      return use(*envelope.event_as_InvoiceLineAdded());
    case schema::Event::InvoiceLineRemoved:
      return use(*envelope.event_as_InvoiceLineRemoved());
    case schema::Event::InvoiceFinalized:
      return use(*envelope.event_as_InvoiceFinalized());
    case schema::Event::InvoicePaid:
      return use(*envelope.event_as_InvoicePaid());
    case schema::Event::InvoiceVoided:
      return use(*envelope.event_as_InvoiceVoided());
    case schema::Event::InvoiceMarkedUncollectible:
      return use(*envelope.event_as_InvoiceMarkedUncollectible());
    case schema::Event::InvoiceBecameOverdue:
      return use(*envelope.event_as_InvoiceBecameOverdue());
    case schema::Event::CreditApplied:
      return use(*envelope.event_as_CreditApplied());
    case schema::Event::CreditReturned:
      return use(*envelope.event_as_CreditReturned());
    case schema::Event::CreditNoteIssued:
      return use(*envelope.event_as_CreditNoteIssued());
    case schema::Event::CreditNoteVoided:
      return use(*envelope.event_as_CreditNoteVoided());
    case schema::Event::InvoiceAdjusted:
      return use(*envelope.event_as_InvoiceAdjusted());
    case schema::Event::PaymentAttempted:
      return use(*envelope.event_as_PaymentAttempted());
    case schema::Event::PaymentSucceeded:
      return use(*envelope.event_as_PaymentSucceeded());
    case schema::Event::PaymentFailed:
      return use(*envelope.event_as_PaymentFailed());
    case schema::Event::OfflinePaymentRecorded:
      return use(*envelope.event_as_OfflinePaymentRecorded());
    default:
      return;
  }
}

/// Whether what the fold needs is there: a log that verifies may still lack it.
template <class Payload>
bool is_whole(const Payload& payload) {
  if constexpr (requires { payload.figures(); }) return payload.figures() != nullptr;
  if constexpr (requires { *payload.line(); }) return payload.line() != nullptr;
  if constexpr (requires {
                  payload.credit();
                  payload.amount();
                })
    return payload.amount() != nullptr;
  if constexpr (std::is_same_v<Payload, schema::PaymentSucceeded>) return payload.amount() != nullptr;
  return true;
}

/// Credit notes and adjustments are of paid invoices too.
template <class Payload>
bool can_fold(const Invoice& invoice, const Payload&) {
  constexpr bool corrects = std::is_same_v<Payload, schema::CreditNoteIssued> ||
                            std::is_same_v<Payload, schema::CreditNoteVoided> ||
                            std::is_same_v<Payload, schema::InvoiceAdjusted>;
  return invoice.is_open() || (corrects && invoice.status == InvoiceStatus::paid);
}

class InvoicesFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { invoices_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) {
      const EntityRef id = entity(payload.invoice());
      if (id.is_none() || event.envelope->event_type() == schema::Event::InvoiceDrafted) return;
      invoices_.want(id_of(event, id), [&] { return key_of(event, id); });
    });
  }
  void load() override { invoices_.load(); }

  void fold(const FoldEvent& event) override {
    with_payload(event, [&](const auto& payload) { fold_payload(event, payload); });
  }

  void write(RowBatch& batch) override {
    invoices_.write(batch, [&](RowTable<InvoiceTraits>::Row& row) {
      const Invoice& invoice = row.value.stored.invoice;
      const std::uint8_t listed = listed_as(invoice);
      const bool is_numbered = !invoice.number.empty();
      if (row.value.listed == listed && row.value.is_listed_numbered == is_numbered) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      if (is_numbered && !row.value.is_listed_numbered) {
        const std::string order = order_suffix(invoice.created_at, invoice.id);
        lists_.put(number_list(book, invoice.number) + order, std::string(account));
      }
      row.value.is_listed_numbered = is_numbered;
      if (row.value.listed == listed) return;
      const auto lists = [&](std::uint8_t one) { return lists_of(book, account, invoice.subscription, one); };
      const auto from = row.value.listed != 0 ? lists(row.value.listed) : std::vector<std::string>();
      relist(lists_, from, lists(listed), order_suffix(invoice.created_at, invoice.id), account);
      row.value.listed = listed;
    });
    lists_.write(batch);
    history_.write(batch);
    streams_.write(batch);
    invoices_.forget_if([](const InvoiceTraits::Value& value) { return !value.stored.invoice.is_open(); });
  }
  void forget() override {
    invoices_.forget();
    lists_.forget();
    history_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override {
    return invoices_.memory_bytes() + lists_.memory_bytes() + history_.memory_bytes() + streams_.memory_bytes();
  }

 private:
  void fold_payload(const FoldEvent& event, const schema::InvoiceDrafted& payload) {
    const EntityRef id = entity(payload.invoice());
    // So no other event can have drafted it, and the store need not be asked.
    if (id.stream_version != event.version || id.stream_ordinal != event.ordinal) {
      refuse(event, "an invoice that has another event's id");
    }
    auto& row = invoices_.add(id_of(event, id), [&] { return key_of(event, id); });
    row.value.stored.invoice = drafted_invoice(payload, event.moment());
    row.value.stored.position = event.position;
    invoices_.change(row);
    note_event(event, id);
    streams_.note(event);
  }
  template <class Payload>
  void fold_payload(const FoldEvent& event, const Payload& payload) {
    const EntityRef id = entity(payload.invoice());
    if (id.is_none() || !is_whole(payload)) refuse(event, "an event of an invoice that lacks what it tells");
    auto& row = invoices_.at(id_of(event, id), [&] { return key_of(event, id); });
    StoredInvoice& stored = row.value.stored;
    if (stored.position == 0 || !can_fold(stored.invoice, payload)) refuse(event, "there is no such open invoice");
    daybook::fold(stored.invoice, payload, event.moment());
    invoices_.change(row);
    note_event(event, id);
  }
  void note_event(const FoldEvent& event, EntityRef id) {
    history_.put(history_prefix(event.book, event.account, id) + key_suffix(event.position), {});
  }
  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  static std::string key_of(const FoldEvent& event, EntityRef id) {
    return account_prefix(event.book, event.account) + version_suffix(id);
  }

  RowTable<InvoiceTraits> invoices_;
  RowChanges lists_;
  RowChanges history_;
  StreamAccounts streams_;
};

InvoiceRow make_row(std::string_view book, std::string_view account, StoredInvoice stored) {
  InvoiceRow row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.drafted_at = {stored.invoice.id.shard, stored.position};
  row.invoice = std::move(stored.invoice);
  return row;
}

StoredInvoice require_invoice(const std::optional<std::string>& bytes) {
  auto stored = bytes ? decode_stored(*bytes) : std::nullopt;
  if (!stored) throw DamagedView("a missing or damaged row");
  return std::move(*stored);
}

std::string narrowest_list(std::string_view book, const InvoiceFilter& filter, std::uint8_t listed) {
  if (filter.subscription) return subscription_list(book, *filter.subscription, listed);
  return filter.account_id ? account_list(book, *filter.account_id, listed) : book_list(book, listed);
}

bool is_of(const InvoiceRow& row, const InvoiceFilter& filter) {
  return filter.account_id.value_or(row.account_id) == row.account_id &&
         filter.subscription.value_or(row.invoice.subscription) == row.invoice.subscription &&
         filter.number.value_or(row.invoice.number) == row.invoice.number;
}

bool is_wanted(std::uint8_t listed, const InvoiceFilter& filter) {
  const auto status = listed == listed_overdue ? InvoiceStatus::open : static_cast<InvoiceStatus>(listed);
  return filter.status.value_or(status) == status &&
         filter.is_overdue.value_or(listed == listed_overdue) == (listed == listed_overdue);
}

}  // namespace

std::unique_ptr<ViewFold> make_invoices_fold() {
  return std::make_unique<InvoicesFold>();
}

std::optional<InvoiceRow> InvoicesReader::find(std::string_view book, EntityRef invoice) const {
  const std::optional<std::string> account = account_of(snapshot_.rows(), book, invoice);
  if (!account) return std::nullopt;
  const auto bytes = snapshot_.rows().get(account_prefix(book, *account) + version_suffix(invoice));
  if (!bytes) return std::nullopt;
  return make_row(book, *account, require_invoice(bytes));
}

Page<InvoiceRow> InvoicesReader::list(std::string_view book, const InvoiceFilter& filter,
                                      const PageRequest<EntityRef>& request) const {
  IndexBounds bounds;
  const bool is_placed = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = find(book, id);
    if (!row || !is_of(*row, filter)) return std::nullopt;
    return order_suffix(row->invoice.created_at, id);
  });
  if (!is_placed) return {{}, false, false};
  if (filter.created_from) bounds.low = instant_suffix(*filter.created_from);
  if (filter.created_to) bounds.high = instant_suffix(*filter.created_to);
  const auto read = [&](std::string_view account, std::string_view place) {
    const std::string key = account_prefix(book, account).append(place);
    return make_row(book, account, require_invoice(snapshot_.rows().get(key)));
  };
  if (filter.number) {
    // No two series give one number, so it is one invoice at most, and the other filters look at that.
    const std::string prefixes[] = {number_list(book, *filter.number)};
    auto page = read_list<InvoiceRow>(snapshot_.rows(), prefixes, bounds, {}, read);
    std::erase_if(page.data, [&](const InvoiceRow& row) {
      return !is_of(row, filter) || !is_wanted(listed_as(row.invoice), filter);
    });
    return page;
  }
  std::vector<std::string> prefixes;
  for (std::uint8_t listed = 1; listed <= listed_last; ++listed) {
    if (is_wanted(listed, filter)) prefixes.push_back(narrowest_list(book, filter, listed));
  }
  return read_list<InvoiceRow>(snapshot_.rows(), prefixes, bounds, filter.account_id, read);
}

std::vector<Position> InvoicesReader::events_of(std::string_view book, const InvoiceRow& row) const {
  std::vector<Position> positions;
  const std::string prefix = history_prefix(book, row.account_id, row.invoice.id);
  snapshot_.rows().scan(prefix, after_prefix(prefix), [&](std::string_view key, std::string_view) {
    positions.push_back(KeyReader(key.substr(prefix.size() - 1)).number<Position>());
    return true;
  });
  return positions;
}

void InvoicesReader::for_each(std::string_view book, const std::function<bool(const InvoiceRow&)>& row) const {
  const std::string prefix = KeyWriter(invoice_table).text(book).take();
  snapshot_.rows().scan(prefix, after_prefix(prefix), [&](std::string_view key, std::string_view bytes) {
    KeyReader reader(key);
    reader.text();
    return row(make_row(book, reader.text(), require_invoice(std::string(bytes))));
  });
}

}  // namespace daybook
