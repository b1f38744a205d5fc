// Invoices and policies as JSON. An invoice's lines go on, once it is finalised, with what was taken off, the taxes and
// the credits that pay for it, so that all of them sum to what is due.
#include "domain/tables.h"
#include "gateway/command_fields.h"
#include "gateway/invoice_link.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

void period_member(JsonText& json, Instant start, Instant end) {
  json.key("period");
  if (!is_on_calendar(start) || !is_on_calendar(end)) {
    json.null();
    return;
  }
  json.begin_object();
  instant_member(json, "start", start);
  instant_member(json, "end", end);
  json.end_object();
}

/// How a price of tiers, packages or included units comes to the amount.
void append_steps(JsonText& json, const schema::InvoiceLineT& line) {
  json.key("steps").begin_array();
  for (const auto& step : line.steps) {
    json.begin_object().member("kind", name_of(line_step_kind_names, step->kind));
    number_or_null(json, "tier", step->tier != 0 ? std::optional(step->tier) : std::nullopt);
    decimal_or_null(json, "quantity", step->quantity);
    decimal_or_null(json, "unit_amount", step->unit_amount);
    json.end_object();
  }
  json.end_array();
}

/// Which share of what a line is, and of which billed line it gives something back.
void append_proration(JsonText& json, const schema::InvoiceLineT& line, const Viewer& viewer) {
  json.key("proration");
  if (!line.proration) {
    json.null();
  } else {
    json.begin_object().member("unit", name_of(proration_names, line.proration->unit));
    json.member("part", line.proration->part).member("whole", line.proration->whole).end_object();
  }
  json.key("credits");
  if (!line.credits) {
    json.null();
    return;
  }
  json.begin_object();
  id_member(json, "invoice_id", "inv", line.credits->invoice, viewer);
  json.member("number", line.credits->number).member("billed", line.credits->billed);
  json.member("credited", line.credits->credited).end_object();
}

}  // namespace

void append_line_origin(JsonText& json, const schema::InvoiceLineT& line, const Viewer& viewer) {
  period_member(json, line.period_start, line.period_end);
  member_or_null(json, "plan_id", line.plan_id);
  number_or_null(json, "plan_version", line.plan_version != 0 ? std::optional(line.plan_version) : std::nullopt);
  append_steps(json, line);
  append_proration(json, line, viewer);
  json.member("paused_seconds", line.paused_seconds);
}

namespace {

/// The figures of a line, null before it is finalised.
void append_line(JsonText& json, const schema::InvoiceLineT& line, const schema::InvoiceLineFiguresT* figures,
                 const Viewer& viewer) {
  json.begin_object().member("number", line.number).member("type", name_of(invoice_line_type_names, line.type));
  if (line.label.empty()) {
    sealed_member(json, "description", line.description ? from_table(*line.description) : Sealed{}, viewer);
  } else {
    json.member("description", line.label);
  }
  decimal_or_null(json, "quantity", line.quantity);
  decimal_or_null(json, "unit_amount", line.unit_amount);
  json.member("amount", line.amount);
  const auto figure = [&](std::string_view name, std::int64_t schema::InvoiceLineFiguresT::*member) {
    number_or_null(json, name, figures != nullptr ? std::optional(figures->*member) : std::nullopt);
  };
  figure("discount", &schema::InvoiceLineFiguresT::discount);
  figure("net", &schema::InvoiceLineFiguresT::net);
  figure("tax", &schema::InvoiceLineFiguresT::tax);
  append_line_origin(json, line, viewer);
  json.end_object();
}

/// A line that the figures or a credit make.
void append_made_line(JsonText& json, std::string_view type, std::string_view description, std::int64_t amount) {
  const std::optional<std::int64_t> none;
  json.begin_object();
  number_or_null(json, "number", none);
  json.member("type", type).member("description", description).member("quantity", 1).member("unit_amount", amount);
  json.member("amount", amount);
  for (const std::string_view name : {"discount", "net", "tax"}) number_or_null(json, name, none);
  json.key("period").null().key("plan_id").null().key("plan_version").null();
  json.key("steps").begin_array().end_array();
  json.key("proration").null().key("credits").null().member("paused_seconds", 0).end_object();
}

}  // namespace

std::string line_text_of(const schema::InvoiceDiscountT& discount) {
  std::string text = "Discount " + discount.discount_id;
  if (!discount.percent.empty()) text += ", " + discount.percent + " %";
  if (!discount.code.empty()) text += ", coupon " + discount.code;
  return text;
}

std::string line_text_of(const schema::InvoiceTaxT& tax) {
  return tax.name + " " + tax.percent + " %, " + tax.jurisdiction;
}

