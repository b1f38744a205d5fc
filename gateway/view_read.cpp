#include "gateway/view_read.h"

#include "gateway/account_read.h"
#include "gateway/query.h"
#include "gateway/services.h"

namespace daybook {

void read_view(const ExchangePtr& exchange, std::vector<ViewName> views, std::function<void()> job) {
  Faults faults;
  const std::optional<LogPosition> least = query_position(exchange->request, "min_position", faults);
  const std::string_view consistency = exchange->request.query_value("consistency").value_or("strong");
  if (consistency != "strong" && consistency != "eventual") {
    faults.invalid("?consistency", fault_codes::invalid, "must be one of: strong, eventual");
  }
  Services& services = exchange->services;
  LogPosition target = services.engine.committed(exchange->principal.book);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  if (consistency == "eventual") target.position = 0;
  if (least) target.position = std::max(target.position, least->position);
  on_reader_thread(exchange, [exchange, views = std::move(views), target, job = std::move(job)] {
    Projections& projections = exchange->services.projections;
    const auto deadline = std::chrono::steady_clock::now() + view_wait_max;
    for (const ViewName view : views) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (target.position != 0 && !projections.wait_for(view, target.shard, target.position, left)) {
        Problem problem;
        problem.code = RejectionCode::projection_lag;
        problem.details.push_back({"view", std::string(to_text(view))});
        return exchange->refuse(problem);
      }
      exchange->services.metrics.projection_read(to_text(view));
    }
    job();
  });
}

void refuse_cursor(const ExchangePtr& exchange) {
  Faults faults;
  const bool is_after = exchange->request.query_value("starting_after").has_value();
  faults.invalid(is_after ? "?starting_after" : "?ending_before", fault_codes::invalid, "names nothing in this list");
  exchange->refuse(std::move(faults));
}

}  // namespace daybook
