"""Fills a book with every kind of event that the API can bring about."""
import datetime
import random
import time

import webhooks

ACCOUNTS = [f"acct{number}" for number in range(5)]


def accepted(answer, *statuses):
    """The body of an answer that must have one of these statuses."""
    status, _, body = answer
    assert status in statuses, f"{status} {body}"
    return body


def currency_of(account, currencies):
    """Accounts take the currencies in turn."""
    return currencies[ACCOUNTS.index(account) % len(currencies)]


def open_accounts(connection, currencies):
    for account in ACCOUNTS:
        accepted(connection.post("/v1/accounts", {"id": account, "name": "Oracle & Söhne",
                                                  "currency": currency_of(account, currencies),
                                                  "email": f"{account}@example.test"}), 201)


def one_of_each(connection):
    """What chance might leave out."""
    account, units = ACCOUNTS[0], f"/v1/accounts/{ACCOUNTS[0]}/unit-credits"
    key = accepted(connection.post("/v1/api-keys", {"name": "for a while", "role": "auditor"}), 201)
    accepted(connection.call("DELETE", f"/v1/api-keys/{key['id']}"), 200)
    accepted(connection.call("PATCH", f"/v1/accounts/{account}", {"company": "First"}), 200)
    own = accepted(connection.get("/v1/me"), 200)["book"]
    accepted(connection.call("PATCH", f"/v1/books/{own}", {"metadata": {"filled": True}, "branding": {
        "company_name": "Sample", "primary_color": "#0b5fff", "footer": "Thank you"}}), 200)
    accepted(connection.post("/v1/accounts", {"id": "mover", "name": "Mover", "email": "mover@example.test",
                                              "currency": "EUR"}), 201)
    accepted(connection.call("PATCH", "/v1/accounts/mover", {"currency": "CHF"}), 200)
    accepted(connection.post("/v1/credits", {"account_id": "mover", "amount": 11, "currency": "CHF", "type": "goodwill",
                                             "reason": "here"}), 201)
    accepted(connection.call("PATCH", "/v1/accounts/mover", {"currency": "EUR"}), 409)
    for end in ({"action": "consume", "amount": 7}, {"action": "expire"}, {"action": "void"}):
        credit = accepted(connection.post("/v1/credits", {"account_id": account, "amount": 90, "currency": "EUR",
                                                          "type": "goodwill", "reason": "one of each"}), 201)
        accepted(connection.call("PATCH", f"/v1/credits/{credit['id']}", end), 200)
    # A unit of its own, so that nothing draws from the grant before it expires.
    accepted(connection.post(f"{units}/allocate", {"amount": 40, "unit": "tokens", "expires_at": a_day_later(connection)}),
             201)
    accepted(connection.post(f"{units}/allocate", {"amount": 500}), 201)
    accepted(connection.post(f"{units}/adjust", {"amount": 3, "reason": "count"}), 201)
    accepted(connection.post(f"{units}/deduct", {"amount": 5}, key="one-of-each"), 201)
    accepted(connection.post(f"{units}/deduct", {"amount": 10**9}, key="too-much"), 402)
    for end in ("capture", "release", None):
        hold = accepted(connection.post(f"{units}/reservations", {"amount": 10, "ttl_seconds": 86400}), 201)
        if end:
            accepted(connection.post(f"{units}/reservations/{hold['id']}/{end}", {}), 200)


def payment_methods(connection):
    """One from the opening on, a second that becomes the default, and the first goes."""
    opened = accepted(connection.post("/v1/accounts", {"id": "payer", "name": "Payer", "email": "payer@example.test",
                                                       "currency": "EUR", "payment_method_token": "tok_ok"}), 201)
    first = opened["default_payment_method"]
    second = accepted(connection.post("/v1/accounts/payer/payment-methods", {"token": "tok_sepa_debit"}), 201)
    accepted(connection.post(f"/v1/payment-methods/{second['id']}/default", {}), 200)
    accepted(connection.call("DELETE", f"/v1/payment-methods/{first}"), 200)


