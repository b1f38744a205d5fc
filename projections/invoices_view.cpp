#include "projections/invoices_view.h"

#include <type_traits>
#include <unordered_set>

#include "domain/byte_codec.h"
#include "domain/credit_note_fold.h"
#include "domain/invoice_fold.h"
#include "domain/state_codec.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/index_page.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char invoice_table = 'i';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char stream_table = 'o';

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
std::string book_list(std::string_view book, std::uint8_t listed) {
  return KeyWriter(book_table).text(book).number(listed).take();
}
std::string account_list(std::string_view book, std::string_view account, std::uint8_t listed) {
  return KeyWriter(account_table).text(book).text(account).number(listed).take();
}
std::string instant_suffix(Instant at) {
  return key_suffix(static_cast<std::uint64_t>(micros(at)));
}
std::string order_suffix(const Invoice& invoice) {
  return instant_suffix(invoice.created_at) + key_suffix(invoice.id.stream_ordinal) + version_suffix(invoice.id);
}
constexpr std::size_t order_head_bytes = 2 * sizeof(std::uint64_t);  ///< Before the invoice's place in its account.
std::string stream_key(ShardNumber shard, std::uint64_t ordinal) {
  return KeyWriter(stream_table).number(shard).number(ordinal).take();
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
    std::uint8_t listed = 0;  ///< As the lists have it; 0: not yet.
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
      if (row.value.listed == listed) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const std::string suffix = order_suffix(invoice);
      if (row.value.listed != 0) {
        lists_.erase(book_list(book, row.value.listed) + suffix);
        lists_.erase(account_list(book, account, row.value.listed) + suffix);
      }
      lists_.put(book_list(book, listed) + suffix, std::string(account));
      lists_.put(account_list(book, account, listed) + suffix, std::string(account));
      row.value.listed = listed;
    });
    lists_.write(batch);
    streams_.write(batch);
    invoices_.forget_if([](const InvoiceTraits::Value& value) { return !value.stored.invoice.is_open(); });
  }
  void forget() override {
    invoices_.forget();
    lists_.forget();
    streams_.forget();
    known_streams_.clear();
  }
  std::size_t memory_bytes() const override {
    return invoices_.memory_bytes() + lists_.memory_bytes() + streams_.memory_bytes() + known_streams_.size() * 48;
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
    if (!known_streams_.insert(stream_number(event.shard, event.ordinal)).second) return;
    streams_.put(stream_key(event.shard, event.ordinal),
                 KeyWriter(stream_table).text(event.book).text(event.account).take());
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
  }
  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  static std::string key_of(const FoldEvent& event, EntityRef id) {
    return account_prefix(event.book, event.account) + version_suffix(id);
  }

  RowTable<InvoiceTraits> invoices_;
  RowChanges lists_;
  RowChanges streams_;
  std::unordered_set<std::uint64_t> known_streams_;  ///< Whose row has been written, or is in streams_.
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
  const auto stream = snapshot_.rows().get(stream_key(invoice.shard, invoice.stream_ordinal));
  if (!stream) return std::nullopt;
  KeyReader reader(*stream);
  if (reader.text() != book) return std::nullopt;
  const std::string account(reader.text());
  if (!reader.finished()) throw DamagedView("a damaged row");
  const auto bytes = snapshot_.rows().get(account_prefix(book, account) + version_suffix(invoice));
  if (!bytes) return std::nullopt;
  return make_row(book, account, require_invoice(bytes));
}

Page<InvoiceRow> InvoicesReader::list(std::string_view book, const InvoiceFilter& filter,
                                      const PageRequest<EntityRef>& request) const {
  Page<InvoiceRow> page;
  IndexBounds bounds;
  bounds.limit = request.limit;
  const auto place = [&](const std::optional<EntityRef>& id, std::optional<std::string>& suffix) {
    if (!id) return;
    const auto row = find(book, *id);
    const bool is_listed = row && (!filter.account_id || row->account_id == *filter.account_id);
    page.cursor_found = page.cursor_found && is_listed;
    if (is_listed) suffix = order_suffix(row->invoice);
  };
  place(request.starting_after, bounds.starting_after);
  place(request.ending_before, bounds.ending_before);
  if (!page.cursor_found) return page;
  if (filter.created_from) bounds.low = instant_suffix(*filter.created_from);
  if (filter.created_to) bounds.high = instant_suffix(*filter.created_to);
  std::vector<std::string> prefixes;
  for (std::uint8_t listed = 1; listed <= listed_last; ++listed) {
    if (!is_wanted(listed, filter)) continue;
    prefixes.push_back(filter.account_id ? account_list(book, *filter.account_id, listed) : book_list(book, listed));
  }
  const IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    if (entry.suffix.size() < order_head_bytes) throw DamagedView("a damaged row of a list");
    // The order's suffix ends with the invoice's place in its account.
    const std::string key = account_prefix(book, entry.value) + entry.suffix.substr(order_head_bytes);
    page.data.push_back(make_row(book, entry.value, require_invoice(snapshot_.rows().get(key))));
  }
  return page;
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
