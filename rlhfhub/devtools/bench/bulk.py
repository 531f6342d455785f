"""Measures of bulk: import, funding, export, and everything at once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from projects.items.models import Batch
from rlhfhub.devtools.bench import fill, loops, transfers
from rlhfhub.devtools.bench.figures import Report, percentiles
from rlhfhub.devtools.bench.loops import Loops
from rlhfhub.devtools.bench.people import OVERLAP, House, Plot
from rlhfhub.devtools.bench.scale import Scale, label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.rest import Rest

LEAST_IMPORT = 0.40
LEAST_FUNDING = 0.25
LEAST_EXPORT = 0.25
MOST_MIB = 300.0
MIXED_ANNOTATORS = 8


class Bulk:
    """Measures on the same site and house as the desk's."""

    def __init__(
        self,
        site: Site,
        house: House,
        owner: psycopg.Connection,
        scale: Scale,
        report: Report,
        folder: Path,
    ) -> None:
        self.site, self.house, self.owner = site, house, owner
        self.scale, self.report, self.folder = scale, report, folder
        self.rest = Rest(site.url, house.api_key)

    def _compare(
        self, what: str, rows: int, unit: str, seconds: tuple[float, float], least: float | None
    ) -> None:
        ours, copied = seconds
        self.report.add(what, rows / ours, unit, note=f"{ours:.2f} s")
        self.report.add(f"{what}: plain COPY", rows / copied, unit, note=f"{copied:.2f} s")
        self.report.add(f"{what} / plain COPY", copied / ours, "ratio", least=least)

    def imports(self, count: int) -> None:
        """One upload over HTTP against COPY of the rows it made."""
        batch = self.house.batch(self.house.project(f"Import of {label(count)}"))
        path = self.folder / "upload.ndjson"
        size = fill.upload(path, count)
        self.site.forget_peak("web")
        seconds, receipt = transfers.upload(self.site, self.house.api_key, batch, path)
        path.unlink()
        if receipt["created"] != count:
            raise RuntimeError(f"import: {receipt}")
        peak = self.site.peak_mib("web")
        copied = transfers.copy_again(
            self.owner, "projects_items_item", "batch_id = %s", batch.pk, self.folder / "items.copy"
        )
        self.report.say(f"  the upload of {label(count)} items has {size / 1e6:.0f} MB")
        self._compare(
            f"import of {label(count)} items", count, "items/s", (seconds, copied), LEAST_IMPORT
        )
        self.report.add(
            f"import of {label(count)} items: peak of a web process", peak, "MiB", most=MOST_MIB
        )

    def fund(self, batch: Batch, size: int) -> None:
        """Funding over REST against COPY of the slots it made."""
        self.site.forget_peak("worker-long")
        seconds = transfers.fund(self.rest, batch)
        peak = self.site.peak_mib("worker-long")
        copied = transfers.copy_again(
            self.owner, "projects_work_slot", "batch_id = %s", batch.pk, self.folder / "slots.copy"
        )
        least = LEAST_FUNDING if size >= 100_000 else None
        name = f"funding of {label(size)} items"
        self._compare(name, size * OVERLAP, "slots/s", (seconds, copied), least)
        self.report.add(f"{name}: peak of a worker process", peak, "MiB", most=MOST_MIB)

    def exports(self, plot: Plot, size: int) -> None:
        """An export against COPY TO of its pairs."""
        self.site.forget_peak("worker-exports")
        done = transfers.export(self.rest, plot.project.pk)
        peak = self.site.peak_mib("worker-exports")
        copied = transfers.copy_pairs(self.owner, plot.project.pk, self.folder / "pairs.jsonl")
        name = f"export from {label(size)} items"
        self._compare(name, done.rows, "rows/s", (done.seconds, copied), LEAST_EXPORT)
        self.report.add(f"{name}: peak of a worker process", peak, "MiB", most=MOST_MIB)
        self.report.details[name] = {"rows": done.rows, "bytes": done.downloads}

    def during_export(self, plot: Plot, size: int) -> None:
        """Loops of 8 annotators, alone and while exports run back to back."""
        alone = self._loops(plot, self.scale.seconds)
        with ThreadPoolExecutor(1) as pool:
            stop = threading.Event()
            running = pool.submit(self._exports_until, stop, plot)
            time.sleep(0.5)
            try:
                busy = self._loops(plot, self.scale.seconds * 2)
            finally:
                stop.set()
            exports = running.result()
        self._tell_load(f"{label(size)} items, {MIXED_ANNOTATORS} annotators, no export", alone)
        self._tell_load(
            f"{label(size)} items, {MIXED_ANNOTATORS} annotators, {exports} exports meanwhile", busy
        )

    def _loops(self, plot: Plot, seconds: float) -> Loops:
        loops.drained(self.owner)
        tokens = [place.person.token for place in plot.places[:MIXED_ANNOTATORS]]
        found = Loops()
        found.take(loops.over_http(self.site, plot, tokens, seconds))
        return found

    def _exports_until(self, stop: threading.Event, plot: Plot) -> int:
        done = 0
        with Rest(self.site.url, self.house.api_key) as rest:
            while not stop.is_set():
                transfers.export(rest, plot.project.pk)
                done += 1
        return done

    def _tell_load(self, name: str, found: Loops) -> None:
        errors = f"{len(found.errors)} ERRORS {found.errors[0]}" if found.errors else ""
        self.report.add(f"{name}: HTTP", found.rate, "loops/s", note=errors)
        for endpoint, values in (("lease", found.lease), ("submit", found.submit)):
            for quantile, value in percentiles(values).items():
                self.report.add(f"{name}: {endpoint} {quantile}", value, "ms")
        self.report.details[name] = found.as_json()

    def mixed(self, plot: Plot, size: int) -> None:
        """8 annotators at full speed, an import, an export and the agreement job, all at once."""
        path = self.folder / "mixed.ndjson"
        fill.upload(path, size)
        batch = self.house.batch(self.house.project("Import during the mixed load"))
        stop = threading.Event()
        sampler = Ages(self.site, self.house.api_key, plot)
        with ThreadPoolExecutor(3) as pool:
            jobs: list[Callable[[], Any]] = [
                lambda: sampler.until(stop),
                lambda: self._exports_until(stop, plot),
                lambda: transfers.upload(self.site, self.house.api_key, batch, path),
            ]
            running = [pool.submit(job) for job in jobs]
            try:
                found = self._loops(plot, self.scale.mixed_seconds)
            finally:
                stop.set()
            _, exports, imported = [job.result() for job in running]
        path.unlink()
        name = f"mixed load at {label(size)}"
        self._tell_load(name, found)
        self.report.add(f"{name}: import of {label(size)} items", size / imported[0], "items/s")
        self.report.add(f"{name}: exports done", exports, "")
        self.report.add(f"{name}: age of the dashboard, median", sampler.quantile(0.5), "s")
        self.report.add(f"{name}: age of the dashboard, worst", sampler.quantile(1.0), "s")


class Ages:
    """How old the agreement on the dashboard is, asked twice a second while answers come in."""

    def __init__(self, site: Site, key: str, plot: Plot) -> None:
        self.site, self.key, self.plot = site, key, plot
        self.values: list[float] = []

    def until(self, stop: threading.Event) -> None:
        """The thread's body."""
        with Rest(self.site.url, self.key) as rest:
            # The first answers of the load must have been counted once before ages mean anything.
            stop.wait(3)
            while not stop.wait(0.5):
                latest = rest.get(f"projects/{self.plot.project.pk}/agreement/")["project"]
                if latest:
                    age = datetime.now(UTC) - datetime.fromisoformat(latest["at"])
                    self.values.append(age.total_seconds())

    def quantile(self, share: float) -> float:
        """Of the ages seen; -1 without any."""
        ordered = sorted(self.values)
        return ordered[round(share * (len(ordered) - 1))] if ordered else -1.0
