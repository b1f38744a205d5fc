#include "tools/log_access.h"

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>

namespace daybook {

LogAccess open_log(const std::filesystem::path& data) {
  LogAccess access;
  access.directory = DataDirectory::open(data, DataDirectory::Access::read);
  EventLog::Options options;
  options.directory = access.directory->log_path();
  options.shards = access.directory->format().shards;
  options.read_only = true;
  access.log = EventLog::open(options);
  return access;
}

Instant time_option(const std::string& option, const std::string& text) {
  const auto at = parse_rfc3339(text);
  if (!at) throw std::invalid_argument(option + " takes an RFC 3339 time such as 2026-11-21T00:00:00Z");
  return *at;
}

Unseal unseal_with(Keyring& keys) {
  return [&keys](std::uint64_t key_id, std::string_view nonce, std::string_view bytes, std::string_view stream,
                 std::string_view field) {
    return keys.unseal(Sealed{key_id, std::string(nonce), std::string(bytes)}, stream, field);
  };
}

Progress::Progress(std::string task, std::string unit, bool json)
    : task_(std::move(task)), unit_(std::move(unit)), json_(json) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Progress::rate() const {
  return seconds() > 0 ? static_cast<double>(done_) / seconds() : 0;
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
  done_ = done;
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < std::chrono::seconds(1)) return;
  shown_ = now;
  const double per_second = rate();
  const double left = per_second > 0 ? static_cast<double>(total - std::min(done, total)) / per_second : 0;
  if (json_) {
    fmt::print(stderr, "{{\"task\":\"{}\",\"done\":{},\"total\":{},\"per_second\":{:.0f},\"seconds_left\":{:.0f}}}\n",
               task_, done, total, per_second, left);
  } else {
    fmt::print(stderr, "{}: {} of {} {}, {:.0f}/s, {:.0f} s left\n", task_, done, total, unit_, per_second, left);
  }
}

}  // namespace daybook
