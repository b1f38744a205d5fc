// VAT ids by form: the pattern and the check digits of each country. Whether an id is registered, and whose it is, only
// the country's register knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daybook {

inline constexpr std::size_t vat_id_characters_max = 32;  ///< As it is written, separators included.

enum class VatIdFault : std::uint8_t {
  none = 0,
  unknown_prefix = 1,  ///< Not of the EU, Northern Ireland (XI), GB, CH or NO.
  wrong_format = 2,
  wrong_check_digit = 3,
};

struct VatIdCheck {
  VatIdFault fault = VatIdFault::none;
  std::string id;       ///< Upper case without separators: "EL123456789". Empty if the prefix is unknown.
  std::string country;  ///< ISO 3166-1: GR for the prefix EL, GB for XI. Empty if the prefix is unknown.
};

/// Checks an id as people write it: in any case, with spaces, dots and hyphens.
VatIdCheck check_vat_id(std::string_view text);

}  // namespace daybook
