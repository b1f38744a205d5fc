#include "projections/audit_view.h"

#include <algorithm>

#include "domain/flat_string.h"
#include "projections/hash_index.h"
#include "projections/position_list.h"
#include "projections/postings.h"
#include "projections/row_key.h"
#include "projections/stream_source.h"
#include "projections/view_fold.h"
#include "schemas/envelope_generated.h"

namespace daybook {
namespace {

constexpr char book_table = 'b';
constexpr char type_table = 'y';
constexpr char actor_table = 'p';
constexpr char posting_table = 'm';
constexpr char request_table = 'r';

std::string book_prefix(std::string_view book) {
  return KeyWriter(book_table).text(book).take();
}
std::string type_prefix(std::string_view book, schema::Event type) {
  return KeyWriter(type_table).text(book).number(static_cast<std::uint8_t>(type)).take();
}
std::string actor_prefix(std::string_view book, std::string_view principal) {
  return KeyWriter(actor_table).text(book).text(principal).take();
}

std::string posting_prefix(std::string_view book) {
  return KeyWriter(posting_table).text(book).take();
}

std::string_view principal_of(const schema::Envelope& envelope) {
  return envelope.actor() == nullptr ? std::string_view() : view(envelope.actor()->principal());
}

class AuditFold : public ViewFold {
 public:
  void attach(const RowStore& store, bool is_empty) override {
    books_.attach(store, is_empty);
    types_.attach(store, is_empty);
    actors_.attach(store, is_empty);
    postings_.attach(store, is_empty);
    requests_.attach(store, is_empty);
  }
  void want(const FoldEvent& event) override {
    const std::uint64_t book = texts_.of(event.book);
    const std::string_view principal = principal_of(*event.envelope);
    books_.want({book, 0}, [&] { return book_prefix(event.book); });
    types_.want({book, number_of(event)}, [&] { return type_prefix(event.book, event.envelope->event_type()); });
    actors_.want({book, texts_.of(principal)}, [&] { return actor_prefix(event.book, principal); });
    if (has_postings(event)) postings_.want({book, 0}, [&] { return posting_prefix(event.book); });
  }
  void load() override {
    books_.load();
    types_.load();
    actors_.load();
    postings_.load();
  }

  void fold(const FoldEvent& event) override {
    const schema::Envelope& envelope = *event.envelope;
    const std::uint64_t book = texts_.of(event.book);
    const std::string_view principal = principal_of(envelope);
    const auto append = [&](PositionLists& lists, std::uint64_t second, auto make_prefix) {
      if (!lists.append({book, second}, event.position, make_prefix)) refuse(event, "its position does not ascend");
    };
    append(books_, 0, [&] { return book_prefix(event.book); });
    append(types_, number_of(event), [&] { return type_prefix(event.book, envelope.event_type()); });
    append(actors_, texts_.of(principal), [&] { return actor_prefix(event.book, principal); });
    if (has_postings(event)) append(postings_, 0, [&] { return posting_prefix(event.book); });

    std::uint64_t hashes[2];
    std::size_t count = 0;
    const std::string_view correlation = view(envelope.correlation_id()), request = view(envelope.request_id());
    if (!correlation.empty()) hashes[count++] = hash_text(correlation);
    if (!request.empty() && request != correlation) hashes[count++] = hash_text(request);
    requests_.append(event.shard, event.position, hashes, count);
  }

  void write(RowBatch& batch) override {
    books_.write(batch);
    types_.write(batch);
    actors_.write(batch);
    postings_.write(batch);
    requests_.write(batch);
  }
  void forget() override {
    books_.forget();
    types_.forget();
    actors_.forget();
    postings_.forget();
    requests_.forget();
    texts_.forget();
  }
  std::size_t memory_bytes() const override {
    return books_.memory_bytes() + types_.memory_bytes() + actors_.memory_bytes() + postings_.memory_bytes() +
           requests_.memory_bytes() + texts_.memory_bytes();
  }

 private:
  static std::uint64_t number_of(const FoldEvent& event) {
    return static_cast<std::uint64_t>(event.envelope->event_type());
  }

