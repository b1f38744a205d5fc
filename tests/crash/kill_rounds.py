#!/usr/bin/env python3
"""kill -9 at random moments under load.

Each round: eight clients send commands with idempotency keys and remember every answer; the server is killed; it is
started again; then every acknowledged command must be there with the same answer (a repeat is marked as replayed), no
other command half there, `daybook verify` must exit 0, and the oracle must agree with the API: also that the numbers of
finalised invoices have no gap, that no payment is charged twice, and that never more goes back than was paid.

    kill_rounds.py [--rounds 10] [--seed N]
"""
import argparse
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from ledger_server import SOURCE, Server, binary, in_parallel  # noqa: E402

CLIENTS, ACCOUNTS = 8, 6


def command(chance, drafts, payments):
    """A path and a body; what the client has drafted is finalised soon, and what was paid for it goes back in parts."""
    if drafts and chance.random() < 0.3:
        return f"/v1/invoices/{drafts.pop()}/finalize", {}
    if payments and chance.random() < 0.2:
        return "/v1/refunds", {"payment_id": chance.choice(payments), "amount": chance.randrange(1, 900),
                               "destination": chance.choice(["payment_method", "payment_method", "credit"])}
    account = f"acct{chance.randrange(ACCOUNTS)}"
    base = f"/v1/accounts/{account}/unit-credits"
    return chance.choice([
        (f"{base}/allocate", {"amount": chance.randrange(1, 500)}),
        (f"{base}/deduct", {"amount": chance.randrange(1, 50), "reference": "job"}),
        (f"{base}/reservations", {"amount": chance.randrange(1, 20), "ttl_seconds": chance.randrange(1, 5)}),
        (f"{base}/deduct", {"amount": 10**9}),
        ("/v1/invoices", {"account_id": account, "collection": chance.choice(["automatic", "manual"]),
                          "lines": [{"description": "crash test", "unit_amount": chance.randrange(1, 9000)}]}),
        ("/v1/credits", {"account_id": account, "amount": chance.randrange(1, 9000), "currency": "USD",
                         "type": "goodwill", "reason": "crash test"}),
    ])


def load(server, seed, round_number, answers, unanswered, stop):
    def client(number):
        chance = random.Random(f"{seed}-{round_number}-{number}")
        connection = server.client()
        drafts, payments = [], []
        for i in range(1_000_000):
            if stop.is_set():
                return
            path, body = command(chance, drafts, payments)
            key = f"r{round_number}-c{number}-{i}"
            try:
                status, headers, answer = connection.post(path, body, key=key)
            except (OSError, http.client.HTTPException):
                unanswered.append((path, body, key))
                return
            if path == "/v1/invoices" and status == 201:
                drafts.append(answer["id"])
            if path.endswith("/finalize") and status == 200 and answer["payment_id"]:
                payments.append(answer["payment_id"])
            if status in (200, 201, 402):
                answers.append((path, body, key, status, answer))
            elif status not in (202, 503) and not (path == "/v1/refunds" and status == 422):
                raise AssertionError(f"{path}: {status} {answer}")
    in_parallel(CLIENTS, client)


def lasting(document):
    """What a repeat is answered with too: an invoice that is collected is shown with what was credited on it since."""
    if document.get("object") == "invoice" and document["payment_id"]:
        return {name: document[name] for name in ("id", "number", "status", "total", "amount_paid", "payment_id")}
    return {name: value for name, value in document.items() if name != "request_id"}


def check(server, answers, unanswered):
    connection = server.client()
    for path, body, key, status, answer in answers:
        again, headers, document = connection.post(path, body, key=key)
        assert again == status, f"{key}: acknowledged with {status}, now {again} {document}"
        assert headers.get("Idempotent-Replayed") == "true", f"{key}: acknowledged and lost"
        assert lasting(document) == lasting(answer), f"{key}: {answer} became {document}"
    replayed = 0
    for path, body, key in unanswered:
        status, headers, _ = connection.post(path, body, key=key)
        assert status in (200, 201, 202, 402) or (path == "/v1/refunds" and status == 422), f"{key}: {status}"
        replayed += headers.get("Idempotent-Replayed") == "true"
    return replayed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}, {options.rounds} rounds", flush=True)
    with tempfile.TemporaryDirectory(prefix="daybook-crash-") as folder:
        server = Server(pathlib.Path(folder) / "data")
        total = 0
        try:
            server.start()
            connection = server.client()
            for account in range(ACCOUNTS):
                status, _, _ = connection.post("/v1/accounts", {"id": f"acct{account}", "name": "Crash", "currency": "USD",
                                                                "email": "crash@example.test",
                                                                "payment_method_token": "tok_ok"})
                assert status == 201, status
                connection.post(f"/v1/accounts/acct{account}/unit-credits/allocate", {"amount": 100_000})
            for round_number in range(options.rounds):
                answers, unanswered, failures, stop = [], [], [], threading.Event()

                def run_load(number=round_number, outcome=(answers, unanswered, stop), failed=failures):
                    try:
                        load(server, options.seed, number, *outcome)
                    except AssertionError as failure:
                        failed.append(failure)

                worker = threading.Thread(target=run_load)
                worker.start()
                time.sleep(chance.uniform(0.05, 0.8))  # the random moment is the test's subject
                server.kill()
                stop.set()
                worker.join()
                assert not failures, failures
                verdict = subprocess.run([binary(), "verify", "--data", server.data, "--json"], capture_output=True, text=True)
                assert verdict.returncode == 0, f"round {round_number}: verify says {verdict.stdout} {verdict.stderr}"
                assert json.loads(verdict.stdout)["checked"]["events"] > 0
                server.start()
                replayed = check(server, answers, unanswered)
                oracle = subprocess.run([sys.executable, str(SOURCE / "tests/oracle/oracle.py"), "--url", server.url],
                                        capture_output=True, text=True)
                assert oracle.returncode == 0, f"round {round_number}: {oracle.stdout} {oracle.stderr}"
                total += len(answers)
                print(f"round {round_number}: {len(answers)} acknowledged and there, {len(unanswered)} unanswered of which "
                      f"{replayed} had been stored; {oracle.stdout.strip()}", flush=True)
            assert server.stop() == 0, "the server did not stop cleanly"
        finally:
            if server.process and server.process.poll() is None:
                server.kill()
    assert total > 0, "no command was acknowledged: nothing was tested"
    print(f"{options.rounds} passed, 0 failed")


if __name__ == "__main__":
    main()