def payments(connection):
    """Of every status: one that succeeds, declines, one whose answer is lost, some that wait for their customer."""
    def collected(amount, status, account="payer"):
        lines = [{"description": "Collected", "unit_amount": amount}]
        draft = accepted(connection.post("/v1/invoices", {"account_id": account, "collection": "automatic",
                                                          "lines": lines}), 201)
        return accepted(connection.post(f"/v1/invoices/{draft['id']}/finalize", {}), status)

    def attach(token):
        return accepted(connection.post("/v1/accounts/payer/payment-methods", {"token": token, "is_default": True}), 201)["id"]

    usable = accepted(connection.get("/v1/accounts/payer"), 200)["default_payment_method"]
    assert collected(4200, 200)["status"] == "paid"
    attach("tok_declined")
    declined = collected(4300, 402)["id"]
    accepted(connection.post(f"/v1/invoices/{declined}/pay", {"payment_method_id": usable}), 201)
    accepted(connection.post(f"/v1/invoices/{declined}/pay", {}), 409)
    attach("tok_timeout")
    assert collected(4400, 200)["status"] == "paid"
    attach("tok_requires_action")
    waits, settled, refused = collected(4500, 202), collected(4600, 202), collected(4700, 202)
    accepted(connection.post(f"/v1/invoices/{waits['id']}/void", {}), 409)
    outcomes = [{"payment_id": settled["payment_id"], "outcome": "succeeded", "transaction_id": "by hand"},
                {"payment_id": refused["payment_id"], "outcome": "failed", "code": "authentication_failed"}]
    lines = [{"command": "RecordPaymentResult", "params": params} for params in outcomes]
    assert [row["status"] for row in accepted(connection.post("/v1/commands", lines), 200)] == [200, 200]
    told_by_provider(connection, collected(4900, 202)["payment_id"], 4900)
    collected(4800, 200, ACCOUNTS[1])
    accepted(connection.post(f"/v1/accounts/{ACCOUNTS[1]}/retry-payment", {}), 422)


def refunds(connection):
    """Of every end, and disputes of both: each on a payment of its own."""
    def paid(account, token):
        accepted(connection.post("/v1/accounts", {"id": account, "name": "Refunded", "email": f"{account}@example.test",
                                                  "currency": "EUR", "payment_method_token": token}), 201)
        draft = accepted(connection.post("/v1/invoices", {"account_id": account, "collection": "automatic",
                                                          "lines": [{"description": "Paid", "unit_amount": 5000}]}), 201)
        return accepted(connection.post(f"/v1/invoices/{draft['id']}/finalize", {}), 200)["payment_id"]

    def refund(payment, *statuses, **members):
        return accepted(connection.post("/v1/refunds", {"payment_id": payment, **members}), *statuses)

    def received(invoice, amount, status=201, **members):
        return accepted(connection.post("/v1/payments/offline", {"invoice_id": invoice, "amount": amount, **members}), status)

    for amounts, end in (((60_00, 60_00), "paid"), ((40_00,), "void")):
        draft = accepted(connection.post("/v1/invoices", {"account_id": ACCOUNTS[1], "lines": [
            {"description": "By transfer", "unit_amount": 100_00}]}), 201)["id"]
        accepted(connection.post(f"/v1/invoices/{draft}/finalize", {}), 200)
        for amount in amounts:
            received(draft, amount, method="bank_transfer", reference="statement 7")
        if end == "void":
            accepted(connection.post(f"/v1/invoices/{draft}/void", {}), 200)
        else:
            received(draft, 1, 409)
        assert accepted(connection.get(f"/v1/invoices/{draft}"), 200)["status"] == end
    payment = paid("refunded", "tok_ok")
    assert refund(payment, 201, amount=1700)["status"] == "succeeded"
    assert refund(payment, 201, amount=300, destination="credit", reason="other", description="Sorry")["credit_id"]
    refund(payment, 422, amount=3001)
    assert refund(paid("unrefundable", "tok_refund_failed"), 201)["status"] == "failed"
    # Called off while it is pending: a small one, and another, until we are faster than the provider.
    waiting, canceled = paid("waiting", "tok_refund_pending"), False
    while not canceled:
        pending = accepted(connection.post("/v1/refunds", {"payment_id": waiting, "amount": 1},
                                           Prefer="respond-async"), 202)
        line = {"command": "RecordRefundResult", "params": {"refund_id": pending["id"], "outcome": "canceled"}}
        accepted(connection.post("/v1/commands", [line]), 200)
        canceled = accepted(connection.get(f"/v1/refunds/{pending['id']}"), 200)["status"] == "canceled"
    for outcome in ("won", "lost"):
        payment = paid(f"disputed-{outcome}", "tok_ok")
        dispute = {"payment_id": payment, "provider_dispute_id": f"dp_{outcome}"}
        lines = [{"command": "OpenDispute", "params": {**dispute, "amount": 4000, "reason": "fraudulent"}},
                 {"command": "CloseDispute", "params": {**dispute, "outcome": outcome}}]
        assert [row["status"] for row in accepted(connection.post("/v1/commands", lines), 200)] == [201, 200]


