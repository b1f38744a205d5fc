// The hosted invoice as an HTML page: for people, on any screen, without a script. Every text in it is escaped.
#pragma once

#include <string>
#include <string_view>

#include "domain/account.h"
#include "gateway/render.h"

namespace daybook::schema {
struct BookTermsT;
}

namespace daybook {

/// The page of a finalised invoice. What is sealed and cannot be opened any more is left out. Dates are those of the
/// account's time zone, amounts are in the manner of its locale.
std::string invoice_page(const schema::BookTermsT& seller, const AccountDetails& account, const Invoice& invoice,
                         const Viewer& viewer);
/// What that page may load and do: its own styles and the seller's logo, and nothing else.
std::string invoice_page_policy(const schema::BookTermsT& seller);

}  // namespace daybook
