// A ledger with something of everything, and all that it answered while it was whole: a damaged one may refuse, but
// answers nothing else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"

namespace daybook::test {

class KeptAnswers : public EngineFixture {
 public:
  explicit KeptAnswers(rocksdb::Env* env = nullptr);

  /// Asks everything again; what is answered must be what it was. Returns why something was refused, empty if nothing
  /// was.
  std::string ask();
  /// The same of a ledger that is opened for it and closed again; it may also refuse to open.
  std::string open_and_ask();
  /// A copy of the data directory as it was: tables in log/, a write-ahead log behind them.
  const std::filesystem::path& kept() const { return kept_; }
  /// While it is closed: puts the copy in its place.
  void restore();
  void delete_views();

 private:
  struct Asked {
    std::string what;
    std::function<std::string()> ask;  ///< The answer as text. Throws StorageFault.
    std::string kept;
  };
  void fill();
  void plan_questions();
  Answer step(Work work);
  std::string state_text(const std::string& account, std::optional<EntityRef> entity);
  std::string repeat_text(const std::string& key);

  std::filesystem::path kept_;
  std::map<std::string, Command> keyed_;
  std::vector<EntityRef> ended_;
  std::vector<Asked> asked_;
};

}  // namespace daybook::test
