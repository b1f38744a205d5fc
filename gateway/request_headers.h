// What the header fields of a request mean: its id, its trace, its idempotency key, its conditions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daybook {

/// 1 to request_id_bytes_max of letters, digits and "._:-".
bool valid_request_id(std::string_view text);
/// "req_", eight characters of this process and a count: unique without asking anybody. Any thread.
std::string make_request_id();

/// W3C Trace Context, version 00: 55 lower-case characters, trace and parent not all zero.
bool valid_traceparent(std::string_view text);
/// 1 to idempotency_key_bytes_max visible ASCII characters.
bool valid_idempotency_key(std::string_view text);

/// `"5"`
std::string etag_of(std::uint64_t version);
/// What If-Match asks for: nothing for `*`, a version for `"5"` and `W/"5"`, one that no resource has for other tags.
struct IfMatch {
  bool is_valid = true;  ///< False: no entity tag at all.
  std::optional<std::uint64_t> version;
};
IfMatch parse_if_match(std::string_view text);
/// Whether If-None-Match holds the tag: a list of tags, weakly compared, or `*`.
bool none_match_holds(std::string_view if_none_match, std::string_view etag);

}  // namespace daybook
