#include "gateway/problem.h"

#include "domain/book.h"
#include "projections/json_text.h"

namespace daybook {
namespace {

/// "consumed, expired" as an array.
void append_list(JsonText& json, std::string_view text) {
  json.begin_array();
  while (!text.empty()) {
    const std::size_t end = text.find(", ");
    json.string(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + 2);
  }
  json.end_array();
}

/// "/amount must be more than 0."; empty, for the code's own title, where that is all there is to say.
std::string whole_sentence(std::string_view pointer, std::string_view detail) {
  const auto says = [detail](std::string_view verb) { return detail.starts_with(verb); };
  if (!says("must ") && !says("is ") && !says("has ")) return {};
  return std::string(pointer.empty() ? "The request" : pointer) + " " + std::string(detail) + ".";
}

void append_details(JsonText& json, const Problem& problem) {
  for (const RejectionDetail& detail : problem.details) {
    json.key(detail.name);
    if (const auto* number = std::get_if<std::int64_t>(&detail.value)) {
      json.integer(*number);
    } else if (detail.name == "allowed") {
      append_list(json, std::get<std::string>(detail.value));
    } else {
      json.string(std::get<std::string>(detail.value));
    }
  }
  // No pack is on offer yet.
  if (problem.code == RejectionCode::insufficient_credits) json.key("packs").begin_array().end_array();
}

}  // namespace

std::string needed_permission(Permission permission) {
  std::string text = "This needs the permission " + std::string(permission_row(permission).name);
  if (is_of_platform(permission)) text += " of the first book, " + std::string(default_book);
  return text += '.';
}

Problem problem_of(Faults faults) {
  Problem problem;
  problem.code = faults.code();
  if (problem.code == RejectionCode::not_found) return problem;
  problem.faults = std::move(faults.list);
  if (problem.faults.size() == 1) {
    problem.detail = whole_sentence(problem.faults.front().pointer, problem.faults.front().detail);
  }
  return problem;
}

Problem problem_of(const Rejection& rejection) {
  Problem problem;
  problem.code = rejection.code;
  problem.details = rejection.details;
  const RejectionInfo& info = rejection_info(rejection.code);
  std::string detail(info.title);
  for (const RejectionDetail& fact : rejection.details) {
    if (fact.name == "expected") detail = "must be " + std::get<std::string>(fact.value);
  }
  if (rejection.code == RejectionCode::validation_failed) problem.detail = whole_sentence(rejection.pointer, detail);
  if (!rejection.pointer.empty()) problem.faults.push_back({rejection.pointer, info.name, std::move(detail)});
  return problem;
}

void append_problem(std::string& out, const Problem& problem, std::string_view request_id) {
  const RejectionInfo& info = problem.info();
  JsonText json(out);
  json.begin_object().key("type").string("/docs#" + std::string(info.name));
  json.member("title", info.title).member("status", info.http_status).member("code", info.name);
  json.member("detail", problem.detail.empty() ? info.title : std::string_view(problem.detail));
  json.member("hint", info.hint).key("errors").begin_array();
  for (const FieldFault& fault : problem.faults) {
    json.begin_object().member("pointer", fault.pointer).member("code", fault.code);
    json.member("detail", fault.detail).end_object();
  }
  json.end_array().member("request_id", request_id);
  append_details(json, problem);
  json.end_object();
}

}  // namespace daybook
