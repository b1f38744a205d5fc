#include "projections/units_view.h"

#include <algorithm>

#include "domain/byte_codec.h"
#include "projections/damaged_view.h"
#include "projections/row_key.h"
#include "projections/row_table.h"
#include "projections/unit_chunk.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char unit_table = 'u';
constexpr std::uint64_t tail_version = ~std::uint64_t{0};

std::string units_of(std::string_view book, std::string_view account) {
  return KeyWriter(unit_table).text(book).text(account).take();
}
std::string unit_prefix(std::string_view book, std::string_view account, std::string_view unit) {
  return KeyWriter(unit_table).text(book).text(account).text(unit).take();
}
std::string version_suffix(std::uint64_t version) {
  return key_suffix(version);
}

/// The tail row: the totals, and the chunk that is still being filled.
struct UnitTail {
  UnitTotals totals;
  UnitChunk chunk;
};

std::string encode_tail(const UnitTail& tail) {
  std::string bytes;
  ByteWriter writer(bytes);
  const UnitTotals& totals = tail.totals;
  writer.number(totals.available);
  writer.number(totals.reserved);
  writer.number(totals.movements);
  writer.number(totals.version);
  writer.number(totals.position);
  writer.number(totals.updated_at);
  for (const UnitTotals::Sum& sum : totals.by_type) {
    writer.number(sum.count);
    writer.number(sum.amount);
    writer.number(sum.reserved_amount);
  }
  return bytes + tail.chunk.bytes();
}

bool decode_tail(std::string_view bytes, UnitTail& tail) {
  constexpr std::size_t totals_bytes = 48 + 24 * unit_movement_types;
  if (bytes.size() < totals_bytes) return false;
  ByteReader reader(bytes);
  UnitTotals& totals = tail.totals;
  reader.number(totals.available);
  reader.number(totals.reserved);
  reader.number(totals.movements);
  reader.number(totals.version);
  reader.number(totals.position);
  reader.number(totals.updated_at);
  for (UnitTotals::Sum& sum : totals.by_type) {
    reader.number(sum.count);
    reader.number(sum.amount);
    reader.number(sum.reserved_amount);
  }
  return tail.chunk.restore(bytes.substr(totals_bytes));
}

struct UnitTraits {
  using Value = UnitTail;
  static constexpr std::size_t memory_bytes = 300;
  static std::string encode(const Value& tail) { return encode_tail(tail); }
  static bool decode(std::string_view bytes, Value& tail) { return decode_tail(bytes, tail); }
};

void add(std::int64_t& sum, std::int64_t change, const FoldEvent& event) {
  if (__builtin_add_overflow(sum, change, &sum)) refuse(event, "a balance of units overflows");
}

class UnitsFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override { tails_.attach(store, is_empty); }
  void want(const FoldEvent& event) override {
    const auto movement = unit_change(*event.envelope);
    if (!movement) return;
    tails_.want(id_of(event, movement->unit), [&] { return key_of(event, movement->unit); });
  }
  void load() override { tails_.load(); }

  void fold(const FoldEvent& event) override {
    const auto movement = unit_change(*event.envelope);
    if (!movement) return;
    auto& row = tails_.at(id_of(event, movement->unit), [&] { return key_of(event, movement->unit); });
    UnitTotals& totals = row.value.totals;
    if (event.version <= totals.version) refuse(event, "a movement of units out of order");
    UnitTotals::Sum& sum = totals.by_type[static_cast<std::size_t>(movement->type)];
    add(totals.available, movement->amount, event);
    add(totals.reserved, movement->reserved_amount, event);
    add(sum.amount, movement->amount, event);
    add(sum.reserved_amount, movement->reserved_amount, event);
    ++sum.count;
    ++totals.movements;
    totals.version = event.version;
    totals.position = event.position;
    totals.updated_at = event.decided_at;
    UnitChunk& chunk = row.value.chunk;
    chunk.append({event.version, event.position, totals.available, totals.reserved});
    if (chunk.count() == unit_movements_per_chunk) {
      const std::string prefix = row.key.substr(0, row.key.size() - sizeof(tail_version));
      full_chunks_.put(prefix + version_suffix(chunk.first_version()), chunk.bytes());
      chunk = UnitChunk();
    }
    tails_.change(row);
  }

  void write(RowBatch& batch) override {
    tails_.write(full_chunks_);
    full_chunks_.write(batch);
  }
  void forget() override {
    tails_.forget();
    units_.forget();
    full_chunks_.forget();
  }
  std::size_t memory_bytes() const override {
    return tails_.memory_bytes() + units_.memory_bytes() + full_chunks_.memory_bytes();
  }

 private:
  RowId id_of(const FoldEvent& event, std::string_view unit) {
    return {stream_number(event.shard, event.ordinal), units_.of(unit)};
  }
  static std::string key_of(const FoldEvent& event, std::string_view unit) {
    return unit_prefix(event.book, event.account, unit) + version_suffix(tail_version);
  }

  TextNumbers units_;
  RowTable<UnitTraits> tails_;
  RowChanges full_chunks_;
};