def told_by_provider(connection, payment, amount):
    """What it posts of a payment: of each kind, and one of them twice. All of it is for the default book."""
    if accepted(connection.get("/v1/me"), 200)["book"] != "default":
        return
    def message(event_id, event_type, about, told):
        return webhooks.message(event_id, event_type, about, told, "EUR")

    bodies = [message("evt_wrong", "payment_intent.succeeded", payment, amount + 1),
              message("evt_right", "payment_intent.succeeded", payment, amount),
              message("evt_right", "payment_intent.succeeded", payment, amount),
              message("evt_other", "customer.created", payment, amount),
              message("evt_nobody", "charge.failed", "", amount)]
    for body in bodies:
        assert webhooks.post(connection.connection.port, body, webhooks.signature(body)) == (200, {"received": True})

    def count(kind):
        return len(accepted(connection.get(f"/v1/events?type=ProviderEvent{kind}&limit=50"), 200)["data"])

    give_up = time.monotonic() + 60
    while count("Processed") + count("Ignored") + count("Failed") < 4:
        assert time.monotonic() < give_up, "waited a minute for what becomes of messages"
        time.sleep(0.05)  # between two looks


def one_that_leaves(connection):
    """Held, deleted, restored, deleted again and purged."""
    account = "/v1/accounts/leaver"
    accepted(connection.post("/v1/accounts", {"id": "leaver", "name": "Gone", "email": "gone@example.test",
                                              "currency": "EUR"}), 201)
    accepted(connection.post("/v1/credits", {"account_id": "leaver", "amount": 70, "currency": "EUR",
                                             "type": "goodwill", "reason": "kept"}), 201)
    accepted(connection.post(f"{account}/legal-hold", {"reason": "case"}), 200)
    accepted(connection.call("DELETE", account), 200)
    accepted(connection.post(f"{account}/purge", {}), 409)
    accepted(connection.call("DELETE", f"{account}/legal-hold"), 200)
    accepted(connection.post(f"{account}/restore", {}), 200)
    accepted(connection.call("DELETE", account), 200)
    accepted(connection.post(f"{account}/purge", {}), 200)


def a_plan(connection):
    """Created, revised, retired and offered again."""
    prices = [{"currency": "EUR", "amount": 1900}, {"currency": "EUR", "interval": "year", "amount": 19000}]
    accepted(connection.post("/v1/plans", {"id": "pro", "name": "Pro", "prices": prices, "limits": {"seats": 5}}), 201)
    accepted(connection.call("PATCH", "/v1/plans/pro", {"features": ["sso"]}), 200)
    accepted(connection.call("DELETE", "/v1/plans/pro"), 200)
    accepted(connection.post("/v1/plans/pro/restore", {}), 200)


