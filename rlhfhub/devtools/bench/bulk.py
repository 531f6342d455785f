"""Measures bulk work, each compared with COPY of the same rows: import, funding, export."""

import time
from pathlib import Path
from typing import Any

from rlhfhub.devtools.bench import fill, sql
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.bench.people import Customer, Workload
from rlhfhub.devtools.bench.scale import label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.rest import Rest

# For each measure: its unit, the least ratio to COPY, and the processes whose memory is measured.
MEASURES = {
    "import": ("items/s", 0.40, "web"),
    "funding": ("slots/s", 0.25, "worker-long"),
    "export": ("rows/s", 0.25, "worker-exports"),
}
# With fewer items, the request and the queue would take most of the time.
LEAST_ROWS = 100_000
MOST_MIB = 300.0
BLOCK = 1 << 20
LONGEST_SECONDS = 3600.0
_COLUMNS = """
    SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
"""


class Bulk:
    """The bulk measures. They use the same site as the desk's measures."""

    def __init__(self, ground: Ground, site: Site, customer: Customer, report: Report) -> None:
        self.site, self.customer, self.report = site, customer, report
        self.owner, self.file = ground.owner(), ground.state / "bulk"
        self.rest = Rest(site.url, customer.api_key)
        self.rest.http.timeout = LONGEST_SECONDS

    def imports(self, count: int) -> None:
        """Compare one upload over HTTP with COPY of the rows it made."""
        work = self.customer.workload(f"Import of {label(count)}", count)
        fill.upload(self.file, count)
        seconds, receipt = self.upload(work, self.file)
        if receipt["created"] != count:
            raise RuntimeError(f"import: {receipt}")
        copied = self._copy_again("projects_items_item", work)
        self._tell(f"import of {label(count)} items", count, seconds, copied)

    def upload(self, work: Workload, path: Path) -> tuple[float, dict[str, Any]]:
        """POST a file of items. Returns the seconds until the receipt, and the receipt."""
        url, started = f"batches/{work.batch.pk}/items/", time.perf_counter()
        with path.open("rb") as file:
            receipt = self.rest.upload(url, file, "application/x-ndjson")
        return time.perf_counter() - started, receipt

    def add_keys(self, work: Workload, count: int) -> None:
        """Import keyed items into the workload's project."""
        path = f"projects/{work.project.pk}/keys/"
        self.rest.upload(path, fill.keyed(count), "application/x-ndjson")

    def fund(self, work: Workload) -> None:
        """Compare funding over REST with COPY of the slots it made."""
        path = f"batches/{work.batch.pk}/fund/"
        started = time.perf_counter()
        self.rest.post(path)
        found = self._wait(path, "funded")
        seconds = time.perf_counter() - started
        copied = self._copy_again("projects_work_slot", work)
        name = f"funding of {label(work.size)} items" + (" and gold" if found["gold_slots"] else "")
        self._tell(name, found["slots"] + found["gold_slots"], seconds, copied)

    def exports(self, work: Workload) -> None:
        """Compare an export with COPY TO of its pairs."""
        started = time.perf_counter()
        made = self.rest.post(f"projects/{work.project.pk}/exports/", {"dataset": "dpo"})
        found = self._wait(f"exports/{made['id']}/", "finished")
        seconds = time.perf_counter() - started
        copied = self._copy_out(sql.PAIRS, work.project.pk)
        self._tell(f"export from {label(work.size)} items", found["rows"], seconds, copied)

    def _tell(self, name: str, rows: int, seconds: float, copied: float) -> None:
        unit, least, process = MEASURES[name.partition(" ")[0]]
        least = least if rows >= LEAST_ROWS else 0
        self.report.compare(name, unit, rows / seconds, rows / copied, "plain COPY", least)
        peak = self.site.peak_mib(process)
        self.report.add(f"{name}: peak of a {process} process", peak, "MiB", most=MOST_MIB)

    def _copy_again(self, table: str, work: Workload) -> float:
        """Return the seconds to COPY a batch's rows from a file into an empty table with the same keys and indexes."""
        (columns,) = self.owner.execute(_COLUMNS, [table]).fetchone() or ("",)
        query = f"COPY (SELECT {columns} FROM {table} WHERE batch_id = %s) TO STDOUT"  # noqa: S608  our own names
        self._copy_out(query, work.batch.pk)
        self.owner.execute("DROP TABLE IF EXISTS bench_copy")
        self.owner.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)")
        started = time.perf_counter()
        into = f"COPY bench_copy ({columns}) FROM STDIN"
        with self.file.open("rb") as file, self.owner.cursor().copy(into) as copy:
            while block := file.read(BLOCK):
                copy.write(block)
        seconds = time.perf_counter() - started
        self.owner.execute("DROP TABLE bench_copy")
        return seconds

    def _copy_out(self, query: str, value: object) -> float:
        """Return the seconds to COPY the query's rows into the file."""
        started = time.perf_counter()
        with self.file.open("wb") as file, self.owner.cursor().copy(query, [value]) as copy:
            file.writelines(copy)
        return time.perf_counter() - started

    def _wait(self, path: str, state: str) -> Any:
        """Poll the path until it has this state. Returns its JSON. Raises RuntimeError when it fails."""
        while (found := self.rest.get(path))["state"] != state:
            if found["state"] == "failed":
                raise RuntimeError(f"{path}: {found}")
            time.sleep(0.05)
        return found
