// What a change of a book's policies means.
#include "domain/policies.h"

#include "domain/assert.h"
#include "domain/folds.h"
#include "domain/tables.h"
#include "schemas/events/governance_generated.h"

namespace daybook {

void apply(BookState& book, const schema::PolicyChanged& event, const EventMoment& moment) {
  const schema::PolicyValues* after = event.after();
  ensure(after != nullptr, "a policy changed to nothing");
  if (const auto* numbering = after->invoice_numbering()) {
    book.policies.numbering = {text(numbering->prefix()), numbering->digits(),
                               static_cast<NumberReset>(numbering->reset())};
  }
  if (const auto* numbering = after->credit_note_numbering()) {
    book.policies.credit_note_numbering = {text(numbering->prefix()), numbering->digits(),
                                           static_cast<NumberReset>(numbering->reset())};
  }
  if (const auto* net_days = after->invoice_net_days()) book.policies.net_days.manual = net_days->manual();
  if (const auto* seller = after->tax_seller()) book.policies.seller.country = text(seller->country());
  book.policies.version = moment.version;
}

}  // namespace daybook
