// What invoices gave back of earlier ones, for time that was billed and not used. So much less is left of those for
// credit notes. Kept in the account's state, for invoices leave it when they are paid; changed by the folds of
// invoices.cpp only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/invoice.h"

namespace daybook {

struct GivenBackPart {
  EntityRef invoice;       ///< What billed it.
  std::uint32_t line = 0;  ///< The number of its line.
  std::int64_t amount =
      0;         ///< Less discounts, of the line's sign; with the tax where the invoice's lines are with tax.
  EntityRef by;  ///< The invoice that gave it back.
  bool operator==(const GivenBackPart&) const = default;
};

class GivenBack {
 public:
  /// That are kept of one account; of invoices whose parts would be more, no credit note is issued any more.
  static constexpr std::size_t parts_max = 2'000;

  /// In the order in which they were given.
  const std::vector<GivenBackPart>& all() const { return parts_; }
  /// Of this invoice and those before it not all is known; none: of all it is.
  const EntityRef& forgotten() const { return forgotten_; }
  bool is_known(EntityRef invoice) const { return forgotten_.is_none() || forgotten_ < invoice; }

  /// The invoice has its figures: what its credit lines name is given back.
  void add(const Invoice& invoice);
  /// It was voided, and has given nothing back.
  void undo(EntityRef invoice);
  /// From a state row.
  void restore(GivenBackPart part) { parts_.push_back(part); }
  void restore_forgotten(EntityRef invoice) { forgotten_ = invoice; }
  bool operator==(const GivenBack&) const = default;

 private:
  std::vector<GivenBackPart> parts_;
  EntityRef forgotten_;
};

}  // namespace daybook
