#include "projections/projections.h"

#include <algorithm>
#include <future>

#include "domain/assert.h"
#include "projections/projector.h"
#include "projections/view_check.h"

namespace daybook {
namespace {

constexpr std::chrono::seconds progress_interval{1};

/// What folding each view costs in proportion to the others (tools/bench measures it), the heaviest first.
struct ViewWeight {
  ViewName view;
  unsigned weight;
};
constexpr std::array weights{
    ViewWeight{ViewName::credits, 6},  ViewWeight{ViewName::invoices, 6}, ViewWeight{ViewName::subscriptions, 3},
    ViewWeight{ViewName::units, 2},    ViewWeight{ViewName::audit, 2},    ViewWeight{ViewName::corrections, 1},
    ViewWeight{ViewName::payments, 1}, ViewWeight{ViewName::accounts, 1}, ViewWeight{ViewName::balances, 1},
    ViewWeight{ViewName::journal, 1},  ViewWeight{ViewName::refunds, 1}};
static_assert(weights.size() == view_count);

/// The views in at most so many shares of about the same weight.
std::vector<std::vector<ViewName>> share_out(unsigned threads) {
  std::vector<std::vector<ViewName>> shares(std::clamp<std::size_t>(threads, 1, view_count));
  std::vector<unsigned> loads(shares.size());
  for (const ViewWeight& one : weights) {
    const auto lightest = std::min_element(loads.begin(), loads.end());
    shares[static_cast<std::size_t>(lightest - loads.begin())].push_back(one.view);
    *lightest += one.weight;
  }
  return shares;
}

class LogProjections : public Projections {
 public:
  explicit LogProjections(const Options& options) : projector_(options) {
    if (options.follow && !options.read_only) projector_.start_following();
  }

  void committed(ShardNumber, Position) override { projector_.committed(); }
  bool wait_for(ViewName view, ShardNumber shard, Position position, std::chrono::milliseconds timeout) override {
    return projector_.wait_for(view, shard, position, timeout);
  }
  void catch_up() override { projector_.catch_up(); }

  AccountsReader accounts() const override { return AccountsReader(snapshot(ViewName::accounts)); }
  BalancesReader balances() const override { return BalancesReader(snapshot(ViewName::balances)); }
  CreditsReader credits() const override { return CreditsReader(snapshot(ViewName::credits)); }
  UnitsReader units() const override { return UnitsReader(snapshot(ViewName::units)); }
  InvoicesReader invoices() const override { return InvoicesReader(snapshot(ViewName::invoices)); }
  SubscriptionsReader subscriptions() const override { return SubscriptionsReader(snapshot(ViewName::subscriptions)); }
  CorrectionsReader corrections() const override { return CorrectionsReader(snapshot(ViewName::corrections)); }
  PaymentsReader payments() const override { return PaymentsReader(snapshot(ViewName::payments)); }
  RefundsReader refunds() const override { return RefundsReader(snapshot(ViewName::refunds)); }
  JournalReader journal() const override { return JournalReader(snapshot(ViewName::journal)); }
  AuditReader audit() const override {
    return AuditReader(snapshot(ViewName::audit), *options().log, options().streams);
  }
  OutboxReader outbox() const override { return OutboxReader(audit(), *options().log); }
  ViewSnapshot snapshot(ViewName view) const override { return snapshot_of(projector_.live(view)); }

  std::vector<ViewStatus> status(Instant now) const override { return projector_.status(now); }
  std::string digest(ViewName view) const override { return digest_rows(snapshot(view).rows()); }

  void rebuild(ViewName view) override { projector_.rebuild({view}); }
  bool start_rebuild(ViewName view) override { return projector_.start_rebuild(view); }
  void rebuild_all(unsigned threads, const std::function<void(const RebuildProgress&)>& progress) override;

  ViewCheck check_view(ViewName view, const CheckProgress& progress) const override {
    ViewCheck check = compare_with_fold(*options().log, view, snapshot(view), options(), progress);
    if (check.error.empty()) check.error = projector_.failure(view);
    return check;
  }
  Reconciliation reconcile() const override;
  std::uint64_t disk_bytes(ViewName view) const override { return projector_.live(view)->store().disk_bytes(); }

 private:
  const Options& options() const { return projector_.options(); }

  mutable Projector projector_;  // reconcile() holds up a round; it changes nothing
};

void LogProjections::rebuild_all(unsigned threads, const std::function<void(const RebuildProgress&)>& progress) {
  std::vector<std::future<void>> running;
  for (const auto& share : share_out(threads)) {
    running.push_back(std::async(std::launch::async, [this, share] { projector_.rebuild(share); }));
  }
  for (auto& one : running) {
    while (one.wait_for(progress_interval) != std::future_status::ready) {
      if (progress) progress(projector_.total_progress());
    }
  }
  for (auto& one : running) one.get();
}

Reconciliation LogProjections::reconcile() const {
  constexpr std::array names{ViewName::balances, ViewName::credits, ViewName::journal, ViewName::invoices};
  auto snapshots = projector_.snapshots_together(names);
  if (snapshots.empty()) {
    projector_.catch_up();
    snapshots = projector_.snapshots_together(names);
  }
  if (snapshots.empty()) return reconcile_folded(*options().log, options());
  return reconcile_views(BalancesReader(std::move(snapshots[0])), CreditsReader(std::move(snapshots[1])),
                         JournalReader(std::move(snapshots[2])), InvoicesReader(std::move(snapshots[3])));
}

}  // namespace

std::string_view to_text(ViewState state) {
  switch (state) {
    case ViewState::live:
      return "live";
    case ViewState::rebuilding:
      return "rebuilding";
    case ViewState::failed:
      return "failed";
  }
  bug("a view state without a text");
}

std::unique_ptr<Projections> Projections::open(const Options& options) {
  return std::make_unique<LogProjections>(options);
}

}  // namespace daybook
