"""Pairs of annotators who share more answers against all others than chance explains. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Mapping

from django.db import connection

from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches.found import Found, grown, open_alerts
from projects.quality.judged import Question
from projects.stats.pairs import Pair, colluding_pairs

_ANSWERS = """
    SELECT id::text FROM projects_work_annotation
    WHERE item_id = ANY(%s::uuid[]) AND enrollment_id = %s AND purpose = 'data'
"""


def open_for_pairs(project_id: uuid.UUID, question: Question) -> None:
    """Open an alert about each annotator of a pair who share more answers against all others than chance explains."""
    found: dict[str, Found] = {}
    items: dict[str, set[str]] = defaultdict(set)
    for pair in colluding_pairs(question.first.data):
        one, other = question.annotators[pair.one], question.annotators[pair.other]
        shared = _shared_items(question, pair)
        for who, beside in ((one, other), (other, one)):
            known = found.setdefault(who, Found(0))
            known.others.add(beside)
            items[who] |= shared
            if pair.shared > known.count:
                known.count, known.expected = pair.shared, pair.expected
    due = grown(project_id, Alert.Kind.PAIR, found)
    _add_answers(due, items)
    open_alerts(project_id, Alert.Kind.PAIR, due)


def _shared_items(question: Question, pair: Pair) -> set[str]:
    return {question.units[unit][0] for unit in pair.against}


def _add_answers(found: Mapping[str, Found], items: Mapping[str, set[str]]) -> None:
    """Note which answers each annotator gave to the items in question."""
    with connection.cursor() as cursor:
        for who, one in found.items():
            cursor.execute(_ANSWERS, [sorted(items[who]), who])
            one.annotations = {annotation for (annotation,) in cursor.fetchall()}
