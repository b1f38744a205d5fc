// Answers to reads of the plan list, as rendered, as long as the catalogue is the one they were made of.
//
// Concurrency: any thread.
// Limits: plan_cache_entries_max answers; then all go.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace daybook {

inline constexpr std::size_t plan_cache_entries_max = 256;

class PlanCache {
 public:
  /// The answer that was kept under the key for that version of the catalogue.
  std::optional<std::string> find(const std::string& key, std::uint64_t version) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.version != version) return std::nullopt;
    return found->second.body;
  }

  void keep(const std::string& key, std::uint64_t version, std::string body) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= plan_cache_entries_max) entries_.clear();
    entries_.insert_or_assign(key, Entry{version, std::move(body)});
  }

 private:
  struct Entry {
    std::uint64_t version;
    std::string body;
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace daybook
