"""Measures the desk: loops by size and number of annotators, growth with the size, and long histories."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from projects.work.services import slots
from rlhfhub.devtools.bench import fill, plain, sql
from rlhfhub.devtools.bench.client import Loops
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.bench.people import OVERLAP, Customer, Place, Workload
from rlhfhub.devtools.bench.scale import VETERAN_ITEMS, Scale, label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes

ANNOTATORS = (1, 8, 32)
# The rest of the slots stays open, so that later measures find work.
USED_SHARE, GROWTH_SHARE = 0.5, 0.1
WARM_SECONDS, WARM_LOOPS = 3, 1000
LEAST_RATIO = 0.25
LEAST_MEASURED = 0.9
MOST_GROWTH = 1.2
GROWTH_ROUNDS = 3
DRAIN_SECONDS = 300


class Desk:
    """Measures claim and submit on workloads of several sizes."""

    def __init__(
        self, ground: Ground, site: Site, customer: Customer, scale: Scale, report: Report
    ) -> None:
        self.url, self.site, self.customer = ground.owner_url, site, customer
        self.scale, self.report, self.owner = scale, report, ground.owner()

    def loops(self, work: Workload) -> None:
        """Compare HTTP with plain SQL in turns, with 1, 8 and 32 different annotators."""
        # Warm up: in its first request, each thread of the site connects to the database and prepares statements.
        self._round(Loops(), work, work.places, WARM_SECONDS, WARM_LOOPS)
        most = int(work.size * OVERLAP * USED_SHARE / (2 * len(ANNOTATORS) * self.scale.rounds))
        start = 0
        for count in ANNOTATORS:
            self._compare(work, work.places[start : start + count], most)
            start += count

    def _compare(self, work: Workload, crew: list[Place], most: int) -> None:
        ours, theirs = Loops(), []
        for _ in range(self.scale.rounds):
            self._round(ours, work, crew, self.scale.seconds, most)
            self.settle()
            theirs.append(self._plain(work, crew, most))
        name = f"{label(work.size)} items, {len(crew)} annotators"
        least = LEAST_RATIO if len(crew) == 8 else 0
        rate = float(np.median(theirs))
        self.report.compare(f"{name}: HTTP", "loops/s", ours.rate, rate, "plain SQL", least)
        for endpoint in ("lease", "submit"):
            for share in (50, 95):
                latency = ours.percentile(endpoint, share)
                self.report.add(f"{name}: {endpoint} p{share}", latency, "ms")

    def _plain(self, work: Workload, crew: list[Place], most: int) -> float:
        """Return loops per second by plain SQL. The workers are stopped, because these loops leave them no work."""
        enrollments = [place.enrollment_id for place in crew]
        with self.site.asleep():
            rate = plain.rate(self.url, work.batch.pk, enrollments, self.scale.seconds, most)
        self.owner.execute(sql.DISPATCHED)
        return rate

    def growth(self, small: Workload, large: Workload) -> None:
        """Compare the p95 of 8 annotators at the largest size with that at the smallest, measured in turns."""
        crews = {label(work.size): (work, work.places[1:9]) for work in (small, large)}
        before, grown = self._in_turns(crews).values()
        sizes = f"at {label(large.size)} / at {label(small.size)}, 8 annotators"
        for endpoint in ("lease", "submit"):
            values = grown.percentile(endpoint, 95), before.percentile(endpoint, 95)
            self._ratio(f"{endpoint} p95 {sizes}", *values)

    def measured(self, plain: Workload, measured: Workload) -> None:
        """Compare 8 annotators in a project with gold and repeats with as many in one without, in turns."""
        crews = {"plain": (plain, plain.places[:8]), "measured": (measured, measured.places[:8])}
        found = {name: loops.rate for name, loops in self._in_turns(crews).items()}
        name = f"{label(plain.size)} items, 8 annotators: loops with gold and repeats / without"
        note = f"{found['measured']:.0f} / {found['plain']:.0f} loops/s"
        ratio = found["measured"] / found["plain"]
        self.report.add(name, ratio, "ratio", least=LEAST_MEASURED, note=note)

    def pasts(self, work: Workload) -> None:
        """Compare a veteran, and a newcomer in a project with a long history, with an ordinary annotator."""
        veteran = self._fill_past(work)
        size = label(work.size)
        fresh = self.customer.join(work, self.customer.newcomer(f"fresh-{size}"))
        # Wait for the scheduler, which moves the queue's mark every half minute.
        with planes.as_system():
            slots.raise_low_seqs()
        crews = {
            "usual": work.places[0],
            f"with {label(_veteran_items(work))} items done": veteran,
            f"fresh in a project of {size} items, most answered": fresh,
        }
        found = self._in_turns({name: (work, [place]) for name, place in crews.items()})
        usual = found.pop("usual").percentile("lease", 50)
        for name, loops in found.items():
            median = loops.percentile("lease", 50)
            self._ratio(f"annotator {name}: lease p50 / usual", median, usual)

    def _fill_past(self, work: Workload) -> Place:
        """Fill the project's history: a veteran, two colleagues on the same items, others on the rest.

        Returns: the veteran.
        """
        count = _veteran_items(work)
        done = [(1, number) for number in (1, 2, 3)]
        done += [(first, 1) for first in range(1 + count, work.size + 1, count)]
        places = []
        for first, number in done:
            person = self.customer.newcomer(f"past-{work.size}-{first}-{number}")
            places.append(self.customer.join(work, person))
            slots = {"number": number, "first": first, "count": count}
            fill.past(self.owner, batch=work.batch, place=places[-1], **slots)
        fill.vacuum(self.owner)
        return places[0]

    def _in_turns(self, crews: Mapping[str, tuple[Workload, list[Place]]]) -> dict[str, Loops]:
        """Measure several crews in turns, so that changes in the machine's speed affect all of them."""
        found = {name: Loops() for name in crews}
        for _ in range(GROWTH_ROUNDS):
            for name, (work, crew) in crews.items():
                most = int(work.size * OVERLAP * GROWTH_SHARE / GROWTH_ROUNDS)
                self._round(found[name], work, crew, self.scale.seconds, most)
        return found

    def _round(
        self, loops: Loops, work: Workload, crew: list[Place], seconds: float, most: int
    ) -> None:
        self.settle()
        tokens = [place.person.token for place in crew]
        loops.run(self.site.port, str(work.project.pk), tokens, seconds, most)
        if loops.errors:
            raise RuntimeError(f"{len(loops.errors)} annotators stopped: {loops.errors[0]}")

    def settle(self) -> None:
        """Wait until the workers have delivered every event, so that the next measure begins with none waiting."""
        ask = partial(self.owner.execute, sql.WAITING)
        wait_until(lambda: ask().fetchone() == (False,), DRAIN_SECONDS, "the delivery of events")

    def _ratio(self, name: str, value: float, usual: float) -> None:
        note = f"{value:.1f} / {usual:.1f} ms"
        self.report.add(name, value / usual, "ratio", most=MOST_GROWTH, note=note)


def _veteran_items(work: Workload) -> int:
    return min(VETERAN_ITEMS, work.size // 2)
