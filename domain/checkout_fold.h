// What an event does to one checkout session, without the rest of its account.
#pragma once

#include "domain/checkout.h"
#include "domain/evolve.h"

namespace daybook::schema {
struct CheckoutSessionOpened;
struct CheckoutSessionCompleted;
struct CheckoutSessionExpired;
}  // namespace daybook::schema

namespace daybook {

CheckoutSession opened_checkout(const schema::CheckoutSessionOpened& event, const EventMoment& moment);
void fold(CheckoutSession& session, const schema::CheckoutSessionCompleted& event, const EventMoment& moment);
void fold(CheckoutSession& session, const schema::CheckoutSessionExpired& event, const EventMoment& moment);

}  // namespace daybook
