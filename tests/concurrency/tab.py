"""One browser tab of an annotator: leases and submits until its time is over, and logs the answers it gets.

`python -m tests.concurrency.tab URL TOKEN PROJECT SECONDS LOG`: a process of its own, for it is the independent
witness: what stands in its log as acknowledged must be in the database afterwards.
"""

import http.client
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# A careful client waits after a 503, and stops repeating a request after so many attempts.
PAUSE = 0.2
ATTEMPTS = 100


class Tab:
    """A client that connects again when the server closes the connection."""

    def __init__(self, url: str, token: str) -> None:
        self.address = urlsplit(url).netloc
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection(self.address, timeout=20)

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Send a POST. Returns status and body; status 0 if the connection broke, so that the outcome is unknown."""
        try:
            self.connection.request("POST", f"/api/v1/{path}", json.dumps(body), self.headers)
            response = self.connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else None
        except (OSError, http.client.HTTPException, ValueError):
            self.connection.close()
            time.sleep(0.02)
            return 0, None


def work(tab: Tab, project: str, until: float, say: Any) -> None:
    """Lease and submit until `until`; repeat a submit whose answer was lost, as a careful client does."""
    while time.time() < until:
        status, lease = tab.post("desk/lease/", {"project": project})
        if status == 204:
            return
        if status != 200:
            say("busy" if status == 503 else "lease", status)
            time.sleep(PAUSE if status == 503 else 0)
            continue
        answer = {"preference": {"choice": lease["responses"][0]["key"]}}
        for _ in range(ATTEMPTS):
            status, said = tab.post(f"desk/leases/{lease['id']}/submit/", {"answer": answer})
            if status == 201:
                say("acknowledged", said["id"])
            elif status == 409:
                say("ended", lease["id"])
            elif status in (0, 503):
                time.sleep(PAUSE if status == 503 else 0)
                continue
            else:
                say("submit", status)
            break


def main(url: str, token: str, project: str, seconds: str, log: str) -> None:
    with Path(log).open("a", buffering=1) as file:

        def say(what: str, value: object) -> None:
            file.write(f"{what} {value}\n")

        work(Tab(url, token), project, time.time() + float(seconds), say)


if __name__ == "__main__":
    main(*sys.argv[1:])
