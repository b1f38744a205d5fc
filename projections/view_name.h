// The views by name: one folder under views/, one row store and one checkpoint a shard each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace daybook {

enum class ViewName : std::uint8_t {
  accounts,
  balances,
  credits,
  units,
  journal,
  audit,
  invoices,
  subscriptions,
  corrections,
  payments,
  refunds
};

inline constexpr std::array all_views{ViewName::accounts, ViewName::balances,      ViewName::credits,
                                      ViewName::units,    ViewName::journal,       ViewName::audit,
                                      ViewName::invoices, ViewName::subscriptions, ViewName::corrections,
                                      ViewName::payments, ViewName::refunds};
inline constexpr std::size_t view_count = all_views.size();

/// "accounts"; also the name of its folder.
std::string_view to_text(ViewName view);
/// The inverse; nothing for any other text.
std::optional<ViewName> parse_view_name(std::string_view text);

constexpr std::size_t index_of(ViewName view) {
  return static_cast<std::size_t>(view);
}

}  // namespace daybook
