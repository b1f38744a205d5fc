#include "projections/balances_view.h"

#include "domain/byte_codec.h"
#include "domain/journal.h"
#include "projections/damaged_view.h"
#include "projections/postings.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char balance_table = 'b';

std::string balances_of(std::string_view book, std::string_view account) {
  return KeyWriter(balance_table).text(book).text(account).take();
}

/// The key says the rest.
bool decode_sums(std::string_view bytes, BalanceRow& row) {
  ByteReader reader(bytes);
  reader.number(row.credit);
  reader.number(row.receivable);
  reader.number(row.version);
  reader.number(row.updated_at);
  return reader.finished();
}

struct BalanceTraits {
  using Value = BalanceRow;
  static constexpr std::size_t memory_bytes = 64;
  static std::string encode(const Value& row) {
    std::string bytes;
    ByteWriter writer(bytes);
    writer.number(row.credit);
    writer.number(row.receivable);
    writer.number(row.version);
    writer.number(row.updated_at);
    return bytes;
  }
  static bool decode(std::string_view bytes, Value& row) { return decode_sums(bytes, row); }
};

class BalancesFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { balances_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    for_each_posting(event, [&](const schema::Posting& posting, std::int64_t BalanceRow::*, bool) {
      balances_.want(id_of(event, posting), [&] { return key_of(event, posting); });
    });
  }
  void load() override { balances_.load(); }
  void fold(const FoldEvent& event) override {
    for_each_posting(event, [&](const schema::Posting& posting, std::int64_t BalanceRow::*sum, bool adds) {
      auto& row = balances_.at(id_of(event, posting), [&] { return key_of(event, posting); });
      const std::int64_t change = adds ? posting.amount()->minor() : -posting.amount()->minor();
      if (__builtin_add_overflow(row.value.*sum, change, &(row.value.*sum))) refuse(event, "a balance overflows");
      row.value.version = event.version;
      row.value.updated_at = event.decided_at;
      balances_.change(row);
    });
  }
  void write(RowBatch& batch) override { balances_.write(batch); }
  void forget() override { balances_.forget(); }
  std::size_t memory_bytes() const override { return balances_.memory_bytes(); }

 private:
  /// Calls use(posting, the sum it belongs to, whether it adds to it).
  template <class Use>
  static void for_each_posting(const FoldEvent& event, Use use) {
    if (event.account.empty()) return;
    const Postings* postings = postings_of(event);
    if (postings == nullptr) return;
    for (const schema::Posting* posting : *postings) {
      const bool is_credit = posting->side() == schema::Side::credit;
      if (posting->account() == static_cast<std::uint16_t>(LedgerAccount::customer_credit)) {
        use(*posting, &BalanceRow::credit, is_credit);
      } else if (posting->account() == static_cast<std::uint16_t>(LedgerAccount::receivable)) {
        use(*posting, &BalanceRow::receivable, !is_credit);
      }
    }
  }
  static RowId id_of(const FoldEvent& event, const schema::Posting& posting) {
    return {stream_number(event.shard, event.ordinal), posting.amount()->currency()};
  }
  static std::string key_of(const FoldEvent& event, const schema::Posting& posting) {
    return KeyWriter(balance_table).text(event.book).text(event.account).number(posting.amount()->currency()).take();
  }

  RowTable<BalanceTraits> balances_;
};

/// Calls row(...) for the rows under `prefix` until it returns false.
void scan_balances(const ViewSnapshot& snapshot, const std::string& prefix,
                   const std::function<bool(const BalanceRow&)>& row) {
  snapshot.rows().scan(prefix, after_prefix(prefix), [&](std::string_view key, std::string_view bytes) {
    KeyReader reader(key);
    BalanceRow balance;
    reader.text();
    balance.account_id = reader.text();
    balance.currency = Currency{reader.number<std::uint32_t>()};
    if (!reader.finished() || !decode_sums(bytes, balance)) throw DamagedView("a damaged row");
    return row(balance);
  });
}

}  // namespace

std::unique_ptr<ViewFold> make_balances_fold() {
  return std::make_unique<BalancesFold>();
}

std::vector<BalanceRow> BalancesReader::of_account(std::string_view book, std::string_view account_id) const {
  std::vector<BalanceRow> balances;
  scan_balances(snapshot_, balances_of(book, account_id), [&](const BalanceRow& row) {
    balances.push_back(row);
    return true;
  });
  return balances;
}

void BalancesReader::for_each(std::string_view book, const std::function<bool(const BalanceRow&)>& row) const {
  scan_balances(snapshot_, KeyWriter(balance_table).text(book).take(), row);
}

}  // namespace daybook
