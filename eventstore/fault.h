// What goes wrong below the domain: I/O, corruption, a directory that is not ours. Faults are exceptions: the writer
// stops its shard, a follower retries, a command-line tool prints the message and exits 3. Messages name the file or
// the position and what to do next, never the content of an event.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace daybook {

/// A failed read, write, sync or open.
class StorageFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A write that found no room on the disk, or a quota used up. What is stored is as good as after any failed write; it
/// goes on when there is room again.
class DiskFull : public StorageFault {
 public:
  using StorageFault::StorageFault;
};

/// Stored bytes that are not what was written: a bad checksum, a gap, an envelope that does not verify.
class CorruptLog : public StorageFault {
 public:
  CorruptLog(std::uint16_t shard, std::uint64_t position, const std::string& what)
      : StorageFault(what), shard_(shard), position_(position) {}
  std::uint16_t shard() const { return shard_; }
  /// The first position that cannot be trusted; 0 if no position can be named.
  std::uint64_t position() const { return position_; }

 private:
  std::uint16_t shard_;
  std::uint64_t position_;
};

/// The data directory is held by another process, whose address the lock file names.
class DirectoryInUse : public StorageFault {
 public:
  DirectoryInUse(const std::string& what, std::string address) : StorageFault(what), address_(std::move(address)) {}
  /// host:port of the server that holds the directory; empty if it did not say.
  const std::string& address() const { return address_; }

 private:
  std::string address_;
};

}  // namespace daybook