def a_coupon(connection):
    """A discount that is changed, its coupon redeemed by two accounts, and both retired."""
    accepted(connection.post("/v1/discounts", {"id": "tenth", "name": "A tenth", "percent": 10}), 201)
    accepted(connection.call("PATCH", "/v1/discounts/tenth", {"percent": "12.5", "duration": "forever"}), 200)
    accepted(connection.post("/v1/coupons", {"code": "save", "discount_id": "tenth", "max_redemptions": 2,
                                             "max_per_user": 1}), 201)
    for account, user, status in ((ACCOUNTS[0], "u0", 201), (ACCOUNTS[0], "u1", 409), (ACCOUNTS[1], "u0", 409),
                                  (ACCOUNTS[1], "u1", 201), (ACCOUNTS[2], "u2", 422)):
        accepted(connection.post("/v1/coupons/SAVE/redeem", {"account_id": account, "user_id": user}), status)
    accepted(connection.call("DELETE", "/v1/coupons/save"), 200)
    accepted(connection.call("DELETE", "/v1/discounts/tenth"), 200)


def invoices(connection):
    """Of every state: a draft, an open one that becomes overdue, paid by credit, voided, written off."""
    account = ACCOUNTS[0]

    def post(path, body, status=200):
        return accepted(connection.post("/v1/invoices" + path, body), status)

    def draft(*amounts, **members):
        lines = [{"description": f"Line of {amount}", "unit_amount": amount} for amount in amounts]
        return post("", {"account_id": account, "lines": lines, **members}, 201)["id"]

    accepted(connection.call("PUT", "/v1/admin/policies/tax.seller", {"country": "DE"}), 200)
    accepted(connection.call("PATCH", f"/v1/accounts/{account}", {"address": {"country": "DE"}}), 200)
    accepted(connection.call("PUT", "/v1/admin/policies/invoice.rounding", {"rounding": "half_even"}), 200)
    to_even = post("", {"account_id": account, "lines": [{"description": "Half", "quantity": "0.5", "unit_amount": "33"}]}, 201)
    assert to_even["lines"][0]["amount"] == 16, to_even
    accepted(connection.call("PUT", "/v1/admin/policies/invoice.rounding", {}), 200)
    kept, discarded, open_one, voided, lost = draft(100), draft(200), draft(9000, net_days=1), draft(7000), draft(5000)
    post(f"/{kept}/lines", {"description": "Half", "quantity": "0.5", "unit_amount": "33.3"})
    accepted(connection.call("DELETE", f"/v1/invoices/{kept}/lines/1"), 200)
    post(f"/{discarded}/void", {})
    accepted(connection.post("/v1/credits", {"account_id": account, "amount": 2500, "currency": "EUR", "type": "goodwill",
                                             "reason": "for an invoice"}), 201)
    post(f"/{voided}/finalize", {})
    post(f"/{voided}/void", {"reason": "the wrong customer"})
    paid = draft(1000)
    post(f"/{paid}/finalize", {})
    post(f"/{paid}/void", {}, 409)
    for invoice in (open_one, lost):
        post(f"/{invoice}/finalize", {})
    credit_notes(connection, open_one, paid, voided)
    post(f"/{lost}/mark-uncollectible", {"reason": "insolvent"})
    post(f"/{open_one}/send", {})
    post(f"/{voided}/send", {}, 409)


def credit_notes(connection, open_one, paid, voided):
    """Of an open and of a paid invoice, by line, amount and whole; voided ones; adjustments of every type."""
    def credit(status=201, **members):
        return accepted(connection.post("/v1/credit-notes", members), status)

    def adjust(invoice, kind, amount, status=201):
        accepted(connection.post("/v1/invoice-adjustments",
                                 {"invoice_id": invoice, "type": kind, "amount": amount, "reason": "a favour"}), status)

    credit(invoice_id=open_one, lines=[{"line": 1, "amount": 333}], reason="late", memo="With our apologies")
    mistaken = credit(invoice_id=open_one, amount=500)
    accepted(connection.post(f"/v1/credit-notes/{mistaken['id']}/void", {"reason": "a mistake"}), 200)
    credit(invoice_id=paid, lines=[{"line": 1, "quantity": "0.25"}])
    taken_back = credit(invoice_id=paid, amount=7)
    accepted(connection.post(f"/v1/credit-notes/{taken_back['id']}/void", {}), 200)
    accepted(connection.post(f"/v1/credit-notes/{taken_back['id']}/void", {}), 409)
    credit(409, invoice_id=voided)
    credit(422, invoice_id=open_one, amount=9000)
    for kind, amount in (("discount", 100), ("credit", 90), ("surcharge", 80), ("write_off", 70)):
        adjust(open_one, kind, amount)
    adjust(paid, "discount", 11)
    adjust(paid, "surcharge", 11, 409)
    credit(invoice_id=paid)


