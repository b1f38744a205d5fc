#include "projections/credits_view.h"

#include <algorithm>

#include "domain/byte_codec.h"
#include "domain/grant_fold.h"
#include "domain/state_codec.h"
#include "domain/tables.h"
#include "projections/damaged_view.h"
#include "projections/index_page.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/stream_accounts.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char credit_table = 'c';
constexpr char list_table = 's';

constexpr GrantStatus all_statuses[] = {GrantStatus::available, GrantStatus::partially_applied, GrantStatus::consumed,
                                        GrantStatus::expired, GrantStatus::voided};
constexpr CreditType all_types[] = {CreditType::goodwill, CreditType::promotion,    CreditType::proration,
                                    CreditType::refund,   CreditType::invoice_void, CreditType::overpayment,
                                    CreditType::dispute,  CreditType::adjustment};

std::string account_prefix(std::string_view book, std::string_view account) {
  return KeyWriter(credit_table).text(book).text(account).take();
}
std::string version_suffix(EntityRef id) {
  return key_suffix(id.stream_version, id.slot);
}
std::string list_prefix(std::string_view book, GrantStatus status, std::uint8_t type) {
  return KeyWriter(list_table).text(book).number(static_cast<std::uint8_t>(status)).number(type).take();
}
std::string list_suffix(Position position, EntityRef id) {
  return key_suffix(position, id.stream_version, id.slot);
}

struct StoredCredit {
  Position position = 0;
  Grant grant;
};

std::optional<StoredCredit> decode_credit(std::string_view bytes) {
  StoredCredit credit;
  if (bytes.size() < sizeof(credit.position)) return std::nullopt;
  ByteReader(bytes).number(credit.position);
  auto grant = decode_grant(bytes.substr(sizeof(credit.position)));
  if (!grant) return std::nullopt;
  credit.grant = std::move(*grant);
  return credit;
}

struct CreditTraits {
  struct Value {
    StoredCredit credit;
    GrantStatus listed{};  ///< The status under which the list index has it; none yet if zero.
  };
  static constexpr std::size_t memory_bytes = 450;
  static std::string encode(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).number(value.credit.position);
    return bytes + encode_row(value.credit.grant);
  }
  static bool decode(std::string_view bytes, Value& value) {
    auto credit = decode_credit(bytes);
    if (!credit) return false;
    value.credit = std::move(*credit);
    value.listed = value.credit.grant.status;
    return true;
  }
};

/// The parts of a credit event that every kind has.
struct CreditEvent {
  const schema::EntityRef* credit = nullptr;
  const schema::Money* amount = nullptr;
  bool issues = false;
};

std::optional<CreditEvent> credit_event(const FoldEvent& event) {
  const schema::Envelope& envelope = *event.envelope;
  const auto parts = [](const auto& payload, bool issues) {
    return CreditEvent{payload.credit(), payload.amount(), issues};
  };
  switch (envelope.event_type()) {
    case schema::Event::CreditIssued:
      return parts(*envelope.event_as_CreditIssued(), true);
    case schema::Event::CreditConsumed:
      return parts(*envelope.event_as_CreditConsumed(), false);
    case schema::Event::CreditExpired:
      return parts(*envelope.event_as_CreditExpired(), false);
    case schema::Event::CreditVoided:
      return parts(*envelope.event_as_CreditVoided(), false);
    case schema::Event::CreditApplied:
      return parts(*envelope.event_as_CreditApplied(), false);
    case schema::Event::CreditReturned:
      return parts(*envelope.event_as_CreditReturned(), false);
    default:
      return std::nullopt;
  }
}

class CreditsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { credits_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    const auto parts = credit_event(event);
    if (!parts || parts->credit == nullptr || parts->issues) return;
    credits_.want(id_of(event, *parts), [&] { return key_of(event, *parts); });
  }
  void load() override { credits_.load(); }

  void fold(const FoldEvent& event) override {
    const auto parts = credit_event(event);
    if (!parts) return;
    if (parts->credit == nullptr || parts->amount == nullptr) refuse(event, "a credit event without credit or amount");
    if (parts->issues) return issue(event, *parts);
    auto& row = credits_.at(id_of(event, *parts), [&] { return key_of(event, *parts); });
    Grant& grant = row.value.credit.grant;
    if (event.envelope->event_type() == schema::Event::CreditReturned) {
      const CreditApplication back{entity(event.envelope->event_as_CreditReturned()->invoice()),
                                   parts->amount->minor()};
      const auto& known = grant.applications;
      if (std::find(known.begin(), known.end(), back) == known.end()) refuse(event, "what comes back was not applied");
    } else {
      if (row.value.credit.position == 0 || !grant.is_open()) refuse(event, "there is no such open credit");
      if (parts->amount->minor() > grant.free()) refuse(event, "more is taken from a credit than is free");
    }
    apply_to(grant, event);
    credits_.change(row);
  }

  void write(RowBatch& batch) override {
    credits_.write(batch, [&](RowTable<CreditTraits>::Row& row) {
      const Grant& grant = row.value.credit.grant;
      if (row.value.listed == grant.status) return;
      KeyReader key(row.key);
      const std::string_view book = key.text(), account = key.text();
      const std::string suffix = list_suffix(row.value.credit.position, grant.id);
      if (row.value.listed != GrantStatus{}) lists_.erase(list_prefix(book, row.value.listed, grant.type) + suffix);
      lists_.put(list_prefix(book, grant.status, grant.type) + suffix, std::string(account));
      row.value.listed = grant.status;
    });
    lists_.write(batch);
    streams_.write(batch);
    credits_.forget_if([](const CreditTraits::Value& value) { return !value.credit.grant.is_open(); });
  }
  void forget() override {
    credits_.forget();
    lists_.forget();
    streams_.forget();
  }
  std::size_t memory_bytes() const override { return credits_.memory_bytes() + streams_.memory_bytes(); }

 private:
  static void apply_to(Grant& grant, const FoldEvent& event) {
    const schema::Envelope& envelope = *event.envelope;
    switch (envelope.event_type()) {
      case schema::Event::CreditConsumed:
        return daybook::fold(grant, *envelope.event_as_CreditConsumed(), event.moment());
      case schema::Event::CreditExpired:
        return daybook::fold(grant, *envelope.event_as_CreditExpired(), event.moment());
      case schema::Event::CreditVoided:
        return daybook::fold(grant, *envelope.event_as_CreditVoided(), event.moment());
      case schema::Event::CreditApplied:
        return daybook::fold(grant, *envelope.event_as_CreditApplied(), event.moment());
      case schema::Event::CreditReturned:
        return daybook::fold(grant, *envelope.event_as_CreditReturned(), event.moment());
      default:
        return;
    }
  }
  void issue(const FoldEvent& event, const CreditEvent& parts) {
    // So no other event can have issued it, and the store need not be asked.
    if (parts.credit->stream_version() != event.version || parts.credit->stream_ordinal() != event.ordinal) {
      refuse(event, "a credit whose id is not that of the event");
    }
    auto& row = credits_.add(id_of(event, parts), [&] { return key_of(event, parts); });
    row.value.credit.grant = issued_grant(*event.envelope->event_as_CreditIssued(), event.moment());
    row.value.credit.position = event.position;
    credits_.change(row);
    streams_.note(event);
  }
  static RowId id_of(const FoldEvent& event, const CreditEvent& parts) {
    return {stream_number(event.shard, event.ordinal), parts.credit->stream_version() << 10 | parts.credit->slot()};
  }
  static std::string key_of(const FoldEvent& event, const CreditEvent& parts) {
    return account_prefix(event.book, event.account) + version_suffix(entity(parts.credit));
  }

  RowTable<CreditTraits> credits_;
  RowChanges lists_;
  StreamAccounts streams_;
};

CreditRow make_row(std::string_view book, std::string_view account, StoredCredit credit) {
  CreditRow row;
  row.account_id = account;
  row.stream = std::string(book) + "/" + row.account_id;
  row.issued_at = {credit.grant.id.shard, credit.position};
  row.grant = std::move(credit.grant);
  return row;
}

StoredCredit require_credit(const std::optional<std::string>& bytes) {
  auto credit = bytes ? decode_credit(*bytes) : std::nullopt;
  if (!credit) throw DamagedView("a missing or damaged row");
  return std::move(*credit);
}

bool is_of(const Grant& grant, EntityRef invoice) {
  const auto is_it = [&](const CreditApplication& application) { return application.invoice == invoice; };
  return grant.invoice == invoice || std::any_of(grant.applications.begin(), grant.applications.end(), is_it);
}

bool matches(const Grant& grant, const CreditFilter& filter) {
  return (!filter.invoice || is_of(grant, *filter.invoice)) && (!filter.status || grant.status == *filter.status) &&
         (!filter.type || grant.type == static_cast<std::uint8_t>(*filter.type));
}

