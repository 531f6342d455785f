"""Pairs of annotators who share more answers against all others than chance explains. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches.found import Found, grown, open_alerts
from projects.quality.judged import Question
from projects.stats.pairs import Pair, colluding_pairs

_ANSWERS = """
    SELECT id::text FROM projects_work_annotation
    WHERE item_id = ANY(%s::uuid[]) AND enrollment_id = %s AND purpose = 'data'
"""


@dataclass
class Beside:
    """What one annotator shares with the `others` of the pairs found, by item whatever its number of facets.

    `shared` are the items with the same answer against all others; `apart` is, for each item that they answered
    together, the probability that chance explains no such answer to it.
    """

    others: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    apart: dict[str, float] = field(default_factory=dict)

    def add(self, question: Question, pair: Pair, other: str) -> None:
        """Add what they share with one other annotator."""
        self.others.add(other)
        self.shared |= {question.units[unit][0] for unit in pair.against}
        for unit, chance in zip(pair.common, pair.chances, strict=True):
            item = question.units[unit][0]
            self.apart[item] = self.apart.get(item, 1.0) * (1 - chance)

    def found(self) -> Found:
        """Return it in items."""
        expected = sum(1 - none for none in self.apart.values())
        return Found(len(self.shared), expected, len(self.apart), self.others)


def open_for_pairs(project_id: uuid.UUID, question: Question) -> None:
    """Open an alert about each annotator of a pair who share more answers against all others than chance explains."""
    shared = beside(question, colluding_pairs(question.first.data))
    found = {who: one.found() for who, one in shared.items()}
    due = grown(project_id, Alert.Kind.PAIR, found)
    _add_answers(due, {who: shared[who].shared for who in due})
    open_alerts(project_id, Alert.Kind.PAIR, due)


def beside(question: Question, pairs: Iterable[Pair]) -> dict[str, Beside]:
    """Return what each annotator of these pairs shares with the others of their pairs, by enrollment."""
    shared: dict[str, Beside] = defaultdict(Beside)
    for pair in pairs:
        one, other = question.annotators[pair.one], question.annotators[pair.other]
        shared[one].add(question, pair, other)
        shared[other].add(question, pair, one)
    return shared


def _add_answers(found: Mapping[str, Found], items: Mapping[str, set[str]]) -> None:
    """Note which answers each annotator gave to the items in question."""
    with connection.cursor() as cursor:
        for who, one in found.items():
            cursor.execute(_ANSWERS, [sorted(items[who]), who])
            one.annotations = {annotation for (annotation,) in cursor.fetchall()}
