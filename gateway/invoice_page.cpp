#include "gateway/invoice_page.h"

#include <algorithm>
#include <charconv>

#include "domain/tables.h"
#include "engine/system_zones.h"
#include "eventstore/base64.h"
#include "gateway/command_fields.h"
#include "gateway/json_member.h"
#include "projections/money_text.h"
#include "schemas/events/governance_generated.h"
#include "schemas/events/invoices_generated.h"

namespace daybook {
namespace {

// Colours hold 4.5:1 on their ground in both schemes. A table that is wider than the screen scrolls by itself and takes
// the keyboard's focus.
constexpr std::string_view page_style = R"(
:root{color-scheme:light dark;--ink:#1c1f23;--soft:#565d66;--ground:#f4f5f7;--sheet:#fff;--rule:#d5d9de;--mark:#1257b0}
@media(prefers-color-scheme:dark){:root{--ink:#e9ebee;--soft:#a9b1bb;--ground:#14171a;--sheet:#1e2226;--rule:#3a4047;--mark:#8ab8f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:48rem;margin:0 auto;padding:1.5rem 1rem;background:var(--sheet)}
h1{font-size:1.5rem;margin:1rem 0 0}h2{font-size:1rem;margin:1.5rem 0 .25rem}p{margin:.25rem 0}
address{font-style:normal;overflow-wrap:anywhere}
.state{font-weight:600;color:var(--mark)}.soft{color:var(--soft)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0}dt{color:var(--soft)}dd{margin:0}
.scroll{overflow-x:auto}.scroll:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
table{width:100%;border-collapse:collapse}
th,td{padding:.5rem .5rem .5rem 0;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
td:first-child{overflow-wrap:anywhere;min-width:9rem}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
header{border-top:.5rem solid var(--brand,transparent);padding-top:1rem}header img{max-width:100%;max-height:4rem}
.sum th,.sum td{border-bottom:0;padding-bottom:0}.sum th{font-weight:400}.strong th,.strong td{font-weight:700}
footer{margin-top:2rem;padding-top:.5rem;border-top:2px solid var(--accent,var(--rule));white-space:pre-line;overflow-wrap:anywhere}
@media print{body,main{background:#fff;color:#000}}
)";

/// As a content security policy names it: without what begins a query, and with what would end a source written out.
std::string policy_source(std::string_view url) {
  std::string source;
  for (const char c : url.substr(0, url.find_first_of("?#"))) {
    if (c == ';') {
      source += "%3B";
    } else if (c == ',') {
      source += "%2C";
    } else {
      source += c;
    }
  }
  return source;
}

/// Its colours mark edges only, so that any of them leaves the text readable.
std::string brand_style(const schema::BrandingT* branding) {
  std::string colors;
  if (branding != nullptr && !branding->primary_color.empty()) colors += "--brand:" + branding->primary_color + ";";
  if (branding != nullptr && !branding->secondary_color.empty())
    colors += "--accent:" + branding->secondary_color + ";";
  return colors.empty() ? colors : ":root{" + colors + "}";
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

/// Unit prices have decimals beyond a minor unit: written out, with the currency's code.
std::string fine_money(std::string_view decimal, Currency currency) {
  const bool is_negative = decimal.starts_with('-');
  if (is_negative) decimal.remove_prefix(1);
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  std::string digits(decimal.substr(0, point));
  const auto decimals = static_cast<std::size_t>(minor_digits(currency));
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - decimals);
  if (point < decimal.size()) fraction += decimal.substr(point + 1);
  std::string text = code(currency) + ' ' + (is_negative ? "-" : "") + digits.substr(0, digits.size() - decimals);
  return fraction.empty() ? text : text + '.' + fraction;
}

class InvoicePage {
 public:
  InvoicePage(const AccountDetails& account, const Invoice& invoice, const Viewer& viewer)
      : account_(account), invoice_(invoice), viewer_(viewer), zone_(system_time_zones().find(account.time_zone)) {}

  std::string text(const schema::BookTermsT& seller) {
    begin(seller.branding.get());
    append_seller(seller);
    append_head();
    append_customer();
    append_lines();
    append_sums();
    if (seller.branding) element("footer", seller.branding->footer);
    out_ += "</main></body></html>\n";
    return std::move(out_);
  }

 private:
  void begin(const schema::BrandingT* branding) {
    out_ =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<meta name=\"robots\" content=\"noindex\"><title>Invoice ";
    append_escaped(out_, invoice_.number);
    out_.append("</title><style>").append(page_style).append("</style>");
    const std::string brand = brand_style(branding);
    if (!brand.empty()) out_.append("<style>").append(brand).append("</style>");
    out_ += "</head><body><main>";
  }

  void element(std::string_view tag, std::string_view text) {
    if (text.empty()) return;
    out_.append("<").append(tag).append(">");
    append_escaped(out_, text);
    out_.append("</").append(tag).append(">");
  }
  void described(std::string_view term, std::string_view text) {
    if (text.empty()) return;
    element("dt", term);
    element("dd", text);
  }

  void append_seller(const schema::BookTermsT& seller) {
    const schema::LegalEntityT* entity = seller.legal_entity.get();
    const schema::BrandingT* branding = seller.branding.get();
    const std::string& legal_name = entity != nullptr ? entity->name : seller.name;
    const bool is_branded = branding != nullptr && !branding->company_name.empty();
    const std::string& shown_name = is_branded ? branding->company_name : legal_name;
    out_ += "<header>";
    if (branding != nullptr && !branding->logo_url.empty()) {
      out_ += "<img src=\"";
      append_escaped(out_, branding->logo_url);
      out_ += "\" alt=\"";
      append_escaped(out_, shown_name);
      out_ += "\">";
    }
    out_ += "<address>";
    element("strong", shown_name);
    if (shown_name != legal_name) element("p", legal_name);
    if (entity != nullptr) {
      for (const std::string& line : entity->address_lines) element("p", line);
      element("p", entity->country);
      if (!entity->registration_number.empty()) element("p", "Registration number " + entity->registration_number);
      if (!entity->tax_id.empty()) element("p", "Tax id " + entity->tax_id);
    }
    out_ += "</address></header>";
  }

  std::string_view state() const {
    switch (invoice_.status) {
      case InvoiceStatus::paid:
        return "Paid";
      case InvoiceStatus::voided:
        return "Void: this invoice is not to be paid";
      case InvoiceStatus::uncollectible:
        return "Written off";
      default:
        return invoice_.is_overdue ? "Open, overdue" : "Open";
    }
  }

  void append_head() {
    element("h1", "Invoice " + invoice_.number);
    out_ += "<p class=\"state\">";
    append_escaped(out_, state());
    out_ += "</p><dl>";
    described("Issued", date(invoice_.finalized_at));
    if (invoice_.has_due_date()) described("Due", date(invoice_.due_date));
    described("Paid", date(invoice_.paid_at));
    described("Voided", date(invoice_.voided_at));
    described("Currency", code(invoice_.currency));
    out_ += "</dl>";
  }

  /// Nothing of a purged account: not even where it was.
  void append_customer() {
    const std::string name = clear(account_.name, "name"), company = clear(account_.company, "company");
    if (name.empty() && company.empty()) return;
    out_ += "<h2>Billed to</h2><address>";
    element("p", company);
    element("p", name);
    element("p", clear(account_.line1, "line1"));
    element("p", clear(account_.line2, "line2"));
    const std::string city = clear(account_.city, "city");
    element("p", account_.postal_code + (account_.postal_code.empty() || city.empty() ? "" : " ") + city);
    element("p", account_.region);
    element("p", account_.country);
    if (const std::string vat_id = clear(account_.vat_id, "vat_id"); !vat_id.empty()) element("p", "VAT id " + vat_id);
    out_ += "</address>";
  }

  void append_lines() {
    out_ +=
        "<h2 id=\"lines\">Lines</h2><div class=\"scroll\" role=\"region\" aria-labelledby=\"lines\" tabindex=\"0\">"
        "<table><thead><tr><th scope=\"col\">Description</th><th scope=\"col\" class=\"number\">Quantity</th>"
        "<th scope=\"col\" class=\"number\">Unit price</th><th scope=\"col\" class=\"number\">Amount</th></tr>"
        "</thead><tbody>";
    for (const auto& line : invoice_.lines) append_line_row(*line);
    out_ += "</tbody></table></div>";
  }
  void append_line_row(const schema::InvoiceLineT& line) {
    std::string description = line.label;
    if (description.empty() && line.description) description = clear(from_table(*line.description), "description");
    if (description.empty()) description = "Line " + std::to_string(line.number);
    out_ += "<tr><td>";
    append_escaped(out_, description);
    if (is_on_calendar(line.period_start) && is_on_calendar(line.period_end)) {
      const Instant last{micros(line.period_end) - micros_per_second};
      out_ += "<br><span class=\"soft\">";
      append_escaped(out_, date(line.period_start) + " to " + date(last));
      out_ += "</span>";
    }
    out_ += "</td>";
    number_cell(line.quantity);
    number_cell(unit_price(line.unit_amount));
    number_cell(money(line.amount));
    out_ += "</tr>";
  }

  void append_sums() {
    out_ += "<h2>Amounts</h2><table><tbody>";
    sum("Subtotal", invoice_.subtotal);
    if (invoice_.figures) {
      const schema::InvoiceFiguresT& figures = *invoice_.figures;
      for (const auto& discount : figures.discounts) sum(line_text_of(*discount), -discount->amount);
      for (const auto& tax : figures.taxes) append_tax_row(*tax);
      if (figures.credited != 0) sum("Credited to the account", figures.credited);
    }
    sum("Total", invoice_.total, true);
    if (invoice_.surcharged != 0) sum("Surcharges", invoice_.surcharged);
    if (invoice_.written_off != 0) sum("Write-offs", -invoice_.written_off);
    if (invoice_.credited_due != 0) sum("Credit notes", -invoice_.credited_due);
    if (invoice_.credit_applied != 0) sum("Credits", -invoice_.credit_applied);
    sum("Due", invoice_.amount_due());
    sum("Paid", -invoice_.amount_paid);
    sum("Remaining", invoice_.amount_remaining(), true);
    out_ += "</tbody></table>";
  }
  /// One a group of the tax summary.
  void append_tax_row(const schema::InvoiceTaxT& tax) {
    std::string label;
    if (tax.reason == schema::TaxReason::reverse_charge) {
      label = "Reverse charge: the tax is owed by the recipient";
    } else if (tax.percent.empty()) {
      if (tax.tax == 0 && tax.reason != schema::TaxReason::customer_exempt) return;
      label = "Exempt from tax";
    } else {
      label = (invoice_.tax_inclusive ? "Of it " : "") + line_text_of(tax);
    }
    sum(label + ", on " + money(tax.base), tax.tax);
  }

  void sum(std::string_view label, std::int64_t amount, bool is_strong = false) {
    out_ += is_strong ? "<tr class=\"sum strong\"><th scope=\"row\">" : "<tr class=\"sum\"><th scope=\"row\">";
    append_escaped(out_, label);
    out_ += "</th>";
    number_cell(money(amount));
    out_ += "</tr>";
  }
  void number_cell(std::string_view text) {
    out_ += "<td class=\"number\">";
    append_escaped(out_, text);
    out_ += "</td>";
  }

  std::string money(std::int64_t amount) const {
    return format_money({amount, invoice_.currency}, account_.locale.empty() ? "en" : account_.locale);
  }
  std::string unit_price(const std::string& decimal) const {
    std::int64_t whole = 0;
    const char* end = decimal.data() + decimal.size();
    const auto read = std::from_chars(decimal.data(), end, whole);
    if (decimal.empty()) return {};
    return read.ec == std::errc() && read.ptr == end ? money(whole) : fine_money(decimal, invoice_.currency);
  }
  /// Empty for one that is not on the calendar.
  std::string date(Instant at) const {
    if (!is_on_calendar(at)) return {};
    return format_date((zone_ != nullptr ? zone_->local_time(at) : TimeZone().local_time(at)).date);
  }
  /// Empty if it is not there or its key is gone.
  std::string clear(const Sealed& sealed, std::string_view field) const {
    if (sealed.empty()) return {};
    return viewer_.keys.unseal(sealed, viewer_.stream, field).value_or(std::string());
  }

  const AccountDetails& account_;
  const Invoice& invoice_;
  const Viewer& viewer_;
  const TimeZone* zone_;
  std::string out_;
};

}  // namespace

std::string invoice_page(const schema::BookTermsT& seller, const AccountDetails& account, const Invoice& invoice,
                         const Viewer& viewer) {
  return InvoicePage(account, invoice, viewer).text(seller);
}

std::string invoice_page_policy(const schema::BookTermsT& seller) {
  const auto source_of = [](std::string_view style) { return " 'sha256-" + encode_base64(sha256(style)) + "'"; };
  const schema::BrandingT* branding = seller.branding.get();
  std::string policy = "default-src 'none'; style-src" + source_of(page_style);
  if (const std::string brand = brand_style(branding); !brand.empty()) policy += source_of(brand);
  if (branding != nullptr && !branding->logo_url.empty()) policy += "; img-src " + policy_source(branding->logo_url);
  return policy + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

}  // namespace daybook
