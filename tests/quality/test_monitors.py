"""Each answer enters each monitor once, in an order that is kept; what enters is what the answer and the others say."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from projects.items.models import Item
from projects.plan.models import Project
from projects.quality.alerts.models import Alert
from projects.quality.monitors import entering
from projects.quality.monitors.models import Monitor, MonitorKind, Score
from projects.work.models import Annotation, Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.exports.made import judge
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator
from tests.quality.made import make_long_batch
from tests.revisions import revise, send_back

VERDICTS = {
    "1": ["first", "first", "first"],
    "2": ["first", "first", "second"],
    "3": ["first", "second", "tie"],
    "4": ["second", "second", "second"],
    "5": ["first", "first", "first"],
}


def scores(project: Project, kind: MonitorKind) -> dict[tuple[str, str], Score]:
    """The scores of a kind, by annotator's pseudonym and item."""
    with planes.in_workspace(project.workspace_id):
        rows = Score.objects.filter(monitor__kind=kind, monitor__project=project)
        rows = rows.filter(monitor__enrollment__isnull=False)
        rows = rows.select_related("monitor__enrollment", "annotation__item").order_by("pk")
        return {
            (row.monitor.enrollment.pseudonym, row.annotation.item.external_id): row for row in rows
        }


def monitor_of(annotator: Annotator, kind: MonitorKind) -> Monitor:
    row = annotator.enrollment
    with planes.in_workspace(row.workspace_id):
        return Monitor.objects.get(enrollment=row, kind=kind)


def test_an_answer_is_compared_once_two_others_have_answered(
    project: Project, batch: Any, annotators: list[Annotator], deliver: Any
) -> None:
    judge(annotators[:2], VERDICTS)
    deliver()
    assert scores(project, MonitorKind.AGREEMENT) == {}, "one other is too few, a third may come"
    assert len(scores(project, MonitorKind.TIME)) == 10
    judge(annotators, VERDICTS)
    deliver()
    found = scores(project, MonitorKind.AGREEMENT)
    ada, ben, cleo = (one.enrollment.pseudonym for one in annotators)
    assert len(found) == 15
    # Two who agree make a third who says so probably right, and one who does not probably wrong.
    assert found[ada, "item-1"].value == pytest.approx(0.979, abs=0.001)
    assert found[cleo, "item-2"].value is not None and found[cleo, "item-2"].value < 0.1
    # Where the two others differ, a third answer is as good as any of theirs.
    assert found[ada, "item-3"].value == pytest.approx(0.075, abs=0.05)
    numbers = sorted(one.number for (name, _), one in found.items() if name == ben)
    assert numbers == [1, 2, 3, 4, 5] and monitor_of(annotators[1], MonitorKind.AGREEMENT).seen == 5


def test_a_second_delivery_changes_nothing(
    project: Project, batch: Any, annotators: list[Annotator], deliver: Any
) -> None:
    judge(annotators, VERDICTS)
    deliver()
    with planes.in_workspace(project.workspace_id):
        before = list(Monitor.objects.order_by("pk").values("pk", "seen", "state", "level", "at"))
        items = list(Item.objects.values_list("pk", flat=True))
        for _ in range(2):
            assert entering.enter(project_id=project.pk, item_ids=items) == []
        assert list(Monitor.objects.order_by("pk").values(*before[0])) == before


def test_an_item_with_two_slots_is_compared_with_the_one_other(
    workspace_a: Tenant, deliver: Any
) -> None:
    project = make_project(workspace_a, overlap=2)
    make_batch(project, 2)
    people = [make_annotator(project, name) for name in ("Ada", "Ben")]
    verdicts = {"1": ["first", "first"], "2": ["first", "second"]}
    judge(people[:1], verdicts)
    deliver()
    assert scores(project, MonitorKind.AGREEMENT) == {}
    judge(people, verdicts)
    deliver()
    found = scores(project, MonitorKind.AGREEMENT)
    assert len(found) == 4
    # With one other alone: as probable as that one is right, of three kinds of answers.
    values = {item: one.value for (name, item), one in found.items()}
    assert values["item-1"] == pytest.approx(0.85, abs=0.02)
    assert values["item-2"] == pytest.approx(0.075, abs=0.02)


