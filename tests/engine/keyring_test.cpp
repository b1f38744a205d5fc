#include "engine/keyring.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "engine/clock.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t slot_bytes = 64;
constexpr std::uint64_t batch_keys = 1024;
constexpr const char* stream = "default/acme";

/// A keys folder of its own, deleted at the end.
class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "daybook-keyring-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path keys() const { return path_ / "keys"; }
  fs::path slots() const { return keys() / "slots"; }
  fs::path master() const { return keys() / "master.key"; }
  fs::path elsewhere() const { return path_ / "elsewhere.key"; }
  std::unique_ptr<Keyring> open(bool read_only = false) const { return Keyring::open(keys(), {}, read_only); }

  std::string slot(std::uint64_t key_id) const {
    std::ifstream file(slots(), std::ios::binary);
    file.seekg(static_cast<std::streamoff>((key_id - 1) * slot_bytes));
    std::string bytes(slot_bytes, '?');
    file.read(bytes.data(), slot_bytes);
    REQUIRE(file.gcount() == slot_bytes);
    return bytes;
  }
  void flip_bit_of_slot(std::uint64_t key_id, std::size_t byte) const {
    auto bytes = slot(key_id);
    bytes[byte] = static_cast<char>(bytes[byte] ^ 1);
    std::fstream file(slots(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>((key_id - 1) * slot_bytes));
    file.write(bytes.data(), slot_bytes);
  }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, std::string_view text, fs::perms mode = fs::perms::owner_read) {
  std::ofstream(path, std::ios::binary) << text;
  fs::permissions(path, mode);
}

int mode_of(const fs::path& path) {
  return static_cast<int>(fs::status(path).permissions());
}

