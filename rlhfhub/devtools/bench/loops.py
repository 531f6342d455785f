"""Claim-and-submit loops: over HTTP, and by plain SQL on the same rows of the same server."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psycopg

from rlhfhub.devtools import environment
from rlhfhub.devtools.bench.figures import percentiles
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.bench.people import Place, Plot
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.waiting import wait_until

DRAIN_SECONDS = 300


def median(values: list[float]) -> float:
    """The middle one, or the mean of the two."""
    return float(np.median(values)) if values else 0.0


@dataclass
class Loops:
    """What happened in one or more rounds."""

    rates: list[float] = field(default_factory=list)
    lease: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    nothing: int = 0
    client_share: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Loops a second, the median of the rounds."""
        return median(self.rates)

    def take(self, result: dict[str, Any]) -> None:
        """Add a round over HTTP."""
        self.rates.append(len(result["submit"]) / max(result["seconds"], 1e-9))
        self.lease += result["lease"]
        self.submit += result["submit"]
        self.errors += result["errors"]
        self.nothing += result["nothing"]
        self.client_share.append(result["cpu_seconds"] / max(result["seconds"], 1e-9))

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return {
            "rates": [round(rate, 1) for rate in self.rates],
            "lease_ms": percentiles(self.lease),
            "submit_ms": percentiles(self.submit),
            "errors": self.errors[:5],
            "error_count": len(self.errors),
            "nothing": self.nothing,
            "client_cpu_share": [round(share, 3) for share in self.client_share],
        }


class Client:
    """A light client at work in a process of its own."""

    def __init__(
        self, site: Site, plot: Plot, tokens: list[str], seconds: float, loops: int = 0
    ) -> None:
        order = {
            "port": site.port,
            "project": str(plot.project.pk),
            "tokens": tokens,
            "seconds": seconds,
            "loops": loops,
        }
        self.process = _python("light_client")
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order))
        self.process.stdin.close()

    def result(self) -> dict[str, Any]:
        """Wait for its end."""
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        if self.process.wait() or not said:
            raise RuntimeError("the light client failed")
        found: dict[str, Any] = json.loads(said)
        return found


def over_http(
    site: Site, plot: Plot, tokens: list[str], seconds: float, loops: int = 0
) -> dict[str, Any]:
    """One round with these annotators."""
    return Client(site, plot, tokens, seconds, loops).result()


def by_sql(
    ground: Ground, plot: Plot, crew: list[Place], seconds: float, loops: int, fee: int
) -> float:
    """Loops a second of plain SQL processes, one for each of the crew."""
    after, low = _cursors(ground, plot)
    processes = []
    for place in crew:
        process = _python("plain_sql")
        order = {
            "url": ground.owner_url,
            "place": plot.ids(place, fee),
            "after": max(after.get(place.enrollment_id, 0), low),
            "seconds": seconds,
            "loops": max(1, loops // len(crew)),
        }
        _tell(process, json.dumps(order))
        processes.append(process)
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for process in processes:
        _tell(process, "go")
    done = [json.loads(process.communicate()[0]) for process in processes]
    # What was written is no work for the dispatcher: the yardstick has none.
    with ground.owner() as owner:
        owner.execute(
            "UPDATE rlhfhub_events_event SET dispatched_at = now() WHERE dispatched_at IS NULL"
        )
    return float(sum(one["loops"] / one["seconds"] for one in done))


def _cursors(ground: Ground, plot: Plot) -> tuple[dict[Any, int], int]:
    """How far each has come, and a place before every open slot."""
    batch = [plot.batch.pk]
    with ground.owner() as owner:
        rows = owner.execute(
            "SELECT enrollment_id, seq FROM projects_work_cursor WHERE batch_id = %s", batch
        )
        after: dict[Any, int] = dict(rows.fetchall())
        lowest = owner.execute(
            "SELECT COALESCE(min(seq), 1) - 1 FROM projects_work_slot WHERE batch_id = %s AND state = 'open'",
            batch,
        ).fetchone()
    return after, lowest[0] if lowest else 0


def _python(module: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", f"rlhfhub.devtools.bench.{module}"],
        cwd=environment.checkout(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def drained(owner: psycopg.Connection) -> None:
    """Wait until the worker has delivered every event, so that the next measure begins with none waiting."""

    def empty() -> bool:
        waiting = owner.execute(
            "SELECT EXISTS (SELECT 1 FROM rlhfhub_events_event WHERE dispatched_at IS NULL)"
        )
        return waiting.fetchone() == (False,)

    wait_until(empty, DRAIN_SECONDS, "the delivery of events")
