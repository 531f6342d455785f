"""What one lease and one submit send to the server: counted on the wire, BEGIN, COMMIT and SET among them."""

import logging
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from rlhfhub.devtools.bench.people import Plot

WARM = 3
HOST = {"HTTP_HOST": "127.0.0.1"}


@dataclass(frozen=True)
class Sent:
    """Messages that run statements, and the calls that sent them."""

    messages: int
    statements: list[str]


def count(plot: Plot, token: str) -> dict[str, Sent]:
    """For `lease` and `submit`, once warm, through the whole of Django in this process under the site's login."""
    # The site's own request log has no place on the benchmark's terminal.
    logging.getLogger("rlhfhub.request").setLevel(logging.WARNING)
    client = Client(headers={"authorization": f"Bearer {token}"})
    found: dict[str, Sent] = {}
    for _ in range(WARM + 1):
        lease: Any = None

        def ask() -> None:
            nonlocal lease
            lease = _post(client, "desk/lease/", {"project": str(plot.project.pk)})

        found["lease"] = _watched(ask)
        key = lease["responses"][0]["key"]
        path = f"desk/leases/{lease['id']}/submit/"
        body = {"answer": {"preference": {"choice": key}, "reason": "Clearer."}}
        found["submit"] = _watched(lambda path=path, body=body: _post(client, path, body))  # type: ignore[misc]
    return found


def _post(client: Client, path: str, body: dict[str, Any]) -> Any:
    answer = client.post(f"/api/v1/{path}", body, content_type="application/json", **HOST)  # type: ignore[arg-type]
    if answer.status_code >= 400:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
    return answer.json()


def _watched(act: Callable[[], Any]) -> Sent:
    said: list[str] = []

    def note(execute: Any, query: Any, params: Any, many: bool, context: Any) -> Any:
        said.append(" ".join(str(query).split())[:120])
        return execute(query, params, many, context)

    connection.ensure_connection()
    wire = connection.connection.pgconn
    descriptor, name = tempfile.mkstemp()
    try:
        wire.trace(descriptor)
        try:
            with connection.execute_wrapper(note):
                act()
        finally:
            wire.untrace()
        lines = Path(name).read_text(errors="replace").splitlines()
    finally:
        os.close(descriptor)
        Path(name).unlink()
    # Each line: time, F or B for who speaks, length, kind of message.
    spoken = [parts[3] for line in lines if len(parts := line.split("\t")) > 3 and parts[1] == "F"]
    return Sent(sum(kind in ("Query", "Execute") for kind in spoken), said)
