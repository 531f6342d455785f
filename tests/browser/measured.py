"""Projects for the looks of the quality pages."""

from typing import Any

from projects.items.models import Item
from projects.items.services import Plan
from projects.plan import services as plan
from projects.quality.alerts import services
from projects.quality.alerts.evidence import Point
from projects.quality.monitors.signs import Fast
from projects.work.models import Annotation, Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator
from tests.quality.made import open_alert
from tests.quality.planted import plant_agreement, plant_annotator

COPIED = "The first response names its sources and answers what was asked; the second one does not."

PASTED = (
    "Both responses provide valuable insights. The first response stands out through its comprehensive structure and "
    "clarity, whereas the second response offers a more concise overview of the topic at hand."
)


def _watched(tenant: Tenant) -> list[Annotator]:
    """Three people who answered four items and a keyed one; two wrote the same text, and the third pasted theirs."""
    project = make_project(tenant, name="Which reply is kinder?", machine_text="forbidden")
    batch = make_batch(project, 4, plan=Plan(3, share_percent=0, reserve_percent=100))
    with planes.in_workspace(tenant.pk):
        keyed = gold.make_keyed(Item.objects.filter(batch=batch).earliest("seq"))
    for _ in range(3):
        gold.add_slots(batch, [keyed], Purpose.GOLD)
    people = [make_annotator(project, name) for name in ("Ada", "Ben", "Cleo")]
    for number, person in enumerate(people):
        while lease := person.lease():
            item = int(lease["prompt"][0]["content"].split()[1].rstrip("?"))
            # Two copies are too few for the site itself to open an alert.
            reason = COPIED if item in (2, 3) else "Because it is better."
            reason = PASTED if number == 2 else reason
            wanted = f"{'Second' if item % 2 > number else 'First'} answer to {item}."
            [key] = [
                one["key"] for one in lease["responses"] if one["messages"][-1]["content"] == wanted
            ]
            person.client.post(
                f"/api/v1/desk/leases/{lease['id']}/submit/",
                {
                    "answer": {"preference": {"choice": key}, "reason": reason},
                    "pasted_percent": 96 if number == 2 else 0,
                },
            )
    return people


def _answers(person: Annotator) -> list[str]:
    with planes.in_workspace(person.enrollment.workspace_id):
        mine = Annotation.objects.filter(enrollment=person.enrollment).order_by("item_id")
        return [str(pk) for pk in mine.values_list("pk", flat=True)]


def _copies(one: Annotator, other: Annotator) -> Any:
    """An alert about texts that two annotators have in common."""
    mine, theirs = _answers(one), _answers(other)
    alert = open_alert(
        one,
        "copies",
        affected_from=None,
        points=[],
        count=len(mine),
        others=(other.enrollment.pseudonym,),
        annotations=tuple(mine),
        groups=tuple(zip(mine[1:3], theirs[1:3], strict=True)),
    )
    return alert.pk


def _found_alerts(people: list[Annotator]) -> dict[str, Any]:
    """Alerts about a pair, about pasted texts, and about the whole project."""
    one, other, third = people
    mine = _answers(one)
    pair = open_alert(
        one,
        "pair",
        affected_from=None,
        points=[],
        count=len(mine),
        of=41,
        expected=0.8,
        others=(other.enrollment.pseudonym,),
        annotations=mine,
    )
    theirs = _answers(third)
    pasted = open_alert(
        third,
        "pasted",
        affected_from=None,
        points=[],
        count=len(theirs),
        of=12,
        annotations=theirs,
    )
    times = [2.1, 1.4, 1.8, 1.1, 0.9, 1.6, *([0.02, 0.04, 0.03] * 4)]
    speed = open_alert(
        one,
        "speed",
        signs=("impossible",),
        fast=Fast(10, 0.42, 600.0, 35.2),
        points=[Point(n, value, 0.0) for n, value in enumerate(times, 1)],
        at=len(times),
        since=6,
    )
    moved = open_alert(one, "moved")
    return {
        "alert_pair": pair.pk,
        "alert_pasted": pasted.pk,
        "alert_speed": speed.pk,
        "alert_moved": moved.pk,
    }


def attesting_annotator(tenant: Tenant) -> Annotator:
    """Somebody who accepted guidelines before the project forbade machine-written text."""
    project = make_project(tenant, name="Which poem scans?", machine_text="allowed")
    annotator = make_annotator(project, "Greta")
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        plan.set_watch(project=project, actor_id=tenant.owner.pk, machine_text="forbidden")
    return annotator


def _alerts(tenant: Tenant) -> dict[str, Any]:
    """An alert that waits, with the annotator's reply, one that was decided, and one about copied texts."""
    people = _watched(tenant)
    person, other, _ = people
    waits, decided = open_alert(person), open_alert(person, "side", after=0.83, before=None)
    with planes.at_desk(person.user.pk, tenant.pk):
        services.reply(
            alert_id=waits.pk,
            enrollment_id=person.enrollment.pk,
            text="From Tuesday on the items were jokes about cricket, which I do not know.",
        )
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        note = "The first response was the better one by far in this batch."
        services.lift(alert=decided, note=note, actor_id=tenant.owner.pk)
    return {
        "alert_id": waits.pk,
        "alert_decided": decided.pk,
        "alert_copies": _copies(person, other),
        **_found_alerts(people),
    }


def measured_projects(tenant: Tenant) -> dict[str, Any]:
    """Projects whose agreement was measured for weeks, and an annotator who differs from the others."""
    poor, good = (make_project(tenant, name=name) for name in ("Who is funnier?", "Is it true?"))
    plant_agreement(poor, 0.08)
    plant_agreement(good, 0.86)
    for number in range(6):
        plant_annotator(make_annotator(poor), 60 + 3 * number, 90 + number)
    bad = plant_annotator(make_annotator(poor), 120, 320, first=300, direction=-1)
    plant_annotator(make_annotator(poor), 2, 4)
    return {
        **_alerts(tenant),
        "quality_poor": poor.pk,
        "quality_good": good.pk,
        "who_differs": bad.enrollment.pseudonym,
    }