def subscriptions(connection):
    """Of every state: one that renews, a trial that converts, one with a coupon, one that ends and begins again."""
    account = ACCOUNTS[0]

    def post(path, body, status=200):
        return accepted(connection.post("/v1/subscriptions" + path, body), status)

    def subscribe(**members):
        return post("", {"account_id": account, "plan_id": "daily", "metadata": {"from": "sample"}, **members}, 201)["id"]

    prices = [{"currency": "EUR", "interval": "day", "model": "per_seat", "amount": "99.5", "setup_fee": 500}]
    accepted(connection.post("/v1/plans", {"id": "daily", "name": "Daily", "interval": "day", "prices": prices}), 201)
    accepted(connection.post("/v1/discounts", {"id": "half", "name": "A half", "percent": 50, "duration": "forever"}), 201)
    accepted(connection.post("/v1/coupons", {"code": "half", "discount_id": "half"}), 201)
    changed = subscribe(quantity=3)
    subscribe(coupon="half", user_id="u1")
    given = post(f"/{changed}/discounts", {"discount_id": "half"})["discounts"][0]["id"]
    accepted(connection.call("DELETE", f"/v1/subscriptions/{changed}/discounts/{given}"), 200)
    subscribe(trial_days=1)
    leaves, ended, back = subscribe(), subscribe(), subscribe()
    post(f"/{leaves}/cancel", {"reason": "Too dear", "comment": "And too far away"})
    post(f"/{ended}/cancel", {"mode": "immediate", "reason": "Moved"})
    post(f"/{back}/cancel", {})
    post(f"/{back}/reactivate", {})
    accepted(connection.call("DELETE", f"/v1/subscriptions/{back}", {"mode": "immediate"}), 200)
    post(f"/{back}/reactivate", {})
    post(f"/{back}/reactivate", {}, 409)
    accepted(connection.post("/v1/plans", {"id": "weekly", "name": "Weekly", "interval": "week", "prices": [
        {"currency": "EUR", "interval": "week", "amount": 9900}, {"currency": "EUR", "interval": "day", "amount": 1700}]}), 201)
    post(f"/{changed}/quantity", {"delta": 2})
    post(f"/{changed}/upgrade-now", {"plan_id": "weekly", "interval": "week", "reason": "Longer"})
    post(f"/{changed}/change-plan", {"plan_id": "daily", "interval": "day", "quantity": 4})
    later = subscribe(quantity=7)
    post(f"/{later}/quantity", {"quantity": 2, "proration_behavior": "next_invoice"})
    post(f"/{later}/change-plan", {"plan_id": "weekly", "interval": "day", "proration_behavior": "none"})
    post(f"/{later}/change-plan", {"plan_id": "weekly", "interval": "day"}, 409)
    post(f"/{later}/schedule-change", {"plan_id": "daily", "quantity": 5})
    accepted(connection.call("DELETE", f"/v1/subscriptions/{later}/scheduled-change"), 200)
    post(f"/{later}/schedule-change", {"plan_id": "weekly", "interval": "week"})
    accepted(connection.call("PATCH", f"/v1/subscriptions/{later}", {"metadata": {"from": "elsewhere"}}), 200)
    stands, goes_on, on_trial, early, given_back = subscribe(), subscribe(quantity=2), subscribe(trial_days=2), subscribe(
        trial_days=3), subscribe()
    post(f"/{stands}/pause", {"reason": "Away"})
    post(f"/{stands}/cancel", {})
    post(f"/{stands}/quantity", {"quantity": 2}, 409)
    post(f"/{goes_on}/quantity", {"quantity": 5, "proration_behavior": "next_invoice"})
    end = accepted(connection.get(f"/v1/subscriptions/{goes_on}"), 200)["current_period_end"]
    post(f"/{goes_on}/pause", {"resumes_at": end})
    post(f"/{on_trial}/pause", {})
    post(f"/{on_trial}/resume", {})
    post(f"/{early}/upgrade-now", {"plan_id": "weekly", "interval": "week"})
    accepted(connection.call("PUT", "/v1/admin/policies/cancel.unused_time", {"unused_time": "prorated_credit"}), 200)
    post(f"/{given_back}/cancel", {"mode": "immediate"})