/// The fault's message; empty if there was none.
template <typename Function>
std::string fault_of(Function function) {
  try {
    function();
  } catch (const StorageFault& fault) {
    return fault.what();
  }
  return "";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("what was sealed is unsealed, also after a reopen") {
  const Folder folder;
  auto keyring = folder.open();
  const auto key = keyring->new_key();
  for (const auto& clear : {std::string(), std::string("Ada Lovelace"), std::string("\0Zoë\n", 6)}) {
    const auto sealed = keyring->seal(key, stream, "name", clear);
    CHECK(sealed.key_id == key);
    CHECK(sealed.nonce.size() == 12);
    CHECK(sealed.bytes.size() == clear.size() + 16);
    CHECK(keyring->unseal(sealed, stream, "name") == clear);
    CHECK(folder.open(true)->unseal(sealed, stream, "name") == clear);
  }
}

TEST_CASE("sealing the same text twice gives different bytes, and none of them is the text") {
  const Folder folder;
  const auto keyring = folder.open();
  const auto key = keyring->new_key();
  const auto once = keyring->seal(key, stream, "name", "Ada Lovelace");
  const auto again = keyring->seal(key, stream, "name", "Ada Lovelace");
  CHECK(once.nonce != again.nonce);
  CHECK(once.bytes != again.bytes);
  CHECK(!contains(once.bytes, "Ada"));
}

TEST_CASE("sealed bytes open for their own stream, field and key only") {
  const Folder folder;
  const auto keyring = folder.open();
  const auto key = keyring->new_key();
  const auto other = keyring->new_key();
  auto sealed = keyring->seal(key, stream, "name", "Ada");
  CHECK(!keyring->unseal(sealed, "default/other", "name"));
  CHECK(!keyring->unseal(sealed, stream, "email"));
  CHECK(!keyring->unseal(sealed, "default/acm", "e|name"));
  CHECK(!keyring->unseal(sealed, "default/acmen", "ame"));
  sealed.key_id = other;
  CHECK(!keyring->unseal(sealed, stream, "name"));
}

TEST_CASE("one flipped bit of nonce, text or tag opens nothing") {
  const Folder folder;
  const auto keyring = folder.open();
  const auto sealed = keyring->seal(keyring->new_key(), stream, "name", "Ada");
  for (std::size_t bit = 0; bit < 8 * sealed.bytes.size(); ++bit) {
    auto flipped = sealed;
    flipped.bytes[bit / 8] = static_cast<char>(flipped.bytes[bit / 8] ^ (1 << bit % 8));
    CHECK(!keyring->unseal(flipped, stream, "name"));
  }
  for (std::size_t bit = 0; bit < 8 * sealed.nonce.size(); ++bit) {
    auto flipped = sealed;
    flipped.nonce[bit / 8] = static_cast<char>(flipped.nonce[bit / 8] ^ (1 << bit % 8));
    CHECK(!keyring->unseal(flipped, stream, "name"));
  }
  CHECK(keyring->unseal(sealed, stream, "name") == "Ada");
}

TEST_CASE("bytes of any length and keys that never were open nothing") {
  const Folder folder;
  const auto keyring = folder.open();
  const auto sealed = keyring->seal(keyring->new_key(), stream, "name", "Ada");
  for (std::size_t size = 0; size < sealed.bytes.size(); ++size) {
    CHECK(!keyring->unseal({sealed.key_id, sealed.nonce, sealed.bytes.substr(0, size)}, stream, "name"));
  }
  for (const std::size_t size : {0U, 11U, 13U, 200U}) {
    CHECK(!keyring->unseal({sealed.key_id, std::string(size, 'n'), sealed.bytes}, stream, "name"));
  }
  for (const std::uint64_t key : {std::uint64_t{0}, batch_keys + 1, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    CHECK(!keyring->unseal({key, sealed.nonce, sealed.bytes}, stream, "name"));
  }
}

TEST_CASE("a purged key opens nothing for ever, and its bytes are gone from the disk") {
  const Folder folder;
  auto keyring = folder.open();
  const auto doomed = keyring->new_key();
  const auto kept = keyring->new_key();
  const auto sealed = keyring->seal(doomed, stream, "name", "Ada");
  const auto neighbour = keyring->seal(kept, stream, "name", "Grace");
  CHECK(folder.slot(doomed) != std::string(slot_bytes, '\0'));

  keyring->purge(doomed);
  CHECK(folder.slot(doomed) == std::string(slot_bytes, '\0'));
  CHECK(!keyring->unseal(sealed, stream, "name"));
  CHECK(contains(fault_of([&] { keyring->seal(doomed, stream, "name", "Ada"); }), "purged"));
  keyring->purge(doomed);  // A repeat changes nothing.

  keyring.reset();
  keyring = folder.open();
  CHECK(!keyring->unseal(sealed, stream, "name"));
  CHECK(keyring->unseal(neighbour, stream, "name") == "Grace");
  for (std::uint64_t i = 0; i < 2 * batch_keys; ++i) REQUIRE(keyring->new_key() != doomed);
  CHECK(folder.slot(doomed) == std::string(slot_bytes, '\0'));
}

TEST_CASE("key ids ascend from 1 without a gap while the keyring is open, and skip a batch at most at a reopen") {
  const Folder folder;
  std::uint64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    const auto keyring = folder.open();
    const auto first = keyring->new_key();
    CHECK(first > last);
    CHECK(first - last <= batch_keys);
    last = first;
    for (std::uint64_t i = 0; i < batch_keys + 10; ++i) REQUIRE(keyring->new_key() == ++last);
  }
}

TEST_CASE("a key that was given out is durable: its slot is in the file") {
  const Folder folder;
  const auto keyring = folder.open();
  for (std::uint64_t i = 0; i < 2 * batch_keys + 1; ++i) {
    const auto key = keyring->new_key();
    REQUIRE(fs::file_size(folder.slots()) >= key * slot_bytes);
  }
  CHECK(fs::file_size(folder.slots()) == 3 * batch_keys * slot_bytes);
}

/// Gives out keys in a child that is killed at a moment of its own; the last id that it wrote down.
std::uint64_t last_key_of_killed_child(const Folder& folder, std::size_t keys_min) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto keyring = folder.open();
    for (;;) {
      const auto key = keyring->new_key();
      if (::write(ends[1], &key, sizeof key) != sizeof key) ::_exit(1);
    }
  }
  ::close(ends[1]);
  std::uint64_t last = 0;
  std::uint64_t key = 0;
  for (std::size_t i = 0; ::read(ends[0], &key, sizeof key) == sizeof key; ++i) {
    CHECK(key > last);
    last = key;
    if (i == keys_min) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return last;
}

TEST_CASE("key ids are never given twice over kill -9") {
  const Folder folder;
  std::uint64_t last = 0;
  for (const std::size_t keys_min : {0U, 5U, 1000U, 1023U, 1024U, 3000U}) {
    const auto in_child = last_key_of_killed_child(folder, keys_min);
    CHECK(in_child > last);
    const auto keyring = folder.open();
    last = keyring->new_key();
    CHECK(last > in_child);
    const auto sealed = keyring->seal(in_child, stream, "name", "Ada");
    CHECK(keyring->unseal(sealed, stream, "name") == "Ada");
  }
}

