// The one shape of errors: RFC 9457 application/problem+json with code, hint, faults by pointer and the request's id.
// Titles, hints and statuses are the domain's table (domain/rejection.h). Never holds what the client sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/rejection.h"
#include "gateway/field_fault.h"
#include "gateway/permissions.h"

namespace daybook {

inline constexpr std::string_view problem_content_type = "application/problem+json";

/// The gateway's own refusal, of a request that never comes near the log: it has no number.
inline constexpr RejectionInfo link_invalid{RejectionCode::forbidden, "link_invalid", 403,
                                            "The link is not valid, or not any more",
                                            "Ask the seller for a new one: an invoice's 'hosted_invoice_url'."};

struct Problem {
  RejectionCode code = RejectionCode::internal;
  std::string detail = {};  ///< Empty: the code's title.
  std::vector<FieldFault> faults = {};
  std::vector<RejectionDetail> details = {};
  const RejectionInfo* own = nullptr;  ///< Instead of the code's row; one of those above.
  const RejectionInfo& info() const { return own != nullptr ? *own : rejection_info(code); }
  int status() const { return info().http_status; }
};

/// The detail of a 403.
std::string needed_permission(Permission permission);
/// What was wrong with the request's members.
Problem problem_of(Faults faults);
/// A business refusal.
Problem problem_of(const Rejection& rejection);
/// Appends the document.
void append_problem(std::string& out, const Problem& problem, std::string_view request_id);

}  // namespace daybook