def a_debtor(connection):
    """Past due and settled, by its own method and by another; and what was given up, paid after all."""
    def post(path, body, status=201):
        return accepted(connection.post(path, body), status)

    def subscribe(method, status=201):
        return post("/v1/subscriptions", {"account_id": "debtor", "plan_id": "daily", "payment_method": method}, status)

    post("/v1/accounts", {"id": "debtor", "name": "Debtor", "email": "debtor@example.test", "currency": "EUR"})
    good = subscribe("tok_ok")
    assert good["status"] == "active", good
    account = accepted(connection.get("/v1/accounts/debtor"), 200)
    assert account["payment_status"] == "current", account
    owing = subscribe("tok_declined", 402)
    assert owing["status"] == "past_due" and owing["grace_period_end"] and owing["dunning_until"], owing
    subscribe("pm_" + "0" * 20, 422)
    again = subscribe(account["default_payment_method"])
    assert again["status"] == "active", again
    owed = accepted(connection.get(f"/v1/invoices?subscription_id={owing['id']}"), 200)["data"][0]["id"]
    post(f"/v1/invoices/{owed}/pay", {})
    settled = accepted(connection.get(f"/v1/subscriptions/{owing['id']}"), 200)
    assert settled["status"] == "active" and settled["dunning_until"] is None, settled
    lost = post("/v1/invoices", {"account_id": "debtor", "lines": [{"description": "Lost", "unit_amount": 700}]})["id"]
    post(f"/v1/invoices/{lost}/finalize", {}, 200)
    post(f"/v1/invoices/{lost}/mark-uncollectible", {"reason": "gone"}, 200)
    post(f"/v1/invoices/{lost}/pay", {})
    late = accepted(connection.get(f"/v1/invoices/{lost}"), 200)
    assert late["status"] == "paid" and late["amount_paid"] == 700, late


def taxes(connection):
    """Rates of the book's own, one of them set twice, and a VAT id that has its check digits."""
    def rate(status=200, **members):
        accepted(connection.call("PUT", "/v1/tax/rates", {"name": "VAT", "percent": 19, **members}), status)

    rate(country="DE", **{"from": "2030-01-01"})
    rate(country="DE", percent="19.5", **{"from": "2030-01-01", "until": "2030-12-31"})
    rate(country="US", region="CA", name="sales_tax", percent="7.5", state_rate_only=True, **{"from": "2030-01-01"})
    rate(country="DE", percent=101, status=422, **{"from": "2030-01-01"})
    accepted(connection.call("PATCH", f"/v1/accounts/{ACCOUNTS[1]}", {"vat_id": "DE444661961"}), 200)


def one_that_parks(connection):
    """Owes so much after a renewal that another cannot be billed."""
    prices = [{"currency": "EUR", "interval": "day", "amount": 400_000_000_000_000}]
    accepted(connection.post("/v1/plans", {"id": "treasure", "name": "Treasure", "interval": "day", "prices": prices}), 201)
    accepted(connection.post("/v1/accounts", {"id": "parker", "name": "Parker", "email": "parker@example.test",
                                              "currency": "EUR"}), 201)
    accepted(connection.post("/v1/subscriptions", {"account_id": "parker", "plan_id": "treasure"}), 201)


def one_on_a_test_clock(connection):
    """Lives ten days of years ago while nobody else grows older, is billed on each, and stands."""
    clock = accepted(connection.post("/v1/test-clocks", {"name": "Then", "frozen_time": "2024-02-25T12:00:00Z"}), 201)["id"]
    accepted(connection.post("/v1/accounts", {"id": "timed", "name": "Timed", "email": "timed@example.test",
                                              "currency": "EUR", "test_clock": clock}), 201)
    accepted(connection.post("/v1/subscriptions", {"account_id": "timed", "plan_id": "daily"}), 201)
    path = f"/v1/test-clocks/{clock}/advance"
    accepted(connection.post(f"{path}?wait=true", {"advance": "P10D"}), 200)
    accepted(connection.post(path, {"to": "2024-03-06T12:00:00Z"}), 200)
    accepted(connection.post(path, {"to": "2024-03-06T11:59:59Z"}), 422)


