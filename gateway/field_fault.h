// What is wrong with a request, member by member. All faults are collected, so that a client corrects them at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/rejection.h"

namespace daybook {

struct FieldFault {
  std::string pointer;    ///< RFC 6901 into the body; "?name" for a query parameter, the header's name for a header.
  std::string_view code;  ///< One of fault_codes below.
  std::string detail;     ///< Never holds what the client sent.
};

namespace fault_codes {
inline constexpr std::string_view invalid_json = "invalid_json";
inline constexpr std::string_view wrong_type = "wrong_type";
inline constexpr std::string_view unknown_member = "unknown_member";
inline constexpr std::string_view duplicate_member = "duplicate_member";
inline constexpr std::string_view unknown_parameter = "unknown_parameter";
inline constexpr std::string_view too_many = "too_many";
inline constexpr std::string_view required = "required";
inline constexpr std::string_view invalid = "invalid";
inline constexpr std::string_view too_long = "too_long";
inline constexpr std::string_view out_of_range = "out_of_range";
inline constexpr std::string_view conflict = "conflict";
}  // namespace fault_codes

struct Faults {
  std::vector<FieldFault> list;
  bool is_malformed = false;   ///< At least one is about the request's form, not its meaning.
  bool is_target_bad = false;  ///< The path names something that cannot exist: 404, whatever else is wrong.

  bool empty() const { return list.empty() && !is_target_bad; }
  /// 400 if anything is malformed, else 422.
  RejectionCode code() const {
    if (is_target_bad) return RejectionCode::not_found;
    return is_malformed ? RejectionCode::malformed_request : RejectionCode::validation_failed;
  }
  /// Cannot be read as what it must be.
  void malformed(std::string pointer, std::string_view code, std::string detail);
  /// Can be read, and is wrong.
  void invalid(std::string pointer, std::string_view code, std::string detail);
};

/// `parent`/`name`, with the name's "~" and "/" escaped and cut to a length fit for an answer.
std::string json_pointer(std::string_view parent, std::string_view name);

}  // namespace daybook
