// GET /i/{token}: an invoice for whoever has its link. No key, no account of ours: the token is all that is believed.
#include "gateway/account_read.h"
#include "gateway/book_read.h"
#include "gateway/handlers.h"
#include "gateway/invoice_link.h"
#include "gateway/invoice_page.h"
#include "gateway/services.h"
#include "schemas/events/governance_generated.h"

namespace daybook {
namespace {

/// An answer that no cache keeps, no other page learns of and no search engine lists.
const std::vector<Header> private_page = {
    {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}, {"X-Robots-Tag", "noindex"}};

/// One answer for all that is wrong with a link: what it was does not show.
void refuse_link(const ExchangePtr& exchange) {
  Problem problem;
  problem.own = &link_invalid;
  exchange->refuse(problem, private_page);
}

void send_page_of(const ExchangePtr& exchange, const schema::BookTermsT& seller, const AccountCopy& copy) {
  Viewer viewer = viewer_of(*exchange, copy.stream);
  std::vector<Header> headers = private_page;
  headers.push_back({"Content-Security-Policy", invoice_page_policy(seller)});
  headers.push_back({"X-Content-Type-Options", "nosniff"});
  exchange->send(200, invoice_page(seller, copy.details, *copy.invoice, viewer), std::move(headers),
                 "text/html; charset=utf-8");
}

}  // namespace

void get_hosted_invoice(ExchangePtr exchange) {
  const auto link = read_invoice_link(exchange->services.engine.keyring(), exchange->path[0]);
  if (!link) return refuse_link(exchange);
  exchange->principal = {};
  exchange->principal.book = link->book;
  exchange->principal.name = "link:invoice";
  const auto seller = std::make_shared<schema::BookTermsT>();
  const auto take = [seller, book = link->book](const BookState& state, Instant) {
    *seller = terms_of_book(book, state.profile);
  };
  read_book(exchange, take, [exchange, seller, link = *link] {
    read_account(exchange, {{}, link.invoice, true},
                 [seller, link](const ExchangePtr& answered, const AccountCopy& copy) {
                   if (!copy.invoice || copy.now >= link.expires_at) return refuse_link(answered);
                   send_page_of(answered, *seller, copy);
                 });
  });
}

}  // namespace daybook
