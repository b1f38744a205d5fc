// Amounts as people write them, for documents, mails and pages. JSON has minor units and never this.
#pragma once

#include <string>
#include <string_view>

#include "domain/money.h"

namespace daybook {

/// In the manner of a locale (BCP 47: "de", "en-GB"): 123456 minor units of EUR are "1.234,56 €" in "de" and
/// "€1,234.56" in "en". All decimals of the currency's minor unit, always. A locale that is not known is written as the
/// nearest one that is, in the end as in "en". Requires a billable currency. Threads: any.
std::string format_money(Money money, std::string_view locale);

}  // namespace daybook
