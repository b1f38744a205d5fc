// A RocksDB that can be closed and opened again under its readers, which a failed write asks for. Readers' iterators
// belong to the handle, so that closing can take them away; a reader finds out at its next step and throws.
//
// Concurrency: whoever touches the database holds a Use, which closing waits for. A thread that holds a Use must not
// ask for another one or reopen: that would wait for itself.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "eventstore/rocks_open.h"

namespace rocksdb {
class Iterator;
struct ReadOptions;
}  // namespace rocksdb

namespace daybook {

class RocksHandle {
 public:
  using Open = std::function<OpenedRocks()>;
  using AfterOpen = std::function<void(rocksdb::DB&)>;

  /// Opens, and lets `after_open` look at the database before anyone else may; so does each reopen().
  RocksHandle(Open open, AfterOpen after_open);
  ~RocksHandle();
  RocksHandle(const RocksHandle&) = delete;
  RocksHandle& operator=(const RocksHandle&) = delete;

  /// A shared hold on the open database.
  class Use {
   public:
    rocksdb::DB& db() const { return *db_; }

   private:
    friend class RocksHandle;
    std::shared_lock<std::shared_mutex> lock_;
    rocksdb::DB* db_ = nullptr;
  };
  /// Throws StorageFault if the database is closed. Waits while it is being reopened.
  Use use();

  /// Closes and opens again. If that throws, the database stays closed until a later reopen() succeeds.
  void reopen();
  void close();

  /// An iterator that lives until it is released, or the database is closed.
  class Lease {
   public:
    Lease(RocksHandle& handle, const rocksdb::ReadOptions& options);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    /// Throws StorageFault if the database was closed since. The reference is good while `use` is held.
    rocksdb::Iterator& iterator(const Use& use);

   private:
    RocksHandle& handle_;
    std::uint64_t generation_ = 0;
    std::list<std::unique_ptr<rocksdb::Iterator>>::iterator place_;
  };

 private:
  void close_locked();

  Open open_;
  AfterOpen after_open_;
  std::mutex turnstile_;  ///< Held by who reopens, so that a stream of readers cannot keep it waiting for ever.
  std::shared_mutex gate_;
  OpenedRocks opened_;
  std::uint64_t generation_ = 1;  ///< Changes with each close; guarded by gate_.
  std::mutex iterators_mutex_;
  std::list<std::unique_ptr<rocksdb::Iterator>> iterators_;
};

}  // namespace daybook