namespace {

void append_lines(JsonText& json, const Invoice& invoice, const Viewer& viewer) {
  json.key("lines").begin_array();
  for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
    append_line(json, *invoice.lines[i], invoice.figures ? invoice.figures->lines[i].get() : nullptr, viewer);
  }
  if (invoice.figures) {
    for (const auto& discount : invoice.figures->discounts) {
      append_made_line(json, "discount", line_text_of(*discount), -discount->amount);
    }
    for (const auto& tax : invoice.figures->taxes) {
      // With it in the lines it is in what they sum to already.
      if (!tax->percent.empty() && !invoice.tax_inclusive) append_made_line(json, "tax", line_text_of(*tax), tax->tax);
    }
    const std::int64_t credited = invoice.figures->credited;
    if (credited != 0) append_made_line(json, "credited", "Credited to the account", credited);
  }
  for (const AdjustmentShare& adjustment : invoice.adjustments) {
    append_made_line(json, adjustment.is_write_off ? "write_off" : "surcharge",
                     "Adjustment " + format_id("adj", adjustment.adjustment),
                     adjustment.is_write_off ? -adjustment.total : adjustment.total);
  }
  for (const CreditNoteShare& note : invoice.credit_notes) {
    if (note.due_reduction == 0) continue;
    append_made_line(json, "credit_note", "Credit note " + format_id("cn", note.note), -note.due_reduction);
  }
  for (const Draw& credit : invoice.credits) {
    append_made_line(json, "credit_applied", "Credit " + format_id("cr", credit.grant), -credit.amount);
  }
  json.end_array();
}

void append_discounts(JsonText& json, const schema::InvoiceFiguresT* figures, const Viewer& viewer) {
  json.key("discounts").begin_array();
  for (std::size_t i = 0; figures != nullptr && i < figures->discounts.size(); ++i) {
    const schema::InvoiceDiscountT& discount = *figures->discounts[i];
    json.begin_object();
    id_member(json, "id", "di", discount.discount, viewer);
    json.member("discount_id", discount.discount_id);
    member_or_null(json, "code", discount.code);
    member_or_null(json, "percent", discount.percent);
    json.member("base", discount.base).member("amount", discount.amount).end_object();
  }
  json.end_array();
}

/// From where the first of its lines' periods begins to where the last one ends; null where none has one.
void append_period(JsonText& json, const Invoice& invoice) {
  Instant start = never, end = never;
  for (const auto& line : invoice.lines) {
    if (line->period_start == never) continue;
    end = start == never ? line->period_end : std::max(end, line->period_end);
    start = std::min(start, line->period_start);
  }
  period_member(json, start, end);
}

/// The invoice that it gives unused time of back, of a change in the middle of a period.
EntityRef parent_of(const Invoice& invoice) {
  for (const auto& line : invoice.lines) {
    if (line->credits) return line->credits->invoice;
  }
  return {};
}

/// Documents of their own: what refers to the invoice.
void append_corrections(JsonText& json, const Invoice& invoice, const Viewer& viewer) {
  std::int64_t credited = 0;
  json.key("credit_notes").begin_array();
  for (const CreditNoteShare& note : invoice.credit_notes) {
    credited += note.total;
    json.begin_object();
    id_member(json, "credit_note_id", "cn", note.note, viewer);
    json.member("amount", note.total).member("due_reduction", note.due_reduction).end_object();
  }
  json.end_array().member("amount_credited", credited).key("adjustments").begin_array();
  for (const AdjustmentShare& adjustment : invoice.adjustments) {
    json.begin_object();
    id_member(json, "adjustment_id", "adj", adjustment.adjustment, viewer);
    json.member("type", adjustment.is_write_off ? "write_off" : "surcharge");
    json.member("amount", adjustment.total).end_object();
  }
  json.end_array();
}

/// The page shows what is sealed, so only who may see that gets the link. A dry run gives none: it finalised nothing.
std::string link_for(const Invoice& invoice, const Viewer& viewer) {
  if (!viewer.sees_personal_data || !viewer.existing_versions.empty()) return {};
  return hosted_invoice_url(viewer.keys, std::string_view(viewer.stream).substr(0, viewer.stream.find('/')), invoice);
}

}  // namespace

