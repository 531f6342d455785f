"""Measures at the desk: loops by size and number of annotators, long pasts, statements."""

from dataclasses import dataclass, field

import psycopg

from projects.work.services import slots
from rlhfhub.devtools.bench import fill, load, loops, statements
from rlhfhub.devtools.bench.figures import Report, percentiles
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.bench.loops import Loops
from rlhfhub.devtools.bench.people import OVERLAP, House, Place, Plot
from rlhfhub.devtools.bench.scale import Scale, label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.tenancy import planes

ANNOTATORS = (1, 8, 32)
# Others stay open, so that the later measures find work.
USED_SHARE = 0.5
WARM_SECONDS, WARM_LOOPS = 3, 1000
LEAST_RATIO = 0.25
MOST_GROWTH = 1.2
GROWTH_ROUNDS = 3
MOST_STATEMENTS = {"lease": 8, "submit": 10}


@dataclass
class _Both:
    """The rounds of one comparison."""

    http: Loops = field(default_factory=Loops)
    plain: list[float] = field(default_factory=list)
    cpu_ms: list[dict[str, float]] = field(default_factory=list)
    others: list[float] = field(default_factory=list)

    def take(self, spent: load.Spent, loops_done: int) -> None:
        """Processor time of a round over HTTP."""
        self.others.append(spent.others / spent.seconds)
        each = 1000 / max(1, loops_done)
        self.cpu_ms.append({name: seconds * each for name, seconds in spent.ours.items()})

    def note(self) -> str:
        """What a reader should know of the measure itself."""
        said = [f"client {loops.median(self.http.client_share):.0%} of a core"]
        if loops.median(self.others) > load.QUIET:
            said.append(f"NOT QUIET: others took {loops.median(self.others):.1f} cores")
        if self.http.errors:
            said.append(f"{len(self.http.errors)} ERRORS")
        return ", ".join(said)


