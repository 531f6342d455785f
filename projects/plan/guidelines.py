"""Comparison of two versions of a project's guidelines."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from projects.plan.changes import Line, changes
from projects.plan.models import GuidelineVersion


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from version `since` to version `number`. `lines` is empty if at most blank lines changed."""

    since: int
    number: int
    lines: Sequence[Line]


def compare(before: GuidelineVersion, now: GuidelineVersion) -> Comparison:
    """Compare the texts of two versions of one project."""
    return Comparison(before.number, now.number, changes(before.text, now.text))


def published_before(version: GuidelineVersion) -> int | None:
    """Return the number of the newest earlier version that was published; None if there is none."""
    earlier = GuidelineVersion.objects.filter(
        project_id=version.project_id, number__lt=version.number, published_at__isnull=False
    )
    return earlier.aggregate(last=Max("number"))["last"]


def compare_with(version: GuidelineVersion, number: int | None) -> Comparison | None:
    """Compare a version with the earlier one numbered `number`.

    Returns: None if `number` is None or not earlier, and if the caller's plane cannot read that version.
    """
    if number is None or number >= version.number:
        return None
    before = GuidelineVersion.objects.filter(project_id=version.project_id, number=number).first()
    return compare(before, version) if before else None
