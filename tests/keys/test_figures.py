"""Answers to gold, repeats and calibration move no figure of the project's data, and are paid like all others."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from projects.exports import storage
from projects.items import selectors as items
from projects.items.boards import BATCH
from projects.items.models import Batch, Item, MetadataValue
from projects.items.services import Plan
from projects.overview import workspace as overview
from projects.overview.finding import Filters
from projects.overview.items import items_found
from projects.overview.next_step import next_step
from projects.plan.boards import ShownProject
from projects.plan.models import Project
from projects.quality import answers, panels
from projects.quality.models import Tally
from projects.quality.tasks import refresh
from projects.review.queue import orders
from projects.review.services import accepting as review
from projects.work.models import Annotation, Purpose
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests import gold
from tests.exports.made import VERDICTS, judge, run_export
from tests.factories import PRICE, Tenant, make_batch
from tests.people import Annotator

PURPOSES = (Purpose.GOLD, Purpose.REPEAT, Purpose.CALIBRATION)


@pytest.fixture
def judged(project: Project, annotators: list[Annotator], deliver: Callable[[], int]) -> Batch:
    """A batch with a reserve, whose items are answered by VERDICTS."""
    batch = make_batch(project, plan=Plan(project.overlap, share_percent=0, reserve_percent=100))
    judge(annotators, VERDICTS)
    deliver()
    refresh()
    return batch


def figures(tenant: Tenant, project: Project, batch: Batch) -> dict[str, Any]:
    """Whatever speaks of the project's data."""
    rest = {
        path: tenant.client.get(f"/api/v1/{path}").json()
        for path in (
            f"projects/{project.pk}/agreement/",
            f"projects/{project.pk}/items/",
            f"projects/{project.pk}/items/?show=returned",
            f"projects/{project.pk}/items/?show=unanswered",
            f"projects/{project.pk}/items/?show=contested",
            f"projects/{project.pk}/items/?external_id=key",
            f"projects/{project.pk}/annotations/",
            f"projects/{project.pk}/batches/",
            f"batches/{batch.pk}/items/",
            f"batches/{batch.pk}/consensus/",
        )
    }
    for row in rest[f"projects/{project.pk}/batches/"]["results"]:
        row.pop("slots_count")  # what was paid for
    with planes.in_workspace(tenant.pk):
        project = Project.objects.select_related("form").get(pk=project.pk)
        batch = Batch.objects.get(pk=batch.pk)
        counted = answers.answers_of(project.pk)
        about = ShownProject(project)
        live, work = panels.on_live(about), panels.on_live_work(about)
        (card,) = overview.cards([project])
        return rest | {
            "answers": counted,
            "people": answers.annotator_rows(project, counted, 0, 50),
            "agreement": live and live.snapshot and live.snapshot.alpha,
            "work": (work.total, work.submitted, work.accepted, work.waiting, work.leased),
            "pace": sum(row[1] for row in answers.pace(project.pk, _now()).counts),
            "batch": panels.on_batch(batch),
            "card": (card.open_batches, card.done, card.total, card.alpha),
            "lately": overview.lately(tenant.workspace),
            "next": next_step(
                project, open_alerts=0, waiting=work.waiting, agrees_too_little=False
            ).words,
            "found": items_found(project, Filters(), after="", size=50),
            "tallies": Tally.objects.count(),
            "values": MetadataValue.objects.count(),
            "warnings": items.warnings_of(project.pk),
            "panels": BATCH.panels(batch)["progress"],
        }


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def answer_all(annotators: list[Annotator]) -> int:
    """Everybody answers what is left. Returns how many answers."""
    count = 0
    for annotator in annotators:
        while lease := annotator.lease():
            assert annotator.submit(lease, 0).status_code == 201
            count += 1
    return count


@pytest.mark.slow
def test_no_figure_of_data_moves(
    workspace_a: Tenant,
    project: Project,
    judged: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    before = figures(workspace_a, project, judged)
    with planes.in_workspace(workspace_a.pk):
        first, second, third = Item.objects.filter(batch=judged).order_by("seq")[:3]
    measured = [gold.make_keyed(first), gold.make_repeat(second), gold.make_keyed(third, "1")]
    for item, purpose in zip(measured, PURPOSES, strict=True):
        kept_for = annotators[1].enrollment if purpose is Purpose.REPEAT else None
        gold.add_slots(judged, [item], purpose, kept_for)
    refresh()
    assert figures(workspace_a, project, judged) == before, "slots alone"
    (held,) = filter(None, [annotators[0].lease()])
    assert figures(workspace_a, project, judged) == before, "a lease"
    assert annotators[0].client.post(
        f"/api/v1/desk/leases/{held['id']}/return/", {"reason": "unclear"}
    ).status_code in (200, 204)
    assert answer_all(annotators[1:] + annotators[:1]) == 3
    deliver()
    refresh()
    assert figures(workspace_a, project, judged) == before, "answers"
    with planes.in_workspace(workspace_a.pk):
        found = set(Annotation.objects.exclude(purpose="data").values_list("purpose", flat=True))
    assert found == {purpose.value for purpose in PURPOSES}
    assert [each for each in invariants.verify() if not each.holds] == []


@pytest.mark.parametrize("dataset", ["dpo", "annotations"])
@pytest.mark.slow
def test_no_export_has_a_row_of_them(
    workspace_a: Tenant,
    project: Project,
    judged: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
    dataset: str,
) -> None:
    options = {"dataset": dataset, "include_undecided": True}
    before = run_export(workspace_a, project, **options)
    with planes.in_workspace(workspace_a.pk):
        first, second = Item.objects.filter(batch=judged).order_by("seq")[:2]
    again = gold.make_repeat(first)
    gold.add_slots(judged, [again], Purpose.REPEAT, annotators[0].enrollment)
    keyed = [gold.make_keyed(item) for item in (first, second)]
    gold.add_slots(judged, keyed, Purpose.GOLD)
    assert answer_all(annotators[:1]) == 3
    deliver()
    after = run_export(workspace_a, project, **options)
    assert after.counts == before.counts
    rows = [(storage.folder(one) / storage.JSONL).read_bytes() for one in (before, after)]
    assert json.loads(rows[0].splitlines()[0])
    assert rows[0] == rows[1]


def test_they_are_paid_like_all_others_and_need_no_review(
    workspace_a: Tenant,
    project: Project,
    judged: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    ada = annotators[0]
    before = earned(ada)
    with planes.in_workspace(workspace_a.pk):
        first = Item.objects.filter(batch=judged).order_by("seq")[0]
    gold.add_slots(judged, [gold.make_keyed(first)], Purpose.GOLD)
    assert answer_all([ada]) == 1
    after = earned(ada)
    assert after["annotations"] == before["annotations"] + 1
    assert after["amount_minor"] == before["amount_minor"] + PRICE
    with planes.in_workspace(workspace_a.pk):
        (answer,) = Annotation.objects.filter(purpose="gold")
        found = orders.ranked(project.pk, orders.Filters(), None, limit=99)
        assert answer.pk not in {place.annotation_id for place in found}
        review.accept(annotation_ids=[answer.pk], reviewer_id=workspace_a.owner.pk)
    deliver()
    (accrued,) = ada.client.get("/api/v1/desk/earnings/").json()["accrued"]
    assert accrued["amount_minor"] == PRICE


def earned(annotator: Annotator) -> dict[str, Any]:
    """What waits for a decision."""
    (pending,) = annotator.client.get("/api/v1/desk/earnings/").json()["pending"]
    return dict(pending)
