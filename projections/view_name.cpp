#include "projections/view_name.h"

#include "domain/assert.h"
#include "projections/accounts_view.h"
#include "projections/audit_view.h"
#include "projections/balances_view.h"
#include "projections/corrections_view.h"
#include "projections/credits_view.h"
#include "projections/invoices_view.h"
#include "projections/journal_view.h"
#include "projections/payments_view.h"
#include "projections/refunds_view.h"
#include "projections/subscriptions_view.h"
#include "projections/units_view.h"
#include "projections/view_fold.h"

namespace daybook {

std::string_view to_text(ViewName view) {
  switch (view) {
    case ViewName::accounts:
      return "accounts";
    case ViewName::balances:
      return "balances";
    case ViewName::credits:
      return "credits";
    case ViewName::units:
      return "units";
    case ViewName::journal:
      return "journal";
    case ViewName::audit:
      return "audit";
    case ViewName::invoices:
      return "invoices";
    case ViewName::subscriptions:
      return "subscriptions";
    case ViewName::corrections:
      return "corrections";
    case ViewName::payments:
      return "payments";
    case ViewName::refunds:
      return "refunds";
  }
  bug("a view without a name");
}

std::optional<ViewName> parse_view_name(std::string_view text) {
  for (const ViewName view : all_views) {
    if (to_text(view) == text) return view;
  }
  return std::nullopt;
}

std::unique_ptr<ViewFold> make_fold(ViewName view, const EmailDigest& email_digest) {
  switch (view) {
    case ViewName::accounts:
      return make_accounts_fold(email_digest);
    case ViewName::balances:
      return make_balances_fold();
    case ViewName::credits:
      return make_credits_fold();
    case ViewName::units:
      return make_units_fold();
    case ViewName::journal:
      return make_journal_fold();
    case ViewName::audit:
      return make_audit_fold();
    case ViewName::invoices:
      return make_invoices_fold();
    case ViewName::subscriptions:
      return make_subscriptions_fold();
    case ViewName::corrections:
      return make_corrections_fold();
    case ViewName::payments:
      return make_payments_fold();
    case ViewName::refunds:
      return make_refunds_fold();
  }
  bug("a view without a fold");
}

}  // namespace daybook
