// Query parameters as values. Each function adds a fault with the pointer "?name" if the text is not one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/id.h"
#include "domain/instant.h"
#include "eventstore/position.h"
#include "gateway/field_fault.h"
#include "gateway/http_message.h"
#include "projections/page.h"

namespace daybook {

struct Rule;

/// Parameters that are not in `known` (names separated by spaces), or are there twice, are malformed.
void check_query_names(const Request& request, std::string_view known, Faults& faults);

std::optional<std::int64_t> query_integer(const Request& request, std::string_view name, std::int64_t minimum,
                                          std::int64_t maximum, Faults& faults);
std::optional<Instant> query_instant(const Request& request, std::string_view name, Faults& faults);
std::optional<LogPosition> query_position(const Request& request, std::string_view name, Faults& faults);
/// "true" or "false".
bool query_flag(const Request& request, std::string_view name, Faults& faults);
/// A text that obeys the rule.
std::optional<std::string> query_text(const Request& request, std::string_view name, const Rule& rule, Faults& faults);
/// The id of an entity with that prefix ("inv").
std::optional<EntityRef> query_id(const Request& request, std::string_view name, std::string_view prefix,
                                  Faults& faults);
std::size_t query_limit(const Request& request, Faults& faults);
/// Of a list whose rows have ids with that prefix.
PageRequest<EntityRef> query_page(const Request& request, std::string_view prefix, Faults& faults);
/// Of a list whose rows have ids that clients may choose.
PageRequest<std::string> query_page(const Request& request, Faults& faults);

}  // namespace daybook
