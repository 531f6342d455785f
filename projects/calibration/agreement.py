"""The agreement of a round's annotators on its question, and what each item costs it. Workspace plane."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from projects.calibration.models import Round
from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.kinds.units import parsed
from projects.plan.models import Form
from projects.stats.alpha import krippendorff_alpha
from projects.stats.intervals import Estimate
from projects.stats.ratings import Codes, Ratings, number_ratings

# First answers: the history holds the first version of a revised one.
_JUDGED = """
    SELECT a.item_id, a.enrollment_id, COALESCE(h.units, a.units), COALESCE(h.judged, a.judged),
           EXISTS (SELECT 1 FROM projects_calibration_attempt t
                   WHERE t.enrollment_id = a.enrollment_id AND t.batch_id = a.batch_id AND t.state = 'passed')
    FROM projects_work_annotation a
    LEFT JOIN projects_work_annotationhistory h ON h.annotation_id = a.id AND h.number = 1
    WHERE a.project_id = %s AND a.batch_id = ANY(%s) AND a.purpose = 'calibration'
"""

#: Where published studies of subjective judgments lie; 0.6 and 0.8 are for questions with one right answer.
USUAL_LOW, USUAL_HIGH = 0.35, 0.55
_UNKNOWN = Estimate()


@dataclass(frozen=True, eq=False)
class Judged:
    """The first judgments of a round: `data` has a unit for each facet of an item, `item_of[unit]` is its item."""

    data: Ratings
    item_of: Codes
    items: list[uuid.UUID]
    scale: Scale

    def alpha(self, without: int | None = None) -> Estimate:
        """Return α with its jackknife interval over whole items, of all items or of all but one."""
        data = self.data
        if without is not None:
            data = data.rows(self.item_of[data.item] != without)
        return krippendorff_alpha(data, self.scale.level, clusters=self.item_of)


def judged_of(of: Round) -> Judged | None:
    """Return the first judgments of both attempts; None before there are any."""
    scale = _scale(of)
    return _judged(of, scale, _answers(of)) if scale else None


_Answer = tuple[uuid.UUID, uuid.UUID, list[str], list[int], bool]


def _answers(of: Round) -> list[_Answer]:
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [of.project_id, [of.batch_id, of.retake_batch_id]])
        return cursor.fetchall()


def _judged(of: Round, scale: Scale, answers: Sequence[_Answer]) -> Judged | None:
    units: dict[tuple[uuid.UUID, str], int] = {}
    people: dict[uuid.UUID, int] = {}
    labels: list[tuple[int, int, int]] = []
    for item, person, names, values, _ in answers:
        for unit, value in zip(names, values, strict=True):
            if parsed(unit)[0] == of.question:
                at = units.setdefault((item, unit), len(units))
                labels.append((at, people.setdefault(person, len(people)), value))
    if not labels:
        return None
    items = list(dict.fromkeys(item for item, _ in units))
    item_of = np.array([items.index(item) for item, _ in units], dtype=np.int64)
    return Judged(number_ratings(*zip(*labels, strict=True)), item_of, items, scale)


def _scale(of: Round) -> Scale | None:
    questions = Form.objects.values_list("questions", flat=True).get(pk=of.form_id)
    return forms.scales_of(questions).get(of.question)


@dataclass(frozen=True, slots=True)
class Group:
    """The agreement of some annotators: α of the first answers of `people` to `items` that two or more of them gave."""

    alpha: Estimate = _UNKNOWN
    people: int = 0
    items: int = 0


@dataclass(frozen=True, slots=True)
class RoundAgreement:
    """The agreement of those who passed, in the attempts that they passed: they do the work. And that of everybody."""

    passed: Group
    everybody: Group


def agreement_of(of: Round) -> RoundAgreement:
    """Return the agreement in a round, of those who passed and of everybody; nothing while α is not defined."""
    scale, answers = _scale(of), _answers(of)
    if scale is None:
        return RoundAgreement(Group(), Group())
    passed = [answer for answer in answers if answer[-1]]
    return RoundAgreement(*(_group(of, scale, each) for each in (passed, answers)))


def _group(of: Round, scale: Scale, answers: Sequence[_Answer]) -> Group:
    judged = _judged(of, scale, answers)
    if judged is None:
        return Group()
    answered = Counter(item for item, *_ in answers)
    return Group(
        alpha=judged.alpha(),
        people=len({person for _, person, *_ in answers}),
        items=sum(count > 1 for count in answered.values()),
    )


@dataclass(frozen=True, slots=True)
class ItemCost:
    """An item, how much higher α would be without it, and how many people answered it."""

    item: uuid.UUID
    cost: float
    answers: int


def costs_of(judged: Judged) -> list[ItemCost]:
    """Return the items that lower α, of those with two answers or more; the items that lower it most come first."""
    whole = judged.alpha().value
    if whole is None:
        return []
    by_unit = Counter(judged.data.item.tolist())
    found = []
    for at, item in enumerate(judged.items):
        answers = max(by_unit[unit] for unit in np.flatnonzero(judged.item_of == at).tolist())
        without = judged.alpha(without=at).value if answers > 1 else None
        if without is not None and without > whole:
            found.append(ItemCost(item, without - whole, answers))
    return sorted(found, key=lambda one: (-one.cost, str(one.item)))
