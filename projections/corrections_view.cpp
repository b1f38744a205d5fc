#include "projections/corrections_view.h"

#include <array>

#include "domain/byte_codec.h"
#include "domain/credit_note_fold.h"
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

constexpr char note_table = 'n';
constexpr char adjustment_table = 'a';
constexpr char book_table = 's';
constexpr char account_table = 'y';
constexpr char invoice_table = 'v';

constexpr std::uint8_t adjustments_from = 16;  ///< Adjustments are listed from here on, credit notes before.

std::uint8_t listed_as(CreditNoteStatus status) {
  return static_cast<std::uint8_t>(status);
}
std::uint8_t listed_as(AdjustmentType type) {
  return static_cast<std::uint8_t>(adjustments_from + static_cast<std::uint8_t>(type));
}

std::string own_key(char table, std::string_view book, std::string_view account, EntityRef id) {
  return KeyWriter(table).text(book).text(account).number(id.stream_version).number(id.slot).take();
}
std::string book_list(std::string_view book, std::uint8_t listed) {
  return KeyWriter(book_table).text(book).number(listed).take();
}
std::string account_list(std::string_view book, std::string_view account, std::uint8_t listed) {
  return KeyWriter(account_table).text(book).text(account).number(listed).take();
}
std::string invoice_list(std::string_view book, EntityRef invoice, std::uint8_t listed) {
  return list_of_entity(invoice_table, book, invoice, listed);
}
template <class Document>
std::string encode_stored(Position position, const Document& document) {
  std::string bytes;
  ByteWriter(bytes).number(position);
  return bytes + encode_row(document);
}

/// The document behind its position; nothing of damaged bytes.
template <class Decode>
auto decode_stored(std::string_view bytes, Position& position, Decode decode) -> decltype(decode(bytes)) {
  if (bytes.size() < sizeof(position)) return std::nullopt;
  ByteReader(bytes).number(position);
  return decode(bytes.substr(sizeof(position)));
}

struct NoteTraits {
  struct Value {
    Position position = 0;
    CreditNote note;
    std::optional<CreditNoteStatus> listed;  ///< As the lists have it.
  };
  static constexpr std::size_t memory_bytes = 1'200;
  static std::string encode(const Value& value) { return encode_stored(value.position, value.note); }
  static bool decode(std::string_view bytes, Value& value) {
    auto note = decode_stored(bytes, value.position, decode_credit_note);
    if (!note) return false;
    value.note = std::move(*note);
    value.listed = value.note.status;
    return true;
  }
};

class CorrectionsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { notes_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    if (const auto* payload = event.envelope->event_as_CreditNoteVoided()) {
      const EntityRef id = entity(payload->credit_note());
      if (!id.is_none()) notes_.want(id_of(event, id), [&] { return key_of(event, id); });
    }
  }
  void load() override { notes_.load(); }

  void fold(const FoldEvent& event) override {
    const schema::Envelope& envelope = *event.envelope;
    switch (envelope.event_type()) {
      case schema::Event::CreditNoteIssued:
        return fold_issued(event, *envelope.event_as_CreditNoteIssued());
      case schema::Event::CreditNoteVoided:
        return fold_voided(event, *envelope.event_as_CreditNoteVoided());
      case schema::Event::InvoiceAdjusted:
        return fold_adjusted(event, *envelope.event_as_InvoiceAdjusted());
      default:
        return;
    }
  }

  void write(RowBatch& batch) override {
    notes_.write(batch, [&](RowTable<NoteTraits>::Row& row) {
      const CreditNote& note = row.value.note;
      if (row.value.listed == note.status) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const auto lists = [&](CreditNoteStatus one) { return lists_of(book, account, listed_as(one), note.invoice); };
      const auto from = row.value.listed ? lists(*row.value.listed) : std::vector<std::string>();
      relist(others_, from, lists(note.status), order_suffix(note.created_at, note.id), account);
      row.value.listed = note.status;
    });
    others_.write(batch);
    streams_.write(batch);
    notes_.forget_if([](const NoteTraits::Value&) { return true; });
  }
  void forget() override {
    notes_.forget();
    others_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override {
    return notes_.memory_bytes() + others_.memory_bytes() + streams_.memory_bytes();
  }

 private:
  void fold_issued(const FoldEvent& event, const schema::CreditNoteIssued& payload) {
    const EntityRef id = entity(payload.credit_note());
    check_own(event, id);
    auto& row = notes_.add(id_of(event, id), [&] { return key_of(event, id); });
    row.value.note = issued_credit_note(payload, event.moment());
    row.value.position = event.position;
    notes_.change(row);
  }
  void fold_voided(const FoldEvent& event, const schema::CreditNoteVoided& payload) {
    const EntityRef id = entity(payload.credit_note());
    auto& row = notes_.at(id_of(event, id), [&] { return key_of(event, id); });
    CreditNote& note = row.value.note;
    if (row.value.position == 0 || note.status != CreditNoteStatus::issued) {
      refuse(event, "there is no such credit note");
    }
    daybook::fold(note, payload, event.moment());
    notes_.change(row);
  }
  void fold_adjusted(const FoldEvent& event, const schema::InvoiceAdjusted& payload) {
    const EntityRef id = entity(payload.adjustment());
    check_own(event, id);
    const InvoiceAdjustment adjustment = made_adjustment(payload, event.moment());
    others_.put(own_key(adjustment_table, event.book, event.account, id), encode_stored(event.position, adjustment));
    relist(others_, {}, lists_of(event.book, event.account, listed_as(adjustment.type), adjustment.invoice),
           order_suffix(adjustment.created_at, id), event.account);
  }

  /// So no other event can have made it, and the store need not be asked.
  void check_own(const FoldEvent& event, EntityRef id) {
    if (id.stream_version != event.version || id.stream_ordinal != event.ordinal) {
      refuse(event, "a document that has another event's id");
    }
    streams_.note(event);
  }
  static std::vector<std::string> lists_of(std::string_view book, std::string_view account, std::uint8_t listed,
                                           EntityRef invoice) {
    return {book_list(book, listed), account_list(book, account, listed), invoice_list(book, invoice, listed)};
  }
  static RowId id_of(const FoldEvent& event, EntityRef id) {
    return {stream_number(event.shard, event.ordinal), id.stream_version << 10 | id.slot};
  }
  static std::string key_of(const FoldEvent& event, EntityRef id) {
    return own_key(note_table, event.book, event.account, id);
  }

  RowTable<NoteTraits> notes_;
  RowChanges others_;
  StreamAccounts streams_;
};

