// Opening the views: at the start, and again after a store has failed.
#include <utility>

#include "projections/projector.h"

namespace daybook {

ViewCopy::Settings Projector::settings_of(std::size_t cache_bytes) const {
  return {cache_bytes,  options_.block_cache_bytes, options_.read_only, options_.flush_bytes,
          options_.env, options_.email_digest,      options_.open_rows};
}

std::shared_ptr<ViewCopy> Projector::open_current(ViewName view, std::string& why_not) const {
  const ViewFolder folder(options_.directory, view);
  const auto current = folder.current();
  why_not = "the view " + std::string(to_text(view)) + " is not there, or of another version: run daybook rebuild";
  if (!current) return nullptr;
  try {
    auto copy = std::make_shared<ViewCopy>(view, folder.generation(*current), settings_of(options_.cache_bytes));
    if (!copy->is_current_version()) return nullptr;
    for (ShardNumber shard = 0; shard < log_.shards(); ++shard) {
      if (copy->checkpoint(shard) > log_.head(shard)) return nullptr;  // Of a log that has since been restored.
    }
    return copy;
  } catch (const OtherRowFormat&) {
    return nullptr;
  } catch (const StorageFault& fault) {
    why_not = fault.what();
    return nullptr;
  }
}

void Projector::open_view(ViewName view) {
  Slot& opened = slot(view);
  std::string why_not;
  opened.live = open_current(view, why_not);
  const ViewFolder folder(options_.directory, view);
  if (opened.live && !opened.live->is_new()) {
    if (!options_.read_only) folder.delete_all_but(*folder.current());
    return;
  }
  if (options_.read_only) {
    opened.live.reset();
    opened.state = ViewState::failed;
    opened.message = why_not;
    return;
  }
  opened.live.reset();
  const std::uint64_t number = folder.new_generation();
  opened.live = std::make_shared<ViewCopy>(view, folder.generation(number),
                                           settings_of(options_.rebuild_cache_bytes / view_count));
  folder.make_current(number);
  folder.delete_all_but(number);
  for (ShardNumber shard = 0; shard < log_.shards(); ++shard) opened.fresh_until.push_back(log_.head(shard));
  opened.state = ViewState::rebuilding;
  note_folded(view);
}

void Projector::reopen_view(ViewName view) {
  std::shared_ptr<ViewCopy> stopped;
  {
    const std::lock_guard lock(mutex_);
    stopped = std::exchange(slot(view).live, nullptr);
    slot(view).message = "the view's store failed and is being opened again";
  }
  stopped.reset();  // Closes it, if no reader holds it.
  std::string why_not;
  auto copy = open_current(view, why_not);
  const std::lock_guard lock(mutex_);
  Slot& opened = slot(view);
  if (!copy) {
    opened.message = why_not;
    throw StorageFault(why_not);
  }
  opened.live = std::move(copy);
  opened.is_stopped = false;
  opened.message.clear();
}

}  // namespace daybook
