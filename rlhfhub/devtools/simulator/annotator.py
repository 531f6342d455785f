"""One simulated annotator: a thread with its own connection that leases, waits and submits."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.simulator.minds import Mind
from rlhfhub.devtools.simulator.tally import Tally

IDLE_SECONDS = 0.5
# Longer than the answers of a calibration attempt usually take to be marked: meanwhile there is no further item.
IDLE_TIMES = 8
FAULTS_IN_A_ROW = 10
LONGEST_THOUGHT = 180.0


class Budget:
    """The number of answers still wanted, shared by all annotators; None is no limit."""

    def __init__(self, answers: int | None) -> None:
        self._left = answers
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Reserve one answer. Returns whether one was left."""
        with self._lock:
            if self._left is None:
                return True
            if not self._left:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        """Release a reserved answer that was not given."""
        with self._lock:
            if self._left is not None:
                self._left += 1


@dataclass
class Worker:
    """Works until the budget is used up, `stop` is set, or there is nothing left to do."""

    mind: Mind
    rest: Rest
    project: str
    budget: Budget
    tally: Tally
    stop: threading.Event
    speed: float
    done: int = 0
    _idle: int = field(default=0, init=False)
    _faults: int = field(default=0, init=False)

    def run(self) -> None:
        """Work until done. The body of the annotator's thread."""
        with self.rest:
            while self._may_go_on() and self.budget.take():
                if not self._one():
                    self.budget.give_back()

    def _may_go_on(self) -> bool:
        gives_up = self._idle >= IDLE_TIMES or self._faults >= FAULTS_IN_A_ROW
        return not (gives_up or self.stop.is_set())

    def _one(self) -> bool:
        """Lease, wait as long as a person would, and submit. Returns whether an answer was submitted."""
        lease = self._call("lease", "desk/lease/", {"project": self.project})
        if lease is None:
            return False
        if lease.status_code == 204:
            self.tally.add("nothing")
            self._idle += 1
            self.stop.wait(IDLE_SECONDS)
            return False
        self._idle = 0
        held = lease.json()
        thought = self.mind.consider(held, self.done)
        if self.speed:
            # When stopped, an annotator still submits the lease they have.
            self.stop.wait(min(thought.seconds, LONGEST_THOUGHT) / self.speed)
        here = f"desk/leases/{held['id']}/"
        if thought.answer is None:
            if self._call(None, f"{here}return/", {"reason": "unclear", "note": ""}) is not None:
                self.tally.add("returned")
            return False
        body = {"answer": thought.answer, "pasted_percent": thought.pasted_percent}
        if self._call("submit", f"{here}submit/", body) is None:
            return False
        self.done += 1
        self.tally.add("answers")
        return True

    def _call(self, endpoint: str | None, path: str, body: dict[str, Any]) -> httpx.Response | None:
        """POST to the desk and count a failure. Returns the response, or None if it failed."""
        started = time.perf_counter()
        try:
            answer = self.rest.http.post(path, json=body)
        except httpx.TransportError as error:
            self._fault(f"{path}: {type(error).__name__}: {error}")
            return None
        if endpoint:
            self.tally.add_latency(endpoint, (time.perf_counter() - started) * 1000)
        if answer.status_code == 409:
            self.tally.add("conflicts")
            self._faults += 1
            return None
        if answer.status_code >= 400:
            self._fault(f"{path}: {answer.status_code} {answer.text[:300]}")
            return None
        self._faults = 0
        return answer

    def _fault(self, text: str) -> None:
        self.tally.fault(text)
        self._faults += 1
        self.stop.wait(IDLE_SECONDS)
