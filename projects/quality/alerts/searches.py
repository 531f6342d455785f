"""Searches among all annotators of a project, by the job that recomputes their figures. Workspace plane.

Pairs who share unusual answers, and texts that are nearly the same, cannot be seen one answer at a time.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.quality.alerts import opening
from projects.quality.alerts.evidence import Evidence
from projects.quality.alerts.models import Alert
from projects.quality.judged import Question
from projects.stats.near_texts import near_copies, normalized
from projects.stats.pairs import colluding_pairs
from rlhfhub.tenancy import clock
from rlhfhub.tenancy.raw import unjson

#: The newest answers whose texts are compared, and how long a text must be to tell anything.
NEWEST, CHARACTERS = 3000, 40
#: A text that so many people wrote is a stock phrase.
STOCK = 4
#: So many texts shared with others, or so many of one's own alike and half of all, open an alert.
SHARED, REPEATED = 3, 10
#: After a decision, an alert opens again only if it would rest on so many times as many answers.
GROWTH = 1.5


@dataclass
class Found:
    """What a search found about one annotator: `count` answers or texts, beside these others."""

    count: int
    expected: float = 0.0
    others: set[str] = field(default_factory=set)


def open_for_pairs(project_id: uuid.UUID, question: Question) -> None:
    """Open an alert about each annotator of a pair who share more answers against all others than chance explains."""
    found: dict[str, Found] = {}
    for pair in colluding_pairs(question.first.data):
        one, other = question.annotators[pair.one], question.annotators[pair.other]
        for who, beside in ((one, other), (other, one)):
            known = found.setdefault(who, Found(0))
            known.others.add(beside)
            if pair.shared > known.count:
                known.count, known.expected = pair.shared, pair.expected
    _open(project_id, Alert.Kind.PAIR, found)


_TEXTS = """
    SELECT enrollment_id::text, answer FROM projects_work_annotation
    WHERE project_id = %s ORDER BY id DESC LIMIT %s
"""


def open_for_copies(project_id: uuid.UUID) -> None:
    """Open an alert about each annotator whose newest texts are nearly the same as others', or as their own."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [project_id, NEWEST])
        texts = [
            (who, text) for who, answer in cursor.fetchall() for text in _long_texts(unjson(answer))
        ]
    _open(project_id, Alert.Kind.COPIES, copies_in(texts))


def _long_texts(answer: Mapping[str, Any]) -> Iterable[str]:
    texts = (value for value in answer.values() if isinstance(value, str))
    return (text for text in texts if len(normalized(text)) >= CHARACTERS)


def copies_in(texts: Sequence[tuple[str, str]]) -> dict[str, Found]:
    """Return what texts, each with who wrote it, are copies; by annotator, those with enough of them."""
    written: dict[str, int] = defaultdict(int)
    for who, _ in texts:
        written[who] += 1
    shared: dict[str, Found] = {}
    repeated: dict[str, int] = defaultdict(int)
    for group in near_copies([text for _, text in texts]):
        by = [texts[at][0] for at in group]
        people = set(by)
        if len(people) >= STOCK:
            continue
        for who in people:
            if len(people) > 1:
                known = shared.setdefault(who, Found(0))
                known.count += by.count(who)
                known.others |= people - {who}
            else:
                repeated[who] = max(repeated[who], len(group))
    found = {who: one for who, one in shared.items() if one.count >= SHARED}
    for who, count in repeated.items():
        if count >= REPEATED and 2 * count >= written[who]:
            found.setdefault(who, Found(count))
    return found


def _open(project_id: uuid.UUID, kind: str, found: Mapping[str, Found]) -> None:
    if not found:
        return
    ids = {*found, *(other for one in found.values() for other in one.others)}
    people = {str(pk): row for pk, row in Enrollment.objects.in_bulk(list(ids)).items()}
    before = _counts_before(project_id, kind)
    now = clock.now()
    for who, one in sorted(found.items()):
        row = people[who]
        if one.count < GROWTH * before.get(row.pk, 0):
            continue
        evidence = Evidence(
            count=one.count,
            expected=one.expected,
            others=tuple(sorted(people[other].pseudonym for other in one.others)),
        )
        opening.add(
            workspace_id=row.workspace_id,
            project_id=project_id,
            enrollment_id=row.pk,
            kind=kind,
            evidence=evidence,
            now=now,
        )


def _counts_before(project_id: uuid.UUID, kind: str) -> dict[uuid.UUID | None, float]:
    """How many answers the newest alert about each annotator rests on; without end while it is open."""
    rows = Alert.objects.filter(project_id=project_id, kind=kind).order_by("pk")
    return {
        row.enrollment_id: float("inf")
        if row.state == Alert.State.OPEN
        else Evidence.restore(row.evidence).count
        for row in rows
    }