def checkouts(connection):
    """Of every state: one completed by hand, one that is free, one given up, one that is late, one open for a week."""
    account = ACCOUNTS[0]

    def start(**members):
        return accepted(connection.post("/v1/checkout-sessions", {"account_id": account, "plan_id": "daily", **members}), 201)

    accepted(connection.post("/v1/plans", {"id": "gratis", "name": "Gratis", "prices": [
        {"currency": "EUR", "amount": 0}]}), 201)
    assert start(plan_id="gratis")["status"] == "completed"
    accepted(connection.post("/v1/coupons", {"code": "hosted", "discount_id": "half"}), 201)
    done, given_up, late = start(coupon="hosted", user_id="u2", quantity=2), start(), start(trial_days=0)
    week = accepted(connection.get("/v1/admin/clock"), 200)["now"]
    week = datetime.datetime.fromisoformat(week.replace("Z", "+00:00")) + datetime.timedelta(days=6)
    start(metadata={"from": "checkout"}, success_url="https://shop.example/done", expires_at=week.isoformat())
    lines = [{"command": "CompleteCheckout", "params": {"checkout_session_id": done["id"], "payment_method": "tok_ok"}},
             {"command": "ExpireCheckout", "params": {"checkout_session_id": given_up["id"]}},
             {"command": "ExpireCheckout", "params": {"checkout_session_id": done["id"]}}]
    assert [row["status"] for row in accepted(connection.post("/v1/commands", lines), 200)] == [202, 200, 409]
    assert late["status"] == "open", late


def imported(connection):
    """Plans of the provider's catalogue."""
    first, second = (accepted(connection.post("/v1/plans/sync", {}), 200) for _ in range(2))
    assert (first["imported"], second["imported"], second["unchanged"]) == (2, 0, 2), (first, second)


def mirrored(connection):
    """One that a provider has too, until it ends there."""
    accepted(connection.post("/v1/accounts", {"id": "twin", "name": "Twin", "email": "twin@example.test",
                                              "currency": "EUR"}), 201)
    own = accepted(connection.post("/v1/subscriptions", {"account_id": "twin", "plan_id": "daily"}), 201)["id"]
    lines = [{"command": "MirrorProviderSubscription", "params": {
        "subscription_id": own, "provider": "stripe", "provider_subscription_id": "sub_at_stripe",
        "provider_status": status, "has_ended": status == "canceled"}} for status in ("active", "canceled", "active")]
    assert [row["status"] for row in accepted(connection.post("/v1/commands", lines), 200)] == [200, 200, 200]
    accepted(connection.post(f"/v1/subscriptions/{own}/reactivate", {}), 200)


def end_parking(connection):
    parked = accepted(connection.get("/v1/accounts?parked=true"), 200)["data"]
    assert [row["id"] for row in parked] == ["parker"], parked
    accepted(connection.post("/v1/accounts/parker/unpark", {"reason": "nobody can owe that"}), 200)


def account_trial(connection):
    """One that tries the starter plan for a day, and does not subscribe."""
    policy = "/v1/admin/policies/trial.on_account_open"
    accepted(connection.post("/v1/plans", {"id": "tried", "name": "Tried", "tier": "starter", "prices": [
        {"currency": "EUR", "amount": 1500}]}), 201)
    accepted(connection.call("PUT", policy, {"on_account_open": "on", "days": 1}), 200)
    accepted(connection.post("/v1/accounts", {"id": "tester", "name": "Tester", "email": "tester@example.test",
                                              "currency": "EUR"}), 201)
    accepted(connection.call("PUT", policy, {"on_account_open": "off"}), 200)


