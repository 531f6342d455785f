"""A crew of simulated annotators: starts them, shows progress, and stops them in an orderly way."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rlhfhub.devtools.casts import cast
from rlhfhub.devtools.population import Population
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.simulator.annotator import Budget, Worker
from rlhfhub.devtools.simulator.minds import Mind
from rlhfhub.devtools.simulator.tally import Tally

SAY_EVERY = 2.0


@dataclass
class Crew:
    """Annotators with these desk tokens in one project of the site at `url`. `run` may be called once.

    `kinds` names the kind of each (see casts.py); without it, they are drawn from the population.
    """

    url: str
    project: str
    tokens: Sequence[str]
    seed: int = 1
    speed: float = 0.0
    kinds: Sequence[str] = ()
    truth: Mapping[str, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    seconds_taken: float = 0.0

    def run(
        self, *, answers: int | None, seconds: float | None, say: Callable[[str], None]
    ) -> Tally:
        """Work until `answers` are given, `seconds` are over, or nothing is left to do; None is no limit."""
        stop, budget = threading.Event(), Budget(answers)
        threads = [
            threading.Thread(target=worker.run, name=f"annotator-{worker.mind.number}")
            for worker in self._workers(budget, stop)
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            self._watch(threads, started, answers, seconds, say)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            self.seconds_taken = time.monotonic() - started
        return self.tally

    def _workers(self, budget: Budget, stop: threading.Event) -> list[Worker]:
        people = (
            cast(self.kinds, self.seed)
            if self.kinds
            else Population.draw(len(self.tokens), self.seed)
        )
        return [
            Worker(
                mind=Mind(person, number, self.seed, self.truth),
                rest=Rest(self.url, token),
                project=self.project,
                budget=budget,
                tally=self.tally,
                stop=stop,
                speed=self.speed,
            )
            for number, (person, token) in enumerate(zip(people, self.tokens, strict=True))
        ]

    def _watch(
        self,
        threads: list[threading.Thread],
        started: float,
        answers: int | None,
        seconds: float | None,
        say: Callable[[str], None],
    ) -> None:
        last_shown = started
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.05)
            now = time.monotonic()
            if seconds is not None and now - started >= seconds:
                return
            if now - last_shown >= SAY_EVERY:
                last_shown = now
                counts = self.tally.counts
                of = f" of {answers}" if answers is not None else ""
                rate = counts["answers"] / (now - started)
                say(f"{counts['answers']}{of} answers, {rate:.1f}/s, {counts['errors']} errors")
