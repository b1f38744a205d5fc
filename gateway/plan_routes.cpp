// The catalogue over HTTP. Reads are answered from the book's catalogue as of the last commit, which is in memory; the
// plan list, which anybody may read, is rendered once for each change of the catalogue and each kind of reader.
#include <algorithm>
#include <set>

#include "domain/deciders/decision.h"
#include "gateway/command_run.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/plan_cache.h"
#include "gateway/query.h"
#include "gateway/render.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/events/plans_generated.h"

namespace daybook {
namespace {

bool sees_all_plans(const Exchange& exchange) {
  return access_of(Permission::plans_read_all, exchange.principal.role) == Access::any_account;
}

/// Public plans that can be had, and those of the account itself, retired ones too.
bool may_see(const Exchange& exchange, const Plan& plan) {
  if (sees_all_plans(exchange)) return true;
  if (plan.account_id.empty()) return plan.is_active;
  return plan.account_id == exchange.principal.account_id;
}

/// The plan that the path names, for those who may see it; else 404 was answered.
const Plan* find_plan(const ExchangePtr& exchange, const Catalogue& catalogue) {
  const auto found = catalogue.plans.find(exchange->path[0]);
  if (found != catalogue.plans.end() && may_see(*exchange, found->second)) return &found->second;
  exchange->refuse(RejectionCode::not_found);
  return nullptr;
}

struct PlanFilter {
  std::optional<bool> is_active;
  std::optional<std::string> tier;

  bool matches(const Plan& plan) const {
    return is_active.value_or(plan.is_active) == plan.is_active && (!tier || *tier == plan.current().terms->tier);
  }
};

/// Newest first.
std::vector<const Plan*> visible_plans(const Exchange& exchange, const Catalogue& catalogue, const PlanFilter& filter) {
  std::vector<const Plan*> plans;
  for (const auto& [id, plan] : catalogue.plans) {
    if (may_see(exchange, plan) && filter.matches(plan)) plans.push_back(&plan);
  }
  sort_newest_first(plans, [](const Plan* plan) { return plan->id; });
  return plans;
}

/// What each plan of the page has of every feature and limit that any of them names.
void append_comparison(std::string& out, const std::vector<const Plan*>& plans) {
  std::set<std::string> features, metrics;
  for (const Plan* plan : plans) {
    const schema::PlanTermsT& terms = *plan->current().terms;
    features.insert(terms.features.begin(), terms.features.end());
    for (const auto& limit : terms.limits) metrics.insert(limit->metric);
  }
  JsonText json(out);
  json.begin_object().key("features").begin_array();
  for (const std::string& feature : features) {
    json.begin_object().member("feature", feature).key("plans").begin_object();
    for (const Plan* plan : plans) {
      const auto& own = plan->current().terms->features;
      json.member(plan->id, std::find(own.begin(), own.end(), feature) != own.end());
    }
    json.end_object().end_object();
  }
  json.end_array().key("limits").begin_array();
  for (const std::string& metric : metrics) {
    json.begin_object().member("metric", metric).key("plans").begin_object();
    for (const Plan* plan : plans) {
      const auto& own = plan->current().terms->limits;
      const auto limit = std::find_if(own.begin(), own.end(), [&](const auto& row) { return row->metric == metric; });
      json.key(plan->id);
      if (limit == own.end() || !(*limit)->limit) {
        json.null();
      } else {
        json.integer(*(*limit)->limit);
      }
    }
    json.end_object().end_object();
  }
  json.end_array().end_object();
}

}  // namespace

void create_plan(ExchangePtr exchange) {
  run_body_command(exchange, CreatePlan::name_of_command);
}

void revise_plan(ExchangePtr exchange) {
  run_for_entity(exchange, RevisePlan::name_of_command);
}

/// All the terms anew: what the body leaves out is as if it had never been set.
void replace_plan(ExchangePtr exchange) {
  if (!accept_json(exchange)) return;
  CommandTarget target = entity_of_path(*exchange);
  target.is_from_path = true;
  ParsedCommand parsed = parse_command(RevisePlan::name_of_command, exchange->request.body, target);
  if (parsed.command) {
    auto& revise = std::get<RevisePlan>(*parsed.command);
    for (const std::string_view name : {"name", "prices"}) {
      const auto& given = *revise.members;
      if (std::find(given.begin(), given.end(), name) != given.end()) continue;
      parsed.faults.invalid(json_pointer("", name), fault_codes::required, "is required");
    }
    revise.members.reset();
    if (!parsed.faults.empty()) parsed.command.reset();
  }
  run_parsed(exchange, std::move(parsed));
}

void retire_plan(ExchangePtr exchange) {
  run_for_entity(exchange, RetirePlan::name_of_command);
}

void restore_plan(ExchangePtr exchange) {
  run_for_entity(exchange, RestorePlan::name_of_command);
}

void sync_catalogue(ExchangePtr exchange) {
  run_body_command(exchange, SyncCatalogue::name_of_command);
}

void list_plans(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  const PageRequest<std::string> page_request = query_page(request, faults);
  PlanFilter filter;
  if (request.query_value("active")) filter.is_active = query_flag(request, "active", faults);
  filter.tier = query_text(request, "tier", a(FieldKind::unit), faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));

  Services& services = exchange->services;
  const std::shared_ptr<const Catalogue> catalogue = services.engine.catalogue(exchange->principal.book);
  const std::string reader = sees_all_plans(*exchange) ? "*" : exchange->principal.account_id;
  std::string key = exchange->principal.book + '\n' + reader;
  for (const auto& [name, value] : request.query) key.append("\n").append(name).append("=").append(value);
  if (auto kept = services.plan_cache.find(key, catalogue->version)) {
    services.metrics.cache_hit("plans");
    return exchange->send(200, std::move(*kept));
  }
  services.metrics.cache_miss("plans");
  const auto plans = visible_plans(*exchange, *catalogue, filter);
  const Page<const Plan*> page = page_of(plans, page_request, [](const Plan* plan) { return plan->id; });
  if (!page.cursor_found) return refuse_cursor(exchange);
  std::string body;
  begin_list(body, page, [&](const Plan* plan) { append_plan(body, *plan, plan->current()); });
  body += ",\"comparison\":";
  append_comparison(body, page.data);
  body += '}';
  services.plan_cache.keep(key, catalogue->version, body);
  exchange->send(200, std::move(body));
}

void get_plan(ExchangePtr exchange) {
  const auto catalogue = exchange->services.engine.catalogue(exchange->principal.book);
  const Plan* plan = find_plan(exchange, *catalogue);
  if (plan == nullptr) return;
  std::string body;
  append_plan(body, *plan, plan->current());
  exchange->send_resource(std::move(body), plan->version);
}

void list_plan_versions(ExchangePtr exchange) {
  Faults faults;
  PageRequest<std::int64_t> request;
  request.limit = query_limit(exchange->request, faults);
  request.starting_after = query_integer(exchange->request, "starting_after", 1, plan_versions_max, faults);
  request.ending_before = query_integer(exchange->request, "ending_before", 1, plan_versions_max, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const auto catalogue = exchange->services.engine.catalogue(exchange->principal.book);
  const Plan* plan = find_plan(exchange, *catalogue);
  if (plan == nullptr) return;
  const std::vector<PlanVersion> newest_first(plan->versions.rbegin(), plan->versions.rend());
  const Page<PlanVersion> page =
      page_of(newest_first, request, [](const PlanVersion& version) { return std::int64_t{version.number}; });
  send_page(exchange, page, [&](std::string& out, const PlanVersion& version) { append_plan(out, *plan, version); });
}

}  // namespace daybook