def end_subscriptions(connection):
    """After a renewal or two: those that read the book may go decades on."""
    for row in accepted(connection.get("/v1/subscriptions?status=active"), 200)["data"]:
        accepted(connection.post(f"/v1/subscriptions/{row['id']}/cancel", {"mode": "immediate"}), 200)


def a_day_later(connection):
    now = accepted(connection.get("/v1/admin/clock"), 200)["now"]
    return (datetime.datetime.fromisoformat(now.replace("Z", "+00:00")) + datetime.timedelta(days=1)).isoformat()


def random_step(connection, chance, step, credits, holds, currencies):
    account = chance.choice(ACCOUNTS)
    units = f"/v1/accounts/{account}/unit-credits"
    amount = chance.randrange(1, 400)
    action = chance.randrange(10)
    if action == 0:
        body = accepted(connection.post("/v1/credits", {
            "account_id": account, "amount": amount, "currency": currency_of(account, currencies), "reason": "oracle",
            "type": chance.choice(["goodwill", "promotion", "refund", "overpayment", "dispute", "proration"])}), 201)
        credits.append(body["id"])
    elif action == 1 and credits:
        body = chance.choice([{"action": "consume", "amount": amount}, {"action": "expire"}, {"action": "void"}])
        connection.call("PATCH", f"/v1/credits/{chance.choice(credits)}", body)
    elif action in (2, 3):
        connection.post(f"{units}/allocate", {"amount": amount, "source": chance.choice(["pack", "promotion", "cycle"]),
                                              "unit": chance.choice(["credits", "minutes"])})
    elif action == 4:
        connection.post(f"{units}/deduct", {"amount": amount}, key=f"deduct-{step}")
    elif action == 5:
        connection.post(f"{units}/adjust", {"amount": chance.choice([amount, -amount]), "reason": "count"})
    elif action == 6:
        status, _, body = connection.post(f"{units}/reservations", {"amount": amount, "ttl_seconds": 86400})
        if status == 201:
            holds.append((account, body["id"], amount))
    elif action == 7 and holds:
        owner, hold, held = chance.choice(holds)
        path = f"/v1/accounts/{owner}/unit-credits/reservations/{hold}"
        if chance.random() < 0.5:
            connection.post(f"{path}/capture", {"amount": chance.randrange(1, held + 1)})
        else:
            connection.post(f"{path}/release", {})
    elif action == 8:
        connection.call("PATCH", f"/v1/accounts/{account}", {"company": f"Company {step}"})
    elif action == 9:
        invoice = accepted(connection.post("/v1/invoices", {"account_id": account, "lines": [
            {"description": "A line", "quantity": chance.randrange(1, 4), "unit_amount": amount}]}), 201)["id"]
        end = chance.choice(["finalize", "void", None])
        if end:
            accepted(connection.post(f"/v1/invoices/{invoice}/{end}", {}), 200)
        if end == "finalize":
            for _ in range(chance.randrange(3)):
                connection.post("/v1/credit-notes", {"invoice_id": invoice, "amount": chance.randrange(1, amount + 1)})
        if end == "finalize" and chance.random() < 0.5:
            connection.post(f"/v1/invoices/{invoice}/void", {})  # paid already, perhaps


def fill(connection, seed, steps=400, currencies=("EUR",)):
    """Returns the ids of the accounts and of the credits. The clock is two days on when it ends."""
    chance = random.Random(seed)
    credits, holds = [], []
    open_accounts(connection, currencies)
    one_of_each(connection)
    one_that_leaves(connection)
    payment_methods(connection)
    a_plan(connection)
    a_coupon(connection)
    invoices(connection)
    payments(connection)
    refunds(connection)
    subscriptions(connection)
    checkouts(connection)
    mirrored(connection)
    imported(connection)
    a_debtor(connection)
    one_that_parks(connection)
    one_on_a_test_clock(connection)
    account_trial(connection)
    taxes(connection)
    for step in range(steps):
        random_step(connection, chance, step, credits, holds, currencies)
    accepted(connection.post("/v1/admin/clock", {"advance": "P2D"}), 200)
    end_subscriptions(connection)
    end_parking(connection)
    return ACCOUNTS, credits
