// What subscriptions were billed for time that is not over yet: what a change in the middle of a period gives the
// unused share of back. Kept in the account's state beside its invoices, which leave it when they are paid. Changed by
// the folds of invoices.cpp and subscriptions.cpp only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "domain/invoice.h"

namespace daybook::schema {
struct InvoiceTaxT;
}

namespace daybook {

struct BilledCharge {
  EntityRef subscription, invoice;
  std::shared_ptr<const schema::InvoiceLineT> line;               ///< Never null; with the pauses since it was billed.
  std::vector<std::shared_ptr<const schema::InvoiceTaxT>> taxes;  ///< How it was taxed; none is null, no amounts.
  std::int64_t amount = 0;     ///< Less its discounts and credit notes, minor units; with the tax if tax_inclusive.
  bool tax_inclusive = false;  ///< As its invoice.
  bool is_credited = false;    ///< Its unused share is given back, by a line that may still wait for its invoice.
  EntityRef credited_by;       ///< That line's invoice; none while it waits, its own if that is paid.
  bool operator==(const BilledCharge& other) const;  ///< Of what line and taxes say.
};

/// The line after a pause: a charge for time after its beginning ends so much later.
std::shared_ptr<const schema::InvoiceLineT> after_pause(const std::shared_ptr<const schema::InvoiceLineT>& line,
                                                        Instant paused_at, Instant resumed_at);

class BilledCharges {
 public:
  using Lines = std::vector<std::shared_ptr<const schema::InvoiceLineT>>;

  const std::vector<BilledCharge>& all() const { return lines_; }
  /// Those of the subscription that nothing was given back of, in the order in which they were billed.
  std::vector<const BilledCharge*> creditable(EntityRef subscription) const;

  /// Whether a part of what the invoice billed was given back, or waits to be: it is not voided then.
  bool is_given_back(EntityRef invoice) const;

  /// A subscription's invoice has its figures: its lines that end after `from` are billed (never: none), and what its
  /// credit lines name is credited.
  void add(const Invoice& invoice, Instant from);
  /// What these lines give back is given back, once they stand on an invoice.
  void wait(std::span<const std::shared_ptr<const schema::InvoiceLineT>> lines);
  /// A credit note took so much of the line, less its discounts; or, of less than 0, it is voided.
  void reduce(EntityRef invoice, std::uint32_t line, std::int64_t amount);
  /// The invoice will not be voided any more.
  void settle(EntityRef invoice);
  /// It was voided: its own lines are not billed, and what it credited is not credited.
  void undo(EntityRef invoice);
  /// It was written off: of its own lines nothing is given back.
  void write_off(EntityRef invoice);
  /// A pause of the subscription is over: what it was billed for later time ends so much later.
  void pause(EntityRef subscription, Instant paused_at, Instant resumed_at);
  /// What the subscription was billed for time up to then is over. What was given back of it stays while its invoice
  /// is open: that one is not voided then.
  template <class IsOpen>
  void end_until(EntityRef subscription, Instant end, IsOpen is_open) {
    std::erase_if(lines_, [&](const BilledCharge& line) {
      return line.subscription == subscription && ends_by(line, end) && !(line.is_credited && is_open(line.invoice));
    });
  }
  /// The subscription has ended, and nothing waits any more; an invoice that gives some of it back may follow.
  template <class IsOpen>
  void end(EntityRef subscription, IsOpen is_open) {
    std::erase_if(
        lines_, [&](const BilledCharge& line) { return line.subscription == subscription && !is_open(line.invoice); });
    for (BilledCharge& line : lines_) {
      if (line.subscription == subscription && line.credited_by.is_none()) line.is_credited = false;
    }
  }
  /// From a state row.
  void restore(BilledCharge line) { lines_.push_back(std::move(line)); }
  bool operator==(const BilledCharges&) const = default;

 private:
  static bool ends_by(const BilledCharge& line, Instant at);
  void credit(const schema::InvoiceLineT& line, EntityRef by);

  std::vector<BilledCharge> lines_;
};

}  // namespace daybook
