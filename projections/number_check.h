// Whether the numbers of invoices and credit notes are dense: in each series of a book 1, 2, 3 and so on, each given
// once, to the document that was finalised with it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace daybook {

namespace schema {
struct Envelope;
}

struct SeriesName {
  std::string book, kind, series;  ///< `kind`: "invoices" or "credit_notes".
  auto operator<=>(const SeriesName&) const = default;
};

/// Sees the events of a log, each shard's in order, and then says what is wrong with their numbers.
class NumberCheck {
 public:
  void see(const schema::Envelope& envelope);
  /// Requires that every event was seen.
  void finish();
  /// The last number of each series.
  const std::map<SeriesName, std::uint64_t>& last() const { return last_; }
  /// In words, with the series that it is about.
  const std::vector<std::pair<SeriesName, std::string>>& faults() const { return faults_; }

 private:
  /// `change`: 1 for a number that was given, -1 for a document that has it.
  void match(const SeriesName& series, std::string number, int change);
  void assign(const SeriesName& series, std::uint64_t sequence, const std::string& number);
  void fault(const SeriesName& series, std::string what) { faults_.emplace_back(series, std::move(what)); }

  std::map<SeriesName, std::uint64_t> last_;
  /// A number is given with the command that finalises its document, so that there are few at any time.
  std::map<std::pair<SeriesName, std::string>, int> unmatched_;
  std::vector<std::pair<SeriesName, std::string>> faults_;
};

}  // namespace daybook
