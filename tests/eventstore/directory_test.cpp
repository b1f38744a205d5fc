#include "eventstore/directory.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "eventstore/rocks_open.h"
#include "tests/eventstore/child_process.h"

using namespace daybook;
using daybook::test::ChildProcess;
using daybook::test::ParentLine;

namespace {

using Access = DataDirectory::Access;

class DirectoryFixture {
 public:
  std::filesystem::path path() const { return folder_.path() / "data"; }
  std::unique_ptr<DataDirectory> open(Access access = Access::change, ShardNumber shards = 1) const {
    return DataDirectory::open(path(), access, shards);
  }
  std::string read(const char* name) const {
    std::ifstream file(path() / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const char* name, const std::string& text) const { std::ofstream(path() / name) << text; }
  /// What open() says; empty if it opens.
  std::string refusal(Access access = Access::change) const {
    try {
      open(access);
    } catch (const StorageFault& fault) {
      return fault.what();
    }
    return "";
  }

 private:
  ScratchFolder folder_;
};

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777U;
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(DirectoryFixture, "a new directory has its folders, for its owner only, and a FORMAT") {
  const auto directory = open(Access::change, 4);
  CHECK(directory->format().version == 1);
  CHECK(directory->format().shards == 4);
  CHECK(directory->format().log_id.size() == 32);
  for (const auto& folder : {path(), directory->log_path(), directory->views_path(), directory->keys_path()}) {
    CAPTURE(folder);
    CHECK(std::filesystem::is_directory(folder));
    CHECK(mode_of(folder) == 0700);
  }
  CHECK(mode_of(path() / "FORMAT") == 0600);
  CHECK(read("FORMAT") == "daybook 1\nshards 4\nlog_id " + directory->format().log_id + "\n");
}

TEST_CASE_FIXTURE(DirectoryFixture, "a directory keeps its format, whatever shards are asked for later") {
  const auto log_id = open(Access::change, 4)->format().log_id;
  CHECK(open(Access::change, 2)->format().shards == 4);
  CHECK(open(Access::change, 2)->format().log_id == log_id);
  CHECK(open(Access::read)->format().log_id == log_id);
}

TEST_CASE_FIXTURE(DirectoryFixture, "two directories have different log ids") {
  const ScratchFolder other;
  CHECK(open()->format().log_id != DataDirectory::open(other.path() / "data", Access::change)->format().log_id);
}

TEST_CASE_FIXTURE(DirectoryFixture, "shards are 1 to the limit") {
  CHECK_THROWS_AS(open(Access::change, 0), StorageFault);
  CHECK_THROWS_AS(open(Access::change, shards_max + 1), StorageFault);
  CHECK(open(Access::change, shards_max)->format().shards == shards_max);
}

TEST_CASE_FIXTURE(DirectoryFixture, "an unknown FORMAT version is refused, and the known one named") {
  open();
  const auto text = read("FORMAT");
  write("FORMAT", "daybook 2" + text.substr(9));
  for (const auto access : {Access::change, Access::read}) {
    CHECK(says(refusal(access), "\"2\""));
    CHECK(says(refusal(access), "version 1"));
  }
  write("FORMAT", text);
  CHECK(refusal() == "");
}

TEST_CASE_FIXTURE(DirectoryFixture, "a damaged FORMAT is refused") {
  open();
  const auto id = std::string(32, 'a');
  for (const auto& text : {std::string(), std::string("something else\n"), std::string("daybook 1\n"),
                           "daybook 1\nshards 0\nlog_id " + id + "\n", "daybook 1\nshards 1025\nlog_id " + id + "\n",
                           "daybook 1\nshards 1x\nlog_id " + id + "\n", "daybook 1\nshards 1\nlog_id " + id + "a\n",
                           std::string(5000, 'x')}) {
    CAPTURE(text);
    write("FORMAT", text);
    CHECK(refusal() != "");
    CHECK(read("FORMAT") == text);
  }
}

TEST_CASE_FIXTURE(DirectoryFixture, "a folder that holds something else is left alone") {
  std::filesystem::create_directories(path());
  write("thesis.tex", "do not touch");
  CHECK(says(refusal(), "thesis.tex"));
  CHECK_FALSE(std::filesystem::exists(path() / "log"));
  CHECK(says(refusal(Access::read), "no FORMAT"));
}

TEST_CASE_FIXTURE(DirectoryFixture, "a first start that was cut short is finished by the next") {
  std::filesystem::create_directories(path());
  write("LOCK", "");
  write("FORMAT.new", "dayb");
  CHECK(refusal() == "");
}

TEST_CASE_FIXTURE(DirectoryFixture, "reading makes nothing") {
  CHECK_THROWS_AS(open(Access::read), StorageFault);
  CHECK_FALSE(std::filesystem::exists(path()));
}

TEST_CASE("child: holds a data directory and says its address when told" * doctest::skip()) {
  ParentLine parent;
  const auto directory = DataDirectory::open(parent.folder(), Access::change);
  parent.tell("held");
  while (const auto address = parent.hear()) {
    directory->publish_address(*address);
    parent.tell("published");
  }
}

TEST_CASE_FIXTURE(DirectoryFixture, "a second process is refused and learns the first one's address") {
  ChildProcess server("child: holds a data directory and says its address when told", path());
  REQUIRE(server.hear() == "held");
  const auto address = [&] {
    try {
      open();
    } catch (const DirectoryInUse& in_use) {
      return in_use.address();
    }
    return std::string("not refused");
  };
  CHECK(address() == "");
  server.tell("127.0.0.1:18080");
  REQUIRE(server.hear() == "published");
  CHECK(address() == "127.0.0.1:18080");
  CHECK(says(refusal(), "127.0.0.1:18080"));
  server.tell("[::1]:80");
  REQUIRE(server.hear() == "published");
  CHECK(address() == "[::1]:80");
  CHECK(read("LOCK").ends_with("\naddress [::1]:80\n"));
  CHECK(open(Access::read)->format().shards == 1);  // Reading takes no lock.
  server.kill();
  CHECK(address() == "not refused");  // The lock goes with the process, the file may stay.
}

TEST_CASE_FIXTURE(DirectoryFixture, "the same process cannot hold it twice") {
  const auto held = open();
  CHECK_THROWS_AS(open(), DirectoryInUse);
}
