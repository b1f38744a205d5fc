#include "projections/view_check.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "eventstore/damaged_row.h"
#include "projections/view_copy.h"

namespace daybook {
namespace {

constexpr std::size_t rows_per_page = 1'024;

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "daybook-check-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw StorageFault("cannot make a temporary folder like " + name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// All rows in order, a page in memory at a time.
class RowWalk {
 public:
  explicit RowWalk(const RowStore::Snapshot& rows) : rows_(rows) { fill(); }
  bool at_end() const { return page_.empty(); }
  const std::string& key() const { return page_[at_].first; }
  const std::string& value() const { return page_[at_].second; }
  void next() {
    from_ = page_[at_].first + '\0';
    if (++at_ == page_.size()) fill();
  }

 private:
  void fill() {
    page_.clear();
    at_ = 0;
    rows_.scan(from_, {}, [&](std::string_view key, std::string_view value) {
      page_.emplace_back(key, value);
      return page_.size() < rows_per_page;
    });
  }
  const RowStore::Snapshot& rows_;
  std::string from_;
  std::vector<std::pair<std::string, std::string>> page_;
  std::size_t at_ = 0;
};

void compare(const RowStore::Snapshot& live_rows, const RowStore::Snapshot& folded_rows, LogPosition position,
             ViewCheck& check) {
  using Kind = ViewDifference::Kind;
  RowWalk live(live_rows), folded(folded_rows);
  const auto note = [&](Kind kind, const std::string& key) {
    ++check.differences_found;
    if (check.differences.size() < view_differences_max) check.differences.push_back({kind, printable(key), position});
  };
  while (!live.at_end() || !folded.at_end()) {
    ++check.rows;
    if (folded.at_end() || (!live.at_end() && live.key() < folded.key())) {
      note(Kind::unexpected, live.key());
      live.next();
    } else if (live.at_end() || folded.key() < live.key()) {
      note(Kind::missing, folded.key());
      folded.next();
    } else {
      if (live.value() != folded.value()) note(Kind::different, live.key());
      live.next();
      folded.next();
    }
  }
}

ViewCopy::Settings settings_of(const Projections::Options& options) {
  return {.cache_bytes = options.rebuild_cache_bytes,
          .block_cache_bytes = options.block_cache_bytes,
          .email_digest = options.email_digest,
          .open_rows = options.open_rows};
}

/// `ends`: up to where, by shard.
void fold_up_to(const EventLog& log, const std::vector<Position>& ends, const Projections::Options& options,
                const CheckProgress& progress, ViewCopy& copy) {
  std::uint64_t total = 0, done_before = 0;
  for (const Position end : ends) total += end;
  FoldBatch batch({options.batch_events_max, options.batch_bytes_max});
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) {
    BatchReader reader(log, shard);
    const Position end = ends[shard];
    while (copy.folded(shard) < end && reader.read(batch, copy.folded(shard) + 1)) {
      copy.fold(batch, end);
      if (progress) progress(done_before + copy.folded(shard), total);
      if (copy.memory_bytes() > options.rebuild_cache_bytes) copy.commit();
    }
    done_before += copy.folded(shard);
  }
  copy.commit();
}

struct CurrencySums {
  Currency currency;
  Balance128 debits_less_credits = 0, journal_credit = 0, journal_receivable = 0;
  Balance128 balance_credit = 0, balance_receivable = 0, credits_remaining = 0, invoices_remaining = 0;
};

class BookSums {
 public:
  CurrencySums& of(Currency currency) {
    for (CurrencySums& one : sums_) {
      if (one.currency == currency) return one;
    }
    sums_.emplace_back().currency = currency;
    return sums_.back();
  }
  const std::vector<CurrencySums>& all() const { return sums_; }

 private:
  std::vector<CurrencySums> sums_;
};

void compare_sums(const std::string& book, const CurrencySums& sums, std::vector<std::string>& failures) {
  const auto expect_equal = [&](Balance128 a, Balance128 b, const char* what_a, const char* what_b) {
    if (a == b) return;
    failures.push_back("book " + book + ", " + code(sums.currency) + ": " + what_a + " " + to_decimal(a) + ", " +
                       what_b + " " + to_decimal(b));
  };
  expect_equal(sums.debits_less_credits, 0, "the journal's debits less its credits are", "and must be");
  expect_equal(sums.balance_credit, sums.journal_credit, "the accounts' credit adds up to",
               "the journal's customer_credit is");
  expect_equal(sums.balance_receivable, sums.journal_receivable, "what the accounts owe adds up to",
               "the journal's receivable is");
  expect_equal(sums.invoices_remaining, sums.journal_receivable, "what remains of open invoices adds up to",
               "the journal's receivable is");
  expect_equal(sums.credits_remaining, sums.journal_credit, "what remains of open credits adds up to",
               "the journal's customer_credit is");
}

}  // namespace

