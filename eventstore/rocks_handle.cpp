#include "eventstore/rocks_handle.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>

#include "eventstore/fault.h"

namespace daybook {

RocksHandle::RocksHandle(Open open, AfterOpen after_open) : open_(std::move(open)), after_open_(std::move(after_open)) {
  reopen();
}

RocksHandle::~RocksHandle() {
  close();
}

RocksHandle::Use RocksHandle::use() {
  Use use;
  {
    const std::lock_guard turn(turnstile_);
    use.lock_ = std::shared_lock(gate_);
  }
  if (!opened_.db) throw StorageFault("the database is closed after a fault; reopen it first");
  use.db_ = opened_.db.get();
  return use;
}

void RocksHandle::reopen() {
  const std::lock_guard turn(turnstile_);
  const std::unique_lock alone(gate_);
  close_locked();
  opened_ = open_();
  try {
    after_open_(*opened_.db);
  } catch (...) {
    close_locked();
    throw;
  }
}

void RocksHandle::close() {
  const std::lock_guard turn(turnstile_);
  const std::unique_lock alone(gate_);
  close_locked();
}

void RocksHandle::close_locked() {
  ++generation_;
  iterators_.clear();
  opened_.db.reset();
  opened_.scratch.reset();
}

RocksHandle::Lease::Lease(RocksHandle& handle, const rocksdb::ReadOptions& options) : handle_(handle) {
  const auto use = handle.use();
  std::unique_ptr<rocksdb::Iterator> iterator(use.db().NewIterator(options));
  generation_ = handle.generation_;
  const std::lock_guard lock(handle.iterators_mutex_);
  place_ = handle.iterators_.insert(handle.iterators_.end(), std::move(iterator));
}

RocksHandle::Lease::~Lease() {
  const std::shared_lock gate(handle_.gate_);
  if (generation_ != handle_.generation_) return;
  const auto released = std::move(*place_);  // Goes after the mutex and before the gate.
  const std::lock_guard lock(handle_.iterators_mutex_);
  handle_.iterators_.erase(place_);
}

rocksdb::Iterator& RocksHandle::Lease::iterator(const Use&) {
  if (generation_ != handle_.generation_) {
    throw StorageFault("the log was reopened under this reader; open a new one");
  }
  return **place_;
}

}  // namespace daybook