/// What a list needs to know of its documents.
template <class Row, class Document>
struct Listing {
  char table;
  std::optional<Document> (*decode)(std::string_view);
  Document Row::*document;
};

template <class Row, class Document>
std::optional<Row> find_row(const RowStore::Snapshot& rows, const Listing<Row, Document>& listing,
                            std::string_view book, std::string_view account, std::string_view place) {
  const auto bytes = rows.get(KeyWriter(listing.table).text(book).text(account).take() + std::string(place));
  if (!bytes) return std::nullopt;
  Position position = 0;
  auto document = decode_stored(*bytes, position, listing.decode);
  if (!document) throw DamagedView("a damaged row");
  Row row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.*listing.document = std::move(*document);
  return row;
}

/// The order's suffix of a cursor's document, if the list has it.
template <class Row, class Document>
std::optional<std::string> place_of(const RowStore::Snapshot& rows, const Listing<Row, Document>& listing,
                                    std::string_view book, const CorrectionFilter& filter, EntityRef id) {
  const std::optional<std::string> account = account_of(rows, book, id);
  if (!account) return std::nullopt;
  const auto row = find_row(rows, listing, book, *account, key_suffix(id.stream_version, id.slot));
  if (!row || filter.account_id.value_or(*account) != *account) return std::nullopt;
  const Document& document = (*row).*listing.document;
  if (filter.invoice.value_or(document.invoice) != document.invoice) return std::nullopt;
  return order_suffix(document.created_at, id);
}

template <class Row, class Document>
Page<Row> read_page(const RowStore::Snapshot& rows, const Listing<Row, Document>& listing, std::string_view book,
                    const CorrectionFilter& filter, const std::vector<std::uint8_t>& wanted,
                    const PageRequest<EntityRef>& request) {
  IndexBounds bounds;
  const auto place = [&](EntityRef id) { return place_of(rows, listing, book, filter, id); };
  if (!place_cursors(request, bounds, place)) return {{}, false, false};
  std::vector<std::string> prefixes;
  for (const std::uint8_t listed : wanted) {
    prefixes.push_back(filter.invoice      ? invoice_list(book, *filter.invoice, listed)
                       : filter.account_id ? account_list(book, *filter.account_id, listed)
                                           : book_list(book, listed));
  }
  return read_list<Row>(rows, prefixes, bounds, filter.account_id, [&](std::string_view account, std::string_view at) {
    auto row = find_row(rows, listing, book, account, at);
    if (!row) throw DamagedView("a missing row");
    return std::move(*row);
  });
}

constexpr Listing<CreditNoteRow, CreditNote> notes{note_table, decode_credit_note, &CreditNoteRow::note};
constexpr Listing<AdjustmentRow, InvoiceAdjustment> adjustments_listing{adjustment_table, decode_adjustment,
                                                                        &AdjustmentRow::adjustment};

}  // namespace

std::unique_ptr<ViewFold> make_corrections_fold() {
  return std::make_unique<CorrectionsFold>();
}

Page<CreditNoteRow> CorrectionsReader::credit_notes(std::string_view book, const CorrectionFilter& filter,
                                                    std::optional<CreditNoteStatus> status,
                                                    const PageRequest<EntityRef>& request) const {
  std::vector<std::uint8_t> wanted;
  for (const CreditNoteStatus one : {CreditNoteStatus::issued, CreditNoteStatus::voided}) {
    if (status.value_or(one) == one) wanted.push_back(listed_as(one));
  }
  return read_page(snapshot_.rows(), notes, book, filter, wanted, request);
}

Page<AdjustmentRow> CorrectionsReader::adjustments(std::string_view book, const CorrectionFilter& filter,
                                                   std::optional<AdjustmentType> type,
                                                   const PageRequest<EntityRef>& request) const {
  std::vector<std::uint8_t> wanted;
  for (const AdjustmentType one :
       {AdjustmentType::discount, AdjustmentType::credit, AdjustmentType::surcharge, AdjustmentType::write_off}) {
    if (type.value_or(one) == one) wanted.push_back(listed_as(one));
  }
  return read_page(snapshot_.rows(), adjustments_listing, book, filter, wanted, request);
}

}  // namespace daybook