def test_later_answers_do_not_change_what_entered(
    workspace_a: Tenant, project: Project, batch: Any, annotators: list[Annotator], deliver: Any
) -> None:
    """Neither a revision nor a fourth answer."""
    judge(annotators, VERDICTS)
    deliver()
    before = {pk: one.value for pk, one in scores(project, MonitorKind.AGREEMENT).items()}
    with planes.in_workspace(workspace_a.pk):
        one = Annotation.objects.earliest("pk")
    send_back(one.pk, "Look again.")
    revise(one.pk, {"preference": {"choice": 1}, "reason": ""}, [1])
    with planes.in_workspace(workspace_a.pk):
        entering.enter(project_id=project.pk, item_ids=[one.item_id])
    after = {pk: one.value for pk, one in scores(project, MonitorKind.AGREEMENT).items()}
    assert after == before


def test_side_and_run_are_what_stood_on_the_screen(
    project: Project, annotators: list[Annotator], deliver: Any
) -> None:
    make_batch(project, 12)
    ada = annotators[0]
    while lease := ada.lease():
        assert ada.submit(lease, 0).status_code == 201
    deliver()
    sides = scores(project, MonitorKind.SIDE)
    assert {one.value for one in sides.values()} == {1.0} and len(sides) == 12
    runs = sorted(one.value or 0 for one in scores(project, MonitorKind.LABELS).values())
    assert runs == [*range(1, 13)]
    assert monitor_of(ada, MonitorKind.SIDE).level == pytest.approx(12 * 0.2412 / 8, abs=0.01)


def test_keyed_items_enter_by_their_keys_and_are_compared_with_nobody(
    workspace_a: Tenant, deliver: Any
) -> None:
    project = make_project(workspace_a, overlap=1)
    batch = make_batch(project, 4, plan=gold.PLAN)
    with planes.in_workspace(workspace_a.pk):
        items = list(Item.objects.filter(batch=batch).select_related("project").order_by("seq"))
    keyed = [gold.make_keyed(items[0], "0"), gold.make_keyed(items[1], "1")]
    unsure = gold.make_keyed(items[2], "0", people=("Ann", "Bo"))
    gold.add_slots(batch, [*keyed, unsure], Purpose.GOLD)
    ada = make_annotator(project, "Ada")
    while lease := ada.lease():
        number = lease["prompt"][0]["content"].removeprefix("Question ").removesuffix("?")
        assert ada.prefer(lease, f"First answer to {number}.").status_code == 201
    deliver()
    found = {item: one.value for (_, item), one in scores(project, MonitorKind.GOLD).items()}
    assert found == {"key:item-1": 1.0, "key:item-2": 0.0}, "two people’s keys decide nothing"
    compared = {item for _, item in scores(project, MonitorKind.AGREEMENT)}
    assert not any(item.startswith("key:") for item in compared)


def test_the_database_takes_a_score_once_and_keeps_it(
    workspace_a: Tenant, project: Project, batch: Any, annotators: list[Annotator], deliver: Any
) -> None:
    judge(annotators[:1], VERDICTS)
    deliver()
    copies = """INSERT INTO projects_quality_score SELECT (jsonb_populate_record(s, jsonb_build_object(
                'id', gen_random_uuid(), %s::text, %s::int))).* FROM projects_quality_score s LIMIT 1"""
    with planes.in_workspace(workspace_a.pk), connection.cursor() as cursor:
        for column in ("number", "nothing"):
            with pytest.raises(IntegrityError, match="score_once"), transaction.atomic():
                cursor.execute(copies, [column, 99])
        for wrong in (
            "UPDATE projects_quality_score SET value = 1",
            "DELETE FROM projects_quality_score",
            "UPDATE projects_quality_monitor SET seen = seen - 1 WHERE seen > 0",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(wrong)


@pytest.mark.slow
def test_nobody_reads_so_fast(project: Project, annotators: list[Annotator], deliver: Any) -> None:
    """Ten answers in milliseconds each are enough, and the rest opens no second alert."""
    make_long_batch(project, 45)
    ada = annotators[0]
    while lease := ada.lease():
        assert ada.submit(lease, 0).status_code == 201
    deliver()
    with planes.in_workspace(project.workspace_id):
        alert = Alert.objects.get(kind="speed")
    assert alert.enrollment_id == ada.enrollment.pk
    assert alert.evidence["signs"][0] == "impossible" and alert.evidence["at"] == 10
