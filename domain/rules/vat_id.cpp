#include "domain/rules/vat_id.h"

#include <algorithm>
#include <array>

#include "domain/ascii.h"
#include "domain/rules/vat_check_digits.h"

namespace daybook {
namespace {

struct Country {
  std::string_view prefix;
  std::string_view iso;
  /// Patterns of what follows the prefix, separated by spaces: d is a digit, l a letter, x a digit or a letter, s a
  /// letter or a sign, anything else itself.
  std::string_view patterns;
  bool (*check)(std::string_view id);
};

constexpr std::array countries{
    Country{"AT", "AT", "Udddddddd", vat::austria},
    Country{"BE", "BE", "0ddddddddd 1ddddddddd", vat::belgium},
    Country{"BG", "BG", "ddddddddd dddddddddd", vat::bulgaria},
    Country{"CH", "CH", "Eddddddddd EdddddddddMWST EdddddddddTVA EdddddddddIVA EdddddddddTPV", vat::switzerland},
    Country{"CY", "CY", "ddddddddl", vat::cyprus},
    Country{"CZ", "CZ", "dddddddd ddddddddd dddddddddd", vat::czechia},
    Country{"DE", "DE", "ddddddddd", vat::germany},
    Country{"DK", "DK", "dddddddd", vat::denmark},
    Country{"EE", "EE", "ddddddddd", vat::estonia},
    Country{"EL", "GR", "ddddddddd", vat::greece},
    Country{"ES", "ES", "xdddddddx", vat::spain},
    Country{"FI", "FI", "dddddddd", vat::finland},
    Country{"FR", "FR", "xxddddddddd", vat::france},
    Country{"GB", "GB", "ddddddddd dddddddddddd GDddd HAddd", vat::united_kingdom},
    Country{"HR", "HR", "ddddddddddd", vat::mod_11_10},
    Country{"HU", "HU", "dddddddd", vat::hungary},
    Country{"IE", "IE", "dddddddl dddddddll dsdddddl", vat::ireland},
    Country{"IT", "IT", "ddddddddddd", vat::italy},
    Country{"LT", "LT", "ddddddddd dddddddddddd", vat::lithuania},
    Country{"LU", "LU", "dddddddd", vat::luxembourg},
    Country{"LV", "LV", "ddddddddddd", vat::latvia},
    Country{"MT", "MT", "dddddddd", vat::malta},
    Country{"NL", "NL", "dddddddddBdd", vat::netherlands},
    Country{"NO", "NO", "ddddddddd dddddddddMVA", vat::norway},
    Country{"PL", "PL", "dddddddddd", vat::poland},
    Country{"PT", "PT", "ddddddddd", vat::portugal},
    Country{"RO", "RO", "dd ddd dddd ddddd dddddd ddddddd dddddddd ddddddddd dddddddddd", vat::romania},
    Country{"SE", "SE", "dddddddddddd", vat::sweden},
    Country{"SI", "SI", "dddddddd", vat::slovenia},
    Country{"SK", "SK", "dddddddddd", vat::slovakia},
    Country{"XI", "GB", "ddddddddd dddddddddddd GDddd HAddd", vat::united_kingdom},
};

bool fits(std::string_view id, std::string_view pattern) {
  return std::equal(id.begin(), id.end(), pattern.begin(), pattern.end(), [](char c, char expected) {
    if (expected == 'd') return is_digit(c);
    if (expected == 'l') return is_upper(c);
    if (expected == 'x') return is_digit(c) || is_upper(c);
    if (expected == 's') return is_upper(c) || c == '+' || c == '*';
    return c == expected;
  });
}

bool fits_any(std::string_view id, std::string_view patterns) {
  while (!patterns.empty()) {
    const std::size_t size = std::min(patterns.find(' '), patterns.size());
    if (fits(id, patterns.substr(0, size))) return true;
    patterns.remove_prefix(std::min(size + 1, patterns.size()));
  }
  return false;
}

std::string without_separators(std::string_view text) {
  std::string id;
  for (const char c : text) {
    if (c == ' ' || c == '.' || c == '-') continue;
    id += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return id;
}

}  // namespace

VatIdCheck check_vat_id(std::string_view text) {
  if (text.size() > vat_id_characters_max) return {VatIdFault::wrong_format, {}, {}};
  const std::string id = without_separators(text);
  const auto country = std::find_if(countries.begin(), countries.end(), [&](const Country& row) {
    return std::string_view(id).substr(0, 2) == row.prefix;
  });
  if (country == countries.end()) return {VatIdFault::unknown_prefix, {}, {}};
  const std::string_view rest = std::string_view(id).substr(2);
  VatIdFault fault = VatIdFault::none;
  if (!fits_any(rest, country->patterns)) {
    fault = VatIdFault::wrong_format;
  } else if (!country->check(rest)) {
    fault = VatIdFault::wrong_check_digit;
  }
  return {fault, id, std::string(country->iso)};
}

}  // namespace daybook
