"""Measures at the desk: loops by size and number of annotators, long pasts, statements."""

import psycopg

from projects.work.services import slots
from rlhfhub.devtools.bench import fill, loops, statements
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
LEAST_RATIO = 0.25
MOST_GROWTH = 1.2
MOST_STATEMENTS = {"lease": 8, "submit": 10}


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
        start = 0
        for count in ANNOTATORS:
            crew = plot.places[start : start + count]
            start += count
            self._compare(plot, size, crew, most, fee)

    def _compare(self, plot: Plot, size: int, crew: list[Place], most: int, fee: int) -> None:
        found, by_sql, web_cpu = Loops(), [], []
        tokens = [place.person.token for place in crew]
        for _ in range(self.scale.rounds):
            loops.drained(self.owner)
            before = self.site.cpu_seconds("web")
            result = loops.over_http(self.site, plot, tokens, self.scale.seconds, most)
            found.take(result)
            web_cpu.append(
                (self.site.cpu_seconds("web") - before) * 1000 / max(1, len(result["submit"]))
            )
            loops.drained(self.owner)
            with self.site.asleep():
                by_sql.append(loops.by_sql(self.ground, plot, crew, self.scale.seconds, most, fee))
        self._tell(
            f"{label(size)} items, {len(crew)} annotators",
            len(crew),
            found,
            sorted(by_sql),
            web_cpu,
        )

    def _tell(
        self, name: str, count: int, found: Loops, by_sql: list[float], web_cpu: list[float]
    ) -> None:
        report = self.report
        plain = by_sql[len(by_sql) // 2]
        share = sum(found.client_share) / len(found.client_share)
        note = f"client {share:.0%} of a core" + (
            f", {len(found.errors)} ERRORS" if found.errors else ""
        )
        report.add(f"{name}: HTTP", found.rate, "loops/s", note=note)
        report.add(f"{name}: plain SQL", plain, "loops/s")
        target = LEAST_RATIO if count == 8 else None
        report.add(f"{name}: HTTP / plain SQL", found.rate / plain, "ratio", least=target)
        for endpoint, values in (("lease", found.lease), ("submit", found.submit)):
            for quantile, value in percentiles(values).items():
                report.add(f"{name}: {endpoint} {quantile}", value, "ms")
        details = {"plain_sql": by_sql, "web_cpu_ms_per_loop": [round(ms, 2) for ms in web_cpu]}
        report.details[name] = found.as_json() | details

    def growth(self) -> None:
        """p95 at the largest size against that at the smallest, with 8 annotators."""
        small, large = label(self.scale.sizes[0]), label(self.scale.largest)
        if small == large:
            return
        for endpoint in ("lease", "submit"):
            values = [
                self.report.find(f"{size} items, 8 annotators: {endpoint} p95")
                for size in (large, small)
            ]
            if values[0] and values[1]:
                name = f"{endpoint} p95 at {large} / at {small}, 8 annotators"
                self.report.add(name, values[0] / values[1], "ratio", most=MOST_GROWTH)

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
        results = {}
        for name, place in known.items():
            loops.drained(self.owner)
            found = Loops()
            found.take(loops.over_http(self.site, plot, [place.person.token], self.scale.seconds))
            results[name] = found
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
