#include "domain/rules/vat_check_digits.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "domain/ascii.h"
#include "domain/civil.h"

namespace daybook::vat {
namespace {

int digit(char c) {
  return c - '0';
}

/// The digits as one number, of at most 18.
std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + digit(c);
  return value;
}

/// The digits from the front, each times its weight.
int weighted(std::string_view digits, std::initializer_list<int> weights) {
  int sum = 0;
  std::size_t i = 0;
  for (const int weight : weights) sum += weight * digit(digits[i++]);
  return sum;
}

/// The last character is the digit `check`.
bool ends_in(std::string_view id, int check) {
  return digit(id.back()) == check;
}

/// 0 to 35 for digits and letters.
int alphanumeric(char c) {
  return is_digit(c) ? digit(c) : c - 'A' + 10;
}

bool is_date(int year, int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

}  // namespace

bool mod_11_10(std::string_view digits) {
  int product = 10;
  for (const char c : digits.substr(0, digits.size() - 1)) {
    const int sum = (digit(c) + product) % 10;
    product = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  return (product + digit(digits.back())) % 10 == 1;
}

bool luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = digit(digits[digits.size() - 1 - i]) * (i % 2 == 0 ? 1 : 2);
    sum += value / 10 + value % 10;
  }
  return sum % 10 == 0;
}

bool austria(std::string_view id) {
  int sum = 4;
  for (std::size_t i = 1; i < 8; ++i) {
    const int value = digit(id[i]) * (i % 2 == 1 ? 1 : 2);
    sum += value / 10 + value % 10;
  }
  return ends_in(id, (100 - sum) % 10);
}

bool belgium(std::string_view id) {
  return 97 - number(id.substr(0, 8)) % 97 == number(id.substr(8));
}

