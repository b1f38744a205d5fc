// Plans as JSON.
#include <optional>

#include "domain/currency.h"
#include "domain/rational.h"
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"

namespace daybook {
namespace {

/// What a year by this yearly price costs less than twelve months by the monthly one of its currency.
struct Saving {
  std::int64_t amount = 0;
  std::int64_t hundredths_of_percent = 0;
};

/// Of whole prices for one month and one year; nothing where the year costs as much or more.
std::optional<Saving> saving_of(const schema::PlanPriceT& yearly, const schema::PlanTermsT& terms) {
  const auto is_one = [](const schema::PlanPriceT& price, schema::IntervalUnit unit) {
    return price.interval == unit && price.interval_count == 1 && price.tiers.empty() && !price.unit_amount.empty();
  };
  if (!is_one(yearly, schema::IntervalUnit::year)) return std::nullopt;
  for (const auto& monthly : terms.prices) {
    if (monthly->currency != yearly.currency || monthly->model != yearly.model) continue;
    if (!is_one(*monthly, schema::IntervalUnit::month)) continue;
    const auto saving = exactly([&]() -> std::optional<Saving> {
      const Rational year = Rational(12) * parse_decimal(monthly->unit_amount).value_or(Rational());
      const Rational less = year - parse_decimal(yearly.unit_amount).value_or(Rational());
      if (less.sign() <= 0) return std::nullopt;
      const auto amount = round(less, Rounding::half_away_from_zero);
      const auto percent = round(less * Rational(10'000) / year, Rounding::half_away_from_zero);
      if (!amount || !percent) return std::nullopt;
      return Saving{*amount, *percent};
    });
    if (saving) return saving;
  }
  return std::nullopt;
}

void append_saving(JsonText& json, const std::optional<Saving>& saving, std::uint32_t currency) {
  json.key("annual_savings");
  if (!saving) {
    json.null();
    return;
  }
  const std::int64_t hundredths = saving->hundredths_of_percent;
  std::string percent = std::to_string(hundredths / 100);
  if (hundredths % 100 != 0) percent += (hundredths % 100 < 10 ? ".0" : ".") + std::to_string(hundredths % 100);
  json.begin_object().member("amount", saving->amount).member("currency", code(Currency{currency}));
  json.key("percent").raw(percent).end_object();
}

void price_members(JsonText& json, const schema::PlanPriceT& price) {
  json.member("currency", code(Currency{price.currency}));
  json.member("interval", name_of(interval_names, price.interval)).member("interval_count", price.interval_count);
  json.member("model", name_of(price_model_names, price.model));
  decimal_or_null(json, "amount", price.unit_amount);
  json.key("tiers").begin_array();
  for (const auto& tier : price.tiers) {
    json.begin_object();
    decimal_or_null(json, "up_to", tier->up_to);
    decimal_or_null(json, "unit_amount", tier->unit_amount);
    json.member("flat_amount", tier->flat_amount).end_object();
  }
  json.end_array();
  decimal_or_null(json, "package_size", price.package_size);
  decimal_or_null(json, "included_quantity", price.included_quantity);
  json.member("setup_fee", price.setup_fee);
  number_or_null(json, "minimum_amount", price.minimum_amount);
  number_or_null(json, "maximum_amount", price.maximum_amount);
  json.member("tax_behavior", name_of(tax_behavior_names, price.tax_behavior));
  json.key("provider_prices").begin_array();
  for (const auto& row : price.provider_prices) {
    json.begin_object().member("provider", row->provider);
    member_or_null(json, "product_id", row->product_id);
    json.member("price_id", row->price_id).end_object();
  }
  json.end_array();
}

void append_price(JsonText& json, const schema::PlanPriceT& price, const schema::PlanTermsT& terms) {
  json.begin_object();
  price_members(json, price);
  append_saving(json, saving_of(price, terms), price.currency);
  json.end_object();
}

/// The first price that saves anything.
void append_first_saving(JsonText& json, const schema::PlanTermsT& terms) {
  for (const auto& price : terms.prices) {
    if (const auto saving = saving_of(*price, terms)) return append_saving(json, saving, price->currency);
  }
  append_saving(json, std::nullopt, 0);
}

}  // namespace

void append_price_terms(JsonText& json, const schema::PlanPriceT& price) {
  json.begin_object();
  price_members(json, price);
  json.end_object();
}

void append_plan(std::string& out, const Plan& plan, const PlanVersion& version) {
  const schema::PlanTermsT& terms = *version.terms;
  JsonText json(out);
  json.begin_object().member("object", "plan").member("id", plan.id);
  member_or_null(json, "code", terms.code);
  json.member("name", terms.name);
  member_or_null(json, "description", terms.description);
  member_or_null(json, "tier", terms.tier);
  json.member("active", plan.is_active);
  member_or_null(json, "account_id", plan.account_id);
  json.key("imported_from");
  if (plan.provider.empty()) {
    json.null();
  } else {
    json.begin_object().member("provider", plan.provider).member("product_id", plan.product_id);
    json.member("is_gone", plan.is_gone_at_provider).end_object();
  }
  json.member("interval", name_of(interval_names, terms.interval)).member("interval_count", terms.interval_count);
  json.key("prices").begin_array();
  for (const auto& price : terms.prices) append_price(json, *price, terms);
  json.end_array();
  append_first_saving(json, terms);
  json.member("trial_days", terms.trial_days).key("features").begin_array();
  for (const std::string& feature : terms.features) json.string(feature);
  json.end_array().key("limits").begin_object();
  for (const auto& limit : terms.limits) number_or_null(json, limit->metric, limit->limit);
  json.end_object().member("unit_credits_per_cycle", terms.unit_credits_per_cycle);
  json.member("manual_invoicing", terms.manual_invoicing);
  number_or_null(json, "net_days", terms.net_days);
  json.member("proration", name_of(proration_names, terms.proration));
  member_or_null(json, "tax_category", terms.tax_category);
  json.key("metadata").raw(terms.metadata.empty() ? std::string_view("{}") : std::string_view(terms.metadata));
  json.member("version", version.number).member("published_at", format_rfc3339(version.published_at));
  json.member("created_at", format_rfc3339(plan.created_at)).member("updated_at", format_rfc3339(plan.updated_at));
  json.member("revision", plan.version).end_object();
}

void append_catalogue_sync(std::string& out, const CatalogueSync& sync) {
  const schema::CatalogueSyncCompletedT& outcome = *sync.outcome;
  JsonText json(out);
  json.begin_object().member("object", "catalogue_sync").member("provider", outcome.provider);
  json.member("imported", outcome.imported).member("revised", outcome.revised).member("retired", outcome.retired);
  json.member("restored", outcome.restored).member("unchanged", outcome.unchanged);
  json.key("skipped").begin_array();
  for (const auto& product : outcome.skipped) {
    json.begin_object().member("product_id", product->product_id).member("code", product->code);
    member_or_null(json, "pointer", product->pointer);
    json.end_object();
  }
  json.end_array().member("completed_at", format_rfc3339(sync.completed_at)).member("version", sync.version);
  json.end_object();
}

}  // namespace daybook
