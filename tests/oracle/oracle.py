#!/usr/bin/env python3
"""An oracle that shares no code with Daybook.

It knows only the documents: the events' JSON (schemas/asyncapi.yaml) and the HTTP API (schemas/openapi.yaml). It folds
the event stream into balances, credits, reservations, unit balances and the trial balance, and compares each with what
the API answers.

    oracle.py --url http://127.0.0.1:8080 [--key dbk_dev] [--events FILE]

Events come from GET /v1/events, page by page, or from FILE (JSON lines, as `daybook events` prints them, or CloudEvents
as a consumer of the billing topics stores them, in position order). Exit code 0: everything agrees; 1: it does not.
"""
import argparse
import collections
import datetime
import fractions
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

CUSTOMER_CREDIT, RECEIVABLE, CASH, WRITE_OFFS, REFUNDS = 2100, 1100, 1000, 5300, 5100  # account numbers of the journal
attempts_max = 30


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def rounded(value, line):
    """A fraction to the nearest whole number, halves as the line says: away from zero unless to the even one."""
    if line.get("rounding") == "half_even":
        return round(value)
    return int(abs(value) + fractions.Fraction(1, 2)) * (-1 if value < 0 else 1)


class Api:
    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key

    def get(self, path, **query):
        query = {name: value for name, value in query.items() if value is not None}
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, headers={"Authorization": "Bearer " + self.key})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def pages(self, path, cursor, first_after=None, **query):
        after = first_after
        while True:
            page = self.get(path, limit=200, starting_after=after, **query)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = cursor(page["data"][-1])


