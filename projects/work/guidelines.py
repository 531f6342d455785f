"""The guidelines beside a lease: its own version, and what changed since the one the annotator worked under before."""

import uuid
from dataclasses import dataclass

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.plan.guidelines import Comparison, compare
from projects.plan.models import GuidelineVersion

# The page says in this header which version it shows; an answer under another one replaces the drawer.
HEADER = "X-Guideline"

_SEEN = """
    SELECT GREATEST(
        (SELECT v.number FROM projects_work_annotation a
         JOIN projects_plan_guidelineversion v ON v.id = a.guideline_version_id
         WHERE a.enrollment_id = %(enrollment)s ORDER BY a.submitted_at DESC LIMIT 1),
        (SELECT max(v.number) FROM projects_enrollment_guidelineacceptance g
         JOIN projects_plan_guidelineversion v ON v.id = g.guideline_version_id
         WHERE g.enrollment_id = %(enrollment)s))
"""


@dataclass(frozen=True, slots=True)
class Drawer:
    """What the drawer shows. `later` is the number of a version in force that the next lease will be under."""

    version: GuidelineVersion
    changes: Comparison | None
    later: int | None


def drawer_of(enrollment: Enrollment, version_id: uuid.UUID | None) -> Drawer | None:
    """The drawer beside a lease under `version_id`; without a lease, of the version in force.

    The changes are those since the version that the annotator last answered under or accepted, until they answer
    under this one. None where nothing is in force yet. Annotator plane.
    """
    in_force: GuidelineVersion | None = enrollment.project.guideline_version
    version = in_force
    if version_id is not None and (in_force is None or in_force.pk != version_id):
        version = GuidelineVersion.objects.get(pk=version_id)
    if version is None:
        return None
    later = in_force.number if in_force and in_force.number > version.number else None
    changes = _changes(enrollment.pk, version) if version_id is not None else None
    return Drawer(version, changes, later)


def _changes(enrollment_id: uuid.UUID, version: GuidelineVersion) -> Comparison | None:
    if version.change != GuidelineVersion.Change.MINOR:
        return None  # it was accepted on a page that showed what changed
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"enrollment": enrollment_id})
        (seen,) = cursor.fetchone()
    if seen is None or seen >= version.number:
        return None
    before = GuidelineVersion.objects.get(project_id=version.project_id, number=seen)
    return compare(before, version)
