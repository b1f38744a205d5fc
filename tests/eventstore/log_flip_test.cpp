// One flipped bit, sampled over every file of a data directory's log/: the judge names what is wrong, or the log reads
// back byte for byte; and whoever opens the log to serve it never reads anything else than what was written.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

#include "eventstore/directory.h"
#include "eventstore/merkle_check.h"
#include "eventstore/verify.h"
#include "tests/eventstore/envelope_builder.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/eventstore/sampling.h"

using namespace daybook;
using namespace daybook::test;
namespace fs = std::filesystem;

namespace {

constexpr int flips_usual = 240;
constexpr Position flip_events = 90;

/// What RocksDB writes for people, and never reads: no byte of it can change what the log says.
const std::vector<std::string> harmless_files{"IDENTITY", "OPTIONS", "LOG"};

std::string kind_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (file.extension() == ".sst" || file.extension() == ".log") return file.extension().string();
  return name.substr(0, name.find_first_of("-."));
}

bool is_harmless_kind(const std::string& kind) {
  return std::ranges::find(harmless_files, kind) != harmless_files.end();
}

void flip_bit(const fs::path& file, std::uint64_t bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto offset = static_cast<std::streamoff>(bit / 8);
  stream.seekg(offset);
  const auto byte = static_cast<char>(stream.get() ^ (1 << bit % 8));
  stream.seekp(offset);
  stream.put(byte);
  REQUIRE(stream.good());
}

EventLog::Options log_options(const fs::path& data, bool read_only) {
  EventLog::Options options;
  options.directory = data / "log";
  options.read_only = read_only;
  return options;
}

/// Three table files, and a write-ahead log up to the head; a witness that knows the head and its root.
struct WitnessedLog {
  WitnessedLog() {
    const auto history = sound_history(0, 1, flip_events);
    MerkleHasher hasher;
    MerkleFrontier frontier;
    for (Position at = 0; at < flip_events;) {
      const auto directory = DataDirectory::open(pristine, DataDirectory::Access::change);
      const auto log = EventLog::open(log_options(pristine, false));  // Makes a table of what was there.
      for (int group = 0; group < 4 && at < flip_events; ++group) {
        const auto from = history.begin() + static_cast<std::ptrdiff_t>(at);
        const auto to = history.begin() + static_cast<std::ptrdiff_t>(std::min(at + 6, flip_events));
        const Group added(std::vector<EnvelopeFields>(from, to));
        log->append(0, at + 1, added.views());
        for (const std::string& envelope : added.envelopes()) {
          frontier.append(hasher.leaf(envelope), hasher);
          written.push_back(envelope);
        }
        at = written.size();
        directory->witness(0, {at, log->head_checksum(0), frontier.root(hasher)});
      }
    }
    for (const auto& entry : fs::directory_iterator(pristine / "log")) {
      if (entry.file_size() > 0) files[kind_of(entry.path())].push_back(entry.path().filename());
    }
  }

  /// A fresh copy with that bit of that file flipped.
  fs::path damaged(const fs::path& file, std::uint64_t bit) {
    const fs::path copy = scratch.path() / "copy";
    fs::remove_all(copy);
    fs::copy(pristine, copy, fs::copy_options::recursive);
    flip_bit(copy / "log" / file, bit);
    return copy;
  }

  ScratchFolder scratch;
  const fs::path pristine = scratch.path() / "data";
  std::vector<std::string> written;
  std::map<std::string, std::vector<fs::path>> files;  ///< By kind.
};

/// What `daybook verify` would say of the log; empty if it finds nothing.
std::string finding_of(const fs::path& data) try {
  const auto directory = DataDirectory::open(data, DataDirectory::Access::read);
  const auto log = EventLog::open(log_options(data, true));
  const LogCheck check = verify_log(*log, 0);
  if (!check.ok()) return "position " + std::to_string(check.problems[0].position) + ": " + check.problems[0].text;
  log->check_files();
  check_witness(*log, *directory);
  return {};
} catch (const StorageFault& fault) {
  return fault.what();
}

/// Opens to serve, as the engine does. Counts what it could read; anything but what was written there fails the test.
std::uint64_t serve(const fs::path& data, const std::vector<std::string>& written) {
  std::uint64_t served = 0;
  try {
    const auto directory = DataDirectory::open(data, DataDirectory::Access::change);
    const auto log = EventLog::open(log_options(data, false));
    check_witness(*log, *directory);
    const auto reader = log->read_forward(0, 1);
    for (StoredEvent event; reader->next(event); ++served) {
      REQUIRE(event.position <= written.size());
      CHECK(event.envelope == written[event.position - 1]);
    }
    CHECK(served == written.size());
    for (Position at = written.size(); at > 0; --at) CHECK(log->read_one(0, at) == written[at - 1]);
  } catch (const StorageFault&) {  // Refused, at the start or at the row.
  }
  return served;
}

bool names_a_place(const std::string& text) {
  return text.find("position") != text.npos || text.find(".sst") != text.npos || text.find(".log") != text.npos ||
         text.find("MANIFEST") != text.npos || text.find("CURRENT") != text.npos || text.find("0:") != text.npos ||
         text.find("ends at") != text.npos;
}

}  // namespace

TEST_CASE("one flipped bit in any file of the log is named by the judge, or harmless, and never served") {
  WitnessedLog log;
  REQUIRE(finding_of(log.pristine).empty());
  for (const char* kind : {".sst", ".log", "MANIFEST", "CURRENT", "IDENTITY", "OPTIONS"}) {
    CAPTURE(kind);
    REQUIRE(log.files.contains(kind));
  }
  REQUIRE(log.files[".sst"].size() >= 3);
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::map<std::string, std::pair<int, int>> found_and_harmless;
  for (int flip = 0; flip < samples(flips_usual); ++flip) {
    auto kind = std::next(log.files.begin(), static_cast<std::ptrdiff_t>(random() % log.files.size()));
    const fs::path file = kind->second[random() % kind->second.size()];
    const std::uint64_t bit = random() % (fs::file_size(log.pristine / "log" / file) * 8);
    CAPTURE(file.string());
    CAPTURE(bit);
    const std::string finding = finding_of(log.damaged(file, bit));
    CAPTURE(finding);
    const std::uint64_t served = serve(log.damaged(file, bit), log.written);
    auto& counts = found_and_harmless[kind->first];
    if (finding.empty()) {
      ++counts.second;
      CHECK(is_harmless_kind(kind->first));
      CHECK(served == log.written.size());
    } else {
      ++counts.first;
      CHECK(names_a_place(finding));
    }
  }
  std::cout << "bit flips, seed " << seed << ":";
  for (const auto& [kind, counts] : found_and_harmless) {
    std::cout << " " << kind << " " << counts.first << " found, " << counts.second << " harmless;";
  }
  std::cout << std::endl;
}
