// Whether a text holds what may be a card's number, which must never come in.
#pragma once

#include <string_view>

namespace daybook {

/// 13 to 19 digits in a row, single spaces or hyphens among them, whose check digit (ISO/IEC 7812) is right.
bool holds_card_number(std::string_view text);

}  // namespace daybook
