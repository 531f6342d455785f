"""Clients that use the site during the faults: a customer over REST, and a probe of its health."""

import http.client
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.factories import make_item

PATIENCE = 30


def call(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, Any]:
    """Send one request over a new connection. Returns status, body and headers; status 0 if the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error).encode(), {}
    finally:
        connection.close()


class Worker(threading.Thread):
    """A thread that repeats one function until `finish`, which raises what the function raised."""

    def __init__(self, act: Callable[[], None], pause: float) -> None:
        super().__init__(daemon=True)
        self.act, self.pause = act, pause
        self.error: Exception | None = None
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while not self._over.is_set():
                self.act()
                self._over.wait(self.pause)
        except Exception as error:
            self.error = error

    def finish(self) -> None:
        """Stop after the present call, and raise what it raised."""
        self._over.set()
        self.join(PATIENCE * 4)
        assert not self.is_alive(), "a client hangs"
        if self.error is not None:
            raise self.error


@dataclass
class Customer:
    """Uploads batches, accepts answers and requests exports; repeats requests that got no answer."""

    port: int
    secret: str
    project: str
    items: int = 200
    # The number of items that the site acknowledged, by batch id.
    imported: dict[str, int] = field(default_factory=dict)
    exports: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0

    def send(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> tuple[int, Any]:
        """Repeat a request, with one Idempotency-Key, while the connection breaks or the status is 503 or 429."""
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": kind,
            "Idempotency-Key": uuid.uuid4().hex,
        }
        for _ in range(200):
            status, content, said = call(self.port, method, f"/api/v1/{path}", body, headers)
            self.statuses[f"{method} {path.split('/')[0]} {status}"] += 1
            if status == 503:
                self.without_retry_after += "Retry-After" not in said
            elif status not in (0, 429):
                return status, json.loads(content) if content else None
            time.sleep(0.2)
        raise AssertionError(f"{method} {path} is never answered: {self.statuses}")

    def upload(self) -> None:
        """Create a batch and upload items, which must be imported all or none."""
        status, batch = self.send("POST", f"projects/{self.project}/batches/", b"{}")
        assert status == 201, (status, batch)
        tag = uuid.uuid4().hex[:8]
        rows = [make_item(n, external_id=f"{tag}-{n}") for n in range(self.items)]
        for row in rows:
            row["context"] = {"padding": "x" * 500}
        body = "\n".join(json.dumps(row) for row in rows).encode()
        status, receipt = self.send(
            "POST", f"batches/{batch['id']}/items/", body, "application/x-ndjson"
        )
        assert status == 201, (status, receipt)
        self.imported[batch["id"]] = self.items

    def accept(self) -> None:
        """Accept submitted answers, 50 at most."""
        query = f"projects/{self.project}/annotations/?state=submitted&page_size=50"
        status, page = self.send("GET", query)
        assert status == 200, (status, page)
        ids = [row["id"] for row in page["results"]]
        if ids:
            status, said = self.send(
                "POST", "annotations/accept/", json.dumps({"ids": ids}).encode()
            )
            assert status == 200, (status, said)

    def export(self) -> None:
        """Request an export."""
        status, made = self.send("POST", f"projects/{self.project}/exports/", b"{}")
        assert status in (201, 202), (status, made)
        self.exports.append(made["id"])


@dataclass
class Probe:
    """Requests /healthz and keeps each status with the times of the request and of the answer."""

    port: int
    live: list[tuple[float, float, int]] = field(default_factory=list)
    ready: list[tuple[float, float, int, str]] = field(default_factory=list)

    def ask_live(self) -> None:
        asked = time.monotonic()
        status, _, _ = call(self.port, "GET", "/healthz/live")
        self.live.append((asked, time.monotonic(), status))

    def ask_ready(self) -> None:
        asked = time.monotonic()
        status, content, _ = call(self.port, "GET", "/healthz/ready")
        self.ready.append((asked, time.monotonic(), status, content.decode(errors="replace")))
