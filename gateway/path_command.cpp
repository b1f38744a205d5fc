#include "gateway/path_command.h"

#include "gateway/command_run.h"

namespace daybook {
namespace {

/// "application/json" and "application/<anything>+json", with or without parameters.
bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace

bool accept_json(const ExchangePtr& exchange) {
  const std::string_view type = exchange->request.header("content-type");
  if (exchange->request.body.empty() || type.empty() || is_json(type)) return true;
  exchange->refuse(RejectionCode::unsupported_media_type);
  return false;
}

void run_parsed(const ExchangePtr& exchange, ParsedCommand parsed) {
  if (!parsed.command) return exchange->refuse(std::move(parsed.faults));
  run_command(exchange, std::move(*parsed.command));
}

void run_path_command(const ExchangePtr& exchange, std::string_view name, CommandTarget target) {
  if (!accept_json(exchange)) return;
  target.is_from_path = true;
  run_parsed(exchange, parse_command(name, exchange->request.body, target));
}

CommandTarget entity_of_path(const Exchange& exchange) {
  CommandTarget target;
  target.entity_id = exchange.path[0];
  return target;
}

void run_for_entity(const ExchangePtr& exchange, std::string_view name) {
  run_path_command(exchange, name, entity_of_path(*exchange));
}

void run_for_account(const ExchangePtr& exchange, std::string_view name) {
  CommandTarget target;
  target.account_id = exchange->path[0];
  run_path_command(exchange, name, std::move(target));
}

void run_body_command(const ExchangePtr& exchange, std::string_view name) {
  if (!accept_json(exchange)) return;
  run_parsed(exchange, parse_command(name, exchange->request.body, {}));
}

}  // namespace daybook
