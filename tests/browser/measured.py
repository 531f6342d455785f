"""Projects for the looks of the quality pages."""

from typing import Any

from projects.quality.alerts import services
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_project
from tests.people import Annotator, make_annotator
from tests.quality.made import open_alert
from tests.quality.planted import plant_agreement, plant_annotator


def _alerts(tenant: Tenant, person: Annotator) -> dict[str, Any]:
    """An alert that waits, with the annotator's reply, and one that was decided."""
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
    return {"alert_id": waits.pk, "alert_decided": decided.pk}


def measured_projects(tenant: Tenant) -> dict[str, Any]:
    """Projects whose agreement was measured for weeks, and an annotator who differs from the others."""
    poor, good = (make_project(tenant, name=name) for name in ("Who is funnier?", "Is it true?"))
    plant_agreement(poor, 0.08)
    plant_agreement(good, 0.86)
    for number in range(6):
        plant_annotator(make_annotator(poor), 60 + 3 * number, 90 + number)
    bad = plant_annotator(make_annotator(poor), 120, 320, first=300, direction=-1)
    plant_annotator(make_annotator(poor), 2, 4)
    alerts = _alerts(tenant, make_annotator(poor))
    return {
        **alerts,
        "quality_poor": poor.pk,
        "quality_good": good.pk,
        "who_differs": bad.enrollment.pseudonym,
    }