TEST_CASE("part of a batch that a crash left behind is given out by nobody and harms nothing") {
  const Folder folder;
  const auto sealed = [&] {
    const auto keyring = folder.open();
    return keyring->seal(keyring->new_key(), stream, "name", "Ada");
  }();
  const auto whole = fs::file_size(folder.slots());
  SUBCASE("the end of a slot is missing") {
    fs::resize_file(folder.slots(), whole + 100);
  }
  SUBCASE("slots are there but blank") {
    fs::resize_file(folder.slots(), whole + 10 * slot_bytes);
  }
  const auto keyring = folder.open();
  CHECK(keyring->unseal(sealed, stream, "name") == "Ada");
  const auto key = keyring->new_key();
  CHECK(key > batch_keys);
  CHECK(keyring->unseal(keyring->seal(key, stream, "name", "Grace"), stream, "name") == "Grace");
  CHECK(fs::file_size(folder.slots()) % slot_bytes == 0);
}

TEST_CASE("another master key is refused with the file's name and what to do, and without key bytes") {
  const Folder folder;
  folder.open();
  const std::string other(64, 'a');
  write(folder.elsewhere(), other);
  const auto fault = fault_of([&] { Keyring::open(folder.keys(), folder.elsewhere()); });
  CHECK(contains(fault, folder.elsewhere().string()));
  CHECK(contains(fault, "restore"));
  CHECK(!contains(fault, other.substr(0, 8)));
  CHECK(contains(fault_of([&] { Keyring::open(folder.keys(), folder.elsewhere(), true); }), "does not open"));
}

TEST_CASE("a master key kept elsewhere opens the keys, and none is made beside them") {
  const Folder folder;
  write(folder.elsewhere(), std::string(64, '7') + "\n");
  const auto sealed = [&] {
    const auto keyring = Keyring::open(folder.keys(), folder.elsewhere());
    return keyring->seal(keyring->new_key(), stream, "name", "Ada");
  }();
  CHECK(!fs::exists(folder.master()));
  CHECK(Keyring::open(folder.keys(), folder.elsewhere())->unseal(sealed, stream, "name") == "Ada");
  CHECK(contains(fault_of([&] { folder.open(); }), "missing"));  // Never a new one over old slots.
  CHECK(!fs::exists(folder.master()));
}

TEST_CASE("a master key file that is missing, malformed or readable by others is refused") {
  const Folder folder;
  const auto open = [&] { Keyring::open(folder.keys(), folder.elsewhere()); };
  CHECK(contains(fault_of(open), folder.elsewhere().string()));
  for (const auto& text : {std::string(), std::string(63, '0'), std::string(65, '0'), std::string(64, 'g'),
                           std::string(64, 'A'), std::string(64, '0') + "\n\n", std::string(1000, '0')}) {
    fs::remove(folder.elsewhere());
    write(folder.elsewhere(), text);
    CHECK(contains(fault_of(open), "64 lower-case hex digits"));
  }
  fs::remove(folder.elsewhere());
  write(folder.elsewhere(), std::string(64, '0'));
  for (const auto others : {fs::perms::others_read, fs::perms::group_read, fs::perms::group_write}) {
    fs::permissions(folder.elsewhere(), fs::perms::owner_read | others);
    const auto fault = fault_of(open);
    CHECK(contains(fault, "chmod 600 " + folder.elsewhere().string()));
    CHECK(!contains(fault, "0000"));
  }
  CHECK(!fs::exists(folder.slots()));
}

TEST_CASE("the folder and its files are for their owner only") {
  const Folder folder;
  folder.open();
  CHECK(mode_of(folder.keys()) == 0700);
  CHECK(mode_of(folder.master()) == 0600);
  CHECK(mode_of(folder.slots()) == 0600);
  CHECK(content(folder.master()).size() == 65);
}

TEST_CASE("a keyring opened for reading makes and changes nothing") {
  const Folder folder;
  CHECK(fault_of([&] { folder.open(true); }) != "");
  CHECK(!fs::exists(folder.keys()));
  const auto key = folder.open()->new_key();
  const auto before = content(folder.slots());
  const auto keyring = folder.open(true);
  CHECK(contains(fault_of([&] { keyring->new_key(); }), "reading only"));
  CHECK(contains(fault_of([&] { keyring->purge(key); }), "reading only"));
  CHECK(content(folder.slots()) == before);
}

TEST_CASE("a keyring opened for reading beside a server sees the server's new keys") {
  const Folder folder;
  const auto server = folder.open();
  const auto reader = folder.open(true);
  std::uint64_t key = 0;
  while (key <= batch_keys) key = server->new_key();
  CHECK(reader->unseal(server->seal(key, stream, "name", "Ada"), stream, "name") == "Ada");
}

