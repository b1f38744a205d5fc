#include "projections/accounts_view.h"

#include "domain/byte_codec.h"
#include "domain/state_codec.h"
#include "projections/index_page.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char details_table = 'a';
constexpr char created_table = 't';
constexpr char email_table = 'e';

std::string details_key(std::string_view book, std::string_view account) {
  return KeyWriter(details_table).text(book).text(account).take();
}
std::string created_prefix(std::string_view book) {
  return KeyWriter(created_table).text(book).take();
}
std::string email_prefix(std::string_view book, std::string_view digest) {
  return KeyWriter(email_table).text(book).text(digest).take();
}
std::string instant_suffix(Instant at) {
  return KeyWriter(' ').number(static_cast<std::uint64_t>(micros(at))).take().substr(1);
}
std::string order_suffix(const AccountRow& row) {
  return KeyWriter(' ')
      .number(static_cast<std::uint64_t>(micros(row.details.created_at)))
      .number(row.ordinal)
      .take()
      .substr(1);
}

bool decode_account_row(std::string_view bytes, AccountRow& row) {
  if (bytes.size() < sizeof(row.ordinal)) return false;
  ByteReader(bytes).number(row.ordinal);
  auto details = decode_details(bytes.substr(sizeof(row.ordinal)));
  if (!details) return false;
  row.details = std::move(*details);
  return true;
}

struct AccountTraits {
  struct Value {
    AccountRow row;
    std::string book;
    std::string stored_digest;  ///< As the e-mail index has it.
  };
  static constexpr std::size_t memory_bytes = 1'600;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.row.ordinal);
    return bytes + encode_row(value.row.details);
  }
  static bool decode(std::string_view bytes, Value& value) {
    if (!decode_account_row(bytes, value.row)) return false;
    value.stored_digest = value.row.details.email_digest;
    return true;
  }
};

class AccountsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { accounts_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    if (!concerns(event)) return;
    accounts_.want(id_of(event), [&] { return details_key(event.book, event.account); });
  }
  void load() override { accounts_.load(); }

  void fold(const FoldEvent& event) override {
    if (!concerns(event)) return;
    auto& row = accounts_.at(id_of(event), [&] { return details_key(event.book, event.account); });
    AccountTraits::Value& value = row.value;
    const bool opens = event.envelope->event_type() == schema::Event::AccountOpened;
    if (opens == (value.row.ordinal != 0)) refuse(event, opens ? "the account is open" : "there is no such account");
    // The domain's own fold, on a state that holds nothing but the details.
    AccountState state;
    state.version = event.version - 1;
    state.ordinal = event.ordinal;
    state.details = std::move(value.row.details);
    evolve(state, *event.envelope);
    value.row.details = std::move(state.details);
    value.row.ordinal = event.ordinal;
    value.book = event.book;
    accounts_.change(row);
  }

  void write(RowBatch& batch) override {
    accounts_.write(batch, [&](RowTable<AccountTraits>::Row& row) {
      AccountTraits::Value& value = row.value;
      const AccountDetails& details = value.row.details;
      const std::string suffix = order_suffix(value.row);
      if (!row.is_stored) index_.put(created_prefix(value.book) + suffix, details.id);
      if (value.stored_digest == details.email_digest) return;
      if (!value.stored_digest.empty()) index_.erase(email_prefix(value.book, value.stored_digest) + suffix);
      if (!details.email_digest.empty())
        index_.put(email_prefix(value.book, details.email_digest) + suffix, details.id);
      value.stored_digest = details.email_digest;
    });
    index_.write(batch);
  }
  void forget() override {
    accounts_.forget();
    index_.forget();
  }
  std::size_t memory_bytes() const override { return accounts_.memory_bytes(); }

 private:
  static bool concerns(const FoldEvent& event) {
    const auto type = event.envelope->event_type();
    return type == schema::Event::AccountOpened || type == schema::Event::AccountDetailsChanged;
  }
  static RowId id_of(const FoldEvent& event) { return {stream_number(event.shard, event.ordinal), 0}; }

  RowTable<AccountTraits> accounts_;
  RowChanges index_;
};

/// The values that every account of this release has.
bool matches_status(const AccountFilter& filter) {
  return filter.status.value_or("active") == "active" && filter.standing.value_or("active") == "active" &&
         filter.payment_status.value_or("none") == "none";
}

}  // namespace

std::unique_ptr<ViewFold> make_accounts_fold() {
  return std::make_unique<AccountsFold>();
}

std::optional<AccountRow> AccountsReader::find(std::string_view book, std::string_view account_id) const {
  const auto bytes = snapshot_.rows().get(details_key(book, account_id));
  AccountRow row;
  if (!bytes || !decode_account_row(*bytes, row)) return std::nullopt;
  return row;
}

Page<AccountRow> AccountsReader::list(std::string_view book, const AccountFilter& filter,
                                      const PageRequest<std::string>& request) const {
  Page<AccountRow> page;
  IndexBounds bounds;
  bounds.limit = request.limit;
  const auto place = [&](const std::optional<std::string>& id, std::optional<std::string>& suffix) {
    if (!id) return;
    const auto row = find(book, *id);
    page.cursor_found = page.cursor_found && row.has_value();
    if (row) suffix = order_suffix(*row);
  };
  place(request.starting_after, bounds.starting_after);
  place(request.ending_before, bounds.ending_before);
  if (!page.cursor_found || !matches_status(filter)) return page;
  if (filter.created_from) bounds.low = instant_suffix(*filter.created_from);
  if (filter.created_to) bounds.high = instant_suffix(*filter.created_to);
  const std::string prefixes[] = {filter.email_digest ? email_prefix(book, *filter.email_digest)
                                                      : created_prefix(book)};
  IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    auto row = find(book, entry.value);
    if (row) page.data.push_back(std::move(*row));
  }
  return page;
}

}  // namespace daybook
