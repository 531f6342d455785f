"""Texts that are nearly the same as others', or as the annotator's own. Workspace plane."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db import connection

from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches.found import Found, grown, open_alerts
from projects.quality.alerts.searches.written import Written, long_texts
from projects.stats.near_texts import near_copies
from rlhfhub.tenancy.raw import unjson

#: The newest answers whose texts are compared.
NEWEST = 3000
#: A text that so many people wrote is a stock phrase.
STOCK = 4
#: So many texts shared with others, or so many of one's own alike and half of all, open an alert.
SHARED, REPEATED = 3, 10
#: Texts that are nearly the same.
Group = list[Written]

_TEXTS = """
    SELECT id::text, enrollment_id::text, answer FROM projects_work_annotation
    WHERE project_id = %s ORDER BY id DESC LIMIT %s
"""


def open_for_copies(project_id: uuid.UUID) -> None:
    """Open an alert about each annotator whose newest texts are nearly the same as others', or as their own."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [project_id, NEWEST])
        texts = [
            Written(annotation, who, text)
            for annotation, who, answer in cursor.fetchall()
            for text in long_texts(unjson(answer))
        ]
    kind = Alert.Kind.COPIES
    open_alerts(project_id, kind, grown(project_id, kind, copies_in(texts)))


def copies_in(texts: Sequence[Written]) -> dict[str, Found]:
    """Return which texts are copies; by annotator, those with enough of them."""
    written = Counter(text.who for text in texts)
    shared: dict[str, list[Group]] = defaultdict(list)
    own: dict[str, list[Group]] = defaultdict(list)
    for positions in near_copies([text.text for text in texts]):
        group = [texts[at] for at in positions]
        people = {text.who for text in group}
        if len(people) < STOCK:
            for who in people:
                (shared if len(people) > 1 else own)[who].append(group)
    copies = {who: _found(who, groups, written[who]) for who, groups in shared.items()}
    copies = {who: one for who, one in copies.items() if one.count >= SHARED}
    for who, groups in own.items():
        longest = max(groups, key=len)
        if len(longest) >= REPEATED and 2 * len(longest) >= written[who]:
            copies.setdefault(who, _found(who, [longest], written[who]))
    return copies


def _found(who: str, groups: Sequence[Group], written: int) -> Found:
    """Return what these groups of texts that are nearly the same say about the annotator `who`."""
    mine = [text.annotation for group in groups for text in group if text.who == who]
    return Found(
        count=len(mine),
        of=written,
        others={text.who for group in groups for text in group} - {who},
        annotations=set(mine),
        groups=[list(dict.fromkeys(text.annotation for text in group)) for group in groups],
    )
