"""What the page of an annotator shows, read from stored figures only. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from projects.enrollment.models import Enrollment
from projects.items.models import Item
from projects.kinds.protocol import Scale
from projects.kinds.units import in_words, parsed
from projects.plan.models import Project
from projects.quality import drawings, selectors
from projects.quality.models import AnnotatorFigures
from rlhfhub.web.charts import LineChart


@dataclass(frozen=True, slots=True)
class Difference:
    """A judgment that is not what most of the others say; `facet` is empty if the item is judged as a whole."""

    item_id: uuid.UUID
    external_id: str
    facet: str
    said: str
    others: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Another annotator who judged `shared` of the same: `agreement` is the share judged alike, 0 to 1.

    `kappa` is Cohen's, weighted (quadratic) if the scale has an order; None where both always judge the same.
    """

    pseudonym: str
    shared: int
    agreement: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Person:
    """An annotator's figures on one question; None before their first answer to it is counted.

    `kappa_is_weighted` says that the κ of pairs counts answers that are near each other in part as agreement.
    """

    enrollment: Enrollment
    question: str
    titles: dict[str, str]
    figures: AnnotatorFigures | None
    chart: LineChart | None
    differences: list[Difference]
    beside: list[Beside]
    kappa_is_weighted: bool


def person_of(project: Project, enrollment: Enrollment, question: str) -> Person:
    """Return what the page of an annotator shows about a question that has judgments."""
    rows = AnnotatorFigures.objects.filter(enrollment=enrollment, question=question)
    figures = rows.first()
    return Person(
        enrollment=enrollment,
        question=question,
        titles=selectors.titles_of(project),
        figures=figures,
        chart=drawings.agreement_of(figures) if figures else None,
        differences=_differences(figures, selectors.scales_of(project)[question])
        if figures
        else [],
        beside=beside_of([figures])[figures.pk] if figures else [],
        kappa_is_weighted=selectors.scales_of(project)[question].level != "nominal",
    )


def beside_of(rows: Sequence[AnnotatorFigures]) -> dict[uuid.UUID, list[Beside]]:
    """Return, by the id of each of these figures, the other annotators who judged most of the same units."""
    ids = {one["enrollment"] for row in rows for one in row.beside}
    names = dict(Enrollment.objects.filter(pk__in=ids).values_list("pk", "pseudonym"))
    return {
        row.pk: [
            Beside(
                names[uuid.UUID(one["enrollment"])], one["shared"], one["agreement"], one["kappa"]
            )
            for one in row.beside
        ]
        for row in rows
    }


def _differences(figures: AnnotatorFigures, scale: Scale) -> list[Difference]:
    ids = [uuid.UUID(one["item"]) for one in figures.differences]
    several = len({one["unit"] for one in figures.differences}) > 1
    known = dict(Item.objects.filter(pk__in=ids).values_list("pk", "external_id"))
    return [
        Difference(
            item_id=item_id,
            external_id=known[item_id],
            facet=in_words(parsed(one["unit"])[1]) if several else "",
            said=_words(scale, one["said"]),
            others=_words(scale, one["others"]),
        )
        for item_id, one in zip(ids, figures.differences, strict=True)
        if item_id in known
    ]


def _words(scale: Scale, value: int) -> str:
    category = scale.category(value)
    return category.words if category else str(value)
