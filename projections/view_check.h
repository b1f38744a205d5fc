// Checking views: against a fold from zero, and against each other.
#pragma once

#include <filesystem>
#include <span>

#include "projections/projections.h"

namespace daybook {

/// Folds the log from zero up to the snapshot's checkpoints and compares row by row. Faults are in the result.
ViewCheck compare_with_fold(const EventLog& log, ViewName view, const ViewSnapshot& snapshot,
                            const Projections::Options& options, const CheckProgress& progress);

/// The sums over the four views, which must be of the same positions.
Reconciliation reconcile_views(const BalancesReader& balances, const CreditsReader& credits,
                               const JournalReader& journal, const InvoicesReader& invoices);

/// The same over fresh folds of the four views up to the log's head. Faults are in the result.
Reconciliation reconcile_folded(const EventLog& log, const Projections::Options& options);

/// XXH3-128 over the length and bytes of every key and value in key order, 32 hex digits.
std::string digest_rows(const RowStore::Snapshot& rows);

}  // namespace daybook