UnitTail require_tail(std::string_view bytes) {
  UnitTail tail;
  if (!decode_tail(bytes, tail)) throw DamagedView("a damaged row");
  return tail;
}

std::vector<UnitLine> require_lines(std::string_view bytes) {
  auto lines = decode_unit_chunk(bytes);
  if (!lines) throw DamagedView("a damaged row");
  return std::move(*lines);
}

/// Walks the lines of a unit from version `from` on, in either direction, until take(line) returns false.
template <class Take>
void walk_up(const RowStore::Snapshot& rows, const std::string& prefix, std::uint64_t from, Take take) {
  std::string start = prefix;
  // The chunk that holds `from` begins at or before it.
  rows.scan_backward(prefix, prefix + version_suffix(from) + '\0', [&](std::string_view key, std::string_view) {
    start = key;
    return false;
  });
  const auto lines = [&](const std::vector<UnitLine>& chunk) {
    return std::all_of(chunk.begin(), chunk.end(),
                       [&](const UnitLine& line) { return line.version < from || take(line); });
  };
  rows.scan(start, after_prefix(prefix), [&](std::string_view key, std::string_view bytes) {
    const bool is_tail = key.substr(prefix.size()) == version_suffix(tail_version);
    return lines(is_tail ? require_lines(require_tail(bytes).chunk.bytes()) : require_lines(bytes));
  });
}

template <class Take>
void walk_down(const RowStore::Snapshot& rows, const std::string& prefix, std::uint64_t from, Take take) {
  const auto lines = [&](const std::vector<UnitLine>& chunk) {
    return std::all_of(chunk.rbegin(), chunk.rend(),
                       [&](const UnitLine& line) { return line.version > from || take(line); });
  };
  const auto tail = rows.get(prefix + version_suffix(tail_version));
  if (!tail || !lines(require_lines(require_tail(*tail).chunk.bytes()))) return;
  const std::uint64_t last = std::min(from, tail_version - 1);
  rows.scan_backward(prefix, prefix + version_suffix(last) + '\0',
                     [&](std::string_view, std::string_view bytes) { return lines(require_lines(bytes)); });
}

}  // namespace

std::unique_ptr<ViewFold> make_units_fold() {
  return std::make_unique<UnitsFold>();
}

std::optional<UnitTotals> UnitsReader::totals(std::string_view book, std::string_view account_id,
                                              std::string_view unit) const {
  const auto bytes = snapshot_.rows().get(unit_prefix(book, account_id, unit) + version_suffix(tail_version));
  if (!bytes) return std::nullopt;
  UnitTotals totals = require_tail(*bytes).totals;
  totals.unit = unit;
  return totals;
}

std::vector<UnitTotals> UnitsReader::units(std::string_view book, std::string_view account_id) const {
  std::vector<UnitTotals> units;
  const std::string prefix = units_of(book, account_id);
  const std::string end = after_prefix(prefix);
  // One step a unit: its first row names it, then on to what follows all of its rows.
  for (std::string from = prefix; from < end;) {
    std::string unit;
    bool found = false;
    snapshot_.rows().scan(from, end, [&](std::string_view key, std::string_view) {
      KeyReader reader(key);
      reader.text();
      reader.text();
      unit = reader.text();
      if (!reader.ok()) throw DamagedView("a damaged row");
      found = true;
      return false;
    });
    if (!found) break;
    if (auto one = totals(book, account_id, unit)) units.push_back(std::move(*one));
    from = after_prefix(unit_prefix(book, account_id, unit));
  }
  return units;
}

Page<UnitLine> UnitsReader::history(std::string_view book, std::string_view account_id, std::string_view unit,
                                    const PageRequest<std::uint64_t>& request) const {
  Page<UnitLine> page;
  const std::string prefix = unit_prefix(book, account_id, unit);
  const std::size_t limit = std::clamp<std::size_t>(request.limit, 1, page_limit_max);
  const auto exists = [&](std::uint64_t version) {
    bool found = false;
    walk_up(snapshot_.rows(), prefix, version, [&](const UnitLine& line) {
      found = line.version == version;
      return false;
    });
    return found;
  };
  page.cursor_found = (!request.starting_after || exists(*request.starting_after)) &&
                      (!request.ending_before || exists(*request.ending_before));
  if (!page.cursor_found) return page;
  const auto take = [&](const UnitLine& line) {
    page.has_more = page.data.size() == limit;
    if (!page.has_more) page.data.push_back(line);
    return !page.has_more;
  };
  if (request.ending_before && !request.starting_after) {
    walk_up(snapshot_.rows(), prefix, *request.ending_before + 1, take);
    std::reverse(page.data.begin(), page.data.end());
    return page;
  }
  const std::uint64_t from = request.starting_after ? *request.starting_after - 1 : tail_version - 1;
  walk_down(snapshot_.rows(), prefix, from,
            [&](const UnitLine& line) { return line.version > request.ending_before.value_or(0) && take(line); });
  return page;
}

}  // namespace daybook