TEST_CASE("a damaged slot is a fault that names the slot, not a purged key") {
  const Folder folder;
  const auto sealed = [&] {
    const auto keyring = folder.open();
    return keyring->seal(keyring->new_key(), stream, "name", "Ada");
  }();
  for (const std::size_t byte : {0U, 8U, 20U, 63U}) {
    folder.flip_bit_of_slot(sealed.key_id, byte);
    const auto keyring = folder.open();
    CHECK(contains(fault_of([&] { keyring->unseal(sealed, stream, "name"); }), "slot 1 of "));
    folder.flip_bit_of_slot(sealed.key_id, byte);
  }
  CHECK(folder.open()->unseal(sealed, stream, "name") == "Ada");
}

TEST_CASE("more keys than are kept in memory all open their own") {
  const Folder folder;
  const auto keyring = folder.open();
  std::vector<Sealed> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(keyring->seal(keyring->new_key(), stream, "name", std::to_string(i)));
  }
  for (std::size_t i = 0; i < all.size(); i += 7) {
    REQUIRE(keyring->unseal(all[i], stream, "name") == std::to_string(i));
  }
}

TEST_CASE("four threads make, use and purge keys at once") {
  const Folder folder;
  const auto keyring = folder.open();
  std::array<std::vector<std::uint64_t>, 4> made;
  std::array<int, 4> wrong{};
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < made.size(); ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < 5000; ++i) made[number].push_back(keyring->new_key());
      for (int i = 0; i < 500; ++i) {
        const auto key = keyring->new_key();
        made[number].push_back(key);
        const auto sealed = keyring->seal(key, stream, "name", "Ada");
        if (keyring->unseal(sealed, stream, "name") != "Ada") ++wrong[number];
        if (keyring->hmac("email:" + std::to_string(i), "ada@example.com").size() != 16) ++wrong[number];
        if (sha256("").size() != 32) ++wrong[number];
        if (i % 50 != 0) continue;
        keyring->purge(key);
        if (keyring->unseal(sealed, stream, "name")) ++wrong[number];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::array<int, 4>{});
  std::set<std::uint64_t> distinct;
  for (const auto& keys : made) distinct.insert(keys.begin(), keys.end());
  CHECK(distinct.size() == 4 * 5500);
}

TEST_CASE("a thread that reads while another purges never brings the key back") {
  const Folder folder;
  const auto keyring = folder.open();
  for (int round = 0; round < 50; ++round) {
    const auto sealed = keyring->seal(keyring->new_key(), stream, "name", "Ada");
    std::thread reader([&] {
      while (keyring->unseal(sealed, stream, "name")) {
      }
    });
    keyring->purge(sealed.key_id);
    reader.join();
    REQUIRE(!keyring->unseal(sealed, stream, "name"));
  }
}

TEST_CASE("an HMAC depends on the master key, the purpose and the message, and on nothing else") {
  const Folder folder;
  const Folder other;
  const auto once = folder.open()->hmac("fingerprint", "POST /v1/accounts");
  const auto keyring = folder.open();
  CHECK(once.size() == 16);
  CHECK(keyring->hmac("fingerprint", "POST /v1/accounts") == once);
  CHECK(keyring->hmac("fingerprint", "POST /v1/accounts") == once);
  CHECK(keyring->hmac("fingerprint", "POST /v1/accounts", 32).substr(0, 16) == once);
  CHECK(keyring->hmac("fingerprint", "POST /v1/account") != once);
  CHECK(keyring->hmac("email:default", "POST /v1/accounts") != once);
  CHECK(other.open()->hmac("fingerprint", "POST /v1/accounts") != once);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

TEST_CASE("HMAC is HMAC-SHA256 under HKDF-SHA256 of the master key, as other programs compute it") {
  const Folder folder;
  write(folder.elsewhere(), std::string(64, '1'));
  const auto keyring = Keyring::open(folder.keys(), folder.elsewhere());
  CHECK(hex(keyring->hmac("fingerprint", "abc", 32)) ==
        "2c9650bf6c366af34604f9ad30ead4b7411b7f1e0ae23dc40755462981f36487");
}

TEST_CASE("SHA-256 agrees with FIPS 180-4's examples") {
  CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("random bytes come in the length asked for and do not repeat") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(12).size() == 12);
  CHECK(random_bytes(100'000).size() == 100'000);
  CHECK(random_bytes(16) != random_bytes(16));
}

TEST_CASE("the wall clock is on the calendar and later than the day this was written") {
  CHECK(is_on_calendar(wall_clock().now()));
  CHECK(wall_clock().now() > *parse_rfc3339("2024-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace daybook
