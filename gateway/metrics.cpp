#include "gateway/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

namespace daybook {
namespace {

template <typename Metric>
using Family = prometheus::Family<Metric>;

/// Lets a map with std::string keys be searched with a std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

struct RequestKey {
  std::string route;
  Method method;
  int status;
};
struct RequestKeyView {
  std::string_view route;
  Method method;
  int status;
};
struct RequestKeyHash {
  using is_transparent = void;
  template <typename Key>
  std::size_t operator()(const Key& key) const {
    return TextHash()(key.route) * 31 + static_cast<std::size_t>(key.status) * 8 + static_cast<std::size_t>(key.method);
  }
};
struct RequestKeyEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return std::tuple(std::string_view(a.route), a.method, a.status) ==
           std::tuple(std::string_view(b.route), b.method, b.status);
  }
};

/// A counter with one label, its series found by the label's value.
class LabelledCounter {
 public:
  LabelledCounter(Family<prometheus::Counter>& family, std::string label) : family_(family), label_(std::move(label)) {}

  prometheus::Counter& at(std::string_view value) {
    const auto found = series_.find(value);
    if (found != series_.end()) return *found->second;
    auto& counter = family_.Add({{label_, std::string(value)}});
    series_.emplace(value, &counter);
    return counter;
  }

 private:
  Family<prometheus::Counter>& family_;
  const std::string label_;
  TextMap<prometheus::Counter*> series_;
};