/// Nine digits are a legal entity; ten a person, a foreigner or anyone else, each with weights of its own.
bool bulgaria(std::string_view id) {
  if (id.size() == 9) {
    int check = weighted(id, {1, 2, 3, 4, 5, 6, 7, 8}) % 11;
    if (check == 10) check = weighted(id, {3, 4, 5, 6, 7, 8, 9, 10}) % 11;
    return ends_in(id, check % 10);
  }
  const int coded_month = static_cast<int>(number(id.substr(2, 2)));
  const int century = coded_month > 40 ? 2'000 : coded_month > 20 ? 1'800 : 1'900;
  const int month = coded_month - (coded_month > 40 ? 40 : coded_month > 20 ? 20 : 0);
  const int year = century + static_cast<int>(number(id.substr(0, 2)));
  const bool born = is_date(year, month, static_cast<int>(number(id.substr(4, 2))));
  if (born && ends_in(id, weighted(id, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10)) return true;
  if (ends_in(id, weighted(id, {21, 19, 17, 13, 11, 9, 7, 3, 1}) % 10)) return true;
  return ends_in(id, (11 - weighted(id, {4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11);
}

bool cyprus(std::string_view id) {
  constexpr std::array odd_places{1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    sum += i % 2 == 0 ? odd_places[static_cast<std::size_t>(digit(id[i]))] : digit(id[i]);
  }
  return !id.starts_with("12") && id.back() == 'A' + sum % 26;
}

/// Eight digits are a legal entity, nine that begin with 6 a special case, the others birth numbers: before 1954
/// without a check digit.
bool czechia(std::string_view id) {
  if (id.size() == 8) {
    const int check = (11 - weighted(id, {8, 7, 6, 5, 4, 3, 2}) % 11) % 11;
    return id[0] != '9' && ends_in(id, (check == 0 ? 1 : check) % 10);
  }
  if (id.size() == 9 && id[0] == '6') {
    const int rest = weighted(id.substr(1), {8, 7, 6, 5, 4, 3, 2}) % 11;
    return ends_in(id, rest == 0 ? 8 : rest == 1 ? 9 : rest - 2);
  }
  const int short_year = static_cast<int>(number(id.substr(0, 2)));
  const int coded_month = static_cast<int>(number(id.substr(2, 2))) % 50;
  const int year = id.size() == 9 || short_year >= 54 ? 1'900 + short_year : 2'000 + short_year;
  const int month = year >= 2'004 && coded_month > 20 ? coded_month - 20 : coded_month;
  if (!is_date(year, month, static_cast<int>(number(id.substr(4, 2))))) return false;
  if (id.size() == 9) return short_year < 54;
  return number(id.substr(0, 9)) % 11 % 10 == digit(id[9]);
}

bool denmark(std::string_view id) {
  return id[0] != '0' && weighted(id, {2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0;
}

bool estonia(std::string_view id) {
  return weighted(id, {3, 7, 1, 3, 7, 1, 3, 7, 1}) % 10 == 0;
}

bool finland(std::string_view id) {
  return weighted(id, {7, 9, 10, 5, 8, 4, 2, 1}) % 11 == 0;
}

/// A key of two characters and a SIREN. Monaco's begin with 000 and are no SIREN, but have the key.
bool france(std::string_view id) {
  const std::string_view siren = id.substr(2);
  if (!siren.starts_with("000") && !luhn(siren)) return false;
  if (is_digit(id[0]) && is_digit(id[1])) return (number(siren) * 100 + 12) % 97 == number(id.substr(0, 2));
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  const std::size_t first = alphabet.find(id[0]);
  const std::size_t second = alphabet.find(id[1]);
  if (first == alphabet.npos || second == alphabet.npos) return false;
  const auto key = static_cast<std::int64_t>(is_digit(id[0]) ? first * 24 + second - 10 : first * 34 + second - 100);
  return (number(siren) + 1 + key / 11) % 11 == key % 11;
}

bool germany(std::string_view id) {
  return id[0] != '0' && mod_11_10(id);
}

bool greece(std::string_view id) {
  return ends_in(id, weighted(id, {256, 128, 64, 32, 16, 8, 4, 2}) % 11 % 10);
}

bool hungary(std::string_view id) {
  return weighted(id, {9, 7, 3, 1, 9, 7, 3, 1}) % 10 == 0;
}

/// Seven digits and a letter, since 2013 with one more behind; before, the second character was a letter or a sign.
bool ireland(std::string_view id) {
  constexpr std::string_view letters = "WABCDEFGHIJKLMNOPQRSTUV";
  std::string digits(id.substr(0, 7));
  if (!is_digit(id[1])) digits = '0' + std::string(id.substr(2, 5)) + id[0];
  const std::size_t last = id.size() == 9 ? letters.find(id[8]) : 0;
  if (last == letters.npos) return false;
  const int sum = weighted(digits, {8, 7, 6, 5, 4, 3, 2}) + 9 * static_cast<int>(last);
  return id[7] == letters[static_cast<std::size_t>(sum % 23)];
}

bool italy(std::string_view id) {
  const std::int64_t office = number(id.substr(7, 3));
  const bool known = (office >= 1 && office <= 100) || office == 120 || office == 121 || office == 888 || office == 999;
  return known && number(id.substr(0, 7)) != 0 && luhn(id);
}

/// A number above 3 in front is a legal entity; 32 a person's since 2017; others begin with a birth date.
bool latvia(std::string_view id) {
  if (id[0] > '3') return weighted(id, {9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1}) % 11 == 3;
  if (!id.starts_with("32")) {
    const int year = 1'800 + 100 * digit(id[6]) + static_cast<int>(number(id.substr(4, 2)));
    const int month = static_cast<int>(number(id.substr(2, 2)));
    if (id[6] > '2' || !is_date(year, month, static_cast<int>(number(id.substr(0, 2))))) return false;
  }
  return ends_in(id, (1 + weighted(id, {10, 5, 8, 4, 2, 1, 6, 3, 7, 9})) % 11 % 10);
}

bool lithuania(std::string_view id) {
  if (id[id.size() - 2] != '1') return false;
  const auto sum = [&](int first) {
    int total = 0;
    for (std::size_t i = 0; i + 1 < id.size(); ++i) total += digit(id[i]) * (1 + (static_cast<int>(i) + first) % 9);
    return total % 11;
  };
  const int check = sum(0);
  return ends_in(id, (check == 10 ? sum(2) : check) % 10);
}

bool luxembourg(std::string_view id) {
  return number(id.substr(0, 6)) % 89 == number(id.substr(6));
}

bool malta(std::string_view id) {
  return id[0] != '0' && (weighted(id, {3, 4, 6, 7, 8, 9}) + number(id.substr(6))) % 37 == 0;
}

/// A citizen's or company's number with its own check, or since 2020 ISO 7064 MOD 97-10 over the whole id with "NL".
bool netherlands(std::string_view id) {
  if (id.ends_with("00")) return false;
  if (number(id.substr(0, 9)) != 0 && weighted(id, {9, 8, 7, 6, 5, 4, 3, 2}) % 11 == digit(id[8])) return true;
  const std::string whole = "NL" + std::string(id);
  std::int64_t rest = 0;
  for (const char c : whole) {
    const int value = alphanumeric(c);
    rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
  }
  return rest == 1;
}

bool norway(std::string_view id) {
  return digit(id[8]) == (11 - weighted(id, {3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11;
}

bool poland(std::string_view id) {
  return weighted(id, {6, 5, 7, 2, 3, 4, 5, 6, 7}) % 11 == digit(id[9]);
}

bool portugal(std::string_view id) {
  return id[0] != '0' && ends_in(id, (11 - weighted(id, {9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 11 % 10);
}

bool romania(std::string_view id) {
  const std::string digits = std::string(10 - id.size(), '0').append(id);
  return id[0] != '0' && ends_in(id, weighted(digits, {7, 5, 3, 2, 1, 7, 5, 3, 2}) * 10 % 11 % 10);
}

bool slovakia(std::string_view id) {
  constexpr std::string_view thirds = "234789";
  return id[0] != '0' && thirds.find(id[2]) != thirds.npos && number(id) % 11 == 0;
}

bool slovenia(std::string_view id) {
  const int check = 11 - weighted(id, {8, 7, 6, 5, 4, 3, 2}) % 11;
  return id[0] != '0' && ends_in(id, check == 10 ? 0 : check);
}

/// Persons have a letter for their number modulo 23; entities a check digit, or the letter that stands for it.
bool spain(std::string_view id) {
  constexpr std::string_view letters = "TRWAGMYFPDXBNJZSQVHLCKE";
  constexpr std::string_view foreigners = "XYZ";
  const auto letter_fits = [&](std::int64_t value) { return id[8] == letters[static_cast<std::size_t>(value % 23)]; };
  if (is_digit(id[0])) return letter_fits(number(id.substr(0, 8)));
  const std::size_t foreign = foreigners.find(id[0]);
  if (foreign != foreigners.npos) {
    return letter_fits(static_cast<std::int64_t>(foreign) * 10'000'000 + number(id.substr(1, 7)));
  }
  if (id[0] == 'K' || id[0] == 'L' || id[0] == 'M') return letter_fits(number(id.substr(1, 7)));
  constexpr std::string_view entities = "ABCDEFGHJNPQRSUVW";
  if (entities.find(id[0]) == entities.npos) return false;
  int sum = 0;
  for (std::size_t i = 1; i < 8; ++i) {
    const int value = digit(id[i]) * (i % 2 == 1 ? 2 : 1);
    sum += value / 10 + value % 10;
  }
  const int check = (10 - sum % 10) % 10;
  return is_digit(id[8]) ? ends_in(id, check) : id[8] == "JABCDEFGHI"[check];
}

bool sweden(std::string_view id) {
  return id.ends_with("01") && luhn(id.substr(0, 10));
}

bool switzerland(std::string_view id) {
  return digit(id[9]) == (11 - weighted(id.substr(1), {5, 4, 3, 2, 7, 6, 5, 4}) % 11) % 11;
}

/// Government departments (GD) and health authorities (HA) have ranges; the others a check of 97, since 2010 also with
/// 55 added.
bool united_kingdom(std::string_view id) {
  if (id.starts_with("GD")) return number(id.substr(2)) < 500;
  if (id.starts_with("HA")) return number(id.substr(2)) >= 500;
  const std::int64_t sum = weighted(id, {8, 7, 6, 5, 4, 3, 2}) + number(id.substr(7, 2));
  return sum % 97 == 0 || (sum + 55) % 97 == 0;
}

}  // namespace daybook::vat
