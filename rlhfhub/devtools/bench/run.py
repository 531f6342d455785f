"""The order of a benchmark run."""

import contextlib
from pathlib import Path

from projects.items.models import Batch
from projects.items.services import open_batch
from rlhfhub.devtools.bench import fill, transfers
from rlhfhub.devtools.bench.bulk import Bulk
from rlhfhub.devtools.bench.desk import ANNOTATORS, Desk
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.ground import Ground, laid
from rlhfhub.devtools.bench.people import House, Plot
from rlhfhub.devtools.bench.scale import SCALES, Scale, label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.demo_data import ITEMS
from rlhfhub.devtools.servers import places
from rlhfhub.tenancy import planes


def run(size: str, *, keep: bool = False) -> Path:
    """Measure everything of one scale. Returns the file of the figures."""
    scale, report = SCALES[size], Report(size)
    report.say("bench: a database of its own, tables, walls")
    with laid(keep=keep) as ground, contextlib.ExitStack() as stack:
        ground.manage("collectstatic", "--noinput", "--verbosity", "0")
        site = Site(ground)
        stack.callback(site.stop)
        site.wait()
        report.say(f"bench: the site answers at {site.url}")
        Run(ground, site, scale, report).everything()
    report.table()
    path = report.save(places.state_directory() / "bench")
    report.say(f"kept in {path}")
    return path


class Run:
    """One run on a ground and a site."""

    def __init__(self, ground: Ground, site: Site, scale: Scale, report: Report) -> None:
        self.ground, self.scale, self.report = ground, scale, report
        self.owner = ground.owner()
        self.house = House()
        self.desk = Desk(ground, site, self.house, self.owner, scale, report)
        self.bulk = Bulk(site, self.house, self.owner, scale, report, ground.state)
        self.model = self._model(site)
        self.site = site

    def _model(self, site: Site) -> Batch:
        """A batch with the demo's items, from whose stored content the large ones are made."""
        batch = self.house.batch(self.house.project("Model"))
        transfers.upload(site, self.house.api_key, batch, ITEMS)
        return batch

    def everything(self) -> None:
        """Small before large; bulk after the desk."""
        plots: dict[int, Plot] = {}
        for size in self.scale.sizes:
            plot = plots[size] = self._plot(size)
            if size == self.scale.sizes[0]:
                self.desk.statements(plot)
            self.desk.loops(plot, size, self._fee(plot))
        small, large = self.scale.sizes[0], self.scale.largest
        self.desk.growth((small, plots[small]), (large, plots[large]))
        for size in self.scale.sizes:
            if size in (self.scale.mixed_size, self.scale.largest):
                self._with_past(plots[size], size)
        for count in self.scale.imports:
            self.bulk.imports(count)
        self.bulk.mixed(plots[self.scale.mixed_size], self.scale.mixed_size)

    def _with_past(self, plot: Plot, size: int) -> None:
        veteran = self.desk.past(plot, size)
        self.desk.special(plot, size, veteran)
        self.bulk.exports(plot, size)
        self.bulk.during_export(plot, size)

    def _plot(self, size: int) -> Plot:
        """A project with an open batch of `size` funded items, and its annotators."""
        self.report.say(f"bench: {label(size)} items")
        project = self.house.project(f"{label(size)} items")
        batch = self.house.batch(project)
        fill.items(self.owner, model=self.model.pk, batch=batch, count=size)
        self.owner.execute("ANALYZE projects_items_item")
        self.bulk.fund(batch, size)
        with planes.in_workspace(self.house.workspace.pk):
            batch = open_batch(batch=batch, actor_id=None)
        crowd = self.house.people(sum(ANNOTATORS))
        plot = Plot(project, batch, [self.house.join(project, person) for person in crowd])
        fill.settle(self.owner)
        return plot

    def _fee(self, plot: Plot) -> int:
        row = self.owner.execute(
            "SELECT fee_minor FROM projects_work_slot WHERE batch_id = %s LIMIT 1", [plot.batch.pk]
        ).fetchone()
        return int(row[0]) if row else 0
