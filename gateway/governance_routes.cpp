// API keys, policies, the sandbox clock, and who the caller is.
#include <algorithm>

#include "gateway/account_read.h"
#include "gateway/book_read.h"
#include "gateway/command_fields.h"
#include "gateway/command_run.h"
#include "gateway/field_rule.h"
#include "gateway/handlers.h"
#include "gateway/json_member.h"
#include "gateway/list_page.h"
#include "gateway/path_command.h"
#include "gateway/query.h"
#include "gateway/services.h"
#include "gateway/view_read.h"

namespace daybook {
namespace {

struct BookCopy {
  std::vector<ApiKey> keys;  ///< Newest first.
  ClockShown clock;
  Policies policies;
};

/// Copies the keys that the principal may see, and the clock; then answers.
void copy_book(const ExchangePtr& exchange, bool with_keys,
               std::function<void(const ExchangePtr&, const BookCopy&)> answer) {
  // Filled on the writer thread, read by the completion.
  const auto copy = std::make_shared<BookCopy>();
  const auto take = [copy, exchange, with_keys](const BookState& book, Instant now) {
    copy->clock = {now, book.clock_offset_us};
    copy->policies = book.policies;
    if (!with_keys) return;
    for (auto key = book.keys.rbegin(); key != book.keys.rend(); ++key) {
      if (exchange->may_see_account(key->second.account_id)) copy->keys.push_back(key->second);
    }
  };
  read_book(exchange, take, [exchange, copy, answer = std::move(answer)] { answer(exchange, *copy); });
}

const ApiKey* find_key(const BookCopy& copy, EntityRef id) {
  for (const ApiKey& key : copy.keys) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

}  // namespace

void create_api_key(ExchangePtr exchange) {
  run_body_command(exchange, CreateApiKey::name_of_command);
}

void list_api_keys(ExchangePtr exchange) {
  Faults faults;
  const PageRequest<EntityRef> request = query_page(exchange->request, "key", faults);
  if (!faults.empty()) return exchange->refuse(std::move(faults));
  copy_book(exchange, true, [request](const ExchangePtr& answered, const BookCopy& copy) {
    const Page<ApiKey> page = page_of(copy.keys, request, [](const ApiKey& key) { return key.id; });
    const Viewer viewer = viewer_of(*answered, {});
    send_page(answered, page, [&](std::string& out, const ApiKey& key) { append_api_key(out, key, {}, viewer); });
  });
}

void get_api_key(ExchangePtr exchange) {
  const std::optional<EntityRef> id = parse_id("key", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  copy_book(exchange, true, [id](const ExchangePtr& answered, const BookCopy& copy) {
    const ApiKey* key = find_key(copy, *id);
    if (key == nullptr) return answered->refuse(RejectionCode::not_found);
    std::string body;
    append_api_key(body, *key, {}, viewer_of(*answered, {}));
    answered->send_resource(std::move(body), key->version);
  });
}

void revoke_api_key(ExchangePtr exchange) {
  if (!exchange->is_within_one_account()) return run_for_entity(exchange, RevokeApiKey::name_of_command);
  // The book's other keys do not exist for an owner; which account a key is for never changes.
  const std::optional<EntityRef> id = parse_id("key", exchange->path[0]);
  if (!id) return exchange->refuse(RejectionCode::not_found);
  copy_book(exchange, true, [id](const ExchangePtr& answered, const BookCopy& copy) {
    if (find_key(copy, *id) == nullptr) return answered->refuse(RejectionCode::not_found);
    run_for_entity(answered, RevokeApiKey::name_of_command);
  });
}

void get_clock(ExchangePtr exchange) {
  copy_book(exchange, false, [](const ExchangePtr& answered, const BookCopy& copy) {
    std::string body;
    append_clock(body, copy.clock);
    answered->send(200, std::move(body));
  });
}

void advance_clock(ExchangePtr exchange) {
  run_body_command(exchange, AdvanceSandboxClock::name_of_command);
}

void list_policies(ExchangePtr exchange) {
  copy_book(exchange, false, [](const ExchangePtr& answered, const BookCopy& copy) {
    Page<std::string_view> page;
    page.data.assign(policy_names.begin(), policy_names.end());
    std::string body;
    begin_list(body, page, [&](std::string_view policy) { append_policy(body, policy, copy.policies); });
    answered->send(200, std::move(body += '}'));
  });
}

void get_policy(ExchangePtr exchange) {
  const auto known = std::find(policy_names.begin(), policy_names.end(), exchange->path[0]);
  if (known == policy_names.end()) return exchange->refuse(RejectionCode::not_found);
  copy_book(exchange, false, [policy = *known](const ExchangePtr& answered, const BookCopy& copy) {
    std::string body;
    append_policy(body, policy, copy.policies);
    answered->send_resource(std::move(body), copy.policies.version);
  });
}

void change_policy(ExchangePtr exchange) {
  CommandTarget target;
  target.entity_id = exchange->path[0];
  run_path_command(exchange, ChangePolicy::name_of_command, std::move(target));
}

void get_me(ExchangePtr exchange) {
  const Principal& principal = exchange->principal;
  std::string body;
  JsonText json(body);
  json.begin_object().member("object", "principal").member("book", principal.book).member("name", principal.name);
  json.member("role", to_text(principal.role)).key("account_id");
  if (principal.account_id.empty()) {
    json.null();
  } else {
    json.string(principal.account_id);
  }
  json.key("scopes").begin_array();
  for (const std::string& scope : principal.scopes) json.string(scope);
  json.end_array().key("permissions").begin_array();
  for (const PermissionRow& row : all_permissions()) {
    if (is_allowed(principal, row.permission)) json.string(row.name);
  }
  const BookMode mode = exchange->services.engine.mode_of(principal.book);
  json.end_array().member("mode", name_of(book_mode_names, mode));
  json.member("sandbox", mode == BookMode::test).end_object();
  exchange->send(200, std::move(body));
}

}  // namespace daybook
