// The model's invoices: drafted, edited, finalised with a number of the book, paid by credit, voided, written off.
#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/model_lines.h"

namespace daybook::test {
namespace {

using Kind = Request::Kind;

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::size_t most_credits = 500;

ModelInvoice* find(std::map<EntityRef, ModelInvoice>& invoices, EntityRef id) {
  const auto found = invoices.find(id);
  return found == invoices.end() ? nullptr : &found->second;
}

}  // namespace

Model::Outcome Model::decide_invoice(ModelAccount& account, const Request& request, Instant now) {
  if (request.kind == Kind::draft) {
    if (std::abs(request.amount) > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
    const EntityRef id{account.ordinal, ++account.version, account.shard, 0};
    ModelInvoice invoice;
    invoice.lines[1] = request.amount;
    invoice.last_line = 1;
    invoice.net_days = request.type;
    invoice.version = account.version;
    account.open_invoices.emplace(id, invoice);
    return {RejectionCode::none, 1, invoice_line(id, invoice)};
  }
  ModelInvoice* invoice = find(account.open_invoices, request.entity);
  if (invoice == nullptr) invoice = find(account.ended_invoices, request.entity);
  if (invoice == nullptr) return {RejectionCode::not_found, 0, {}};
  if (request.kind == Kind::add_line || request.kind == Kind::remove_line) {
    if (invoice->status != "draft") return {RejectionCode::invoice_locked, 0, {}};
    if (request.kind == Kind::add_line) {
      if (std::abs(request.amount) > largest_amount) return {RejectionCode::amount_out_of_range, 0, {}};
      invoice->lines[++invoice->last_line] = request.amount;
    } else if (invoice->lines.erase(request.amount) == 0) {
      return {RejectionCode::not_found, 0, {}};
    }
    invoice->version = ++account.version;
    return {RejectionCode::none, 1, invoice_line(request.entity, *invoice)};
  }
  if (request.kind == Kind::write_off) {
    if (invoice->status != "open") return {RejectionCode::invalid_transition, 0, {}};
    invoice->status = "uncollectible";
    invoice->version = ++account.version;
    const std::string line = invoice_line(request.entity, *invoice);
    account.put_away();
    return {RejectionCode::none, 1, line};
  }
  return void_invoice(account, request, *invoice, now);
}

Model::Outcome Model::void_invoice(ModelAccount& account, const Request& request, ModelInvoice& invoice, Instant now) {
  if (invoice.status == "paid") return {RejectionCode::refund_first, 0, {}};
  if (invoice.status != "open" && invoice.status != "draft") return {RejectionCode::invalid_transition, 0, {}};
  invoice.status = "void";
  invoice.version = ++account.version;
  int events = 1;
  for (const std::size_t used : invoice.redemptions) account.redemptions[used].is_used = false;
  const auto returned = std::move(invoice.credits);
  invoice.credits.clear();
  auto& totals = account.totals[{account.currency, true}];
  for (const auto& [id, amount] : returned) {
    if (const auto ended = account.ended_grants.extract(id)) account.open_grants.emplace(id, ended.mapped());
    ModelGrant& grant = account.open_grants.at(id);
    grant.remaining += amount;
    grant.status = grant.remaining == grant.amount ? "available" : "partially_applied";
    totals.consumed -= amount;
    invoice.version = grant.version = ++account.version;
    ++events;
  }
  invoice.applied = 0;
  for (const auto& [id, amount] : returned) {
    ModelGrant& grant = account.open_grants.at(id);
    if (grant.expires_at > now) continue;
    grant.remaining -= amount;
    grant.status = "expired";
    grant.version = ++account.version;
    totals.expired += amount;
    ++events;
  }
  const std::string line = invoice_line(request.entity, invoice);
  account.put_away();
  return {RejectionCode::none, events, line};
}

Model::Outcome Model::decide_finalizing(ModelBook& book, ModelAccount& account, const Request& request, Instant wall) {
  const Instant now{std::max({micros(wall) + book.offset_us, book.decided_us, account.decided_us})};
  ModelInvoice* invoice = find(account.open_invoices, request.entity);
  if (invoice == nullptr) {
    const bool has_ended = find(account.ended_invoices, request.entity) != nullptr;
    return {has_ended ? RejectionCode::invalid_transition : RejectionCode::not_found, 0, {}};
  }
  if (invoice->status != "draft") return {RejectionCode::invalid_transition, 0, {}};
  if (invoice->lines.empty()) return {RejectionCode::validation_failed, 0, {}};
  std::int64_t total = 0, positive = 0;
  for (const auto& [number, amount] : invoice->lines) {
    total += amount;
    positive += std::max<std::int64_t>(amount, 0);
  }
  // Each takes a tenth of what those before it have left of the positive lines, half a unit up, and is for one invoice.
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < account.redemptions.size(); ++i) {
    if (account.redemptions[i].is_used) continue;
    const std::int64_t off = (positive + 5) / 10;
    positive -= off;
    total -= off;
    if (off > 0) used.push_back(i);
  }
  if (total < 0) return {RejectionCode::validation_failed, 0, {}};

  for (const std::size_t one : used) account.redemptions[one].is_used = true;
  invoice->redemptions = used;
  invoice->total = total;
  invoice->status = "open";
  invoice->number = fmt::format("INV-{:06}", book.invoices + 1);
  invoice->due_date = Instant{micros(now) + invoice->net_days * day_us};
  invoice->version = ++account.version;
  int events = 1;
  auto draws =
      draw(account, account.currency, true, std::min(total, sums_of(account, account.currency, true).available));
  if (draws.size() > most_credits) draws.resize(most_credits);
  for (const auto& [id, amount] : draws) {
    ModelGrant& grant = account.open_grants.at(id);
    grant.remaining -= amount;
    grant.status = grant.remaining == 0 ? "consumed" : "partially_applied";
    account.totals[{account.currency, true}].consumed += amount;
    invoice->credits.emplace_back(id, amount);
    invoice->applied += amount;
    invoice->version = grant.version = ++account.version;
    ++events;
  }
  if (invoice->applied == total) {
    invoice->status = "paid";
    invoice->version = ++account.version;
    ++events;
  }
  const std::string line = invoice_line(request.entity, *invoice);
  account.put_away();
  if (!request.is_dry_run) {
    ++book.invoices;
    if (book.ordinal == 0) book.ordinal = ++ordinals_[book.shard];
    ++book.version;
    book.decided_us = std::max(micros(wall) + book.offset_us, book.decided_us);
  }
  return {RejectionCode::none, events, line};
}

}  // namespace daybook::test
