#include "gateway/problem.h"

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

Problem problem_of(Faults faults) {
  Problem problem;
  problem.code = faults.code();
  if (problem.code != RejectionCode::not_found) problem.faults = std::move(faults.list);
  return problem;
}

Problem problem_of(const Rejection& rejection) {
  Problem problem;
  problem.code = rejection.code;
  problem.details = rejection.details;
  const RejectionInfo& info = rejection_info(rejection.code);
  if (!rejection.pointer.empty()) problem.faults.push_back({rejection.pointer, info.name, std::string(info.title)});
  return problem;
}

void append_problem(std::string& out, const Problem& problem, std::string_view request_id) {
  const RejectionInfo& info = rejection_info(problem.code);
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
