// One bit flipped between the disk and whoever reads it, in a read of any file of log/ and of views/: it is never
// served, it is named, and when the next read is right again nothing is lost.
#include <fmt/format.h>

#include <array>
#include <iostream>

#include "tests/engine/kept_answers.h"
#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/sampling.h"

using namespace daybook;
using namespace daybook::test;

namespace {

constexpr int flips_usual = 6;  ///< Of each kind of file.
constexpr int reads_max = 1 << 30;

struct FileKind {
  const char* folder;
  const char* file;
  int found = 0, harmless = 0;
};

struct FlippingLedger : FaultyFileSystem, KeptAnswers {
  FlippingLedger() : KeptAnswers(env()) {}
  ~FlippingLedger() { plan().heal(); }

  /// The nth read of such a file from now on.
  void arm(const FileKind& kind, int nth, std::uint64_t bit) {
    plan().flipped_folder = kind.folder;
    plan().flipped_file = kind.file;
    plan().flipped_bit = bit;
    plan().reads_until_flip = nth;
  }
  int count_reads(const FileKind& kind) {
    restore();
    arm(kind, reads_max, 0);
    CHECK(open_and_ask() == "");
    return reads_max - plan().reads_until_flip;
  }
  /// Flips, and checks that the ledger is whole as soon as it reads right again.
  void flip(FileKind& kind, int nth, std::uint64_t bit) {
    CAPTURE(kind.folder);
    CAPTURE(kind.file);
    CAPTURE(nth);
    CAPTURE(bit);
    restore();
    arm(kind, nth, bit);
    const std::string refused = open_and_ask();
    CAPTURE(refused);
    CHECK(plan().reads_until_flip == -1);
    ++(refused.empty() ? kind.harmless : kind.found);
    if (!refused.empty()) CHECK(names_a_place(refused));
    plan().heal();
    CHECK(open_and_ask() == "");
  }

 private:
  static bool names_a_place(const std::string& text) {
    for (const char* place : {".sst", ".log", "MANIFEST", "CURRENT", "/log", "views", "0:", "event_corrupt"}) {
      if (text.find(place) != text.npos) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("a bit flipped in any read of the log or of views/ is never served, and the next read finds all there") {
  FlippingLedger ledger;
  const unsigned seed = test_seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::array kinds{FileKind{"/log/", ".sst"},     FileKind{"/log/", ".log"},   FileKind{"/log/", "MANIFEST"},
                   FileKind{"/log/", "CURRENT"},  FileKind{"/views/", ".sst"}, FileKind{"/views/", "MANIFEST"},
                   FileKind{"/views/", "CURRENT"}};
  for (FileKind& kind : kinds) {
    CAPTURE(kind.folder);
    CAPTURE(kind.file);
    const int reads = ledger.count_reads(kind);
    REQUIRE(reads > 0);
    for (int flip = 0; flip < samples(flips_usual); ++flip) {
      ledger.flip(kind, 1 + static_cast<int>(random() % static_cast<unsigned>(reads)), random());
    }
  }
  std::cout << "bits flipped on reading, seed " << seed << ":";
  int found = 0;
  for (const FileKind& kind : kinds) {
    found += kind.found;
    std::cout << fmt::format(" {}{} {} found, {} harmless;", kind.folder, kind.file, kind.found, kind.harmless);
  }
  std::cout << std::endl;
  CHECK(found > 0);
}
