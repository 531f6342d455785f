"""The guidelines drawer beside a lease: the lease's own version, and what changed since the annotator's last one."""

import uuid
from dataclasses import dataclass

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.plan.guidelines import Comparison, compare
from projects.plan.models import GuidelineVersion

# The request header in which the page says which version its drawer shows. If the lease that is sent has another
# version, the drawer is sent along and replaced.
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
    """What the drawer shows.

    `later` is the number of a newer version that is in force already and applies to the next lease, if there is one.
    """

    version: GuidelineVersion
    changes: Comparison | None
    later: int | None


def drawer_of(enrollment: Enrollment, version_id: uuid.UUID | None) -> Drawer | None:
    """Return the drawer beside a lease under `version_id`; without a lease, that of the version in force.

    The changes are those since the version that the annotator last answered under or accepted; they are shown until
    the annotator has answered under this version. Annotator plane.

    Returns: None if no version is in force yet.
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
        return None  # the annotator accepted this major version on a page that showed its changes
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"enrollment": enrollment_id})
        (seen,) = cursor.fetchone()
    if seen is None or seen >= version.number:
        return None
    before = GuidelineVersion.objects.get(project_id=version.project_id, number=seen)
    return compare(before, version)