class Ledger:
    """The fold: one method an event type, in the words of the documents."""

    def __init__(self):
        self.accounts = {}
        self.books = {}  # id -> what it is, and since when it is closed
        self.tax_rates = {}
        self.test_clocks = {}
        self.told, self.fates = {}, set()
        self.checkouts, self.checked_out = {}, {}
        self.plans = {}
        self.discounts = {}
        self.coupons = {}
        self.applied = {}  # redemption -> coupon, until the book tells of it
        self.invoices = {}
        self.notes = {}
        self.adjustments = {}
        self.numbers = {}  # series -> how many
        self.subscriptions = {}
        self.billed = {}  # (invoice, line) -> what it came to less its discounts, until it is credited
        self.given_back = collections.defaultdict(list)  # invoice -> the billed lines that it credits
        self.credited = {}  # command -> what is about to become credit
        self.payments = {}
        self.refunds = {}
        self.disputes = {}
        self.numbered = {}  # invoice -> number, until the book tells of it
        self.credits = {}
        self.grants = {}
        self.holds = {}
        self.units = collections.defaultdict(lambda: [0, 0])  # (account, unit) -> available, reserved
        self.postings = collections.defaultdict(lambda: [0, 0])  # (currency, number) -> debits, credits
        self.balances = collections.defaultdict(lambda: [0, 0])  # (account, currency) -> credit, receivable
        self.versions = collections.defaultdict(int)
        self.position = collections.defaultdict(int)
        self.events = 0
        self.problems = []

    def expect(self, condition, text):
        if not condition:
            self.problems.append(text)

    def apply(self, event):
        shard, position, stream = event["shard"], event["position"], event["stream"]
        self.expect(position == self.position[shard] + 1, f"position {shard}:{position} follows {self.position[shard]}")
        self.position[shard] = position
        self.versions[stream] += 1
        self.expect(event["stream_version"] == self.versions[stream],
                    f"{stream}: version {event['stream_version']}, expected {self.versions[stream]}")
        self.events += 1
        data = event["data"]
        self.keep_closed(event, data)
        self.post(event, data)
        handler = getattr(self, "on_" + event["type"], None)
        self.expect(handler is not None, f"the oracle does not know {event['type']}")
        if handler:
            handler(event, data)
        self.keep_time(event)

    def post(self, event, data):
        sums = collections.defaultdict(int)
        for line in data.get("postings") or []:
            amount, currency, number = line["amount"], line["currency"], line["account"]
            debit = line["side"] == "debit"
            self.expect(amount > 0, f"{event['id']}: a posting of {amount}")
            sums[currency] += amount if debit else -amount
            self.postings[currency, number][0 if debit else 1] += amount
            account = data["account_id"]
            if number == CUSTOMER_CREDIT:
                self.balances[account, currency][0] += -amount if debit else amount
            if number == RECEIVABLE:
                self.balances[account, currency][1] += amount if debit else -amount
        for currency, total in sums.items():
            self.expect(total == 0, f"{event['id']}: postings in {currency} do not balance ({total})")

    # -- accounts and what belongs to a book
    def on_AccountOpened(self, event, data):
        self.accounts[data["account_id"]] = {
            "currency": data["currency"], "status": "active", "legal_hold": False, "parked": None,
            "trial_started_at": None, "trial_ends_at": None, "in_trial": False, "limits_plan_id": None,
            "vat_id_country": data.get("vat_id_country"), "test_clock": data.get("test_clock")}
        clock = data.get("test_clock")
        self.expect(clock is None or clock in self.test_clocks, f"{event['id']}: opened on a clock that is not there")

    def on_AccountDetailsChanged(self, event, data):
        self.expect(data["changed"], f"{event['id']}: a change of nothing")
        name = event["stream"].split("/", 1)[1]
        account = self.accounts[name]
        if "currency" in data["changed"]:
            self.expect(data["before"]["currency"] == account["currency"], f"{event['id']}: it was not in that")
            account["currency"] = data["after"]["currency"]
            used = [row for kind in (self.invoices, self.credits, self.subscriptions, self.checkouts)
                    for row in kind.values() if row["account_id"] == name]
            self.expect(not used, f"{event['id']}: and {len(used)} things are in {data['before']['currency']}")
        if "vat_id_country" in data["changed"]:
            account["vat_id_country"] = data["after"]["vat_id_country"] or None

    def change_account(self, event, was, **members):
        account = self.accounts[event["stream"].split("/", 1)[1]]
        self.expect(account["status"] == was, f"{event['id']}: of an account that is {account['status']}")
        account.update(members)

    def on_AccountDeletionScheduled(self, event, data):
        self.expect(data["purge_at"] > event["decided_at"], f"{event['id']}: to be purged in the past")
        self.change_account(event, "active", status="deletion_scheduled")

    def on_AccountRestored(self, event, data):
        self.change_account(event, "deletion_scheduled", status="active")

    def on_AccountPurged(self, event, data):
        account = self.accounts[event["stream"].split("/", 1)[1]]
        self.expect(not account["legal_hold"], f"{event['id']}: purged under a legal hold")
        self.change_account(event, "deletion_scheduled", status="deleted", methods={}, default=None)

    def on_LegalHoldPlaced(self, event, data):
        self.accounts[event["stream"].split("/", 1)[1]]["legal_hold"] = True

    def on_AccountParked(self, event, data):
        account = self.accounts[data["account_id"]]
        self.expect(account["parked"] is None, f"{event['id']}: parked twice")
        account["parked"] = {"reason": data["reason"], "subscription_id": data["subscription"],
                             "since": event["decided_at"]}

    def on_AccountUnparked(self, event, data):
        account = self.accounts[data["account_id"]]
        self.expect(account["parked"] is not None, f"{event['id']}: released, and was not parked")
        account["parked"] = None

    def on_LegalHoldReleased(self, event, data):
        self.accounts[event["stream"].split("/", 1)[1]]["legal_hold"] = False

    # -- payment methods
    def on_PaymentMethodAttached(self, event, data):
        methods = self.accounts[data["account_id"]].setdefault("methods", {})
        self.expect(data["payment_method"] not in methods, f"{event['id']}: attached twice")
        methods[data["payment_method"]] = data

    def on_DefaultPaymentMethodChanged(self, event, data):
        account = self.accounts[data["account_id"]]
        self.expect(account.get("default") == data["previous"], f"{event['id']}: another one was the default")
        self.expect(data["payment_method"] in account["methods"], f"{event['id']}: not the account's")
        account["default"] = data["payment_method"]

    def on_PaymentMethodDetached(self, event, data):
        account = self.accounts[data["account_id"]]
        del account["methods"][data["payment_method"]]
        if not account["methods"]:
            account["default"] = None

    # -- books
    def on_BookCreated(self, event, data):
        self.expect(data["book_id"] not in self.books, f"{event['id']}: a book of that id was there before")
        self.expect(event["stream"] == f"{data['book_id']}/~book", f"{event['id']}: in another book's stream")
        self.books[data["book_id"]] = {"mode": data["mode"], "terms": data["terms"], "closed_at": None}

    def on_BookChanged(self, event, data):
        unsaid = {"name": data["book_id"], "currency": None, "time_zone": None, "legal_entity": None, "metadata": None}
        book = self.books.setdefault(data["book_id"], {"mode": None, "terms": unsaid, "closed_at": None})
        self.expect(book["terms"] == data["before"] != data["after"], f"{event['id']}: it was {book['terms']}")
        book["terms"] = data["after"]

    def on_BookClosed(self, event, data):
        book = self.books[data["book_id"]]
        self.expect(book["closed_at"] is None, f"{event['id']}: closed twice")
        book["closed_at"] = event["decided_at"]

    def keep_closed(self, event, data):
        """After its end a book is only told what the outside did, what is withdrawn, and what it refused."""
        closed = self.books.get(event["stream"].split("/", 1)[0], {}).get("closed_at")
        allowed = ("CommandAnswered", "ApiKeyRevoked", "PaymentSucceeded", "PaymentFailed", "PaymentActionRequired",
                   "InvoicePaid", "ProviderEventReceived", "ProviderEventProcessed", "ProviderEventIgnored",
                   "ProviderEventFailed", "AccountDeletionScheduled", "AccountPurged", "SubscriptionCanceled",
                   "CheckoutSessionExpired", "RefundSucceeded", "RefundFailed", "RefundCanceled", "CreditNoteIssued",
                   "CreditNoteNumberAssigned", "DisputeOpened", "DisputeWon", "DisputeLost")
        self.expect(closed is None or event["type"] in allowed or event["effective_at"] <= closed,
                    f"{event['id']}: {event['type']} in a closed book")

    def on_SandboxClockAdvanced(self, event, data):
        self.expect(data["to"] > data["from"], f"{event['id']}: the clock went back")

    def on_TestClockCreated(self, event, data):
        self.test_clocks[data["test_clock"]] = {"frozen_time": data["frozen_time"], "to": data["frozen_time"]}

    def on_TestClockAdvanced(self, event, data):
        clock = self.test_clocks[data["test_clock"]]
        self.expect(clock["to"] == clock["frozen_time"] == data["from"], f"{event['id']}: it was on its way, or elsewhere")
        self.expect(data["to"] > data["from"], f"{event['id']}: the clock went back")
        clock["to"] = data["to"]

    def on_TestClockBecameReady(self, event, data):
        clock = self.test_clocks[data["test_clock"]]
        self.expect(clock["to"] == data["frozen_time"] != clock["frozen_time"], f"{event['id']}: not where it was sent")
        clock["frozen_time"] = data["frozen_time"]

    def keep_time(self, event):
        """What is decided of an account on a test clock is decided between where it stood and where it goes."""
        account = self.accounts.get(event["stream"].split("/", 1)[1])
        if account is None or account["test_clock"] is None:
            return
        clock = self.test_clocks[account["test_clock"]]
        self.expect(clock["frozen_time"] <= event["decided_at"] <= clock["to"], f"{event['id']}: not at its clock's time")

    def on_ApiKeyCreated(self, event, data):
        pass

    def on_ApiKeyRevoked(self, event, data):
        pass

    # -- the catalogue
    def on_PlanCreated(self, event, data):
        self.expect(data["plan_id"] not in self.plans, f"{event['id']}: a plan of that name was created before")
        self.plans[data["plan_id"]] = {"version": 1, "active": True, "terms": data["terms"]}

    def on_PlanImported(self, event, data):
        self.on_PlanCreated(event, data)
        products = [plan.get("product") for plan in self.plans.values()]
        product = (data["provider"], data["product_id"])
        self.expect(product not in products, f"{event['id']}: the product is a plan already")
        self.plans[data["plan_id"]]["product"] = product

    def on_CatalogueSyncCompleted(self, event, data):
        plans = [plan for plan in self.plans.values() if plan.get("product", ("",))[0] == data["provider"]]
        told = sum(data[kind] for kind in ("imported", "revised", "retired", "restored", "unchanged"))
        self.expect(told <= len(plans), f"{event['id']}: more plans than were imported")

    def on_PlanVersionPublished(self, event, data):
        plan = self.plans[data["plan_id"]]
        self.expect(data["plan_version"] == plan["version"] + 1, f"{event['id']}: a version is missing")
        self.expect(plan["active"], f"{event['id']}: a retired plan was revised")
        plan["version"], plan["terms"] = data["plan_version"], data["terms"]

    def on_PlanRetired(self, event, data):
        self.plans[data["plan_id"]]["active"] = False

    def on_PlanRestored(self, event, data):
        self.plans[data["plan_id"]]["active"] = True

    # -- discounts and coupons
    def on_DiscountCreated(self, event, data):
        self.expect(data["discount_id"] not in self.discounts, f"{event['id']}: a discount of that name was created before")
        self.discounts[data["discount_id"]] = {"active": True, "terms": data["terms"]}

    def on_DiscountChanged(self, event, data):
        discount = self.discounts[data["discount_id"]]
        self.expect(discount["active"], f"{event['id']}: a retired discount was changed")
        discount["terms"] = data["terms"]

    def on_DiscountRetired(self, event, data):
        self.discounts[data["discount_id"]]["active"] = False

    def on_CouponCreated(self, event, data):
        self.expect(data["code"] not in self.coupons, f"{event['id']}: a coupon of that code was created before")
        self.coupons[data["code"]] = {"active": True, "limits": data, "by_account": collections.Counter(),
                                      "by_user": collections.Counter(), "redemptions": []}

    def on_CouponRetired(self, event, data):
        self.coupons[data["code"]]["active"] = False

    def on_DiscountApplied(self, event, data):
        self.expect(data["terms"] == self.discounts[data["discount_id"]]["terms"], f"{event['id']}: other terms than now")
        self.expect(event["stream"].endswith(f"/{data['account_id']}"), f"{event['id']}: in another account's stream")
        self.expect((data["code"] is None) == (data["redemption"] is None), f"{event['id']}: half a redemption")
        if data["code"] is not None:
            self.applied[data["redemption"]] = (data["code"], data["account_id"], event["command_id"])

    def on_DiscountRemoved(self, event, data):
        self.expect(event["stream"].endswith(f"/{data['account_id']}"), f"{event['id']}: in another account's stream")

    def on_CouponRedeemed(self, event, data):
        coupon = self.coupons[data["code"]]
        told = self.applied.pop(data["redemption"], None)
        self.expect(told == (data["code"], data["account_id"], event["command_id"]),
                    f"{event['id']}: the account was told {told}")
        self.expect(coupon["active"], f"{event['id']}: a retired coupon was redeemed")
        coupon["redemptions"].append((data["redemption"], data["account_id"], data["user_id"]))
        coupon["by_account"][data["account_id"]] += 1
        coupon["by_user"][data["user_id"]] += 1
        limits = coupon["limits"]
        for limit, count in (("max_redemptions", len(coupon["redemptions"])),
                             ("max_per_account", coupon["by_account"][data["account_id"]]),
                             ("max_per_user", coupon["by_user"][data["user_id"]])):
            self.expect(limits[limit] is None or count <= limits[limit], f"{event['id']}: beyond {limit}")
        self.expect(data["number"] == len(coupon["redemptions"]), f"{event['id']}: numbered {data['number']}")

    def on_CommandAnswered(self, event, data):
        self.expect(event["idempotency_key"], f"{event['id']}: an answer kept without a key")

    # -- money credits
    def on_CreditIssued(self, event, data):
        credited = self.credited.pop(event["command_id"], data["amount"])
        self.expect(data["amount"] == credited, f"{event['id']}: of an invoice that credits {credited}")
        self.credits[data["credit"]] = {"account_id": data["account_id"], "amount": data["amount"],
                                        "remaining": data["amount"], "currency": data["currency"],
                                        "type": data["type"], "status": "available", "expires_at": data["expires_at"]}

    def take_credit(self, event, data, status):
        credit = self.credits[data["credit"]]
        self.expect(credit["remaining"] >= data["amount"], f"{event['id']}: takes more than {credit['remaining']}")
        credit["remaining"] -= data["amount"]
        credit["status"] = status(credit)

    def on_CreditConsumed(self, event, data):
        self.take_credit(event, data, lambda credit: "partially_applied" if credit["remaining"] else "consumed")

    def on_CreditExpired(self, event, data):
        if data["cause"] == "time":
            expiry = self.credits[data["credit"]]["expires_at"]
            self.expect(event["decided_at"] >= expiry, f"{event['id']}: expired before {expiry}")
        self.take_credit(event, data, lambda credit: "expired")

    def on_CreditVoided(self, event, data):
        self.take_credit(event, data, lambda credit: "voided")

    # -- invoices
    def on_InvoiceDrafted(self, event, data):
        self.invoices[data["invoice"]] = {
            "account_id": data["account_id"], "currency": data["currency"], "status": "draft", "number": None,
            "lines": {line["number"]: line["amount"] for line in data["lines"]}, "total": None, "credits": [],
            "due_date": None, "overdue": False, "notes": {}, "surcharged": 0, "written_off": 0,
            "paid": 0, "attempts": 0, "in_flight": None, "automatic": data.get("collects_automatically"),
            "subscription": data["subscription"]}
        for line in data["lines"]:
            self.check_line(event, data["invoice"], line)

    def draft(self, event, data):
        invoice = self.invoices[data["invoice"]]
        self.expect(invoice["status"] == "draft", f"{event['id']}: an edit of an invoice that is {invoice['status']}")
        return invoice

    def on_InvoiceLineAdded(self, event, data):
        lines = self.draft(event, data)["lines"]
        self.expect(data["line"]["number"] not in lines, f"{event['id']}: a line's number twice")
        lines[data["line"]["number"]] = data["line"]["amount"]

    def on_InvoiceLineRemoved(self, event, data):
        del self.draft(event, data)["lines"][data["number"]]

    def on_InvoiceFinalized(self, event, data):
        invoice, figures = self.draft(event, data), data["figures"]
        amounts = {line["number"]: line["amount"] for line in figures["lines"]}
        self.expect(amounts == invoice["lines"], f"{event['id']}: figures of other lines than {invoice['lines']}")
        sums = {member: sum(line[member] for line in figures["lines"]) for member in ("amount", "discount", "net", "tax")}
        self.expect(sums["amount"] == figures["subtotal"] and sums["discount"] == figures["discount"]
                    and sums["tax"] == figures["tax"] and sums["net"] + sums["tax"] + figures.get("credited", 0) == figures["total"],
                    f"{event['id']}: the lines sum to {sums}, the figures say {figures}")
        self.expect(sum(row["tax"] for row in figures["taxes"]) == figures["tax"], f"{event['id']}: taxes")
        self.expect(sum(row["amount"] for row in figures["discounts"]) == figures["discount"], f"{event['id']}: discounts")
        self.expect(figures["total"] >= 0, f"{event['id']}: a total of {figures['total']}")
        self.expect(figures.get("credited", 0) == 0 or figures["total"] == 0, f"{event['id']}: credited, and something to pay")
        for line in figures["lines"]:
            self.billed[data["invoice"], line["number"]] = line["amount"] - line["discount"]
        if figures.get("credited"):
            self.credited[event["command_id"]] = figures["credited"]
        invoice.update(status="open", number=data["number"], total=figures["total"], due_date=data["due_date"],
                       figures=figures)
        self.numbered[data["invoice"]] = (data["series"], data["sequence"], data["number"], event["command_id"])

    def on_InvoiceNumberAssigned(self, event, data):
        told = self.numbered.pop(data["invoice"], None)
        said = (data["series"], data["sequence"], data["number"], event["command_id"])
        self.expect(told == said, f"{event['id']}: the account was told {told}")
        self.numbers[data["series"]] = self.numbers.get(data["series"], 0) + 1
        self.expect(data["sequence"] == self.numbers[data["series"]], f"{event['id']}: numbered {data['sequence']}")

    def owed(self, invoice):
        return self.due(invoice) - invoice["paid"] if invoice["status"] == "open" else 0

    def due(self, invoice):
        lowered = sum(note["due_reduction"] for note in invoice["notes"].values())
        applied = sum(amount for _, amount in invoice["credits"])
        return invoice["total"] + invoice["surcharged"] - invoice["written_off"] - lowered - applied

    def collectible(self, invoice):
        """What is owed, or was when it was written off."""
        return self.due(invoice) - invoice["paid"] if invoice["status"] in ("open", "uncollectible") else 0

    def failed(self, account=None, subscription=None):
        """Open invoices that a charge failed for."""
        return [invoice for invoice in self.invoices.values()
                if invoice.get("failed") and invoice["status"] == "open" and account in (None, invoice["account_id"])
                and subscription in (None, invoice["subscription"])]

    def payment_status(self, account):
        if self.failed(account=account):
            return "past_due"
        return "current" if self.accounts[account].get("charged") else "none"

    def leave_open(self, event, data, status, *from_statuses):
        invoice = self.invoices[data["invoice"]]
        self.expect(invoice["status"] in from_statuses or invoice["status"] == "open",
                    f"{event['id']}: of an invoice that is {invoice['status']}")
        self.expect(invoice["in_flight"] is None, f"{event['id']}: while a payment is in flight")
        invoice["status"] = status

    def on_InvoicePaid(self, event, data):
        self.expect(self.collectible(self.invoices[data["invoice"]]) == 0, f"{event['id']}: paid, and something is owed")
        self.leave_open(event, data, "paid", "uncollectible")

    def on_InvoiceVoided(self, event, data):
        invoice = self.invoices[data["invoice"]]
        self.expect(invoice["status"] in ("draft", "open"), f"{event['id']}: voided when {invoice['status']}")
        self.expect(invoice["in_flight"] is None, f"{event['id']}: voided while a payment is in flight")
        invoice["status"] = "void"
        self.billed = {key: amount for key, amount in self.billed.items() if key[0] != data["invoice"]}
        for billed, number, amount in self.given_back.pop(data["invoice"], []):
            self.billed[billed, number] = amount

    def on_InvoiceMarkedUncollectible(self, event, data):
        self.expect(self.owed(self.invoices[data["invoice"]]) == data["amount"], f"{event['id']}: another amount is owed")
        self.leave_open(event, data, "uncollectible")

    def on_InvoiceBecameOverdue(self, event, data):
        invoice = self.invoices[data["invoice"]]
        self.expect(event["decided_at"] >= invoice["due_date"], f"{event['id']}: before {invoice['due_date']}")
        self.expect(not invoice["overdue"] and invoice["status"] == "open", f"{event['id']}: overdue twice or not open")
        invoice["overdue"] = True

    def on_InvoiceSent(self, event, data):
        invoice = self.invoices[data["invoice"]]
        self.expect(invoice["status"] in ("open", "paid", "uncollectible"), f"{event['id']}: sent when {invoice['status']}")

    def on_CreditApplied(self, event, data):
        self.take_credit(event, data, lambda credit: "partially_applied" if credit["remaining"] else "consumed")
        invoice = self.invoices[data["invoice"]]
        invoice["credits"].append((data["credit"], data["amount"]))
        self.expect(self.owed(invoice) >= 0, f"{event['id']}: more credit than is owed")

    def on_CreditReturned(self, event, data):
        invoice, credit = self.invoices[data["invoice"]], self.credits[data["credit"]]
        self.expect(invoice["status"] == "void", f"{event['id']}: returned from an invoice that is {invoice['status']}")
        invoice["credits"].remove((data["credit"], data["amount"]))
        credit["remaining"] += data["amount"]
        credit["status"] = "available" if credit["remaining"] == credit["amount"] else "partially_applied"

    # -- payments
    def attempt(self, event, data, status):
        invoice = self.invoices[data["invoice"]]
        invoice["attempts"] += 1
        self.expect(data["attempt"] == invoice["attempts"], f"{event['id']}: attempt {data['attempt']}")
        self.expect(invoice["in_flight"] is None, f"{event['id']}: two payments of an invoice at once")
        self.expect(data["amount"] == self.collectible(invoice) > 0, f"{event['id']}: of {data['amount']}, another amount is owed")
        self.payments[data["payment"]] = {
            "account_id": data["account_id"], "invoice_id": data["invoice"], "amount": data["amount"], "attempt": data["attempt"],
            "status": status, "failure_code": None}
        return invoice

    def on_PaymentAttempted(self, event, data):
        methods = self.accounts[data["account_id"]].get("methods", {})
        self.expect(data["payment_method"] in methods, f"{event['id']}: with a method that the account does not have")
        keys = {payment.get("key") for payment in self.payments.values()}
        self.expect(data["provider_key"] not in keys, f"{event['id']}: a key twice")
        self.attempt(event, data, "pending")["in_flight"] = data["payment"]
        self.payments[data["payment"]]["key"] = data["provider_key"]

    def result(self, event, data, status):
        payment = self.payments[data["payment"]]
        self.expect(payment["status"] in ("pending", "requires_action"), f"{event['id']}: a second result")
        payment["status"] = status
        invoice = self.invoices[data["invoice"]]
        self.expect(invoice["in_flight"] == data["payment"], f"{event['id']}: of a payment that is not in flight")
        if status != "requires_action":
            invoice["in_flight"] = None
        return invoice

    def on_PaymentSucceeded(self, event, data):
        invoice = self.result(event, data, "succeeded")
        invoice["paid"] += data["amount"]
        self.accounts[data["account_id"]]["charged"] = True
        sides = {(line["account"], line["side"]) for line in data["postings"]}
        # Of what was written off the loss is taken back.
        settled = WRITE_OFFS if invoice["status"] == "uncollectible" else RECEIVABLE
        self.expect(sides == {(CASH, "debit"), (settled, "credit")}, f"{event['id']}: posts {sides}")
        self.expect(data["amount"] == self.payments[data["payment"]]["amount"], f"{event['id']}: another amount was attempted")

    def on_PaymentFailed(self, event, data):
        if data["payment"] in self.payments:
            invoice = self.result(event, data, "failed")
            is_lost = invoice["status"] == "uncollectible"
            self.expect(data.get("written_off", False) == is_lost, f"{event['id']}: of a lost invoice, or not")
            if not is_lost:
                invoice["failed"] = self.accounts[data["account_id"]]["charged"] = True
        else:
            self.attempt(event, data, "failed")
            self.expect(data["code"] == "no_payment_method", f"{event['id']}: {data['code']} without an attempt")
        self.payments[data["payment"]]["failure_code"] = data["code"]

    def on_PaymentActionRequired(self, event, data):
        self.result(event, data, "requires_action")

    def on_OfflinePaymentRecorded(self, event, data):
        invoice = self.invoices[data["invoice"]]
        owed = self.collectible(invoice)
        self.expect(invoice["in_flight"] is None, f"{event['id']}: beside a payment that is in flight")
        self.expect(data["applied"] == min(owed, data["amount"]) > 0, f"{event['id']}: {data['applied']} of {owed}")
        self.expect(data["credit_amount"] == data["amount"] - data["applied"], f"{event['id']}: what is left of it")
        self.expect((data["credit"] is None) == (data["credit_amount"] == 0), f"{event['id']}: its credit")
        settled = WRITE_OFFS if invoice["status"] == "uncollectible" else RECEIVABLE
        sides = {(line["account"], line["side"], line["amount"]) for line in data["postings"]}
        self.expect(sides == {(CASH, "debit", data["applied"]), (settled, "credit", data["applied"])}, f"{event['id']}: posts {sides}")
        invoice["paid"] += data["applied"]
        self.accounts[data["account_id"]]["charged"] = True
        self.payments[data["payment"]] = {
            "account_id": data["account_id"], "invoice_id": data["invoice"], "amount": data["amount"], "attempt": 0,
            "status": "succeeded", "failure_code": None, "kept": data["credit_amount"]}

    # -- what goes back of payments
    def gone(self, payment):
        """What has gone back of a payment, what is on its way, and what is disputed."""
        mine = [one for one in self.refunds.values() if one["payment_id"] == payment]
        disputed = [one for one in self.disputes.values() if one["payment_id"] == payment]
        return (sum(one["amount"] for one in mine if one["status"] == "succeeded"),
                sum(one["amount"] for one in mine if one["status"] == "pending"),
                sum(one["amount"] for one in disputed if one["status"] == "lost"),
                sum(one["amount"] for one in disputed if one["status"] == "open"))

    def on_RefundIssued(self, event, data):
        payment = self.payments[data["payment"]]
        self.expect(payment["status"] == "succeeded", f"{event['id']}: of a payment that is {payment['status']}")
        self.expect(payment["invoice_id"] == data["invoice"], f"{event['id']}: of another payment's invoice")
        self.expect((data["provider_key"] is None) == (data["destination"] == "credit"), f"{event['id']}: whom it asks")
        keys = {one["key"] for one in self.refunds.values()} - {None}
        self.expect(data["provider_key"] not in keys, f"{event['id']}: a key twice")
        self.refunds[data["refund"]] = {"payment_id": data["payment"], "amount": data["amount"], "status": "pending",
                                        "key": data["provider_key"], "destination": data["destination"],
                                        "account_id": data["account_id"]}
        gone = sum(self.gone(data["payment"]))
        self.expect(0 < data["amount"] and gone <= payment["amount"], f"{event['id']}: {gone} of {payment['amount']}")

    def refund(self, event, data, status):
        refund = self.refunds[data["refund"]]
        self.expect(refund["status"] == "pending", f"{event['id']}: a second result")
        self.expect(refund["amount"] == data["amount"], f"{event['id']}: another amount was asked for")
        refund["status"] = status
        return refund

    def on_RefundSucceeded(self, event, data):
        refund = self.refund(event, data, "succeeded")
        refund["credit_note"] = data["credit_note"]
        sides = {(line["account"], line["side"]) for line in data["postings"] or []}
        is_credit = refund["destination"] == "credit"
        self.expect(sides == (set() if is_credit else {(REFUNDS, "debit"), (CASH, "credit")}), f"{event['id']}: posts {sides}")
        self.expect((data["credit"] is None) != is_credit, f"{event['id']}: its credit")

    def on_RefundFailed(self, event, data):
        self.refund(event, data, "failed")

    def on_RefundCanceled(self, event, data):
        self.refund(event, data, "canceled")

    def on_DisputeOpened(self, event, data):
        payment = self.payments[data["payment"]]
        self.expect(payment["status"] == "succeeded", f"{event['id']}: of a payment that is {payment['status']}")
        self.expect(0 < data["amount"] <= payment["amount"], f"{event['id']}: more than was paid")
        mine = [one for one in self.disputes.values() if one["payment_id"] == data["payment"]]
        self.expect(all(one["status"] != "open" for one in mine), f"{event['id']}: two at once")
        self.expect(all(one["name"] != data["provider_dispute_id"] for one in mine), f"{event['id']}: once more")
        self.disputes[data["dispute"]] = {"payment_id": data["payment"], "amount": data["amount"], "status": "open",
                                          "name": data["provider_dispute_id"], "account_id": data["account_id"]}

    def dispute(self, event, data, status):
        dispute = self.disputes[data["dispute"]]
        self.expect(dispute["status"] == "open", f"{event['id']}: decided twice")
        self.expect(dispute["amount"] == data["amount"], f"{event['id']}: of another amount")
        dispute["status"] = status

    def on_DisputeWon(self, event, data):
        self.dispute(event, data, "won")

    def on_DisputeLost(self, event, data):
        self.dispute(event, data, "lost")

    # -- hosted checkouts
    def on_CheckoutSessionOpened(self, event, data):
        self.expect(instant(data["expires_at"]) > instant(event["decided_at"]), f"{event['id']}: over before it begins")
        self.expect((data["provider"] is None) == (data["provider_session_id"] is None), f"{event['id']}: half a page")
        self.checkouts[data["checkout_session"]] = {**data, "status": "open"}

    def checkout(self, event, data, status):
        session = self.checkouts[data["checkout_session"]]
        self.expect(session["status"] == "open", f"{event['id']}: of a session that is {session['status']}")
        self.expect(session["account_id"] == data["account_id"], f"{event['id']}: of another account's session")
        session.update(status=status)
        return session

    def on_CheckoutSessionCompleted(self, event, data):
        session = self.checkout(event, data, "completed")
        self.expect(instant(event["decided_at"]) < instant(session["expires_at"]), f"{event['id']}: too late")
        self.checked_out[data["subscription"]] = session

    def on_CheckoutSessionExpired(self, event, data):
        self.checkout(event, data, "expired")

    def on_ProviderSubscriptionMirrored(self, event, data):
        subscription = self.subscriptions[data["subscription"]]
        mirrored = {member: data[member] for member in ("provider", "provider_subscription_id", "provider_status")}
        mirrored["has_ended"] = data["has_ended"]
        before = subscription.get("mirrored")
        self.expect(mirrored != before, f"{event['id']}: that was so before")
        is_same = before and all(before[member] == mirrored[member] for member in ("provider", "provider_subscription_id"))
        self.expect(not is_same or not before["has_ended"] or data["has_ended"], f"{event['id']}: it came back to life")
        subscription["mirrored"] = mirrored

    # -- what providers post
    def on_ProviderEventReceived(self, event, data):
        name = (event["stream"], data["provider"], data["external_id"])
        self.expect(name not in self.told.values(), f"{event['id']}: {name} received twice")
        self.told[data["provider_event"]] = name
        if data["payment"]:
            payment = self.payments.get(data["payment"])
            self.expect(payment is not None, f"{event['id']}: about a payment that is not there")
        session = data.get("checkout_session")
        self.expect(session is None or session in self.checkouts, f"{event['id']}: about a checkout that is not there")
        about = data.get("subscription")
        self.expect(about is None or about in self.subscriptions, f"{event['id']}: about a subscription that is not there")

    def fate(self, event, data):
        self.expect(data["provider_event"] in self.told, f"{event['id']}: what became of nothing that was received")
        self.expect(data["provider_event"] not in self.fates, f"{event['id']}: a second fate")
        self.fates.add(data["provider_event"])

    on_ProviderEventProcessed = on_ProviderEventIgnored = on_ProviderEventFailed = fate

    # -- credit notes and adjustments
    def on_CreditNoteIssued(self, event, data):
        invoice = self.invoices[data["invoice"]]
        where = event["id"]
        self.expect(invoice["status"] in ("open", "paid"), f"{where}: of an invoice that is {invoice['status']}")
        for member in ("discount", "net", "tax"):
            self.expect(sum(line[member] for line in data["lines"]) == data[member], f"{where}: {member} of the lines")
        self.expect(sum(row["tax"] for row in data["taxes"]) == data["tax"], f"{where}: taxes")
        self.expect(data["net"] + data["tax"] == data["total"] > 0, f"{where}: a total of {data['total']}")
        refunded = data.get("refund_amount") or 0
        parts = (data["due_reduction"], data["write_off_recovery"], data["credit_amount"], refunded)
        self.expect(sum(parts) == data["total"] and min(parts) >= 0, f"{where}: {parts} of {data['total']}")
        refund = self.refunds[data["refund"]] if data.get("refund") else None
        self.expect((refund is None) == (refunded == 0), f"{where}: its refund")
        if refund is None:
            self.expect(data["due_reduction"] == min(data["total"], self.owed(invoice)), f"{where}: lowers what is due")
        else:
            is_its = refund["status"] == "succeeded" and refund["credit_note"] == data["credit_note"]
            self.expect(is_its and refunded == data["total"] <= refund["amount"], f"{where}: of a refund of {refund}")
        self.expect((data["credit"] is None) == (data["credit_amount"] == 0), f"{where}: its credit")
        invoice["notes"][data["credit_note"]] = data
        self.notes[data["credit_note"]] = {"data": data, "status": "issued"}
        self.close(where, invoice)
        self.numbered[data["credit_note"]] = (data["series"], data["sequence"], data["number"], event["command_id"])

    def close(self, where, invoice):
        """What credit notes took is a part of each line and each tax, and all of it when nothing is left."""
        figures, notes = invoice["figures"], invoice["notes"].values()
        taken = collections.Counter()
        for note in notes:
            for line in note["lines"]:
                for member in ("amount", "discount"):
                    taken[line["number"], member] += line[member]
            for row in note["taxes"]:
                taken["tax", row["row"]] += row["tax"]
        self.expect(sum(note["total"] for note in notes) <= figures["total"], f"{where}: more than the invoice")
        for line in figures["lines"]:
            for member in ("amount", "discount"):
                self.expect(abs(taken[line["number"], member]) <= abs(line[member]), f"{where}: too much {member}")
        if all(taken[line["number"], "amount"] == line["amount"] for line in figures["lines"]):
            self.expect(sum(note["total"] for note in notes) == figures["total"], f"{where}: does not close")
            for row, tax in enumerate(figures["taxes"]):
                self.expect(taken["tax", row] == tax["tax"], f"{where}: tax {row} does not close")

    def on_CreditNoteNumberAssigned(self, event, data):
        told = self.numbered.pop(data["credit_note"], None)
        said = (data["series"], data["sequence"], data["number"], event["command_id"])
        self.expect(told == said, f"{event['id']}: the account was told {told}")
        series = ("credit note", data["series"])
        self.numbers[series] = self.numbers.get(series, 0) + 1
        self.expect(data["sequence"] == self.numbers[series], f"{event['id']}: numbered {data['sequence']}")

    def on_CreditNoteVoided(self, event, data):
        note, invoice = self.notes[data["credit_note"]], self.invoices[data["invoice"]]
        self.expect(note["status"] == "issued", f"{event['id']}: voided twice")
        lowered, credit = note["data"]["due_reduction"], note["data"]["credit"]
        self.expect(lowered == 0 or invoice["status"] == "open", f"{event['id']}: its invoice is {invoice['status']}")
        self.expect(credit is None or self.credits[credit]["status"] == "available", f"{event['id']}: its credit is used")
        note["status"] = "void"
        del invoice["notes"][data["credit_note"]]

    def on_InvoiceAdjusted(self, event, data):
        invoice = self.invoices[data["invoice"]]
        self.adjustments[data["adjustment"]] = data
        self.expect((data["credit_note"] is None) == (data["type"] in ("surcharge", "write_off")), f"{event['id']}: its note")
        if data["type"] in ("surcharge", "write_off"):
            self.expect(invoice["status"] == "open", f"{event['id']}: of an invoice that is {invoice['status']}")
            invoice["surcharged" if data["type"] == "surcharge" else "written_off"] += data["total"]
        self.expect(self.due(invoice) >= 0, f"{event['id']}: below zero")

    def on_PolicyChanged(self, event, data):
        self.expect(data["before"] != data["after"], f"{event['id']}: a change of nothing")

    def on_TaxRateSet(self, event, data):
        place = data["country"] + ("-" + data["region"] if data["region"] else "")
        self.tax_rates[f"{place}:{data['name']}:{data['from']}"] = data

    # -- subscriptions
    def on_SubscriptionCreated(self, event, data):
        session = self.checked_out.pop(data["subscription"], None)
        for member in ("account_id", "plan_id", "price", "quantity") if session else ():
            self.expect(data[member] == session[member], f"{event['id']}: another {member} than was checked out")
        self.subscriptions[data["subscription"]] = {
            "account_id": data["account_id"], "plan_id": data["plan_id"], "quantity": data["quantity"], "status": None,
            "start": None, "end": None, "leaves": False, "next_plan": None, "grace_period_end": None, "dunning_until": None}

    def subscription(self, event, data, *statuses):
        subscription = self.subscriptions[data["subscription"]]
        self.expect(subscription["status"] in statuses, f"{event['id']}: of a subscription {subscription['status']}")
        return subscription

    def begin(self, event, data, subscription):
        period = data["period"]
        self.expect(period["start"] < period["end"], f"{event['id']}: a period of nothing")
        status = "past_due" if subscription["status"] == "past_due" else "active"
        subscription.update(status=status, start=period["start"], end=period["end"])

    def on_SubscriptionTrialStarted(self, event, data):
        self.subscription(event, data, None).update(status="trialing", start=data["start"], end=data["end"])

    def on_SubscriptionActivated(self, event, data):
        self.begin(event, data, self.subscription(event, data, None))

    def go_on(self, event, data, *statuses):
        subscription = self.subscription(event, data, *statuses)
        self.expect(data["period"]["start"] == subscription["end"], f"{event['id']}: not where {subscription['end']} was")
        self.expect(event["decided_at"] == subscription["end"], f"{event['id']}: at {event['decided_at']}")
        self.expect(not subscription["leaves"], f"{event['id']}: of one that was to end")
        self.begin(event, data, subscription)

    def on_TrialConverted(self, event, data):
        self.go_on(event, data, "trialing")

    def on_SubscriptionRenewed(self, event, data):
        self.go_on(event, data, "active", "past_due")

    def on_SubscriptionBecamePastDue(self, event, data):
        subscription = self.subscription(event, data, "active")
        failed = self.failed(subscription=data["subscription"])
        self.expect(self.invoices[data["invoice"]] in failed, f"{event['id']}: without a failed charge")
        for member, days in (("grace_period_end", 4), ("dunning_until", 31)):
            length = instant(data[member]) - instant(event["decided_at"])
            self.expect(length == datetime.timedelta(days=days), f"{event['id']}: {member} after {length}")
        subscription.update(status="past_due", grace_period_end=data["grace_period_end"], dunning_until=data["dunning_until"])

    def on_SubscriptionRecovered(self, event, data):
        subscription = self.subscription(event, data, "past_due")
        failed = self.failed(subscription=data["subscription"])
        self.expect(not failed, f"{event['id']}: and {len(failed)} failed invoices are open")
        subscription.update(status="active", grace_period_end=None, dunning_until=None)

    def on_SubscriptionCancellationScheduled(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active", "past_due", "paused")
        end = None if subscription["status"] == "paused" else subscription["end"]
        self.expect(data["cancel_at"] == end, f"{event['id']}: ends at {data['cancel_at']}")
        subscription["leaves"] = True

    def on_SubscriptionCanceled(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active", "past_due", "paused")
        if data["cause"] == "scheduled":
            self.expect(subscription["leaves"] and event["decided_at"] == subscription["end"], f"{event['id']}: too early")
        if data["cause"] == "provider":
            self.expect(subscription["mirrored"]["has_ended"], f"{event['id']}: nothing ended at a provider")
        if data["cause"] == "pause_limit":
            self.expect(event["decided_at"] == subscription["paused"]["cancels_at"], f"{event['id']}: too early")
        subscription.update(status="canceled", leaves=False, next_plan=None, grace_period_end=None, dunning_until=None)

    def on_SubscriptionPaused(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active")
        self.expect(instant(event["decided_at"]) >= instant(data["paused_at"]), f"{event['id']}: paused before")
        subscription.update(paused={**data, "status": subscription["status"]}, status="paused")

    def on_SubscriptionResumed(self, event, data):
        subscription = self.subscription(event, data, "paused")
        paused = subscription["paused"]
        length = instant(data["resumed_at"]) - instant(paused["paused_at"])
        end = data["period"]["end"] if data["period"] else data["trial_end"]
        self.expect(data["paused_at"] == paused["paused_at"], f"{event['id']}: of another pause")
        self.expect(instant(end) == instant(subscription["end"]) + length, f"{event['id']}: ends at {end}")
        self.expect((data["period"] is None) == (paused["status"] == "trialing"), f"{event['id']}: of a trial, or not")
        if data["mode"] == "auto":
            self.expect(data["resumed_at"] == paused["resumes_at"] == event["decided_at"], f"{event['id']}: not on its date")
        subscription.update(status=paused["status"], end=end)

    def on_AccountTrialStarted(self, event, data):
        self.expect(instant(data["start"]) <= instant(event["decided_at"]), f"{event['id']}: begins later")
        self.accounts[data["account_id"]].update(trial_started_at=data["start"], trial_ends_at=data["end"], in_trial=True,
                                                 limits_plan_id=data["plan_id"])

    def trial(self, event, data):
        """The account's own, which must be running."""
        account = self.accounts[data["account_id"]]
        self.expect(account["in_trial"], f"{event['id']}: of an account without a trial")
        self.expect(data["trial_end"] == account["trial_ends_at"], f"{event['id']}: ends at {account['trial_ends_at']}")
        return account

    def on_TrialReminderIssued(self, event, data):
        end = self.subscription(event, data, "trialing")["end"] if data["subscription"] else None
        self.expect(data["trial_end"] == (end or self.trial(event, data)["trial_ends_at"]), f"{event['id']}: ends at {end}")
        left = instant(data["trial_end"]) - instant(event["decided_at"])
        self.expect(0 < left.total_seconds() <= data["days_before"] * 86_400, f"{event['id']}: {left} before the end")

    def on_TrialExpired(self, event, data):
        plan = data["free_plan"]
        self.expect((plan is not None) == (data["outcome"] == "downgraded"), f"{event['id']}: {data['outcome']}, to {plan}")
        if data["subscription"] is None:
            self.trial(event, data).update(in_trial=False, limits_plan_id=plan and plan["plan_id"])
        elif plan:
            self.go_on(event, data, "trialing")
            self.subscriptions[data["subscription"]].update(plan_id=plan["plan_id"], next_plan=None)
        elif data["outcome"] == "blocked":
            self.subscription(event, data, "trialing").update(status="expired", leaves=False, next_plan=None)

    def on_TrialEndedEarly(self, event, data):
        if data["subscription"] is None:
            self.trial(event, data).update(in_trial=False, trial_started_at=None, trial_ends_at=None, limits_plan_id=None)
            return
        subscription = self.subscription(event, data, "trialing")
        self.expect(data["trial_end"] == subscription["end"], f"{event['id']}: of a trial that ends {subscription['end']}")
        self.expect(instant(data["period"]["start"]) <= instant(event["decided_at"]), f"{event['id']}: begins later")
        self.begin(event, data, subscription)

    def share(self, line):
        """The part of the whole, as the two are counted: of seconds, from the period's own instants."""
        proration = line.get("proration")
        if proration["unit"] == "second":
            seconds = round((instant(line["period_end"]) - instant(line["period_start"])).total_seconds())
            seconds -= line.get("paused_seconds", 0)
            self.expect(proration["part"] == seconds, f"{proration} is not from {line['period_start']} on")
        return fractions.Fraction(proration["part"], proration["whole"])

    def check_line(self, event, invoice, line):
        """A prorated line is the share of what it names, rounded once, and nothing is given back twice."""
        credits = line.get("credits")
        if credits:
            billed = self.billed.pop((credits["invoice"], credits["number"]), None)
            self.given_back[invoice].append((credits["invoice"], credits["number"], billed))
            self.expect(billed == credits["billed"], f"{event['id']}: credits {credits}, billed {billed}")
            self.expect(rounded(self.share(line) * credits["billed"], line) == credits["credited"] == -line["amount"],
                        f"{event['id']}: another share than {credits['credited']}")
        elif line.get("proration"):
            steps = line["steps"] or [line]
            whole = sum(fractions.Fraction(step["quantity"]) * fractions.Fraction(step["unit_amount"]) for step in steps)
            self.expect(rounded(whole * self.share(line), line) == line["amount"], f"{event['id']}: {line['amount']} of {whole}")

    def on_PlanChanged(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active", *(["past_due"] if data["scheduled"] else []))
        self.expect((data["from_plan_id"], data["from_quantity"]) == (subscription["plan_id"], subscription["quantity"]),
                    f"{event['id']}: from another plan than {subscription['plan_id']}")
        self.arrive(event, data, subscription)
        subscription["plan_id"] = data["plan"]["plan_id"]
        if data["period"]:
            self.expect(data["period"]["start"] >= subscription["start"], f"{event['id']}: begins before the last one")
            self.begin(event, data, subscription)

    def on_SubscriptionQuantityChanged(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active", *(["past_due"] if data["scheduled"] else []))
        self.expect(data["from_quantity"] == subscription["quantity"], f"{event['id']}: from {subscription['quantity']}")
        self.arrive(event, data, subscription)

    def arrive(self, event, data, subscription):
        subscription["quantity"] = data["quantity"]
        if not data["scheduled"]:
            return
        self.expect(event["decided_at"] == subscription["end"], f"{event['id']}: at {event['decided_at']}")
        self.expect(subscription["next_plan"] is not None, f"{event['id']}: nothing was scheduled")
        subscription["next_plan"] = None

    def on_ProrationCalculated(self, event, data):
        self.subscription(event, data, "active")

    def on_PlanChangeScheduled(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active")
        self.expect(data["change_at"] == subscription["end"], f"{event['id']}: at {data['change_at']}")
        subscription["next_plan"] = data["plan"]["plan_id"]

    def on_ScheduledPlanChangeCanceled(self, event, data):
        subscription = self.subscription(event, data, "trialing", "active", "past_due", "paused")
        self.expect(subscription["next_plan"] is not None, f"{event['id']}: nothing was scheduled")
        subscription["next_plan"] = None

    def on_SubscriptionDetailsChanged(self, event, data):
        self.subscription(event, data, "trialing", "active", "past_due", "paused", "canceled", "expired")

    def on_SubscriptionReactivated(self, event, data):
        if data["period"]:
            self.begin(event, data, self.subscription(event, data, "canceled", "expired"))
        else:
            self.expect(self.subscription(event, data, "trialing", "active", "past_due", "paused")["leaves"], f"{event['id']}: of nothing")
        self.subscriptions[data["subscription"]]["leaves"] = False

    # -- units
    def move(self, event, data, available, reserved=0):
        balance = self.units[data["account_id"], data["unit"]]
        balance[0] += available
        balance[1] += reserved
        self.expect(balance[0] >= 0 and balance[1] >= 0, f"{event['id']}: balance below zero: {balance}")

    def take(self, event, draws, total):
        self.expect(sum(draw["amount"] for draw in draws) == total, f"{event['id']}: draws do not add up to {total}")
        for draw in draws:
            self.grants[draw["grant"]] -= draw["amount"]
            self.expect(self.grants[draw["grant"]] >= 0, f"{event['id']}: {draw['grant']} is overdrawn")

    def give_back(self, draws):
        for draw in draws:
            self.grants[draw["grant"]] += draw["amount"]

    def on_UnitCreditsAllocated(self, event, data):
        self.grants[data["grant"]] = data["amount"]
        self.move(event, data, data["amount"])

    def on_UnitCreditsDeducted(self, event, data):
        self.take(event, data["draws"], data["amount"])
        self.move(event, data, -data["amount"])

    def on_UnitCreditsAdjusted(self, event, data):
        if data["amount"] > 0:
            self.grants[data["grant"]] = data["amount"]
        else:
            self.take(event, data["draws"], -data["amount"])
        self.move(event, data, data["amount"])

    def on_UnitCreditsExpired(self, event, data):
        self.grants[data["grant"]] -= data["amount"]
        self.expect(self.grants[data["grant"]] == 0, f"{event['id']}: an expiry that leaves {data['grant']} open")
        self.move(event, data, -data["amount"])

    def on_UnitCreditsReserved(self, event, data):
        self.take(event, data["draws"], data["amount"])
        self.holds[data["reservation"]] = {"account_id": data["account_id"], "amount": data["amount"],
                                           "status": "held", "captured": 0, "released": 0}
        self.move(event, data, -data["amount"], data["amount"])

    def end_hold(self, event, data, status, captured, released):
        hold = self.holds[data["reservation"]]
        self.expect(hold["status"] == "held", f"{event['id']}: {data['reservation']} ends twice")
        self.expect(captured + released == hold["amount"], f"{event['id']}: the hold does not end whole")
        hold.update(status=status, captured=captured, released=released)
        self.give_back(data["returns"])
        self.move(event, data, released, -hold["amount"])

    def on_UnitReservationCaptured(self, event, data):
        self.end_hold(event, data, "captured", data["amount"], data["released"])

    def on_UnitReservationReleased(self, event, data):
        self.end_hold(event, data, "released", 0, data["amount"])

    def on_UnitReservationExpired(self, event, data):
        self.end_hold(event, data, "expired", 0, data["amount"])


def compare(ledger, api, expect):
    """Every balance, credit and sum that the events give, against the API's answers."""
    shown = {row["id"]: row["percent"] for row in api.get("/v1/tax/rates")["data"] if row["source"] == "book"}
    told = {rate: row["percent"] for rate, row in ledger.tax_rates.items()}
    expect({rate: str(percent) for rate, percent in shown.items()} == told, f"tax rates: API {shown}, events {told}")
    for row in api.pages("/v1/books", lambda row: row["id"]):
        told = ledger.books.get(row["id"])
        if told is None:
            continue  # of another shard, or nothing was said of it
        shown = (row["name"], row["default_currency"], row["time_zone"], row["legal_entity"], row["branding"],
                 row["metadata"])
        terms = told["terms"]
        expect(shown == (terms["name"], terms["currency"], terms["time_zone"], terms["legal_entity"], terms.get("branding"),
                         terms["metadata"] or {}),
               f"book {row['id']}: API {shown}, events {terms}")
        expect(row["closed_at"] == told["closed_at"], f"book {row['id']}: closed at {row['closed_at']}")
        expect(told["mode"] in (None, row["mode"]), f"book {row['id']}: {row['mode']}, created as {told['mode']}")
    clocks = {row["id"]: row for row in api.pages("/v1/test-clocks", lambda row: row["id"])}
    expect(set(clocks) == set(ledger.test_clocks), f"test clocks: API {len(clocks)}, events {len(ledger.test_clocks)}")
    for clock, told in ledger.test_clocks.items():
        shown = clocks.get(clock, {})
        expect(shown.get("frozen_time") == told["frozen_time"], f"{clock}: API {shown}, events {told}")
        expect((shown.get("status") == "ready") == (told["to"] == told["frozen_time"]), f"{clock}: {shown.get('status')}")
    seen = {}
    for account in api.pages("/v1/accounts", lambda row: row["id"]):
        seen[account["id"]] = account
    expect(set(seen) == set(ledger.accounts), f"accounts: API {len(seen)}, events {len(ledger.accounts)}")
    for account, told in ledger.accounts.items():
        for member in ("currency", "status", "legal_hold", "parked", "vat_id_country", "test_clock", "trial_started_at",
                       "trial_ends_at", "in_trial", "limits_plan_id"):
            shown = seen.get(account, {}).get(member)
            expect(shown == told[member], f"{account} {member}: API {shown}, events {told[member]}")
        shown, told_status = seen.get(account, {}).get("payment_status"), ledger.payment_status(account)
        expect(shown == told_status, f"{account} payment_status: API {shown}, events {told_status}")
        shown = {row["id"]: row["last4"] for row in seen.get(account, {}).get("payment_methods", [])}
        expect(shown == {method: row["last4"] for method, row in told.get("methods", {}).items()},
               f"{account}: payment methods: API {shown}, events {told.get('methods')}")
        default = seen.get(account, {}).get("default_payment_method")
        expect(default == told.get("default"), f"{account}: default: API {default}, events {told.get('default')}")
        balance = api.get(f"/v1/accounts/{account}/balance")
        for row in balance["balances"]:
            credit, receivable = ledger.balances[account, row["currency"]]
            expect((row["credit"], row["receivable"]) == (credit, receivable),
                   f"{account} {row['currency']}: API {row}, events credit {credit} receivable {receivable}")
        shown = {row["currency"] for row in balance["balances"]}
        for (owner, currency), sums in ledger.balances.items():
            expect(owner != account or currency in shown or sums == [0, 0], f"{account}: {currency} is not shown")
    for (account, unit), (available, reserved) in ledger.units.items():
        row = api.get(f"/v1/accounts/{account}/unit-credits", unit=unit)
        expect((row["available"], row["reserved"]) == (available, reserved),
               f"{account} {unit}: API {row['available']}, {row['reserved']}; events {available}, {reserved}")
        running = None
        for line in api.pages(f"/v1/accounts/{account}/unit-credits/history", lambda entry: entry["id"], unit=unit):
            if running is None:
                expect(line["balance_after"] == available, f"{account} {unit}: the last line shows another balance")
            else:
                expect(line["balance_after"] == running, f"{account} {unit}: the running balance breaks at {line['id']}")
            running = line["balance_after"] - line["amount"]
        expect(running == 0, f"{account} {unit}: the history does not start at zero")
    listed = {credit["id"]: credit for credit in api.pages("/v1/credits", lambda row: row["id"])}
    expect(set(listed) == set(ledger.credits), f"credits: API {len(listed)}, events {len(ledger.credits)}")
    for credit_id, credit in ledger.credits.items():
        for member in ("account_id", "amount", "remaining", "currency", "type", "status", "expires_at"):
            shown = listed.get(credit_id, {}).get(member)
            expect(shown == credit[member], f"{credit_id} {member}: API {shown}, events {credit[member]}")
    trial = api.get("/v1/ledger/trial-balance")
    shown = {(row["currency"], line["number"]): [line["debit"], line["credit"]]
             for row in trial["currencies"] for line in row["accounts"]}
    for key in set(shown) | set(ledger.postings):
        debit, credit = ledger.postings.get(key, [0, 0])
        row = shown.get(key, [0, 0])
        # The trial balance may show totals of both sides or only the balance: what must agree is their difference.
        expect(row[0] - row[1] == debit - credit, f"trial balance {key}: API {row}, events {[debit, credit]}")
    for row in trial["currencies"]:
        expect(row["debits"] == row["credits"], f"trial balance {row['currency']} does not balance")
    plans = {plan["id"]: plan for plan in api.pages("/v1/plans", lambda row: row["id"])}
    expect(set(plans) == set(ledger.plans), f"plans: API {sorted(plans)}, events {sorted(ledger.plans)}")
    for name, told in ledger.plans.items():
        shown = plans.get(name, {})
        expect(shown.get("active") == told["active"] and shown.get("version") == told["version"], f"plan {name}: {shown}")
        costs = [(row["currency"], row["interval"], row["amount"] if row["amount"] is None else str(row["amount"]))
                 for row in shown.get("prices", [])]
        terms = [(row["currency"], row["interval"], row["unit_amount"]) for row in told["terms"]["prices"]]
        expect(costs == terms, f"plan {name}: {costs}, events {terms}")
    invoices = {row["id"]: row for row in api.pages("/v1/invoices", lambda row: row["id"])}
    expect(set(invoices) == set(ledger.invoices), f"invoices: API {len(invoices)}, events {len(ledger.invoices)}")
    for invoice, told in ledger.invoices.items():
        shown = invoices.get(invoice, {})
        for member in ("account_id", "currency", "status", "number", "total", "due_date"):
            expect(shown.get(member) == told[member], f"{invoice} {member}: API {shown.get(member)}, events {told[member]}")
        expect(shown.get("amount_remaining") == ledger.owed(told), f"{invoice}: {shown.get('amount_remaining')} remaining")
        expect(shown.get("amount_paid") == told["paid"], f"{invoice}: {shown.get('amount_paid')} paid")
        is_collected = told["automatic"] and ledger.owed(told) > 0
        expect(not is_collected or told["attempts"] > 0, f"{invoice}: nobody tried to collect it")
        expect(shown.get("payment_attempts") == told["attempts"], f"{invoice}: {shown.get('payment_attempts')} attempts")
        notes = {row["credit_note_id"]: row["amount"] for row in shown.get("credit_notes", [])}
        expect(notes == {note: data["total"] for note, data in told["notes"].items()}, f"{invoice}: credit notes {notes}")
        expect(shown.get("amount_credited") == sum(notes.values()), f"{invoice}: credited {shown.get('amount_credited')}")
        expect(shown.get("subtotal") == sum(told["lines"].values()), f"{invoice}: subtotal {shown.get('subtotal')}")
        expect(shown.get("overdue") == (told["overdue"] and told["status"] == "open"), f"{invoice}: overdue")
        if told["total"] is not None:
            due = sum(line["amount"] for line in shown.get("lines", []))
            expect(due == shown.get("amount_due"), f"{invoice}: lines of {due}, due {shown.get('amount_due')}")
    payments = {row["id"]: row for row in api.pages("/v1/payments", lambda row: row["id"])}
    expect(set(payments) == set(ledger.payments), f"payments: API {len(payments)}, events {len(ledger.payments)}")
    for payment, told in ledger.payments.items():
        refunded, refunding, lost, disputed = ledger.gone(payment)
        status = told["status"]
        if status == "succeeded" and refunded + lost:
            status = "refunded" if refunded + lost >= told["amount"] else "partially_refunded"
        status = "disputed" if disputed else status
        collected = told["amount"] - told.get("kept", 0) if told["status"] == "succeeded" else 0
        left = max(0, collected - refunded - refunding - lost - disputed)
        of_events = {**told, "status": status, "refunded_amount": refunded, "refundable_amount": left}
        for member in ("account_id", "invoice_id", "amount", "attempt", "status", "failure_code", "refunded_amount",
                       "refundable_amount"):
            shown = payments.get(payment, {}).get(member)
            expect(shown == of_events[member], f"{payment} {member}: API {shown}, events {of_events[member]}")
    for path, of_log in (("/v1/refunds", ledger.refunds), ("/v1/disputes", ledger.disputes)):
        rows = {row["id"]: row for row in api.pages(path, lambda row: row["id"])}
        expect(set(rows) == set(of_log), f"{path}: API {len(rows)}, events {len(of_log)}")
        for one, told in of_log.items():
            for member in ("account_id", "payment_id", "amount", "status"):
                shown = rows.get(one, {}).get(member)
                expect(shown == told[member], f"{one} {member}: API {shown}, events {told[member]}")
    notes = {row["id"]: row for row in api.pages("/v1/credit-notes", lambda row: row["id"])}
    expect(set(notes) == set(ledger.notes), f"credit notes: API {len(notes)}, events {len(ledger.notes)}")
    for note, told in ledger.notes.items():
        shown, data = notes.get(note, {}), told["data"]
        expect(shown.get("status") == told["status"], f"{note}: API {shown.get('status')}, events {told['status']}")
        for member in ("number", "total", "tax", "due_reduction", "credit_amount"):
            expect(shown.get(member) == data[member], f"{note} {member}: API {shown.get(member)}, events {data[member]}")
        expect(shown.get("invoice_id") == data["invoice"], f"{note}: of {shown.get('invoice_id')}")
    adjustments = {row["id"]: row for row in api.pages("/v1/invoice-adjustments", lambda row: row["id"])}
    expect(set(adjustments) == set(ledger.adjustments), f"adjustments: API {len(adjustments)}")
    for adjustment, data in ledger.adjustments.items():
        for member in ("type", "amount", "total"):
            expect(adjustments.get(adjustment, {}).get(member) == data[member], f"{adjustment}: {member}")
    subscriptions = {row["id"]: row for row in api.pages("/v1/subscriptions", lambda row: row["id"])}
    expect(set(subscriptions) == set(ledger.subscriptions), f"subscriptions: API {sorted(subscriptions)}")
    for subscription, told in ledger.subscriptions.items():
        shown = subscriptions.get(subscription, {})
        names = {"status": "status", "plan_id": "plan_id", "quantity": "quantity", "start": "current_period_start",
                 "end": "current_period_end", "leaves": "cancel_at_period_end", "next_plan": "scheduled_plan_id", "account_id": "account_id",
                 "grace_period_end": "grace_period_end", "dunning_until": "dunning_until"}
        for member, name in names.items():
            expect(shown.get(name) == told[member], f"{subscription} {name}: API {shown.get(name)}, events {told[member]}")
        mirrored = told.get("mirrored", {})
        expect(shown.get("provider_subscription_id") == mirrored.get("provider_subscription_id"),
               f"{subscription}: API {shown.get('provider_subscription_id')}, events {mirrored}")
        is_owing = bool(ledger.failed(subscription=subscription))
        expect(told["status"] != "past_due" or is_owing, f"{subscription}: past due, and nothing that failed is open")
    for session, told in ledger.checkouts.items():
        shown = api.get(f"/v1/checkout-sessions/{session}")
        for member in ("status", "account_id", "plan_id", "quantity", "provider_session_id", "expires_at"):
            expect(shown[member] == told[member], f"{session} {member}: API {shown[member]}, events {told[member]}")
    expect(not ledger.checked_out, f"checkouts whose subscriptions never came: {ledger.checked_out}")
    owed = collections.Counter()
    for told in ledger.invoices.values():
        owed[told["account_id"], told["currency"]] += ledger.owed(told)
    for account, (credit, receivable) in ledger.balances.items():
        expect(owed[account] == receivable, f"{account}: open invoices of {owed[account]}, postings {receivable}")
    expect(not ledger.numbered, f"invoices whose number the book was not told of: {ledger.numbered}")
    discounts = {row["id"]: row for row in api.pages("/v1/discounts", lambda row: row["id"])}
    expect(set(discounts) == set(ledger.discounts), f"discounts: API {sorted(discounts)}, events {sorted(ledger.discounts)}")
    for name, told in ledger.discounts.items():
        shown = discounts.get(name, {})
        expect((shown.get("active"), shown.get("percent")) == (told["active"], told["terms"]["percent"]),
               f"discount {name}: {shown}")
    coupons = {row["code"]: row for row in api.pages("/v1/coupons", lambda row: row["code"])}
    expect(set(coupons) == set(ledger.coupons), f"coupons: API {sorted(coupons)}, events {sorted(ledger.coupons)}")
    for code, told in ledger.coupons.items():
        count = coupons.get(code, {}).get("redemptions")
        expect(count == len(told["redemptions"]), f"coupon {code}: {count} redemptions")
        rows = [(row["id"], row["account_id"], row["user_id"])
                for row in api.pages(f"/v1/coupons/{code}/redemptions", lambda row: row["id"])]
        expect(rows == told["redemptions"][::-1], f"redemptions of {code}: {rows}, events {told['redemptions']}")
    expect(not ledger.applied, f"discounts that the book was not told of: {ledger.applied}")


def read_events(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            yield event["data"] if "specversion" in event else event


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", default="dbk_dev")
    parser.add_argument("--events", help="JSON lines instead of GET /v1/events")
    options = parser.parse_args()
    api = Api(options.url, options.key)
    ledger = Ledger()
    events = read_events(options.events) if options.events else api.pages("/v1/events", lambda event: event["id"])
    last = None
    for event in events:
        ledger.apply(event)
        last = event["id"]
    # Time passes while the API is asked, and holds and credits expire: what was compared counts only if no event came
    # in between.
    for _ in range(attempts_max):
        problems = list(ledger.problems)
        compare(ledger, api, lambda condition, text: condition or problems.append(text))
        later = list(api.pages("/v1/events", lambda event: event["id"], first_after=last))
        if not later:
            break
        for event in later:
            ledger.apply(event)
            last = event["id"]
    else:
        problems.append("events kept coming while the API was compared")
    for problem in problems[:50]:
        print("DISAGREES:", problem)
    print(f"{ledger.events} events, {len(ledger.accounts)} accounts, {len(ledger.credits)} credits, "
          f"{len(ledger.units)} unit balances: {'they agree' if not problems else f'{len(problems)} disagreements'}")
    if not ledger.events:
        print("nothing was checked")
    return 1 if problems or not ledger.events else 0


if __name__ == "__main__":
    sys.exit(main())
