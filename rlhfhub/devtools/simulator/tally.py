"""Counts and latencies of all simulated annotators together."""

import threading
from collections import Counter

import numpy as np

KEPT_ERRORS = 5


class Tally:
    """Thread-safe counts, and latencies in milliseconds by endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []
        self._latencies: dict[str, list[float]] = {"lease": [], "submit": []}

    def add_latency(self, endpoint: str, milliseconds: float) -> None:
        """Add the latency of a successful call."""
        with self._lock:
            self._latencies[endpoint].append(milliseconds)

    def add(self, what: str) -> int:
        """Count one more of `what`. Returns the new count."""
        with self._lock:
            self.counts[what] += 1
            return self.counts[what]

    def fault(self, text: str) -> None:
        """Count an error, and keep the texts of the first few."""
        with self._lock:
            self.counts["errors"] += 1
            if len(self.errors) < KEPT_ERRORS:
                self.errors.append(text)

    def latency(self, endpoint: str) -> dict[str, float]:
        """Return p50, p95 and p99 of an endpoint in milliseconds; empty without calls."""
        with self._lock:
            values = list(self._latencies[endpoint])
        if not values:
            return {}
        found = np.percentile(values, (50, 95, 99))
        return {f"p{n}": round(float(v), 1) for n, v in zip((50, 95, 99), found, strict=True)}

    def lines(self, seconds: float) -> list[str]:
        """Return the lines of the report."""
        counts = self.counts
        rate = counts["answers"] / seconds if seconds else 0.0
        lines = [
            f"{counts['answers']} answers in {seconds:.1f} s ({rate:.1f}/s), {counts['returned']} returned, "
            f"{counts['nothing']} times nothing to do (204), {counts['conflicts']} conflicts (409), "
            f"{counts['errors']} errors"
        ]
        for endpoint in self._latencies:
            found = self.latency(endpoint)
            if found:
                lines.append(f"{endpoint}: " + ", ".join(f"{k} {v} ms" for k, v in found.items()))
        return lines + [f"error: {text}" for text in self.errors]