Family<prometheus::Counter>& counter_family(prometheus::Registry& registry, const std::string& name,
                                            const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<prometheus::Gauge>& gauge_family(prometheus::Registry& registry, const std::string& name,
                                        const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<prometheus::Histogram>& histogram_family(prometheus::Registry& registry, const std::string& name,
                                                const std::string& help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// 100 us to 10 s: an in-memory read takes tens of microseconds, a synced command 0.2 ms, a payment seconds.
prometheus::Histogram::BucketBoundaries latency_buckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

prometheus::Labels to_labels(Metrics::Labels labels) {
  prometheus::Labels result;
  for (const auto& [name, value] : labels) result.emplace(name, value);
  return result;
}

/// Series by name and labels in the order given, written into `key` so that no lookup allocates once it has grown.
void append_key(std::string& key, std::string_view name, Metrics::Labels labels) {
  key.assign(name);
  for (const auto& [label, value] : labels) key.append(1, '\0').append(label).append(1, '\0').append(value);
}

struct ProcessFigures {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_descriptors = 0;
  double start_time_seconds = 0;  ///< Since the Unix epoch.
};

/// proc(5): /proc/self/stat after the command's closing parenthesis, from field 3 on; btime in /proc/stat.
ProcessFigures read_process_figures() {
  ProcessFigures figures;
  std::ifstream stat_file("/proc/self/stat");
  const std::string stat{std::istreambuf_iterator<char>(stat_file), {}};
  const std::size_t command_end = stat.rfind(')');
  if (command_end != std::string::npos) {
    std::istringstream fields(stat.substr(command_end + 1));
    const std::vector<std::string> field{std::istream_iterator<std::string>(fields), {}};
    const auto number = [&field](std::size_t n) { return n - 3 < field.size() ? std::stod(field[n - 3]) : 0.0; };
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    figures.cpu_seconds = (number(14) + number(15)) / ticks_per_second;
    figures.start_time_seconds = number(22) / ticks_per_second;
    figures.resident_bytes = number(24) * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  std::ifstream system_file("/proc/stat");
  for (std::string line; std::getline(system_file, line);) {
    if (line.starts_with("btime ")) figures.start_time_seconds += std::stod(line.substr(6));
  }
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", ignored), end; entry != end;
       entry.increment(ignored)) {
    figures.open_descriptors += 1;
  }
  return figures;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  Family<prometheus::Histogram>& request_family =
      histogram_family(registry, "api_request_duration_seconds", "Time from a request's last byte to its answer.");
  Family<prometheus::Counter>& error_family =
      counter_family(registry, "api_errors_total", "Requests answered with an error code.");
  LabelledCounter rate_limited{counter_family(registry, "rate_limited_total", "Requests refused by a rate limit."),
                               "policy"};
  LabelledCounter events{counter_family(registry, "events_appended_total", "Events appended to the log."), "type"};
  LabelledCounter projection_reads{
      counter_family(registry, "projection_reads_total", "Queries answered from a projection."), "projection"};
  LabelledCounter cache_hits{counter_family(registry, "cache_hits_total", "Lookups that a cache answered."), "cache"};
  LabelledCounter cache_misses{counter_family(registry, "cache_misses_total", "Lookups that a cache did not answer."),
                               "cache"};
  prometheus::Counter& replays =
      counter_family(registry, "idempotent_replays_total", "Requests answered from an earlier one's outcome.").Add({});
  prometheus::Histogram& append_seconds =
      histogram_family(registry, "append_seconds", "Time of one group's synced write to the log.")
          .Add({}, latency_buckets());
  Family<prometheus::Gauge>& relay_backlog =
      gauge_family(registry, "relay_backlog_events", "Committed events not yet published to Kafka.");
  Family<prometheus::Gauge>& lag_events =
      gauge_family(registry, "projection_lag_events", "Committed events that a projection has not folded.");
  Family<prometheus::Gauge>& lag_seconds =
      gauge_family(registry, "projection_lag_seconds", "Age of the oldest event that a projection has not folded.");
  Family<prometheus::Gauge>& store_memory =
      gauge_family(registry, "store_memory_bytes", "Memory held by the stores, by kind.");
  Family<prometheus::Gauge>& parked =
      gauge_family(registry, "accounts_parked",
                   "Accounts whose subscriptions stand still because an invoice would be out of bounds; 10000 is that "
                   "many or more.");
  prometheus::Gauge& resident =
      gauge_family(registry, "process_resident_memory_bytes", "Resident memory size in bytes.").Add({});
  prometheus::Counter& cpu =
      counter_family(registry, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.").Add({});
  prometheus::Gauge& descriptors =
      gauge_family(registry, "process_open_fds", "Number of open file descriptors.").Add({});
  prometheus::Gauge& start_time =
      gauge_family(registry, "process_start_time_seconds", "Start time of the process since the Unix epoch in seconds.")
          .Add({});

  std::mutex mutex;  ///< Guards the maps below and inside the counters above.
  std::unordered_map<RequestKey, prometheus::Histogram*, RequestKeyHash, RequestKeyEqual> requests;
  TextMap<TextMap<prometheus::Counter*>> errors;  ///< By route, then code.
  TextMap<prometheus::Gauge*> gauges;
  TextMap<prometheus::Counter*> counters;
  std::string key;  ///< Scratch.

  prometheus::Histogram& request_series(RequestKeyView view) {
    const auto found = requests.find(view);
    if (found != requests.end()) return *found->second;
    auto& series = request_family.Add({{"route", std::string(view.route)},
                                       {"method", std::string(to_string(view.method))},
                                       {"status", std::to_string(view.status)}},
                                      latency_buckets());
    requests.emplace(RequestKey{std::string(view.route), view.method, view.status}, &series);
    return series;
  }

  prometheus::Counter& error_series(std::string_view route, std::string_view code) {
    auto by_route = errors.find(route);
    if (by_route == errors.end()) by_route = errors.emplace(route, TextMap<prometheus::Counter*>()).first;
    const auto found = by_route->second.find(code);
    if (found != by_route->second.end()) return *found->second;
    auto& series = error_family.Add({{"route", std::string(route)}, {"code", std::string(code)}});
    by_route->second.emplace(code, &series);
    return series;
  }

  /// `build(registry, name)` makes the family of a series not seen before.
  template <typename Metric, typename Build>
  Metric& named_series(TextMap<Metric*>& known, std::string_view name, Labels labels, Build build) {
    append_key(key, name, labels);
    const auto found = known.find(std::string_view(key));
    if (found != known.end()) return *found->second;
    auto& series = build(registry, std::string(name), "").Add(to_labels(labels));
    known.emplace(key, &series);
    return series;
  }
};

Metrics::Metrics() : impl_(new Impl) {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view route, Method method, int status, double seconds) {
  const std::lock_guard lock(impl_->mutex);
  impl_->request_series({route, method, status}).Observe(seconds);
}

void Metrics::error(std::string_view route, std::string_view code) {
  const std::lock_guard lock(impl_->mutex);
  impl_->error_series(route, code).Increment();
}

void Metrics::idempotent_replay() {
  impl_->replays.Increment();
}

void Metrics::rate_limited(std::string_view policy) {
  const std::lock_guard lock(impl_->mutex);
  impl_->rate_limited.at(policy).Increment();
}

void Metrics::events_appended(std::string_view type, std::uint64_t count) {
  const std::lock_guard lock(impl_->mutex);
  impl_->events.at(type).Increment(static_cast<double>(count));
}

void Metrics::append(double seconds) {
  impl_->append_seconds.Observe(seconds);
}

void Metrics::projection_read(std::string_view projection) {
  const std::lock_guard lock(impl_->mutex);
  impl_->projection_reads.at(projection).Increment();
}

void Metrics::cache_hit(std::string_view cache) {
  const std::lock_guard lock(impl_->mutex);
  impl_->cache_hits.at(cache).Increment();
}

void Metrics::cache_miss(std::string_view cache) {
  const std::lock_guard lock(impl_->mutex);
  impl_->cache_misses.at(cache).Increment();
}

void Metrics::set_gauge(std::string_view name, Labels labels, double value) {
  const std::lock_guard lock(impl_->mutex);
  impl_->named_series(impl_->gauges, name, labels, gauge_family).Set(value);
}

void Metrics::count(std::string_view name, Labels labels, double amount) {
  const std::lock_guard lock(impl_->mutex);
  impl_->named_series(impl_->counters, name, labels, counter_family).Increment(amount);
}

std::string Metrics::text() {
  const ProcessFigures figures = read_process_figures();
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->resident.Set(figures.resident_bytes);
    impl_->cpu.Increment(figures.cpu_seconds - impl_->cpu.Value());
    impl_->descriptors.Set(figures.open_descriptors);
    impl_->start_time.Set(figures.start_time_seconds);
  }
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace daybook
