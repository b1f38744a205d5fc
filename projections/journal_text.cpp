#include "projections/journal_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace daybook {
namespace {

constexpr std::array<std::string_view, 7> tag_names{"type", "book", "position", "recorded", "events", "first", "last"};
/// Before every date on the calendar, so that nothing is used before it is opened.
constexpr std::string_view opened_on = "1970-01-01";
constexpr std::size_t account_width = 32;
/// Accounts that the chart has got since it was first exported: declared when they are used, so that the export of an
/// older log keeps its bytes.
constexpr std::array later_accounts{LedgerAccount::disputed_funds};

bool is_later(LedgerAccount account) {
  return std::find(later_accounts.begin(), later_accounts.end(), account) != later_accounts.end();
}

}  // namespace

void JournalText::begin(std::string& out, std::string_view title) const {
  out += fmt::format("; {}\n", title);
  if (format_ == JournalFormat::beancount) out += fmt::format("option \"title\" \"{}\"\n", title);
  out += '\n';
  for (const LedgerAccount account : chart_of_accounts()) {
    if (!is_later(account)) declare_account(out, account);
  }
  if (format_ == JournalFormat::ledger) {
    for (const std::string_view name : tag_names) out += fmt::format("tag {}\n", name);
  }
}

void JournalText::declare_account(std::string& out, LedgerAccount account) const {
  const std::string name = ledger_account_name(account);
  const auto number = static_cast<std::uint16_t>(account);
  switch (format_) {
    case JournalFormat::ledger:
      out += fmt::format("account {}\n    note {} {}\n", name, number, to_text(account));
      return;
    case JournalFormat::hledger:
      out += fmt::format("account {}  ; number: {}\n", name, number);
      return;
    default:
      out += fmt::format("{} open {}\n  number: {}\n", opened_on, name, number);
      return;
  }
}

void JournalText::declare_currency(std::string& out, Currency currency) const {
  const std::string name = code(currency);
  const std::string zeros(static_cast<std::size_t>(decimals_of(currency)), '0');
  switch (format_) {
    case JournalFormat::ledger:
      out += fmt::format("\ncommodity {}\n    format 1000{}{} {}\n", name, zeros.empty() ? "" : ".", zeros, name);
      return;
    case JournalFormat::hledger:
      out += fmt::format("\ncommodity 1000.{} {}\n", zeros, name);  // it wants the point without decimals too
      return;
    default:
      out += fmt::format("\n{} commodity {}\n", opened_on, name);
      return;
  }
}

void JournalText::append_first_line(std::string& out, const TextTransaction& transaction) const {
  const auto& [date, id, payee, narration, tags, lines] = transaction;
  out += date + " *";
  if (format_ == JournalFormat::beancount) {
    out += fmt::format(" \"{}\" \"{}\"", payee, narration);
    if (!id.empty()) out += " ^" + id;
  } else {
    if (!id.empty()) out += " (" + id + ")";
    out += " " + payee;
    if (format_ == JournalFormat::hledger) out += " | " + narration;  // ledger has no part for it: see its tags
  }
  out += '\n';
}

void JournalText::add(std::string& out, const TextTransaction& transaction) {
  for (const TextLine& line : transaction.lines) {
    if (declared_.insert(line.currency).second) declare_currency(out, line.currency);
    if (!is_later(line.account) || !declared_accounts_.insert(line.account).second) continue;
    out += '\n';
    declare_account(out, line.account);
  }
  out += '\n';
  append_first_line(out, transaction);
  const bool is_beancount = format_ == JournalFormat::beancount;
  for (const TextTag& tag : transaction.tags) {
    if (is_beancount) {
      out += fmt::format("  {}: \"{}\"\n", tag.name, tag.value);
    } else {
      out += fmt::format("    ; {}: {}\n", tag.name, tag.value);
    }
  }
  for (const TextLine& line : transaction.lines) {
    std::string amount;
    append_decimal_amount(amount, line.minor, line.currency);
    out += fmt::format("{}{:<{}}  {:>16} {}\n", is_beancount ? "  " : "    ", ledger_account_name(line.account),
                       account_width, amount, code(line.currency));
  }
}

}  // namespace daybook
