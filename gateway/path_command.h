// The typed routes' common part: the path's account or entity and the body become one command.
#pragma once

#include <string_view>

#include "gateway/command_parser.h"
#include "gateway/exchange.h"

namespace daybook {

/// Whether the body's media type is one that a command may come in; if not, 415 is answered.
bool accept_json(const ExchangePtr& exchange);
/// The entity that the path names first.
CommandTarget entity_of_path(const Exchange& exchange);
/// Parses the body for that command and runs it.
void run_path_command(const ExchangePtr& exchange, std::string_view name, CommandTarget target);
/// The same for the entity that the path names first.
void run_for_entity(const ExchangePtr& exchange, std::string_view name);
/// The same for the account that the path names first.
void run_for_account(const ExchangePtr& exchange, std::string_view name);
/// The same without a target.
void run_body_command(const ExchangePtr& exchange, std::string_view name);
void run_parsed(const ExchangePtr& exchange, ParsedCommand parsed);

}  // namespace daybook
