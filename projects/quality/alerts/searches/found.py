"""What a search found about annotators, and the alerts that are opened for it. Workspace plane."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from projects.enrollment.models import Enrollment
from projects.quality.alerts import opening
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from rlhfhub.tenancy import clock

#: After a decision, an alert opens again only if it would rest on so many times as many answers.
GROWTH = 1.5
#: An alert keeps at most so many groups, and so many answers of a group.
GROUPS, MEMBERS = 10, 6


@dataclass
class Found:
    """What a search found about one annotator: `count` items, texts or answers, of `of` that it looked at.

    Chance explains `expected` of them. `others` are the enrollments found beside this one, `annotations` the
    annotator's answers in question, and each of `groups` are answers with nearly the same text.
    """

    count: int
    expected: float = 0.0
    of: int = 0
    others: set[str] = field(default_factory=set)
    annotations: set[str] = field(default_factory=set)
    groups: list[list[str]] = field(default_factory=list)


def grown(project_id: uuid.UUID, kind: str, found: Mapping[str, Found]) -> dict[str, Found]:
    """Return what rests on many more answers than the newest alert of this kind about the same annotator did.

    Nothing is returned about an annotator while such an alert is open.
    """
    before = _counts_before(project_id, kind) if found else {}
    return {
        who: one
        for who, one in found.items()
        if one.count >= GROWTH * before.get(uuid.UUID(who), 0)
    }


def _counts_before(project_id: uuid.UUID, kind: str) -> dict[uuid.UUID | None, float]:
    """How many answers the newest alert about each annotator rests on; without end while it is open."""
    rows = Alert.objects.filter(project_id=project_id, kind=kind).order_by("pk")
    return {
        row.enrollment_id: float("inf")
        if row.state == Alert.State.OPEN
        else Evidence.restore(row.evidence).count
        for row in rows
    }


def open_alerts(project_id: uuid.UUID, kind: str, found: Mapping[str, Found]) -> None:
    """Open an alert about each annotator in `found`, by enrollment."""
    ids = {*found, *(other for one in found.values() for other in one.others)}
    people = {str(pk): row for pk, row in Enrollment.objects.in_bulk(list(ids)).items()}
    now = clock.now()
    for who, one in sorted(found.items()):
        opening.add(
            workspace_id=people[who].workspace_id,
            project_id=project_id,
            enrollment_id=people[who].pk,
            kind=kind,
            evidence=_evidence(one, (people[other].pseudonym for other in one.others)),
            annotations=sorted(one.annotations),
            now=now,
        )


def _evidence(one: Found, others: Iterable[str]) -> Evidence:
    groups = sorted((sorted(group)[-MEMBERS:] for group in one.groups), key=max, reverse=True)
    return Evidence(
        count=one.count,
        expected=one.expected,
        of=one.of,
        others=tuple(sorted(others)),
        groups=tuple(tuple(group) for group in groups[:GROUPS]),
    )
