// Whether a text that came from outside has the shape it must have. Pure: no look-up outside the tables here, so a
// time zone's name may pass and not exist. Every check is total, and refuses what is not UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace daybook {

inline constexpr std::size_t client_id_characters_max = 64;
inline constexpr std::size_t unit_name_characters_max = 32;
inline constexpr std::size_t email_bytes_max = 254;        // RFC 5321 §4.5.3.1.3: a path of 256 with its brackets
inline constexpr std::size_t email_local_bytes_max = 64;   // RFC 5321 §4.5.3.1.1
inline constexpr std::size_t domain_label_bytes_max = 63;  // RFC 1035 §2.3.4
inline constexpr std::size_t time_zone_name_bytes_max = 64;

/// An id that a client may choose: `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`, not `me`.
bool valid_client_id(std::string_view text);

/// The name of a unit of prepaid credit: `[a-z][a-z0-9_]{0,31}`.
bool valid_unit_name(std::string_view text);

/// An address that mail can be sent to: RFC 5321 `Dot-string "@" Domain`, ASCII, with at least one dot in the domain
/// and a last label of at least two characters that are not all digits. Refused on purpose: quoted local parts,
/// address literals, comments. An internationalised domain is given in its ASCII form (`xn--...`), so that one address
/// has one spelling and a search by its HMAC finds it.
bool valid_email(std::string_view text);

inline constexpr std::size_t redirect_url_bytes_max = 2'000;
/// Where a customer's browser may be sent: an absolute URL of printable ASCII, `https://` with a host, or `http://`
/// with a loopback one (`localhost`, `127.0.0.1`, `[::1]`). Refused: other schemes, user names in front of the host,
/// spaces, and `<`, `>`, `"`, `\`.
bool valid_redirect_url(std::string_view text);

/// The shape of an IANA name, `America/Argentina/Buenos_Aires`, `Etc/GMT+5`, `UTC`: one to three parts of letters,
/// digits, `_`, `+` and `-`, the first character a letter. Whether it exists is asked of tzdata.
bool valid_time_zone_name(std::string_view text);

/// ISO 3166-1 alpha-2 in upper case, the 249 officially assigned codes. Not user-assigned codes (`XK`), and not the
/// VAT prefixes that are no countries (`EL`, `XI`).
bool valid_country(std::string_view text);

/// A BCP 47 tag of language, script and region in canonical case: `en`, `en-US`, `zh-Hans-CN`, `es-419`. The shape
/// only.
bool valid_locale(std::string_view text);
/// "#0b5fff"
bool valid_color(std::string_view text);

/// RFC 3629: shortest forms only, no surrogates, nothing past U+10FFFF.
bool valid_utf8(std::string_view text);

enum class TextFault : std::uint8_t { none, not_utf8, control_character, too_long };
enum class Lines : std::uint8_t { one, many };

/// Free text of at most so many code points without control characters: C0, DEL, C1 and the line and paragraph
/// separators U+2028 and U+2029; `Lines::many` permits line feed and tab. Empty is fine. If several faults apply, the
/// first of the enum's order is named.
TextFault check_text(std::string_view text, std::size_t code_points_max, Lines lines = Lines::one);

}  // namespace daybook
