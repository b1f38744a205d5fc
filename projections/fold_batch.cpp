#include "projections/fold_batch.h"

#include <algorithm>
#include <cstring>

#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr std::size_t block_bytes = 1 << 20;

Instant instant_or(const schema::Instant* value, Instant otherwise) {
  return value == nullptr ? otherwise : Instant{value->us()};
}

void split_stream(FoldEvent& event) {
  const auto slash = event.stream.find('/');
  if (slash == std::string_view::npos) return;
  event.book = event.stream.substr(0, slash);
  event.account = event.stream.substr(slash + 1);
  if (event.account.starts_with('~')) event.account = {};
}

}  // namespace

void FoldBatch::clear(ShardNumber shard) {
  shard_ = shard;
  events_.clear();
  starts_.clear();
  block_ = used_words_ = bytes_ = 0;
}

char* FoldBatch::room(std::size_t size) {
  const std::size_t words = (size + 7) / 8;
  while (block_ < blocks_.size() && used_words_ + words > blocks_[block_].size()) {
    ++block_;
    used_words_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.emplace_back(std::max(words, block_bytes / 8));
  char* start = reinterpret_cast<char*>(blocks_[block_].data() + used_words_);
  used_words_ += words;
  return start;
}

void FoldBatch::add(const StoredEvent& stored) {
  char* start = room(stored.envelope.size());
  std::memcpy(start, stored.envelope.data(), stored.envelope.size());
  bytes_ += stored.envelope.size();
  starts_.push_back(start);
  FoldEvent& event = events_.emplace_back();
  event.shard = shard_;
  event.position = stored.position;
}

void FoldBatch::finish() {
  for (std::size_t i = 0; i < events_.size(); ++i) {
    FoldEvent& event = events_[i];
    event.envelope = schema::GetEnvelope(starts_[i]);
    const schema::Envelope& envelope = *event.envelope;
    event.stream = envelope.stream() == nullptr ? std::string_view() : envelope.stream()->string_view();
    event.ordinal = envelope.stream_ordinal();
    event.version = envelope.stream_version();
    event.decided_at = instant_or(envelope.decided_at(), Instant{});
    event.effective_at = instant_or(envelope.effective_at(), event.decided_at);
    split_stream(event);
  }
}

bool BatchReader::read(FoldBatch& batch, Position from) {
  batch.clear(shard_);
  if (from > log_.head(shard_)) return false;
  try {
    if (!reader_ || next_ != from) reader_ = log_.read_forward(shard_, from);
    StoredEvent stored;
    while (!batch.is_full()) {
      if (!reader_->next(stored)) {
        reader_.reset();
        break;
      }
      batch.add(stored);
    }
  } catch (const StorageFault&) {
    reader_.reset();
    if (batch.empty()) throw;
  }
  batch.finish();
  if (batch.empty()) return false;
  next_ = batch.last() + 1;
  return true;
}

}  // namespace daybook
