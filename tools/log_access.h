// Reading a data directory beside a live server: a consistent snapshot of the log, and names for what is in it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "domain/instant.h"
#include "engine/keyring.h"
#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "projections/event_json.h"

namespace daybook {

struct LogAccess {
  std::unique_ptr<DataDirectory> directory;
  std::unique_ptr<EventLog> log;
};

/// Opens for reading; takes no lock. Throws StorageFault.
LogAccess open_log(const std::filesystem::path& data);

/// An RFC 3339 time given on the command line. Throws std::invalid_argument that names the option.
Instant time_option(const std::string& option, const std::string& text);

/// Unseals with the directory's keys; for --unseal.
Unseal unseal_with(Keyring& keys);

/// Lines of progress on stderr, about one a second: done, total, rate, time left.
class Progress {
 public:
  /// `unit` is the plural of what is counted. With `json`, each line is an object.
  Progress(std::string task, std::string unit, bool json);
  void update(std::uint64_t done, std::uint64_t total);
  /// Counted things a second since the start.
  double rate() const;
  double seconds() const;

 private:
  std::string task_, unit_;
  bool json_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_ = start_;
};

}  // namespace daybook
