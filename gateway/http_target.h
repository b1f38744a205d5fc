// The request target: the path and query of an HTTP request, decoded. Knows no route. What is not plainly right is
// refused: two readings of one target are how a proxy's rule and a server's come apart.
//
// Grammar (RFC 9112 section 3.2.1 origin-form, RFC 3986 sections 3.3, 3.4 and 2.1):
//   target      = path [ "?" query ]
//   path        = 1*( "/" *pchar )
//   query       = [ pair *( "&" pair ) ]
//   pair        = name [ "=" value ]           ; the first "=" divides
//   name        = 1*qchar-but-"="-and-"&"
//   value       = *qchar-but-"&"
//   qchar       = pchar / "/" / "?" / "[" / "]"
//   pchar       = ALPHA / DIGIT / "-._~" / "!$&'()*+,;=" / ":" / "@" / "%" HEXDIG HEXDIG
//
// Beyond the grammar:
// - absolute-form, authority-form and "*" are refused: nothing here is a proxy.
// - "[" and "]" are taken raw in a query, as browsers and curl send "expand[]=invoice".
// - "+" in a query is a space, as in HTML forms and every client's urlencode; in a path it is a plus. A plus sign in a
//   query is "%2B".
// - Decoded text must be UTF-8 (shortest form, no surrogates) without control characters (C0, DEL, C1).
// - "%2F" in a path and the segments "." and ".." (however written) are refused: they would change the meaning of the
//   path when it is decoded or normalised.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace daybook {

struct HttpTarget {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  ///< In order; names are not empty and not unique.
};

enum class TargetError {
  not_origin_form,       ///< Does not begin with "/".
  too_long,              ///< More than limits::http_target_bytes_max bytes.
  bad_character,         ///< A byte that the grammar does not have.
  bad_percent_encoding,  ///< "%" without two hexadecimal digits.
  control_character,     ///< Decoded: U+0000 to U+001F, U+007F to U+009F.
  not_utf8,              ///< Decoded: not valid UTF-8.
  encoded_slash,         ///< "%2F" in the path.
  dot_segment,           ///< "." or ".." as a segment of the path.
  empty_query_name,      ///< "?=1", "?a=1&&b=2", "?a=1&".
  too_many_pairs,        ///< More than limits::http_query_pairs_max.
};

/// One sentence for the client.
std::string_view to_text(TargetError error);

/// Decodes an origin-form target.
///
///     parse_target("/v1/accounts/a%20b?limit=10")  ->  path "/v1/accounts/a b", query {{"limit", "10"}}
[[nodiscard]] std::variant<HttpTarget, TargetError> parse_target(std::string_view target);

/// Well-formed UTF-8 (Unicode table 3-7) without control characters.
bool is_clean_utf8(std::string_view text);

}  // namespace daybook
