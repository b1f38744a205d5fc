// Tax rates and the taxes of an invoice as JSON.
#include "domain/rules/tax_rates.h"
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "gateway/render.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

struct ShownRate {
  const OwnTaxRateKey& key;
  const std::string& percent;
  const std::optional<Date>& until;
  bool state_rate_only;
  std::string_view source;
};

void append_rate(std::string& out, const ShownRate& rate) {
  JsonText json(out);
  json.begin_object().member("object", "tax_rate").member("id", tax_rate_id(rate.key));
  json.member("country", rate.key.country);
  member_or_null(json, "region", rate.key.region);
  json.member("name", rate.key.name);
  decimal_or_null(json, "percent", rate.percent);
  json.member("from", format_date(rate.key.from));
  member_or_null(json, "until", rate.until ? format_date(*rate.until) : std::string());
  json.member("state_rate_only", rate.state_rate_only);
  member_or_null(
      json, "warning",
      rate.state_rate_only ? "the rate of the state alone: counties and cities may add to it" : std::string_view());
  json.member("source", rate.source).end_object();
}

}  // namespace

void append_tax_rate(std::string& out, const OwnTaxRateKey& key, const OwnTaxRate& rate) {
  append_rate(out, {key, rate.percent, rate.until, rate.state_rate_only, "book"});
}

void append_tax_rate(std::string& out, const DatedTaxRate& rate) {
  const std::string percent = format_decimal(rate.percent).value_or(std::string());
  append_rate(
      out, {{rate.country, rate.region, rate.name, rate.from}, percent, rate.until, rate.state_rate_only, "default"});
}

void append_taxes(JsonText& json, const schema::InvoiceFiguresT* figures) {
  json.key("taxes").begin_array();
  for (std::size_t i = 0; figures != nullptr && i < figures->taxes.size(); ++i) {
    const schema::InvoiceTaxT& tax = *figures->taxes[i];
    json.begin_object().member("category", name_of(tax_category_names, tax.category));
    json.member("reason", name_of(tax_reason_names, tax.reason));
    member_or_null(json, "jurisdiction", tax.jurisdiction);
    member_or_null(json, "name", tax.name);
    member_or_null(json, "percent", tax.percent);
    json.member("state_rate_only", tax.state_rate_only).member("base", tax.base).member("tax", tax.tax).end_object();
  }
  json.end_array();
}

}  // namespace daybook
