#include "projections/view_copy.h"

#include "domain/assert.h"
#include "domain/byte_codec.h"
#include "projections/damaged_view.h"
#include "projections/row_key.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char header_table = '\0';

std::string version_key() {
  return std::string{header_table, 'v'};
}

std::string checkpoint_key(ShardNumber shard) {
  return KeyWriter(header_table).number(static_cast<std::uint8_t>('c')).number(shard).take();
}

std::string version_row() {
  std::string row;
  ByteWriter writer(row);
  writer.number(fold_version);
  writer.number(view_format);
  return row;
}

std::string position_row(Position position) {
  std::string row;
  ByteWriter(row).number(position);
  return row;
}

Position read_position(std::string_view row) {
  Position position = 0;
  ByteReader reader(row);
  reader.number(position);
  if (!reader.finished()) throw DamagedView("a damaged checkpoint");
  return position;
}

/// Folding what only a newer build knows, as if it were nothing, would give a view that is silently wrong.
void require_known(const FoldEvent& event) {
  const auto type = event.envelope->event_type();
  if (type == schema::Event::NONE || type > schema::Event::MAX) refuse(event, "this build does not know it");
  if (event.envelope->event() == nullptr) refuse(event, "it has no payload");
}

RowStore::Options store_options(const std::filesystem::path& directory, const ViewCopy::Settings& settings) {
  RowStore::Options options;
  options.directory = directory;
  options.read_only = settings.read_only;
  options.block_cache_bytes = settings.block_cache_bytes;
  options.flush_bytes = settings.flush_bytes;
  options.env = settings.env;
  return options;
}

}  // namespace

Position ViewSnapshot::position(ShardNumber shard) const {
  const auto row = rows_->get(checkpoint_key(shard));
  return row ? read_position(*row) : 0;
}

ViewSnapshot snapshot_of(const std::shared_ptr<ViewCopy>& copy) {
  return {copy, copy->store().snapshot()};
}

ViewCopy::ViewCopy(ViewName name, std::filesystem::path directory, const Settings& settings)
    : name_(name),
      directory_(std::move(directory)),
      settings_(settings),
      store_(settings.open_rows(store_options(directory_, settings))),
      fold_(make_fold(name, settings.email_digest)) {
  const auto version = store_->get(version_key());
  is_new_ = !version;
  is_current_version_ = !version || *version == version_row();
  const std::string from = checkpoint_key(0).substr(0, 2);
  store_->snapshot()->scan(from, after_prefix(from), [&](std::string_view key, std::string_view row) {
    KeyReader reader(key.substr(1));
    checkpoints_[reader.number<ShardNumber>()] = read_position(row);
    return true;
  });
  folded_ = checkpoints_;
  fold_->attach(*store_, is_new_);
}

ViewCopy::~ViewCopy() {
  fold_.reset();
  store_.reset();
  std::error_code ignored;  // A folder that stays is deleted when the views are opened next.
  if (is_retired_) std::filesystem::remove_all(directory_, ignored);
}

Position ViewCopy::checkpoint(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = checkpoints_.find(shard);
  return found == checkpoints_.end() ? 0 : found->second;
}

Position ViewCopy::folded(ShardNumber shard) const {
  const std::lock_guard lock(mutex_);
  const auto found = folded_.find(shard);
  return found == folded_.end() ? 0 : found->second;
}

void ViewCopy::fold(const FoldBatch& batch, Position up_to) {
  const Position done = folded(batch.shard());
  if (batch.empty() || batch.last() <= done) return;
  ensure(batch.first() <= done + 1, "a gap between what a view holds and the batch to fold");
  const auto& events = batch.events();
  const auto begin = events.begin() + static_cast<std::ptrdiff_t>(done + 1 - batch.first());
  auto end = events.end();
  if (up_to < batch.last()) end = events.begin() + static_cast<std::ptrdiff_t>(up_to + 1 - batch.first());
  if (begin >= end) return;
  for (auto event = begin; event != end; ++event) require_known(*event);
  for (auto event = begin; event != end; ++event) fold_->want(*event);
  fold_->load();
  for (auto event = begin; event != end; ++event) fold_->fold(*event);
  const std::lock_guard lock(mutex_);
  folded_[batch.shard()] = std::prev(end)->position;
}

void ViewCopy::commit() {
  if (folded_ == checkpoints_) return;
  const auto batch = store_->new_batch();
  if (is_new_) batch->put(version_key(), version_row());
  fold_->write(*batch);
  for (const auto& [shard, position] : folded_) batch->put(checkpoint_key(shard), position_row(position));
  store_->write(*batch);
  is_new_ = false;
  if (memory_bytes() > settings_.cache_bytes) forget();
  const std::lock_guard lock(mutex_);
  checkpoints_ = folded_;
}

void ViewCopy::discard() {
  fold_->forget();
  const std::lock_guard lock(mutex_);
  folded_ = checkpoints_;
}

}  // namespace daybook