  TextNumbers texts_;
  PositionLists books_, types_, actors_, postings_;
  HashIndex requests_{request_table};
};

std::optional<schema::Event> find_type(std::string_view name) {
  for (const schema::Event type : schema::EnumValuesEvent()) {
    if (type != schema::Event::NONE && name == schema::EnumNameEvent(type)) return type;
  }
  return std::nullopt;
}

/// The first position up to `up_to` recorded at or after `at`; up_to + 1 if there is none.
Position first_recorded_at(const EventLog& log, ShardNumber shard, Position up_to, Instant at) {
  Position low = 0, high = up_to + 1;
  while (high - low > 1) {
    const Position middle = low + (high - low) / 2;
    const std::string bytes = log.read_one(shard, middle);
    const schema::Instant* recorded = schema::GetEnvelope(bytes.data())->recorded_at();
    (recorded != nullptr && recorded->us() < micros(at) ? low : high) = middle;
  }
  return high;
}

/// Whether the event has that id: hashes may collide.
bool has_request(const EventLog& log, ShardNumber shard, Position position, std::string_view id) {
  const std::string bytes = log.read_one(shard, position);
  const schema::Envelope* envelope = schema::GetEnvelope(bytes.data());
  return view(envelope->correlation_id()) == id || view(envelope->request_id()) == id;
}

}  // namespace

std::unique_ptr<ViewFold> make_audit_fold() {
  return std::make_unique<AuditFold>();
}

Page<Position> AuditReader::events(std::string_view book, const EventFilter& filter,
                                   const PageRequest<Position>& request, ShardNumber shard, Position up_to) const {
  Page<Position> page;
  const auto& rows = snapshot_.rows();
  const std::size_t limit = std::clamp<std::size_t>(request.limit, 1, page_limit_max);
  const Position folded = snapshot_.position(shard);
  up_to = std::min(up_to, folded);

  PositionSources sources;
  const auto list = [&](std::string prefix) {
    sources.push_back(std::make_unique<PositionListSource>(rows, std::move(prefix)));
  };
  if (filter.type) {
    const auto type = find_type(*filter.type);
    if (!type) return page;
    list(type_prefix(book, *type));
  }
  if (!filter.any_type.empty()) {
    PositionSources types;
    for (const schema::Event type : filter.any_type) {
      types.push_back(std::make_unique<PositionListSource>(rows, type_prefix(book, type)));
    }
    sources.push_back(std::make_unique<AnySource>(std::move(types)));
  }
  if (filter.actor) list(actor_prefix(book, *filter.actor));
  if (filter.posts) list(posting_prefix(book));
  if (filter.stream) {
    if (!filter.stream->starts_with(std::string(book) + "/")) return page;
    sources.push_back(std::make_unique<StreamSource>(streams_, *filter.stream));
  }
  if (sources.empty()) list(book_prefix(book));
  if (filter.correlation_id) {
    sources.insert(sources.begin(),
                   std::make_unique<HashSource>(rows, request_table, shard, hash_text(*filter.correlation_id), folded));
  }

  Position from = 1, to = up_to;
  if (filter.from) from = std::max(from, first_recorded_at(log_, shard, up_to, *filter.from));
  if (filter.to) to = std::min(to, first_recorded_at(log_, shard, up_to, *filter.to) - 1);
  if (request.starting_after) {
    if (*request.starting_after >= up_to) return page;
    from = std::max(from, *request.starting_after + 1);
  }
  if (request.ending_before) to = std::min(to, std::max<Position>(*request.ending_before, 1) - 1);

  const bool backwards = request.ending_before && !request.starting_after;
  while (from <= to) {
    const Position found = backwards ? previous_common(sources, from, to) : next_common(sources, from, to);
    if (found == 0) break;
    (backwards ? to : from) = backwards ? found - 1 : found + 1;
    if (filter.correlation_id && !has_request(log_, shard, found, *filter.correlation_id)) continue;
    page.has_more = page.data.size() == limit;
    if (page.has_more) break;
    page.data.push_back(found);
  }
  if (backwards) std::reverse(page.data.begin(), page.data.end());
  return page;
}

}  // namespace daybook
