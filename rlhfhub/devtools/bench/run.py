"""The order of a benchmark run."""

from projects.items.services import open_batch
from rlhfhub.devtools.bench import fill, money, quality_page, statistics
from rlhfhub.devtools.bench.bulk import Bulk
from rlhfhub.devtools.bench.desk import ANNOTATORS, Desk
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.ground import Ground
from rlhfhub.devtools.bench.people import Customer, Workload
from rlhfhub.devtools.bench.scale import Scale, label
from rlhfhub.devtools.bench.site import Site
from rlhfhub.devtools.demo_data import ITEMS
from rlhfhub.tenancy import planes

KEYED = 60
#: Smaller sizes are for a brief look.
WITH_MONEY = 100_000


def run(ground: Ground, scale: Scale, report: Report) -> None:
    """Measure everything of one scale: small before large, bulk after the desk."""
    with Site(ground) as site:
        site.wait()
        customer = Customer()
        desk = Desk(ground, site, customer, scale, report)
        bulk = Bulk(ground, site, customer, report)
        # A batch with the demo's items, from which those of the large batches are made.
        model = customer.workload("Model", 0)
        bulk.upload(model, ITEMS)
        crowd = [customer.newcomer(f"crowd-{number}") for number in range(sum(ANNOTATORS))]
        works = []
        for size in scale.sizes:
            work = customer.workload(f"{label(size)} items", size)
            works.append(work)
            _open(work, model, desk, bulk)
            work.places = [customer.join(work, person) for person in crowd]
            desk.loops(work)
        measured = customer.workload("With gold", works[0].size, gold_percent=5, repeat_percent=3)
        bulk.add_keys(measured, KEYED)
        _open(measured, model, desk, bulk)
        measured.places = [customer.join(measured, person) for person in crowd[:8]]
        desk.measured(works[0], measured)
        if len(works) > 1:
            desk.growth(works[0], works[-1])
        desk.pasts(works[-1])
        desk.settle()
        bulk.exports(works[-1])
        # After this: workers that were stopped take a second to come back.
        with site.asleep():
            quality_page.measure(desk.owner, works[-1], customer, report)
            if works[-1].size >= WITH_MONEY:
                money.measure(desk.owner, ground.owner_url, works[-1], report)
        for count in scale.imports:
            bulk.imports(count)
        bulk.file.unlink()
    statistics.measure(report)


def _open(work: Workload, model: Workload, desk: Desk, bulk: Bulk) -> None:
    """Fill the batch with items, fund and open it."""
    fill.items(desk.owner, model=model.batch.pk, batch=work.batch, count=work.size)
    fill.vacuum(desk.owner)
    bulk.fund(work)
    with planes.in_workspace(work.batch.workspace_id):
        work.batch = open_batch(batch=work.batch, actor_id=None)
    fill.vacuum(desk.owner)
