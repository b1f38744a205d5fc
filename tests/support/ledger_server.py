"""Starts, kills and restarts a real server for the tests that use it from outside, and talks to it."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def binary():
    """The daybook binary: DAYBOOK_BINARY, or the newest of the builds."""
    if os.environ.get("DAYBOOK_BINARY"):
        return os.environ["DAYBOOK_BINARY"]
    found = [path for path in (SOURCE / "build").glob("*/daybook") if path.is_file()]
    if not found:
        sys.exit("no daybook binary: run tools/build first, or set DAYBOOK_BINARY")
    return str(max(found, key=lambda path: path.stat().st_mtime))


def daybook(*arguments, exit_code=0):
    """Runs a command that must end with that code; what it printed, on a failure to stderr too."""
    done = subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == exit_code, f"daybook {arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if exit_code == 0 else done.stdout + done.stderr


def daybook_json(*arguments):
    """The last line that a command prints with --json."""
    return json.loads(daybook(*arguments, "--json").strip().splitlines()[-1])


class Server:
    """A server in test mode on a free loopback port. Ended by its own process id."""

    def __init__(self, data, *arguments):
        self.data, self.arguments, self.process, self.port = str(data), arguments, None, None
        self.log = open(str(data) + ".log", "ab")

    def start(self):
        command = [binary(), "serve", "--dev", "--json", "--data", self.data, "--listen", "127.0.0.1:0",
                   "--no-request-log", "--catalogue-sync-every", "0", *self.arguments]
        if "--simulator-catalogue" not in self.arguments:
            command += ["--simulator-catalogue", str(SOURCE / "tests/support/stripe_catalogue.json")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError(f"the server did not start (exit {self.process.returncode}), see {self.log.name}")
        self.port = json.loads(line)["port"]
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        return self.process.returncode if self.process else 0

    def client(self):
        return Client(self.port)


class Client:
    """One keep-alive connection."""

    def __init__(self, port, key="dbk_dev"):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.key = key

    def another(self):
        """With a key of its own, a super admin's of the same book: each key has its own rate limit."""
        status, _, body = self.post("/v1/api-keys", {"name": "Another", "role": "super_admin"})
        assert status == 201, body
        return Client(self.connection.port, body["secret"])

    def call(self, method, path, body=None, **headers):
        """(status, headers, parsed body); raises OSError or HTTPException when the connection breaks."""
        sent = {"Authorization": "Bearer " + self.key}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        text = None
        if body is not None:
            text = body if isinstance(body, (str, bytes)) else json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, text, sent)
        answer = self.connection.getresponse()
        raw = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "") and "ndjson" not in answer.getheader("Content-Type")
        return answer.status, dict(answer.getheaders()), json.loads(raw) if is_json and raw else raw

    def post(self, path, body, key=None, **headers):
        if key:
            headers["Idempotency_Key"] = key
        return self.call("POST", path, body, **headers)

    def get(self, path):
        return self.call("GET", path)


def in_parallel(count, work):
    """Runs work(number) in that many threads; re-raises the first failure."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except BaseException as failure:  # reported below, in the caller's thread
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