ViewCheck compare_with_fold(const EventLog& log, ViewName view, const ViewSnapshot& snapshot,
                            const Projections::Options& options, const CheckProgress& progress) {
  ViewCheck check;
  check.name = view;
  try {
    const TemporaryFolder folder;
    const auto copy = std::make_shared<ViewCopy>(view, folder.path() / "view", settings_of(options));
    std::vector<Position> ends;
    for (ShardNumber shard = 0; shard < log.shards(); ++shard) ends.push_back(snapshot.position(shard));
    fold_up_to(log, ends, options, progress, *copy);
    for (ShardNumber shard = 0; shard < log.shards(); ++shard) check.events += copy->folded(shard);
    compare(snapshot.rows(), snapshot_of(copy).rows(), {0, snapshot.position(0)}, check);
  } catch (const StorageFault& fault) {
    check.error = fault.what();
  }
  return check;
}

Reconciliation reconcile_views(const BalancesReader& balances, const CreditsReader& credits,
                               const JournalReader& journal, const InvoicesReader& invoices) {
  Reconciliation result;
  for (const std::string& book : journal.books()) {
    ++result.books;
    BookSums sums;
    for (const JournalTotal& total : journal.trial_balance(book)) {
      CurrencySums& one = sums.of(total.currency);
      one.debits_less_credits += total.balance();
      if (total.account == LedgerAccount::customer_credit) one.journal_credit -= total.balance();
      if (total.account == LedgerAccount::receivable) one.journal_receivable += total.balance();
    }
    balances.for_each(book, [&](const BalanceRow& row) {
      sums.of(row.currency).balance_credit += row.credit;
      sums.of(row.currency).balance_receivable += row.receivable;
      return true;
    });
    credits.for_each(book, [&](const CreditRow& row) {
      const auto currency = find_currency(row.grant.asset.code);
      if (row.grant.is_open()) sums.of(currency.value_or(Currency{})).credits_remaining += row.grant.remaining;
      return true;
    });
    invoices.for_each(book, [&](const InvoiceRow& row) {
      sums.of(row.invoice.currency).invoices_remaining += row.invoice.amount_remaining();
      return true;
    });
    for (const CurrencySums& one : sums.all()) compare_sums(book, one, result.failures);
  }
  return result;
}

Reconciliation reconcile_folded(const EventLog& log, const Projections::Options& options) try {
  const TemporaryFolder folder;
  std::vector<Position> heads;
  for (ShardNumber shard = 0; shard < log.shards(); ++shard) heads.push_back(log.head(shard));
  const auto fold = [&](ViewName view) {
    const auto copy =
        std::make_shared<ViewCopy>(view, folder.path() / std::string(to_text(view)), settings_of(options));
    fold_up_to(log, heads, options, {}, *copy);
    return snapshot_of(copy);
  };
  Reconciliation result =
      reconcile_views(BalancesReader(fold(ViewName::balances)), CreditsReader(fold(ViewName::credits)),
                      JournalReader(fold(ViewName::journal)), InvoicesReader(fold(ViewName::invoices)));
  result.is_of_fresh_folds = true;
  return result;
} catch (const StorageFault& fault) {
  Reconciliation result;
  result.failures.emplace_back(fault.what());
  return result;
}

std::string digest_rows(const RowStore::Snapshot& rows) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  const auto add = [&](std::string_view bytes) {
    const std::uint64_t size = bytes.size();
    XXH3_128bits_update(&state, &size, sizeof(size));
    XXH3_128bits_update(&state, bytes.data(), bytes.size());
  };
  rows.scan({}, {}, [&](std::string_view key, std::string_view value) {
    add(key);
    add(value);
    return true;
  });
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  std::string text;
  for (const unsigned char byte : canonical.digest) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned>(byte));
    text += hex;
  }
  return text;
}

}  // namespace daybook
