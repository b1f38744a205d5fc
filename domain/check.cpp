// Character classes, ISO 3166-1 and UTF-8, written out: regular expressions are slower and say less.
#include "domain/check.h"

#include "domain/ascii.h"

#include <algorithm>
#include <optional>

namespace daybook {
namespace {

bool is_one_of(std::string_view set, char c) {
  return set.find(c) != set.npos;
}

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

/// Takes the part up to the next separator from the front of `rest`; `rest` is nothing after the last part.
std::string_view next_part(std::optional<std::string_view>& rest, char separator) {
  const std::size_t end = rest->find(separator);
  const std::string_view part = rest->substr(0, end);
  rest = end == std::string_view::npos ? std::nullopt : std::optional(rest->substr(end + 1));
  return part;
}

/// RFC 5321 `Dot-string`: atoms of RFC 5322 `atext` between single dots.
bool valid_local_part(std::string_view text) {
  if (text.size() > email_local_bytes_max) return false;
  std::optional<std::string_view> rest = text;
  while (rest) {
    const std::string_view atom = next_part(rest, '.');
    if (atom.empty()) return false;
    if (!all(atom, [](char c) { return is_letter_or_digit(c) || is_one_of("!#$%&'*+-/=?^_`{|}~", c); })) return false;
  }
  return true;
}

/// Labels of letters, digits and inner hyphens.
bool valid_mail_domain(std::string_view text) {
  std::optional<std::string_view> rest = text;
  std::string_view label;
  int labels = 0;
  while (rest) {
    label = next_part(rest, '.');
    if (label.empty() || label.size() > domain_label_bytes_max) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    if (!all(label, [](char c) { return is_letter_or_digit(c) || c == '-'; })) return false;
    ++labels;
  }
  return labels >= 2 && label.size() >= 2 && !all(label, is_digit);
}

/// Takes one code point from the front; nothing if the bytes there are not UTF-8 (RFC 3629 §4).
std::optional<char32_t> next_code_point(std::string_view& rest) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    rest.remove_prefix(1);
    return lead;
  }
  if (lead < 0xc0 || lead > 0xf4) return std::nullopt;
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (rest.size() < size) return std::nullopt;
  char32_t code_point = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    code_point = code_point << 6 | (byte(i) & 0x3fU);
  }
  const char32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x1'0000;
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < smallest || code_point > 0x10'ffff || surrogate) return std::nullopt;
  rest.remove_prefix(size);
  return code_point;
}

bool is_control(char32_t c, Lines lines) {
  if (lines == Lines::many && (c == U'\n' || c == U'\t')) return false;
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

// ISO 3166-1 as of iso-codes 4.15.0; no code has been assigned or withdrawn since 2011 (the latest were SS, BQ, CW,
// SX).
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ "
    "BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ "
    "DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET "
    "FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY "
    "HK HM HN HR HT HU "
    "ID IE IL IM IN IO IQ IR IS IT "
    "JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ "
    "LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ "
    "NA NC NE NF NG NI NL NO NP NR NU NZ "
    "OM "
    "PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA "
    "RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ "
    "TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ "
    "UA UG UM US UY UZ "
    "VA VC VE VG VI VN VU "
    "WF WS "
    "YE YT "
    "ZA ZM ZW ";
static_assert(countries.size() == 249 * 3);

}  // namespace

bool valid_client_id(std::string_view text) {
  if (text.empty() || text.size() > client_id_characters_max || text == "me") return false;
  return is_letter_or_digit(text[0]) && all(text, [](char c) { return is_letter_or_digit(c) || is_one_of("_.-", c); });
}

bool valid_unit_name(std::string_view text) {
  if (text.empty() || text.size() > unit_name_characters_max) return false;
  return is_lower(text[0]) && all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool valid_email(std::string_view text) {
  if (text.size() > email_bytes_max) return false;
  const std::size_t at = text.find('@');
  if (at == text.npos) return false;
  return valid_local_part(text.substr(0, at)) && valid_mail_domain(text.substr(at + 1));
}

bool valid_color(std::string_view text) {
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return text.size() == 7 && text[0] == '#' && all(text.substr(1), is_hex);
}

bool valid_redirect_url(std::string_view text) {
  constexpr std::string_view secure = "https://", plain = "http://";
  const bool is_secure = text.starts_with(secure);
  if (text.size() > redirect_url_bytes_max || (!is_secure && !text.starts_with(plain))) return false;
  if (!all(text, [](char c) { return c > ' ' && c <= '~' && !is_one_of("<>\"\\", c); })) return false;
  text.remove_prefix(is_secure ? secure.size() : plain.size());
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  if (authority.find('@') != authority.npos) return false;
  const bool is_bracketed = authority.starts_with('[');
  const std::size_t end = is_bracketed ? authority.find(']') : authority.find(':');
  if (is_bracketed && end == authority.npos) return false;
  const std::string_view host = authority.substr(0, is_bracketed ? end + 1 : end);
  const std::string_view port = authority.substr(host.size());
  const bool is_port =
      port.empty() || (port.size() >= 2 && port.size() <= 6 && port.front() == ':' && all(port.substr(1), is_digit));
  if (host.empty() || !is_port) return false;
  return is_secure || host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool valid_time_zone_name(std::string_view text) {
  if (text.empty() || text.size() > time_zone_name_bytes_max || !is_letter(text[0])) return false;
  std::optional<std::string_view> rest = text;
  int parts = 0;
  while (rest) {
    const std::string_view part = next_part(rest, '/');
    if (part.empty() || !all(part, [](char c) { return is_letter_or_digit(c) || is_one_of("_+-", c); })) return false;
    ++parts;
  }
  return parts <= 3;
}

bool valid_country(std::string_view text) {
  if (text.size() != 2 || !all(text, is_upper)) return false;
  for (std::size_t i = 0; i < countries.size(); i += 3) {
    if (countries.substr(i, 2) == text) return true;
  }
  return false;
}

bool valid_locale(std::string_view text) {
  std::optional<std::string_view> rest = text;
  const std::string_view language = next_part(rest, '-');
  if (language.size() < 2 || language.size() > 3 || !all(language, is_lower)) return false;
  if (!rest) return true;
  std::string_view part = next_part(rest, '-');
  const bool script = part.size() == 4 && is_upper(part[0]) && all(part.substr(1), is_lower);
  if (script) {
    if (!rest) return true;
    part = next_part(rest, '-');
  }
  const bool region = (part.size() == 2 && all(part, is_upper)) || (part.size() == 3 && all(part, is_digit));
  return region && !rest;
}

bool valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!next_code_point(text)) return false;
  }
  return true;
}

TextFault check_text(std::string_view text, std::size_t code_points_max, Lines lines) {
  std::size_t code_points = 0;
  bool control = false;
  while (!text.empty()) {
    const std::optional<char32_t> code_point = next_code_point(text);
    if (!code_point) return TextFault::not_utf8;
    control = control || is_control(*code_point, lines);
    ++code_points;
  }
  if (control) return TextFault::control_character;
  return code_points > code_points_max ? TextFault::too_long : TextFault::none;
}

}  // namespace daybook
