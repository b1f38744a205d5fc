// TZif (RFC 8536 §3) and the list of zones and aliases in tzdata.zi:
//   file   = header block header block64 "\n" posix "\n"       the first block is for readers of 32-bit times
//   header = "TZif" version 15*reserved isut std leap times types characters      six big-endian 32-bit counts
//   block  = times*(time) times*(type index) types*(offset:4 is_dst:1 name:1) characters leap*(time, 4) std isut
#include "domain/rules/time_zone.h"

#include <algorithm>
#include <utility>

#include "domain/assert.h"

namespace daybook {
namespace {

constexpr std::int32_t offset_min = -25 * 3'600;  // RFC 8536 §3.2
constexpr std::int32_t offset_max = 26 * 3'600;

/// Reads big-endian numbers from the front; fails for good when the bytes end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    failed_ = failed_ || size > rest_.size();
    if (failed_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::int64_t number(std::size_t width) {
    std::uint64_t value = 0;
    const std::string_view bytes = take(width);
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    const std::uint64_t sign = std::uint64_t{1} << (width * 8 - 1);
    return static_cast<std::int64_t>((value ^ sign) - sign);
  }
  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Header {
  std::size_t isut, standard, leaps, times, types, characters;

  std::size_t block_bytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + characters + leaps * (time_bytes + 4) + standard + isut;
  }
};

std::optional<Header> take_header(Bytes& bytes) {
  if (bytes.take(4) != "TZif") return std::nullopt;
  const std::string_view version = bytes.take(1);
  bytes.take(15);
  const auto count = [&] { return static_cast<std::size_t>(bytes.number(4)); };
  Header header{};
  for (std::size_t* field :
       {&header.isut, &header.standard, &header.leaps, &header.times, &header.types, &header.characters}) {
    *field = count();
    if (*field > 65'536) return std::nullopt;
  }
  if (bytes.failed() || version < "2" || header.types == 0) return std::nullopt;
  return header;
}

std::int64_t seconds_of(LocalTime local) {
  return days_from_civil(local.date) * seconds_per_day + local.second_of_day;
}

}  // namespace

std::optional<TimeZone> TimeZone::parse(std::string_view tzif) {
  Bytes bytes(tzif);
  const std::optional<Header> narrow = take_header(bytes);
  if (!narrow) return std::nullopt;
  bytes.take(narrow->block_bytes(4));
  const std::optional<Header> header = take_header(bytes);
  if (!header) return std::nullopt;

  TimeZone zone;
  zone.transitions_.resize(header->times);
  for (Transition& transition : zone.transitions_) transition.second = bytes.number(8);
  const std::string_view types = bytes.take(header->times);
  std::vector<std::int32_t> offsets(header->types);
  for (std::int32_t& offset : offsets) {
    offset = static_cast<std::int32_t>(bytes.number(4));
    if (offset < offset_min || offset > offset_max) return std::nullopt;
    bytes.take(2);
  }
  bytes.take(header->characters + header->leaps * 12 + header->standard + header->isut);
  if (bytes.failed()) return std::nullopt;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto type = static_cast<unsigned char>(types[i]);
    if (type >= offsets.size()) return std::nullopt;
    if (i > 0 && zone.transitions_[i].second <= zone.transitions_[i - 1].second) return std::nullopt;
    zone.transitions_[i].offset = offsets[type];
  }
  zone.first_offset_ = offsets[0];

  std::string_view footer = bytes.rest();
  if (footer.size() < 2 || !footer.starts_with('\n') || !footer.ends_with('\n')) return std::nullopt;
  footer = footer.substr(1, footer.size() - 2);
  if (footer.empty()) return zone;  // nothing is known of afterwards: the last offset stays
  zone.afterwards_ = parse_posix_time_zone(footer);
  return zone.afterwards_ ? std::optional(std::move(zone)) : std::nullopt;
}

std::int32_t TimeZone::offset_at(std::int64_t second) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), second,
                                     [](std::int64_t at, const Transition& t) { return at < t.second; });
  if (next == transitions_.end() && afterwards_) return afterwards_->offset_at(second);
  return next == transitions_.begin() ? first_offset_ : std::prev(next)->offset;
}

LocalTime TimeZone::local_time(Instant at) const {
  ensure(is_on_calendar(at), "an instant outside 1970..9999 has no local time");
  const std::int64_t second = micros(at) / micros_per_second;
  const std::int64_t local = second + offset_at(second) + 2 * seconds_per_day;  // never negative with two days more
  return {civil_from_days(local / seconds_per_day - 2), static_cast<std::int32_t>(local % seconds_per_day)};
}

std::optional<Instant> TimeZone::instant(LocalTime local) const {
  const std::int64_t shown = seconds_of(local);
  // Offsets since 1970 are between -12 and +14 hours, so the instant is between these two, and at most one transition.
  const std::int32_t before = offset_at(shown - 15 * 3'600);
  const std::int32_t after = offset_at(shown + 13 * 3'600);
  std::int64_t second = shown - before;
  if (offset_at(second) != before && offset_at(shown - after) == after) second = shown - after;
  if (second < 0) return std::nullopt;
  const Instant at{second * micros_per_second};
  return is_on_calendar(at) ? std::optional(at) : std::nullopt;
}

std::optional<TimeZones> TimeZones::load(const ReadFile& read_file) {
  const std::optional<std::string> list = read_file("tzdata.zi");
  constexpr std::string_view heading = "# version ";
  if (!list || !list->starts_with(heading)) return std::nullopt;
  TimeZones zones;
  std::vector<std::pair<std::string, std::string>> aliases;
  std::string_view rest = *list;
  zones.version_ = rest.substr(heading.size(), rest.find('\n') - heading.size());
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
    if (line.starts_with("Z ")) {
      const std::string name(line.substr(2, line.find(' ', 2) - 2));
      const std::optional<std::string> bytes = read_file(name);
      std::optional<TimeZone> zone = bytes ? TimeZone::parse(*bytes) : std::nullopt;
      if (!zone) return std::nullopt;
      zones.index_[name] = zones.zones_.size();
      zones.zones_.push_back(std::move(*zone));
    } else if (line.starts_with("L ")) {
      const std::size_t space = line.find(' ', 2);
      if (space == line.npos) return std::nullopt;
      aliases.emplace_back(line.substr(2, space - 2), line.substr(space + 1));
    }
  }
  for (const auto& [target, alias] : aliases) {
    const auto found = zones.index_.find(target);
    if (found == zones.index_.end()) return std::nullopt;
    zones.index_[alias] = found->second;
  }
  if (zones.version_.empty() || zones.zones_.empty()) return std::nullopt;
  return zones;
}

const TimeZone* TimeZones::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &zones_[found->second];
}

std::vector<std::string_view> TimeZones::names() const {
  std::vector<std::string_view> names;
  names.reserve(index_.size());
  for (const auto& [name, zone] : index_) names.push_back(name);
  return names;
}

}  // namespace daybook
