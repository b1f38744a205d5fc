#include "projections/journal_view.h"

#include <algorithm>

#include "domain/byte_codec.h"
#include "projections/damaged_view.h"
#include "projections/postings.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char total_table = 'j';

void append_sum(ByteWriter& writer, Sum128 sum) {
  writer.number(static_cast<std::uint64_t>(sum));
  writer.number(static_cast<std::uint64_t>(sum >> 64));
}
void read_sum(ByteReader& reader, Sum128& sum) {
  std::uint64_t low = 0, high = 0;
  reader.number(low);
  reader.number(high);
  sum = static_cast<Sum128>(high) << 64 | low;
}

/// The key says the rest.
bool decode_totals(std::string_view bytes, JournalTotal& total) {
  ByteReader reader(bytes);
  read_sum(reader, total.debits);
  read_sum(reader, total.credits);
  reader.number(total.postings);
  return reader.finished();
}

struct TotalTraits {
  using Value = JournalTotal;
  static constexpr std::size_t memory_bytes = 64;
  static std::string encode(const Value& total) {
    std::string bytes;
    ByteWriter writer(bytes);
    append_sum(writer, total.debits);
    append_sum(writer, total.credits);
    writer.number(total.postings);
    return bytes;
  }
  static bool decode(std::string_view bytes, Value& total) { return decode_totals(bytes, total); }
};

/// There are few rows, so they are loaded when first met and want() has nothing to do.
class JournalFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { totals_.attach(store, is_empty); }
  void want(const FoldEvent&) override {}
  void load() override {}
  void fold(const FoldEvent& event) override {
    const Postings* postings = postings_of(event);
    if (postings == nullptr) return;
    const std::uint64_t book = books_.of(event.book);
    for (const schema::Posting* posting : *postings) {
      const std::uint32_t currency = posting->amount()->currency();
      const RowId id{book, static_cast<std::uint64_t>(currency) << 16 | posting->account()};
      auto& row = totals_.at(id, [&] {
        return KeyWriter(total_table).text(event.book).number(currency).number(posting->account()).take();
      });
      Sum128& sum = posting->side() == schema::Side::debit ? row.value.debits : row.value.credits;
      sum += static_cast<Sum128>(posting->amount()->minor());
      ++row.value.postings;
      totals_.change(row);
    }
  }
  void write(RowBatch& batch) override { totals_.write(batch); }
  void forget() override {
    totals_.forget();
    books_.forget();
  }
  std::size_t memory_bytes() const override { return totals_.memory_bytes() + books_.memory_bytes(); }

 private:
  TextNumbers books_;
  RowTable<TotalTraits> totals_;
};

}  // namespace

std::string to_decimal(Balance128 value) {
  Sum128 left = value < 0 ? -static_cast<Sum128>(value) : static_cast<Sum128>(value);
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  } while (left != 0);
  if (value < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::unique_ptr<ViewFold> make_journal_fold() {
  return std::make_unique<JournalFold>();
}

std::vector<JournalTotal> JournalReader::trial_balance(std::string_view book) const {
  std::vector<JournalTotal> totals;
  const std::string prefix = KeyWriter(total_table).text(book).take();
  snapshot_.rows().scan(prefix, after_prefix(prefix), [&](std::string_view key, std::string_view bytes) {
    KeyReader reader(key);
    JournalTotal& total = totals.emplace_back();
    reader.text();
    total.currency = Currency{reader.number<std::uint32_t>()};
    total.account = static_cast<LedgerAccount>(reader.number<std::uint16_t>());
    if (!reader.finished() || !decode_totals(bytes, total)) throw DamagedView("a damaged row");
    return true;
  });
  return totals;
}

std::vector<std::string> JournalReader::books() const {
  std::vector<std::string> books;
  std::string from(1, total_table);
  const std::string end = after_prefix(from);
  bool found = true;
  while (found) {
    found = false;
    snapshot_.rows().scan(from, end, [&](std::string_view key, std::string_view) {
      KeyReader reader(key);
      books.emplace_back(reader.text());
      if (!reader.ok()) throw DamagedView("a damaged row");
      found = true;
      return false;
    });
    if (found) from = after_prefix(KeyWriter(total_table).text(books.back()).take());
  }
  return books;
}

}  // namespace daybook
