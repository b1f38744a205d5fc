#include "projections/view_folder.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "eventstore/durable_file.h"
#include "eventstore/fault.h"

namespace daybook {
namespace {

constexpr std::size_t current_bytes_max = 32;

std::optional<std::uint64_t> parse_generation(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::uint64_t> generations_in(const std::filesystem::path& path) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (const auto number = parse_generation(entry.path().filename().string())) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

std::optional<std::uint64_t> ViewFolder::current() const {
  auto text = read_small_file(path_ / "CURRENT", current_bytes_max);
  if (!text) return std::nullopt;
  if (text->ends_with('\n')) text->pop_back();
  const auto number = parse_generation(*text);
  if (!number || !std::filesystem::exists(generation(*number))) return std::nullopt;
  return number;
}

std::uint64_t ViewFolder::new_generation() const {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) throw StorageFault("cannot make " + path_.string() + ": " + error.message());
  const auto numbers = generations_in(path_);
  return numbers.empty() ? 1 : *std::max_element(numbers.begin(), numbers.end()) + 1;
}

void ViewFolder::make_current(std::uint64_t number) const {
  sync_folder(path_);
  write_file_atomically(path_ / "CURRENT", std::to_string(number) + "\n");
}

void ViewFolder::delete_all_but(std::uint64_t number) const {
  for (const std::uint64_t other : generations_in(path_)) {
    std::error_code ignored;  // It is deleted at the next open then.
    if (other != number) std::filesystem::remove_all(generation(other), ignored);
  }
}

}  // namespace daybook