/// The credits of one account, newest first, filtered on the way.
Page<CreditRow> list_of_account(const CreditsReader& reader, std::string_view book, const CreditFilter& filter,
                                const PageRequest<EntityRef>& request) {
  Page<CreditRow> page;
  IndexBounds bounds;
  page.cursor_found = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = reader.find(book, id);
    if (!row || row->account_id != *filter.account_id) return std::nullopt;
    return version_suffix(id);
  });
  if (!page.cursor_found) return page;
  const std::string prefix = account_prefix(book, *filter.account_id);
  const std::size_t limit = std::clamp<std::size_t>(request.limit, 1, page_limit_max);
  const bool towards_newer = bounds.ending_before && !bounds.starting_after;
  const std::string from = bounds.ending_before ? prefix + *bounds.ending_before + '\0' : prefix;
  const std::string to = bounds.starting_after ? prefix + *bounds.starting_after : after_prefix(prefix);
  if (from >= to) return page;
  const auto take = [&](std::string_view, std::string_view bytes) {
    StoredCredit credit = require_credit(std::string(bytes));
    if (!matches(credit.grant, filter)) return true;
    if (page.data.size() == limit) {
      page.has_more = true;
      return false;
    }
    page.data.push_back(make_row(book, *filter.account_id, std::move(credit)));
    return true;
  };
  const auto& rows = reader.snapshot().rows();
  if (towards_newer) {
    rows.scan(from, to, take);
    std::reverse(page.data.begin(), page.data.end());
  } else {
    rows.scan_backward(from, to, take);
  }
  return page;
}

}  // namespace

std::unique_ptr<ViewFold> make_credits_fold() {
  return std::make_unique<CreditsFold>();
}

std::optional<CreditRow> CreditsReader::find(std::string_view book, EntityRef credit) const {
  const std::optional<std::string> account = account_of(snapshot_.rows(), book, credit);
  if (!account) return std::nullopt;
  const auto bytes = snapshot_.rows().get(account_prefix(book, *account) + version_suffix(credit));
  if (!bytes) return std::nullopt;
  return make_row(book, *account, require_credit(bytes));
}

Page<CreditRow> CreditsReader::list(std::string_view book, const CreditFilter& filter,
                                    const PageRequest<EntityRef>& request) const {
  Page<CreditRow> page;
  if (filter.invoice) {
    CreditFilter of_account = filter;
    const auto account = account_of(snapshot_.rows(), book, *filter.invoice);
    if (!account || filter.account_id.value_or(*account) != *account) {
      page.cursor_found = !request.starting_after && !request.ending_before;
      return page;
    }
    of_account.account_id = account;
    return list_of_account(*this, book, of_account, request);
  }
  if (filter.account_id) return list_of_account(*this, book, filter, request);
  IndexBounds bounds;
  page.cursor_found = place_cursors(request, bounds, [&](EntityRef id) -> std::optional<std::string> {
    const auto row = find(book, id);
    if (!row) return std::nullopt;
    return list_suffix(row->issued_at.position, id);
  });
  if (!page.cursor_found) return page;
  std::vector<std::string> prefixes;
  for (const GrantStatus status : all_statuses) {
    for (const CreditType type : all_types) {
      if (filter.status.value_or(status) != status || filter.type.value_or(type) != type) continue;
      prefixes.push_back(list_prefix(book, status, static_cast<std::uint8_t>(type)));
    }
  }
  const IndexPage index = read_index_page(snapshot_.rows(), prefixes, bounds);
  page.has_more = index.has_more;
  for (const IndexEntry& entry : index.entries) {
    if (entry.suffix.size() < sizeof(Position)) throw DamagedView("a damaged row of a list");
    // The order's suffix ends with the credit's place in its account.
    const std::string key = account_prefix(book, entry.value) + entry.suffix.substr(sizeof(Position));
    page.data.push_back(make_row(book, entry.value, require_credit(snapshot_.rows().get(key))));
  }
  return page;
}

void CreditsReader::for_each(std::string_view book, const std::function<bool(const CreditRow&)>& row) const {
  const std::string prefix = KeyWriter(credit_table).text(book).take();
  snapshot_.rows().scan(prefix, after_prefix(prefix), [&](std::string_view key, std::string_view bytes) {
    KeyReader reader(key);
    reader.text();
    return row(make_row(book, reader.text(), require_credit(std::string(bytes))));
  });
}

}  // namespace daybook