class Desk:
    """Measures claim and submit on plots of several sizes."""

    def __init__(
        self,
        ground: Ground,
        site: Site,
        house: House,
        owner: psycopg.Connection,
        scale: Scale,
        report: Report,
    ) -> None:
        self.ground, self.site, self.house, self.owner = ground, site, house, owner
        self.scale, self.report = scale, report

    def loops(self, plot: Plot, size: int, fee: int) -> None:
        """HTTP and plain SQL in turns, with 1, 8 and 32 annotators, each their own."""
        most = int(size * OVERLAP * USED_SHARE / (2 * len(ANNOTATORS) * self.scale.rounds))
        self._warm(plot)
        start = 0
        for count in ANNOTATORS:
            crew = plot.places[start : start + count]
            start += count
            self._compare(plot, size, crew, most, fee)

    def _warm(self, plot: Plot) -> None:
        """Every thread of the site once: its first request connects to the database and prepares, unmeasured."""
        tokens = [place.person.token for place in plot.places]
        loops.over_http(self.site, plot, tokens, WARM_SECONDS, WARM_LOOPS)

    def _compare(self, plot: Plot, size: int, crew: list[Place], most: int, fee: int) -> None:
        both = _Both()
        tokens = [place.person.token for place in crew]
        for _ in range(self.scale.rounds):
            loops.drained(self.owner)
            machine = load.Machine(self.site)
            result = loops.over_http(self.site, plot, tokens, self.scale.seconds, most)
            both.http.take(result)
            both.take(machine.spent(result["cpu_seconds"]), len(result["submit"]))
            loops.drained(self.owner)
            with self.site.asleep():
                both.plain.append(
                    loops.by_sql(self.ground, plot, crew, self.scale.seconds, most, fee)
                )
        self._tell(f"{label(size)} items, {len(crew)} annotators", len(crew), both)

    def _tell(self, name: str, count: int, both: "_Both") -> None:
        report, http, plain = self.report, both.http, loops.median(both.plain)
        report.add(f"{name}: HTTP", http.rate, "loops/s", note=both.note())
        report.add(f"{name}: plain SQL", plain, "loops/s")
        target = LEAST_RATIO if count == 8 else None
        report.add(f"{name}: HTTP / plain SQL", http.rate / plain, "ratio", least=target)
        for endpoint, values in (("lease", http.lease), ("submit", http.submit)):
            for quantile, value in percentiles(values).items():
                report.add(f"{name}: {endpoint} {quantile}", value, "ms")
        parts = {part: loops.median([row[part] for row in both.cpu_ms]) for part in both.cpu_ms[0]}
        said = ", ".join(f"{part} {ms:.1f}" for part, ms in parts.items())
        report.add(f"{name}: processor time a loop", sum(parts.values()), "ms", note=said)
        report.details[name] = http.as_json() | {
            "plain_sql": both.plain,
            "cpu_ms_per_loop": parts,
            "cores_of_others": [round(cores, 2) for cores in both.others],
        }

    def growth(self, small: tuple[int, Plot], large: tuple[int, Plot]) -> None:
        """p95 of 8 annotators at the largest size against the smallest, in turns: the machine's mood is the same."""
        if small[0] == large[0]:
            return
        found = {size: Loops() for size, _ in (small, large)}
        for _ in range(GROWTH_ROUNDS):
            for size, plot in (small, large):
                loops.drained(self.owner)
                tokens = [place.person.token for place in plot.places[1:9]]
                most = int(size * OVERLAP * 0.1 / GROWTH_ROUNDS)
                found[size].take(loops.over_http(self.site, plot, tokens, self.scale.seconds, most))
        sizes = f"at {label(large[0])} / at {label(small[0])}"
        for endpoint in ("lease", "submit"):
            values = [
                percentiles(getattr(found[size], endpoint))["p95"] for size, _ in (large, small)
            ]
            name = f"{endpoint} p95 {sizes}, 8 annotators"
            note = f"{values[0]:.1f} / {values[1]:.1f} ms"
            self.report.add(name, values[0] / values[1], "ratio", most=MOST_GROWTH, note=note)
        self.report.details[f"8 annotators {sizes}"] = {
            label(size): f.as_json() for size, f in found.items()
        }

    def past(self, plot: Plot, size: int) -> Place:
        """Fill the plot's past: a veteran, two colleagues on the same items, and the rest once. Returns the veteran."""
        done = self.scale.veteran_items(size)
        answers, veteran = 0, None
        for first in range(1, size + 1, done):
            for number in (1, 2, 3) if first == 1 else (1,):
                name = f"past-{label(size)}-{first}-{number}"
                place = self.house.join(plot.project, self.house.newcomer(name))
                veteran = veteran or place
                answers += fill.past(
                    self.owner,
                    batch=plot.batch,
                    place=place,
                    number=number,
                    first=first,
                    count=done,
                )
        fill.consensus(self.owner, plot.batch)
        fill.settle(self.owner)
        self.report.say(
            f"  {answers:,} answers put into the past of the project with {label(size)} items"
        )
        if veteran is None:
            raise RuntimeError("no past")
        return veteran

    def special(self, plot: Plot, size: int, veteran: Place) -> None:
        """An annotator with a long past, and a fresh one in a project with one, beside an ordinary one."""
        fresh = self.house.join(plot.project, self.house.newcomer(f"fresh-{label(size)}"))
        # Beat moves the queue's mark every half minute; a newcomer to a project with a past finds it moved.
        with planes.as_system():
            slots.move_marks()
        known = {"ordinary": plot.places[0], "veteran": veteran, "fresh": fresh}
        results = {name: Loops() for name in known}
        for _ in range(GROWTH_ROUNDS):
            for name, place in known.items():
                loops.drained(self.owner)
                tokens = [place.person.token]
                results[name].take(loops.over_http(self.site, plot, tokens, self.scale.seconds / 2))
        for name, found in results.items():
            self.report.details[f"{label(size)} {name}"] = found.as_json()
        self._tell_special(size, results)

    def _tell_special(self, size: int, results: dict[str, Loops]) -> None:
        usual = percentiles(results["ordinary"].lease)
        words = {
            "veteran": f"with {label(self.scale.veteran_items(size))} items done",
            "fresh": f"fresh in a project of {label(size)} items, most answered",
        }
        for name, text in words.items():
            found = percentiles(results[name].lease)
            self.report.add(f"annotator {text}: lease p50", found["p50"], "ms")
            self.report.add(f"annotator {text}: lease p95", found["p95"], "ms")
            ratio = found["p50"] / max(usual["p50"], 1e-9)
            self.report.add(
                f"annotator {text}: lease p50 / usual", ratio, "ratio", most=MOST_GROWTH
            )

    def statements(self, plot: Plot) -> None:
        """What a lease and a submit send."""
        person = self.house.newcomer("counted")
        self.house.join(plot.project, person)
        for name, sent in statements.count(plot, person.token).items():
            most = MOST_STATEMENTS[name]
            self.report.add(
                f"SQL statements a {name} (all but BEGIN and COMMIT)",
                len(sent.statements),
                "",
                most=most,
            )
            self.report.add(
                f"messages on the wire a {name} (BEGIN and COMMIT too)", sent.messages, ""
            )
            self.report.details[f"statements of a {name}"] = sent.statements
