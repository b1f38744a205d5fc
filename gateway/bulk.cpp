// POST /v1/commands: many commands in one request, one outcome a line in the same order and framing. Each line stands
// for itself: a bad one is its own outcome, and the others go on.
#include <atomic>
#include <utility>

#include "gateway/bulk_limits.h"
#include "gateway/command_parser.h"
#include "gateway/command_run.h"
#include "gateway/handlers.h"
#include "gateway/request_headers.h"
#include "gateway/services.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

enum class Framing { array, lines, single };

/// The outcomes so far. Shared by the answers of its lines, the last of which sends them all.
struct Bulk {
  explicit Bulk(ExchangePtr the_exchange) : exchange(std::move(the_exchange)) {}

  ExchangePtr exchange;
  Framing framing = Framing::array;
  std::vector<std::string> outcomes;
  std::vector<Work> work;
  CommandContext context;
  std::atomic<std::size_t> missing{0};

  void add(ParsedLine line);
  void submit(const std::shared_ptr<Bulk>& self);
  void send();

 private:
  std::string key_of_line(const ParsedLine& line, std::size_t index) const;
  void refuse_line(std::size_t index, const Problem& problem);
  std::vector<std::pair<std::size_t, std::pair<int, std::string>>> pending_;  ///< Line, accepted status, secret.
};

std::string render_outcome(int status, std::optional<LogPosition> position, bool is_replay, std::string_view body) {
  std::string out;
  out.reserve(body.size() + 64);
  JsonText json(out);
  json.begin_object().member("status", status).key("position");
  if (position) {
    json.string(to_string(*position));
  } else {
    json.null();
  }
  json.member("replayed", is_replay).key("body").raw(body).end_object();
  return out;
}

std::string Bulk::key_of_line(const ParsedLine& line, std::size_t index) const {
  if (!line.idempotency_key.empty() || context.idempotency_key.empty()) return line.idempotency_key;
  return context.idempotency_key + '/' + std::to_string(index);
}

void Bulk::refuse_line(std::size_t index, const Problem& problem) {
  std::string body;
  append_problem(body, problem, exchange->request_id);
  outcomes[index] = render_outcome(problem.status(), std::nullopt, false, body);
}

void Bulk::add(ParsedLine line) {
  const std::size_t index = outcomes.size();
  outcomes.emplace_back();
  if (!line.faults.empty() || !line.command) return refuse_line(index, problem_of(std::move(line.faults)));
  CommandContext own = context;
  own.idempotency_key = key_of_line(line, index);
  if (own.idempotency_key.size() > 255) {
    Faults faults;
    faults.invalid("Idempotency-Key", fault_codes::too_long, "is too long to be made unique for each line");
    return refuse_line(index, problem_of(std::move(faults)));
  }
  Command& command = *line.command;
  if (const auto problem = check_command_permission(own.principal, command)) return refuse_line(index, *problem);
  if (const auto problem = check_mode(own.principal, command, exchange->services)) return refuse_line(index, *problem);
  if (!own.idempotency_key.empty()) own.fingerprint = fingerprint_of(command, exchange->services);
  std::string secret = complete_command(command, own, exchange->services);
  pending_.push_back({index, {accepted_status_of(command), std::move(secret)}});
  Work one;
  one.context = std::move(own);
  one.command = std::move(command);
  work.push_back(std::move(one));
}

void Bulk::submit(const std::shared_ptr<Bulk>& self) {
  if (work.empty()) return send();
  missing.store(work.size());
  for (std::size_t i = 0; i < work.size(); ++i) {
    const std::size_t index = pending_[i].first;
    const int accepted_status = pending_[i].second.first;
    work[i].done = [self, index, accepted_status, secret = std::move(pending_[i].second.second)](Answer answer) {
      if (answer.is_replay) self->exchange->services.metrics.idempotent_replay();
      const Outcome outcome = outcome_of(*self->exchange, answer, accepted_status, secret);
      self->outcomes[index] = render_outcome(outcome.status, answer.position, answer.is_replay, outcome.body);
      if (self->missing.fetch_sub(1, std::memory_order_acq_rel) == 1) self->send();
    };
  }
  if (!exchange->services.engine.submit(std::move(work))) exchange->refuse_busy();
}

void Bulk::send() {
  std::size_t bytes = 2;
  for (const std::string& outcome : outcomes) bytes += outcome.size() + 1;
  std::string body;
  body.reserve(bytes);
  if (framing == Framing::array) body += '[';
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (framing == Framing::array && i != 0) body += ',';
    body += outcomes[i];
    if (framing == Framing::lines) body += '\n';
  }
  if (framing == Framing::array) body += ']';
  exchange->send(200, std::move(body), {}, framing == Framing::lines ? "application/x-ndjson" : "application/json");
}

/// Blank lines count for nothing.
Faults add_lines(std::string_view body, Bulk& bulk) {
  Faults faults;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    std::string_view line = body.substr(0, end);
    body = end == body.npos ? std::string_view() : body.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == line.npos) continue;
    if (bulk.outcomes.size() == bulk_lines_max) {
      faults.malformed("", fault_codes::too_many, "has more than " + std::to_string(bulk_lines_max) + " commands");
      return faults;
    }
    bulk.add(parse_command_line(line));
  }
  return faults;
}

}  // namespace

void submit_commands(ExchangePtr exchange) {
  const auto bulk = std::make_shared<Bulk>(exchange);
  Faults faults;
  bulk->context = context_of(*exchange, faults);
  if (bulk->context.if_match) faults.invalid("If-Match", fault_codes::conflict, "has no meaning for many commands");
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const std::string_view type = exchange->request.header("content-type");
  if (type.starts_with("application/x-ndjson")) {
    bulk->framing = Framing::lines;
    faults = add_lines(exchange->request.body, *bulk);
  } else {
    bool is_array = false;
    faults = parse_command_array(exchange->request.body, bulk_lines_max, is_array,
                                 [&](ParsedLine line) { bulk->add(std::move(line)); });
    bulk->framing = is_array ? Framing::array : Framing::single;
  }
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  bulk->submit(bulk);
}

}  // namespace daybook
