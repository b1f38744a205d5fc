#include "projections/accounts_view.h"

#include <array>

#include "domain/byte_codec.h"
#include "domain/payment_fold.h"
#include "domain/state_codec.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/entity_list.h"
#include "projections/index_page.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/stream_accounts.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char details_table = 'a';
constexpr char created_table = 't';
constexpr char status_table = 's';
constexpr char parked_table = 'p';
constexpr char email_table = 'e';
constexpr char payment_table = 'c';
constexpr char method_table = 'm';
constexpr char account_method_table = 'w';

constexpr std::array method_statuses = {PaymentMethodStatus::pending, PaymentMethodStatus::verified,
                                        PaymentMethodStatus::requires_action, PaymentMethodStatus::expired,
                                        PaymentMethodStatus::failed};

std::string details_key(std::string_view book, std::string_view account) {
  return KeyWriter(details_table).text(book).text(account).take();
}
std::string created_prefix(std::string_view book) {
  return KeyWriter(created_table).text(book).take();
}
std::string status_prefix(std::string_view book, AccountStatus status) {
  return KeyWriter(status_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string payment_prefix(std::string_view book, AccountPaymentStatus status) {
  return KeyWriter(payment_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string parked_prefix(std::string_view book) {
  return KeyWriter(parked_table).text(book).take();
}
std::string email_prefix(std::string_view book, std::string_view digest) {
  return KeyWriter(email_table).text(book).text(digest).take();
}
std::string method_list(std::string_view book, PaymentMethodStatus status) {
  return KeyWriter(method_table).text(book).number(static_cast<std::uint8_t>(status)).take();
}
std::string account_method_list(std::string_view book, std::string_view account, PaymentMethodStatus status) {
  return KeyWriter(account_method_table).text(book).text(account).number(static_cast<std::uint8_t>(status)).take();
}
std::string instant_suffix(Instant at) {
  return key_suffix(static_cast<std::uint64_t>(micros(at)));
}
std::string order_suffix(const AccountRow& row) {
  return instant_suffix(row.details.created_at) + key_suffix(row.ordinal);
}

/// A stored row: the account, and the digest that the e-mail index has it under.
struct StoredAccount {
  AccountRow row;
  std::string email_digest;
};

/// A method as the lists have it.
struct ListedMethod {
  PaymentMethodStatus status{};
  Instant created_at{};
  EntityRef id;
  bool operator==(const ListedMethod&) const = default;
};

std::vector<ListedMethod> listed_methods(const AccountDetails& details) {
  std::vector<ListedMethod> listed;
  for (const PaymentMethod& method : details.payment_methods) {
    listed.push_back({method.status, method.created_at, method.id});
  }
  return listed;
}

bool decode_account_row(std::string_view bytes, StoredAccount& stored) {
  std::uint8_t digest_bytes = 0;
  const std::size_t head = sizeof(stored.row.ordinal) + sizeof(digest_bytes);
  if (bytes.size() < head) return false;
  ByteReader reader(bytes);
  reader.number(stored.row.ordinal);
  reader.number(digest_bytes);
  if (bytes.size() < head + digest_bytes) return false;
  stored.email_digest = bytes.substr(head, digest_bytes);
  auto details = decode_details(bytes.substr(head + digest_bytes));
  if (!details) return false;
  stored.row.details = std::move(*details);
  return true;
}

struct AccountTraits {
  struct Value {
    StoredAccount account;
    std::string book;
    std::string indexed_digest;                                          ///< As the e-mail index has it,
    AccountStatus indexed_status = AccountStatus::active;                ///< as that of the status has it,
    AccountPaymentStatus indexed_payments = AccountPaymentStatus::none;  ///< as that of the payment status has it,
    bool is_listed_parked = false;              ///< and whether that of the parked ones has it.
    std::vector<ListedMethod> indexed_methods;  ///< As the lists of methods have them.
  };
  static constexpr std::size_t memory_bytes = 1'600;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter writer(bytes);
    writer.number(value.account.row.ordinal);
    writer.number(static_cast<std::uint8_t>(value.account.email_digest.size()));
    bytes += value.account.email_digest;
    return bytes + encode_row(value.account.row.details);
  }
  static bool decode(std::string_view bytes, Value& value) {
    if (!decode_account_row(bytes, value.account)) return false;
    value.indexed_digest = value.account.email_digest;
    value.indexed_status = value.account.row.details.status;
    value.indexed_payments = value.account.row.details.payments.status();
    value.is_listed_parked = value.account.row.details.is_parked();
    value.indexed_methods = listed_methods(value.account.row.details);
    return true;
  }
};

/// Calls use(payload) with the event's own table if it is one that may change how an account's payments stand.
template <class Use>
bool with_payment(const FoldEvent& event, Use use) {
  const schema::Envelope& envelope = *event.envelope;
  switch (envelope.event_type()) {
    case schema::Event::PaymentSucceeded:
      use(*envelope.event_as_PaymentSucceeded());
      return true;
    case schema::Event::PaymentFailed:
      use(*envelope.event_as_PaymentFailed());
      return true;
    case schema::Event::OfflinePaymentRecorded:
      use(*envelope.event_as_OfflinePaymentRecorded());
      return true;
    case schema::Event::InvoicePaid:
      use(*envelope.event_as_InvoicePaid());
      return true;
    case schema::Event::InvoiceVoided:
      use(*envelope.event_as_InvoiceVoided());
      return true;
    case schema::Event::InvoiceMarkedUncollectible:
      use(*envelope.event_as_InvoiceMarkedUncollectible());
      return true;
    default:
      return false;
  }
}

class AccountsFold : public ViewFold {
 public:
  explicit AccountsFold(EmailDigest email_digest) : email_digest_(std::move(email_digest)) {}

  void attach(const RowStore& store, bool is_empty) override { accounts_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    if (!concerns(event) && !with_payment(event, [](const auto&) {})) return;
    accounts_.want(id_of(event), [&] { return details_key(event.book, event.account); });
  }
  void load() override { accounts_.load(); }

  void fold(const FoldEvent& event) override {
    if (with_payment(event, [&](const auto& payload) { fold_payment(event, payload); }) || !concerns(event)) return;
    auto& row = accounts_.at(id_of(event), [&] { return details_key(event.book, event.account); });
    StoredAccount& account = row.value.account;
    const bool opens = event.envelope->event_type() == schema::Event::AccountOpened;
    if (opens == (account.row.ordinal != 0)) refuse(event, opens ? "the account is open" : "there is no such account");
    // The domain's own fold, on a state that holds nothing but the details.
    AccountState state;
    state.version = event.version - 1;
    state.ordinal = event.ordinal;
    const Sealed email = account.row.details.email;
    state.details = std::move(account.row.details);
    evolve(state, *event.envelope);
    account.row.details = std::move(state.details);
    account.row.ordinal = event.ordinal;
    row.value.book = event.book;
    if (account.row.details.status == AccountStatus::deleted) {
      account.email_digest.clear();
    } else if (account.row.details.email != email) {
      account.email_digest = digest_of(event, account.row.details.email);
    }
    accounts_.change(row);
    if (event.envelope->event_type() == schema::Event::PaymentMethodAttached) streams_.note(event);
  }

  void write(RowBatch& batch) override {
    accounts_.write(batch, [&](RowTable<AccountTraits>::Row& row) {
      AccountTraits::Value& value = row.value;
      const StoredAccount& account = value.account;
      const std::string& id = account.row.details.id;
      const std::string suffix = order_suffix(account.row);
      const AccountStatus status = account.row.details.status;
      if (!row.is_stored) index_.put(created_prefix(value.book) + suffix, id);
      if (row.is_stored && status != value.indexed_status) {
        index_.erase(status_prefix(value.book, value.indexed_status) + suffix);
      }
      if (!row.is_stored || status != value.indexed_status) {
        index_.put(status_prefix(value.book, status) + suffix, id);
        value.indexed_status = status;
      }
      const AccountPaymentStatus payments = account.row.details.payments.status();
      if (row.is_stored && payments != value.indexed_payments) {
        index_.erase(payment_prefix(value.book, value.indexed_payments) + suffix);
      }
      if (!row.is_stored || payments != value.indexed_payments) {
        index_.put(payment_prefix(value.book, payments) + suffix, id);
        value.indexed_payments = payments;
      }
      const bool is_parked = account.row.details.is_parked();
      if (is_parked && !value.is_listed_parked) index_.put(parked_prefix(value.book) + suffix, id);
      if (!is_parked && value.is_listed_parked) index_.erase(parked_prefix(value.book) + suffix);
      value.is_listed_parked = is_parked;
      relist_methods(value);
      if (value.indexed_digest == account.email_digest) return;
      if (!value.indexed_digest.empty()) index_.erase(email_prefix(value.book, value.indexed_digest) + suffix);
      if (!account.email_digest.empty()) index_.put(email_prefix(value.book, account.email_digest) + suffix, id);
      value.indexed_digest = account.email_digest;
    });
    index_.write(batch);
    streams_.write(batch);
  }
  void forget() override {
    accounts_.forget();
    index_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override { return accounts_.memory_bytes() + streams_.memory_bytes(); }

 private:
  void relist_methods(AccountTraits::Value& value) {
    const AccountDetails& details = value.account.row.details;
    std::vector<ListedMethod> listed = listed_methods(details);
    const auto is_among = [](const std::vector<ListedMethod>& methods, const ListedMethod& one) {
      return std::find(methods.begin(), methods.end(), one) != methods.end();
    };
    const auto lists = [&](const ListedMethod& one) {
      return std::array{method_list(value.book, one.status), account_method_list(value.book, details.id, one.status)};
    };
    for (const ListedMethod& gone : value.indexed_methods) {
      if (!is_among(listed, gone)) relist(index_, lists(gone), {}, daybook::order_suffix(gone.created_at, gone.id), {});
    }
    for (const ListedMethod& fresh : listed) {
      if (is_among(value.indexed_methods, fresh)) continue;
      relist(index_, {}, lists(fresh), daybook::order_suffix(fresh.created_at, fresh.id), details.id);
    }
    value.indexed_methods = std::move(listed);
  }
  template <class Payload>
  void fold_payment(const FoldEvent& event, const Payload& payload) {
    auto& row = accounts_.at(id_of(event), [&] { return details_key(event.book, event.account); });
    AccountDetails& details = row.value.account.row.details;
    if (row.value.account.row.ordinal == 0) refuse(event, "there is no such account");
    const AccountPayments before = details.payments;
    daybook::fold(details, payload, event.moment());
    if (details.payments == before) return;
    row.value.book = event.book;
    accounts_.change(row);
  }
  static bool concerns(const FoldEvent& event) {
    switch (event.envelope->event_type()) {
      case schema::Event::AccountOpened:
      case schema::Event::AccountDetailsChanged:
      case schema::Event::AccountDeletionScheduled:
      case schema::Event::AccountRestored:
      case schema::Event::AccountPurged:
      case schema::Event::LegalHoldPlaced:
      case schema::Event::LegalHoldReleased:
      case schema::Event::AccountParked:
      case schema::Event::AccountUnparked:
      case schema::Event::PaymentMethodAttached:
      case schema::Event::DefaultPaymentMethodChanged:
      case schema::Event::PaymentMethodDetached:
      case schema::Event::AccountTrialStarted:
        return true;
      case schema::Event::TrialReminderIssued:
        return entity(event.envelope->event_as_TrialReminderIssued()->subscription()).is_none();
      case schema::Event::TrialExpired:
        return entity(event.envelope->event_as_TrialExpired()->subscription()).is_none();
      case schema::Event::TrialEndedEarly:
        return entity(event.envelope->event_as_TrialEndedEarly()->subscription()).is_none();
      default:
        return false;
    }
  }
  std::string digest_of(const FoldEvent& event, const Sealed& email) const {
    if (!email_digest_ || email.empty()) return {};
    return email_digest_(event.book, event.envelope->stream()->string_view(), email);
  }
  static RowId id_of(const FoldEvent& event) { return {stream_number(event.shard, event.ordinal), 0}; }

  const EmailDigest email_digest_;
  RowTable<AccountTraits> accounts_;
  RowChanges index_;
  StreamAccounts streams_;
};

/// Nothing for a status that no account of this release has.
std::optional<AccountStatus> parse_status(const std::optional<std::string>& text) {
  for (const AccountStatus status :
       {AccountStatus::active, AccountStatus::deletion_scheduled, AccountStatus::deleted}) {
    if (text && *text == to_text(status)) return status;
  }
  return std::nullopt;
}

/// The same of the payment status.
std::optional<AccountPaymentStatus> parse_payment_status(const std::optional<std::string>& text) {
  using Status = AccountPaymentStatus;
  for (const Status status : {Status::none, Status::current, Status::past_due}) {
    if (text && *text == to_text(status)) return status;
  }
  return std::nullopt;
}

/// The value that every account of this release has.
bool matches_standing(const AccountFilter& filter) {
  return filter.standing.value_or("active") == "active";
}

}  // namespace

std::unique_ptr<ViewFold> make_accounts_fold(EmailDigest email_digest) {
  return std::make_unique<AccountsFold>(std::move(email_digest));
}

std::optional<AccountRow> AccountsReader::find(std::string_view book, std::string_view account_id) const {
  const auto bytes = snapshot_.rows().get(details_key(book, account_id));
  if (!bytes) return std::nullopt;
  StoredAccount stored;
  if (!decode_account_row(*bytes, stored)) throw DamagedView("a damaged row");
  return std::move(stored.row);
}

Page<AccountRow> AccountsReader::list(std::string_view book, const AccountFilter& filter,
                                      const PageRequest<std::string>& request) const {
  Page<AccountRow> page;
  IndexBounds bounds;
  page.cursor_found = place_cursors(request, bounds, [&](const std::string& id) -> std::optional<std::string> {
    const auto row = find(book, id);
    if (!row) return std::nullopt;
    return order_suffix(*row);
  });
  const std::optional<AccountStatus> status = parse_status(filter.status);
  const std::optional<AccountPaymentStatus> payments = parse_payment_status(filter.payment_status);
  const bool is_any = (!filter.status || status) && (!filter.payment_status || payments);
  if (!page.cursor_found || !matches_standing(filter) || !is_any) return page;
  if (filter.created_from) bounds.low = instant_suffix(*filter.created_from);
  if (filter.created_to) bounds.high = instant_suffix(*filter.created_to);
  const std::string prefixes[] = {filter.email_digest ? email_prefix(book, *filter.email_digest)
                                  : filter.is_parked  ? parked_prefix(book)
                                  : payments          ? payment_prefix(book, *payments)
                                  : status            ? status_prefix(book, *status)
                                                      : created_prefix(book)};
  IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    auto row = find(book, entry.value);
    if (!row || (status && row->details.status != *status)) continue;
    if (payments && row->details.payments.status() != *payments) continue;
    if (!filter.is_parked || row->details.is_parked()) page.data.push_back(std::move(*row));
  }
  return page;
}

Page<PaymentMethodRow> AccountsReader::payment_methods(std::string_view book, const PaymentMethodFilter& filter,
                                                       const PageRequest<EntityRef>& request) const {
  // An account has one stream: its methods differ in version and slot.
  const auto read = [&](std::string_view account, std::uint64_t version, std::uint16_t slot) {
    std::optional<PaymentMethodRow> found;
    const auto row = find(book, account);
    if (!row) return found;
    for (const PaymentMethod& method : row->details.payment_methods) {
      if (method.id.stream_version != version || method.id.slot != slot) continue;
      const std::string& id = row->details.id;
      found = {id, std::string(book) + "/" + id, method, row->details.default_payment_method == method.id};
    }
    return found;
  };
  IndexBounds bounds;
  const bool is_placed = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto account = account_of(snapshot_.rows(), book, id);
    if (!account || filter.account_id.value_or(*account) != *account) return std::nullopt;
    const auto row = read(*account, id.stream_version, id.slot);
    if (!row) return std::nullopt;
    return daybook::order_suffix(row->method.created_at, id);
  });
  if (!is_placed) return {{}, false, false};
  std::vector<std::string> prefixes;
  for (const PaymentMethodStatus status : method_statuses) {
    if (filter.status.value_or(status) != status) continue;
    prefixes.push_back(filter.account_id ? account_method_list(book, *filter.account_id, status)
                                         : method_list(book, status));
  }
  const IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  Page<PaymentMethodRow> page;
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    if (entry.suffix.size() < order_head_bytes) throw DamagedView("a damaged row of a list");
    KeyReader place(std::string_view(entry.suffix).substr(order_head_bytes - 1));
    const auto version = place.number<std::uint64_t>();
    const auto slot = place.number<std::uint16_t>();
    auto row = read(entry.value, version, slot);
    if (!row) throw DamagedView("a list of payment methods that names one which is not there");
    page.data.push_back(std::move(*row));
  }
  return page;
}

std::size_t AccountsReader::parked(std::size_t limit) const {
  std::size_t count = 0;
  const std::string table(1, parked_table);
  snapshot_.rows().scan(table, after_prefix(table), [&](std::string_view, std::string_view) {
    ++count;
    return count < limit;
  });
  return count;
}

}  // namespace daybook
