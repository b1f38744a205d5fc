// The parts of `daybook verify`: what each looks at, so that several can run at the same time. A part reads and
// reports; it changes nothing and knows nothing of the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/keyring.h"
#include "eventstore/stream_index.h"
#include "eventstore/verify.h"
#include "projections/projections.h"
#include "tools/command_line.h"
#include "tools/log_access.h"

namespace daybook {

struct VerifyOptions {
  CommonOptions common;
  std::filesystem::path master_key_file;
  bool log_only = false;
  std::vector<std::string> checkpoints, verifier_keys;
  std::string brokers, prefix;
  std::vector<std::string> properties;
  unsigned threads = 0;
  std::optional<std::uint64_t> parent;
};

/// What was checked and what was found. One thread.
struct Verdict {
  std::vector<std::pair<std::string, std::uint64_t>> checked;
  std::vector<std::string> problems;  ///< The first problems_shown_max of them.
  std::uint64_t problems_found = 0;
  std::vector<std::string> notes;

  static constexpr std::size_t problems_shown_max = 100;

  void problem(std::string text);
  void count(const std::string& what, std::uint64_t number);
  /// Takes the other's counts, problems and notes behind its own.
  void add(Verdict other);
};

/// Everything that is looked at, as of one moment: indexes and views first, then the log, which so holds all of theirs.
struct VerifySubject {
  LogAccess access;
  std::vector<std::unique_ptr<StreamIndex>> indexes;  ///< By shard; null if there is none.
  std::unique_ptr<Keyring> keys;                      ///< Null if they cannot be read here.
  std::unique_ptr<Projections> views;                 ///< Null with log_only.
  Verdict opening;                                    ///< What opening has found.
};
/// Throws StorageFault, CorruptLog if the log cannot be opened.
VerifySubject open_subject(const VerifyOptions& options);

struct VerifyPart {
  std::string name;
  std::uint64_t work = 0;  ///< In events, about; `progress` counts up to it.
  std::function<void(Verdict&, const VerifyProgress&)> run;
};
/// The parts in the order of the verdict. They refer to both arguments. Throws std::invalid_argument.
std::vector<VerifyPart> verify_parts(const VerifySubject& subject, const VerifyOptions& options);

}  // namespace daybook
