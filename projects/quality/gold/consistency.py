"""How steadily people judge: their first answers against their answers to the same items once more. Workspace plane."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from projects.kinds.protocol import Scale
from projects.quality.models import RepeatJudgment
from projects.stats.intervals import Estimate
from projects.stats.kappa import cohen_kappa

PERSON_REPEATS = 60
"""With fewer repeats, a person's own figure is too uncertain to be told."""


@dataclass(frozen=True, slots=True)
class Consistency:
    """How often answers to repeats equal the first answers.

    `repeats` are the repeats answered, `judgments` what was judged in them twice, `same` how many of these are equal.
    `kappa` is Cohen's kappa of first against later judgments, weighted (quadratic) if `is_weighted`: if the scale's
    categories have an order. Its fields are None where the judgments do not define it.
    """

    repeats: int
    judgments: int
    same: int
    kappa: Estimate
    is_weighted: bool

    @property
    def share(self) -> float:
        """The share of equal judgments, 0 to 1."""
        return self.same / self.judgments


def consistency_from(
    counts: Mapping[tuple[int, int], int], repeats: int, scale: Scale
) -> Consistency:
    """Return the consistency that so many pairs of first and later judgment (values of the scale) show."""
    values = [category.value for category in scale.categories]
    first, again = (
        np.repeat([values.index(pair[which]) for pair in counts], list(counts.values()))
        for which in (0, 1)
    )
    is_weighted = scale.level != "nominal"
    return Consistency(
        repeats=repeats,
        judgments=len(first),
        same=int((first == again).sum()),
        kappa=cohen_kappa(first, again, len(values), "quadratic" if is_weighted else None),
        is_weighted=is_weighted,
    )


def consistency_of(project_id: uuid.UUID, question: str, scale: Scale) -> Consistency | None:
    """Return the consistency of all annotators of a project on a question; None without an answered repeat."""
    rows = RepeatJudgment.objects.filter(project_id=project_id, question=question)
    repeats = rows.values("annotation_id").distinct().count()
    if not repeats:
        return None
    counts: Counter[tuple[int, int]] = Counter()
    for found in _counts(project_id, question, None).values():
        counts.update(found)
    return consistency_from(counts, repeats, scale)


def own_consistency(
    project_id: uuid.UUID, question: str, scale: Scale, enrollment_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Consistency]:
    """Return these annotators' own consistency on a question; who answered fewer than 60 repeats is left out."""
    rows = RepeatJudgment.objects.filter(
        project_id=project_id, question=question, enrollment__in=enrollment_ids
    )
    answered = Counter(
        enrollment
        for enrollment, _ in rows.values_list("enrollment_id", "annotation_id").distinct()
    )
    enough = {who: n for who, n in answered.items() if n >= PERSON_REPEATS}
    counts = _counts(project_id, question, list(enough)) if enough else {}
    return {who: consistency_from(counts[who], n, scale) for who, n in enough.items()}


_COUNTED = """
    SELECT enrollment_id, first, again, count(*) FROM projects_quality_repeatjudgment
    WHERE project_id = %s AND question = %s AND (%s::uuid[] IS NULL OR enrollment_id = ANY(%s))
    GROUP BY enrollment_id, first, again
"""


def _counts(
    project_id: uuid.UUID, question: str, enrollment_ids: list[uuid.UUID] | None
) -> dict[uuid.UUID, dict[tuple[int, int], int]]:
    """Return how many judgments are of each pair of first and later value, by enrollment."""
    found: dict[uuid.UUID, dict[tuple[int, int], int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [project_id, question, enrollment_ids, enrollment_ids])
        for enrollment, first, again, count in cursor.fetchall():
            found[enrollment][first, again] = count
    return found
