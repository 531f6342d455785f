"""Projects for the looks of the quality pages."""

from typing import Any

from tests.factories import Tenant, make_project
from tests.people import make_annotator
from tests.quality.planted import plant_agreement, plant_annotator


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
        "quality_poor": poor.pk,
        "quality_good": good.pk,
        "who_differs": bad.enrollment.pseudonym,
    }
