"""The real broker that the Python tests use: the one that DAYBOOK_TEST_KAFKA names (host:port, started by tools/kafka
with the same environment), else one that is started for this process and wiped at its end."""
import os
import subprocess

from ledger_server import SOURCE

TOOL = str(SOURCE / "tools/kafka")


class Broker:
    def __init__(self, address, ours):
        self.address, self.ours = address, ours

    @staticmethod
    def find():
        """None if there is no broker and none can be started."""
        given = os.environ.get("DAYBOOK_TEST_KAFKA")
        if given:
            return Broker(given, False)
        ours = subprocess.run([TOOL, "status"], capture_output=True).returncode != 0
        started = subprocess.run([TOOL, "start"], capture_output=True, text=True)
        if started.returncode != 0:
            return None
        return Broker(started.stdout.split()[-1], ours)

    def kill(self):
        """kill -9."""
        subprocess.run([TOOL, "kill", "1"], check=True, capture_output=True)

    def revive(self):
        """A start on the data that was left; answers when it serves."""
        subprocess.run([TOOL, "revive", "1"], check=True, capture_output=True)

    def close(self):
        if self.ours:
            subprocess.run([TOOL, "wipe"], capture_output=True)
