// Books: created with their first key, listed, changed, closed. Reads are answered as of the last commit from what the
// shards publish of each, so a list of them needs no view.
#include <algorithm>

#include "gateway/account_read.h"
#include "gateway/command_fields.h"
#include "gateway/field_value.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

constexpr std::array<std::string_view, 2> book_status_names = {"open", "closed"};

std::string_view status_of_book(const BookProfile& profile) {
  return book_status_names[profile.is_closed() ? 1 : 0];
}

void append_legal_entity(JsonText& json, const schema::LegalEntityT* entity) {
  json.key("legal_entity");
  if (entity == nullptr) {
    json.null();
    return;
  }
  json.begin_object().member("name", entity->name).key("address_lines").begin_array();
  for (const std::string& line : entity->address_lines) json.string(line);
  json.end_array();
  member_or_null(json, "country", entity->country);
  member_or_null(json, "registration_number", entity->registration_number);
  member_or_null(json, "tax_id", entity->tax_id);
  json.end_object();
}

void append_branding(JsonText& json, const schema::BrandingT* branding) {
  json.key("branding");
  if (branding == nullptr) {
    json.null();
    return;
  }
  json.begin_object();
  member_or_null(json, "company_name", branding->company_name);
  member_or_null(json, "logo_url", branding->logo_url);
  member_or_null(json, "primary_color", branding->primary_color);
  member_or_null(json, "secondary_color", branding->secondary_color);
  member_or_null(json, "footer", branding->footer);
  json.end_object();
}

/// Newest first; those that nobody created were there before.
void sort_books(std::vector<BookShown>& books) {
  const auto since = [](const BookShown& book) {
    const Instant at = book.profile.created_at;
    return at == never ? Instant{} : at;
  };
  std::sort(books.begin(), books.end(), [&](const BookShown& a, const BookShown& b) {
    return since(a) != since(b) ? since(a) > since(b) : a.id > b.id;
  });
}

}  // namespace

void append_book(std::string& out, const BookShown& shown, std::string_view secret, const Viewer& viewer) {
  const BookProfile& profile = shown.profile;
  const schema::BookTermsT terms = terms_of_book(shown.id, profile);
  JsonText json(out);
  json.begin_object().member("object", "book").member("id", shown.id).member("name", terms.name);
  json.member("mode", name_of(book_mode_names, profile.mode.value_or(viewer.mode_unless_said)));
  json.member("status", status_of_book(profile));
  member_or_null(json, "default_currency", terms.currency != 0 ? code(Currency{terms.currency}) : std::string());
  member_or_null(json, "time_zone", terms.time_zone);
  append_legal_entity(json, terms.legal_entity.get());
  append_branding(json, terms.branding.get());
  json.key("metadata").raw(terms.metadata.empty() ? std::string_view("{}") : std::string_view(terms.metadata));
  instant_member(json, "created_at", profile.created_at);
  instant_member(json, "updated_at", profile.updated_at);
  instant_member(json, "closed_at", profile.closed_at);
  json.member("version", profile.version);
  if (shown.first_key) {
    json.key("api_key");
    append_api_key(out, *shown.first_key, secret, viewer);
  }
  json.end_object();
}

void create_book(ExchangePtr exchange) {
  run_body_command(exchange, CreateBook::name_of_command);
}

void list_books(ExchangePtr exchange) {
  const Request& request = exchange->request;
  Faults faults;
  const Rule modes = one_of(book_mode_names);
  const auto mode = query_text(request, "mode", modes, faults);
  const auto status = query_text(request, "status", one_of(book_status_names), faults);
  const PageRequest<std::string> page_request = query_page(request, faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  const Engine& engine = exchange->services.engine;
  std::vector<BookShown> books = engine.books();
  std::erase_if(books, [&](const BookShown& book) {
    const BookMode its = book.profile.mode.value_or(engine.mode_unless_said());
    return !may_see_book(exchange->principal, book.id) || (mode && *mode != name_of(book_mode_names, its)) ||
           (status && *status != status_of_book(book.profile));
  });
  sort_books(books);
  const Page<BookShown> page = page_of(books, page_request, [](const BookShown& book) { return book.id; });
  const Viewer viewer = viewer_of(*exchange, {});
  send_page(exchange, page, [&](std::string& out, const BookShown& book) { append_book(out, book, {}, viewer); });
}

void get_book(ExchangePtr exchange) {
  const std::string& id = exchange->path[0];
  const auto book = may_see_book(exchange->principal, id) ? exchange->services.engine.find_book(id) : std::nullopt;
  if (!book) return exchange->refuse(RejectionCode::not_found);
  std::string body;
  append_book(body, *book, {}, viewer_of(*exchange, {}));
  exchange->send_resource(std::move(body), book->profile.version);
}

void change_book(ExchangePtr exchange) {
  run_for_entity(exchange, ChangeBook::name_of_command);
}

void close_book(ExchangePtr exchange) {
  run_for_entity(exchange, CloseBook::name_of_command);
}

}  // namespace daybook
