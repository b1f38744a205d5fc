#include "projections/stream_source.h"

namespace daybook {
namespace {

constexpr std::uint64_t page_versions = 512;

}  // namespace

Position StreamSource::position_of(std::uint64_t version) const {
  const auto found = positions_(stream_, version, version);
  return found.empty() ? 0 : found.front();
}

std::uint64_t StreamSource::first_version_at(Position position) {
  const auto is_before = [&](std::uint64_t version) {
    const Position found = position_of(version);
    return found != 0 && found < position;
  };
  std::uint64_t step = 1;
  while (is_before(step)) step *= 2;
  std::uint64_t low = step / 2, high = step;  // low is before (or 0), high is not.
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (is_before(middle) ? low : high) = middle;
  }
  return high;
}

bool StreamSource::covers(Position position) const {
  return !page_.empty() && page_.front() <= position && position <= page_.back();
}

Position StreamSource::next(Position from) {
  if (!covers(from)) {
    const std::uint64_t version = first_version_at(from);
    page_ = positions_(stream_, version, version + page_versions - 1);
  }
  return next_of(page_, from);
}

Position StreamSource::previous(Position from) {
  if (!covers(from)) {
    const std::uint64_t above = first_version_at(from + 1);
    if (above == 1) return 0;
    page_ = positions_(stream_, above > page_versions ? above - page_versions : 1, above - 1);
  }
  return previous_of(page_, from);
}

}  // namespace daybook