void append_invoice(std::string& out, std::string_view account_id, const Invoice& invoice, const Viewer& viewer) {
  const schema::InvoiceFiguresT* figures = invoice.figures.get();
  const auto total = [&](std::int64_t value) { return figures != nullptr ? std::optional(value) : std::nullopt; };
  JsonText json(out);
  json.begin_object().member("object", "invoice");
  id_member(json, "id", "inv", invoice.id, viewer);
  json.member("account_id", account_id);
  id_member(json, "subscription_id", "sub", invoice.subscription, viewer);
  id_member(json, "parent_invoice_id", "inv", parent_of(invoice), viewer);
  member_or_null(json, "series", invoice.series);
  member_or_null(json, "number", invoice.number);
  json.member("status", to_text(invoice.status));
  json.member("billing_reason", billing_reason_names.at(invoice.billing_reason - 1U));
  json.member("collection", invoice.collects_automatically ? "automatic" : "manual");
  json.member("currency", code(invoice.currency)).member("tax_inclusive", invoice.tax_inclusive);
  append_period(json, invoice);
  append_lines(json, invoice, viewer);
  append_discounts(json, figures, viewer);
  append_taxes(json, figures);
  json.key("credits").begin_array();
  for (const Draw& credit : invoice.credits) {
    json.begin_object();
    id_member(json, "credit_id", "cr", credit.grant, viewer);
    json.member("amount", credit.amount).end_object();
  }
  json.end_array();
  append_corrections(json, invoice, viewer);
  json.member("subtotal", invoice.subtotal);
  number_or_null(json, "discount", figures != nullptr ? std::optional(figures->discount) : std::nullopt);
  number_or_null(json, "tax", figures != nullptr ? std::optional(figures->tax) : std::nullopt);
  number_or_null(json, "credited", figures != nullptr ? std::optional(figures->credited) : std::nullopt);
  number_or_null(json, "total", total(invoice.total));
  json.member("credit_applied", invoice.credit_applied);
  number_or_null(json, "amount_due", total(invoice.amount_due()));
  // Of a preview it is what will remain when it is issued.
  const bool is_foreseen = invoice.status == InvoiceStatus::draft && figures != nullptr;
  const std::int64_t remaining = is_foreseen ? invoice.amount_due() : invoice.amount_remaining();
  json.member("amount_paid", invoice.amount_paid).member("amount_remaining", remaining);
  json.member("payment_attempts", invoice.payment_attempts);
  id_member(json, "payment_id", "pay", invoice.payment, viewer);
  json.member("net_days", invoice.net_days);
  instant_member(json, "due_date", invoice.due_date);
  json.member("overdue", invoice.status == InvoiceStatus::open && invoice.is_overdue);
  instant_member(json, "finalized_at", invoice.finalized_at);
  instant_member(json, "paid_at", invoice.paid_at);
  instant_member(json, "voided_at", invoice.voided_at);
  instant_member(json, "uncollectible_at", invoice.uncollectible_at);
  member_or_null(json, "hosted_invoice_url", link_for(invoice, viewer));
  sealed_member(json, "reason", invoice.reason, viewer);
  metadata_member(json, invoice.metadata, viewer);
  instant_member(json, "created_at", invoice.created_at);
  instant_member(json, "updated_at", invoice.updated_at);
  json.member("version", invoice.version).end_object();
}

void append_policy(std::string& out, std::string_view policy, const Policies& policies) {
  JsonText json(out);
  json.begin_object().member("object", "policy").member("policy", policy);
  if (policy == "invoice.numbering" || policy == "credit_note.numbering") {
    const NumberingPolicy& numbering =
        policy == "invoice.numbering" ? policies.numbering : policies.credit_note_numbering;
    json.member("prefix", numbering.prefix).member("digits", numbering.digits);
    json.member("reset", name_of(number_reset_names, numbering.reset));
  } else if (policy == "invoice.net_days") {
    json.member("manual", policies.net_days.manual);
  } else if (policy == "cancel.unused_time") {
    json.member("unused_time", name_of(unused_time_names, policies.cancel_unused_time.unused_time));
  } else if (policy == "pause.max_days") {
    json.member("days", policies.pause_max_days.days);
  } else if (policy == "subscription.max_live") {
    json.member("max_live", name_of(live_subscriptions_names, policies.max_live));
  } else if (policy == "subscription.cancel_default") {
    json.member("mode", name_of(cancellation_mode_names, policies.cancel_default));
  } else if (policy == "proration.behavior") {
    json.member("proration_behavior", name_of(proration_behavior_names, policies.proration_behavior));
  } else if (policy == "coupon.stacking") {
    json.member("stacking", name_of(discount_stacking_names, policies.stacking));
  } else if (policy == "coupon.arithmetic") {
    json.member("arithmetic", name_of(percent_arithmetic_names, policies.arithmetic));
  } else if (policy == "change.upgrade" || policy == "change.downgrade") {
    const ChangeEffect effect = policy == "change.upgrade" ? policies.upgrade : policies.downgrade;
    json.member("effective", name_of(change_effect_names, effect));
  } else if (policy == "proration.unit") {
    json.member("unit", name_of(proration_unit_names, policies.proration_unit));
  } else if (policy == "trial.on_account_open") {
    json.member("on_account_open", name_of(trial_on_opening_names, policies.trial_on_opening.starts));
    json.member("days", policies.trial_on_opening.days);
  } else if (policy == "trial.end") {
    json.member("trial_end", name_of(trial_end_names, policies.trial_end));
  } else if (policy == "invoice.rounding") {
    json.member("rounding", name_of(rounding_names, policies.rounding));
  } else {
    member_or_null(json, "country", policies.seller.country);
  }
  json.member("version", policies.version).end_object();
}

}  // namespace daybook
