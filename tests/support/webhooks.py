"""Messages as Stripe posts them, made without any code of the ledger's: after Stripe's documentation alone."""
import hashlib
import hmac
import http.client
import json
import time

SECRET = "whsec_dev"  # of a server in test mode that was given none


def message(event_id, event_type, payment, amount, currency="USD", **members):
    data = {"id": "pi_1", "object": "payment_intent", "amount": amount, "currency": currency.lower(),
            "metadata": {"daybook_payment": payment}, **members}
    return json.dumps({"id": event_id, "object": "event", "type": event_type, "data": {"object": data}})


def checkout(event_id, event_type, session, token="tok_ok"):
    data = {"id": "cs_test_1", "object": "checkout.session", "mode": "setup", "status": "complete", "payment_method": token,
            "metadata": {"daybook_checkout": session}}
    return json.dumps({"id": event_id, "object": "event", "type": event_type, "data": {"object": data}})


def subscription(event_id, event_type, own, status, theirs="sub_test_1"):
    data = {"id": theirs, "object": "subscription", "status": status, "metadata": {"daybook_subscription": own}}
    return json.dumps({"id": event_id, "object": "event", "type": event_type, "data": {"object": data}})


def signature(body, secret=SECRET, at=None):
    seconds = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={mac}"


def post(port, body, header, provider="stripe"):
    """(status, parsed answer), as a provider posts: without a key."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", f"/v1/webhooks/{provider}", body,
                           {"Stripe-Signature": header, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
