#include "gateway/card_number.h"

#include "domain/ascii.h"

#include <string>

namespace daybook {
namespace {

constexpr std::size_t card_digits_min = 13;
constexpr std::size_t card_digits_max = 19;

bool check_digit_is_right(std::string_view digits) {
  int sum = 0;
  bool doubles = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, doubles = !doubles) {
    const int value = (*digit - '0') * (doubles ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

}  // namespace

bool holds_card_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    std::string digits;
    for (; i < text.size(); ++i) {
      const bool separates = text[i] == ' ' || text[i] == '-';
      if (is_digit(text[i])) {
        digits += text[i];
      } else if (!separates || i + 1 == text.size() || !is_digit(text[i + 1])) {
        break;
      }
    }
    if (digits.size() >= card_digits_min && digits.size() <= card_digits_max && check_digit_is_right(digits))
      return true;
  }
  return false;
}

}  // namespace daybook
