// Documents that refer to a finalised invoice: credit notes, which give parts of it back, and adjustments. Each is the
// event that made it, with what became of it; changed by the folds in credit_note_fold.h only.
//
// A credit note stands in its account's state while it could be voided; then it, like an adjustment from its beginning,
// stands in a row of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "domain/currency.h"
#include "domain/id.h"
#include "domain/instant.h"
#include "domain/sealed.h"

namespace daybook::schema {
struct CreditNoteIssuedT;
struct InvoiceAdjustedT;
}  // namespace daybook::schema

namespace daybook {

enum class CreditNoteStatus : std::uint8_t { issued = 1, voided = 2 };
/// "issued", "void".
std::string_view to_text(CreditNoteStatus status);

struct CreditNote {
  EntityRef id;
  EntityRef invoice;
  Currency currency{};
  CreditNoteStatus status = CreditNoteStatus::issued;
  bool is_final = false;  ///< What it gave is used, or it is void: it changes no more.
  /// As it was issued, without postings. Never null of one that is folded; shared by copies.
  std::shared_ptr<const schema::CreditNoteIssuedT> document;
  Sealed void_reason;
  Instant created_at{}, updated_at{};
  Instant voided_at = never;
  std::uint64_t version = 0;  ///< Stream version of the last event that touched it.

  bool is_open() const { return !is_final; }
  bool operator==(const CreditNote& other) const;  ///< Of what the document says.
};

enum class AdjustmentType : std::uint8_t { discount = 1, credit = 2, surcharge = 3, write_off = 4 };
/// "discount", "credit", "surcharge", "write_off".
std::string_view to_text(AdjustmentType type);

struct InvoiceAdjustment {
  EntityRef id;
  EntityRef invoice;
  Currency currency{};
  AdjustmentType type = AdjustmentType::discount;
  /// As it was made, without postings; as a credit note's.
  std::shared_ptr<const schema::InvoiceAdjustedT> document;
  Instant created_at{};
  std::uint64_t version = 0;

  bool is_open() const { return false; }
  bool operator==(const InvoiceAdjustment& other) const;  ///< Of what the document says.
};

}  // namespace daybook
