// Transactions as plain-text accounting reads them: ledger-cli 3, hledger 1 and beancount 2, each as its strict mode
// wants it (ledger --strict --pedantic, hledger check -s, bean-check): what is used is declared before.
//
// The chart of accounts is declared at the top, an account that came into it later and a currency right before the
// first transaction that uses it. Amounts are exact, in the currency's own decimals; debits are positive. Everything
// about an event that is no amount stands in its tags: which customer's account, book, position and time. There is no
// personal data in any of it, and nothing to escape: books and accounts have ids of letters, digits and "_.-"
// (valid_client_id).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "projections/journal_format.h"

namespace daybook {

struct TextTag {
  std::string_view name;  ///< Of those that journal_text.cpp declares.
  std::string value;
};

struct TextLine {
  LedgerAccount account{};
  Balance128 minor = 0;  ///< Debits positive.
  Currency currency;
};

struct TextTransaction {
  std::string date;  ///< "2026-11-21"
  std::string id;    ///< The event's, or empty.
  std::string payee;
  std::string narration;
  std::vector<TextTag> tags;
  std::vector<TextLine> lines;
};

/// One thread at a time.
class JournalText {
 public:
  /// One of the three plain-text formats.
  explicit JournalText(JournalFormat format) : format_(format) {}
  /// The title as a comment, and the chart of accounts.
  void begin(std::string& out, std::string_view title) const;
  void add(std::string& out, const TextTransaction& transaction);

 private:
  void declare_account(std::string& out, LedgerAccount account) const;
  void declare_currency(std::string& out, Currency currency) const;
  void append_first_line(std::string& out, const TextTransaction& transaction) const;

  JournalFormat format_;
  std::set<Currency> declared_;
  std::set<LedgerAccount> declared_accounts_;  ///< Of those that are not declared at the top.
};

}  // namespace daybook
