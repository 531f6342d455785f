"""The lines of a list of items, for the page and for REST. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Left

from projects.items.models import Item
from projects.kinds.protocol import Scale
from projects.kinds.units import parsed
from projects.overview.finding import Filters, find
from projects.plan.models import Project
from projects.quality import selectors
from projects.quality.models import Tally
from projects.review.adjudication import selectors as adjudications
from projects.review.adjudication.models import Adjudication
from projects.stats.consensus import PRIOR_ACCURACY, consensus
from projects.work.models import Annotation, Lease

BEGINNING = 160


@dataclass(frozen=True, slots=True)
class Lead:
    """The leading answer to a question about one facet, among the counted answers.

    `value` is its value on the question's scale and `words` its name; they are None and empty if no answer leads alone.
    `probability`, 0 to 1, is how likely it is the right answer, by what is known now. `votes` is the number of counted
    answers.
    """

    value: int | None
    words: str
    probability: float | None
    votes: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of a list of items.

    `beginning` is the start of the prompt's last message; `answers` is how many answers the item has, and `returned`
    how many annotators returned it unanswered. `leads` has one entry for each facet of the question, and `final` the
    words of the item's final answer to it. `adjudicated` is whether there is a final answer.
    """

    id: uuid.UUID
    external_id: str
    batch_id: uuid.UUID
    batch_name: str
    beginning: str
    created_at: datetime
    answers: int
    returned: int
    leads: list[Lead]
    adjudicated: bool
    final: list[str]

    @property
    def contested(self) -> bool:
        """Whether there is a facet on which no answer leads alone."""
        return any(lead.votes and lead.value is None for lead in self.leads)


@dataclass(frozen=True, slots=True)
class ItemsFound:
    """A page of items, and the key after which the next page begins, which is empty at the end."""

    lines: list[ItemLine]
    after: str


def items_found(project: Project, filters: Filters, *, after: str, size: int) -> ItemsFound:
    """The items that pass the filters, at most `size`, beginning after the key `after`.

    Raises:
        ValueError: if `after` is not a key of this search.
    """
    found = find(project, filters, after=after, size=size)
    return ItemsFound(_lines(project, filters.question, found.ids), found.after)


def _lines(project: Project, question: str, ids: Sequence[uuid.UUID]) -> list[ItemLine]:
    # A prompt may have a megabyte, so only its beginning is read.
    last_message = KeyTextTransform("content", KeyTextTransform(-1, "prompt"))
    rows = Item.objects.filter(pk__in=ids).select_related("batch")
    rows = rows.defer("prompt", "responses", "context", "metadata")
    known = rows.annotate(beginning=Left(Cast(last_message, TextField()), BEGINNING)).in_bulk(ids)
    answers = _counts(Annotation.objects.filter(item_id__in=ids))
    returns = Lease.objects.filter(project=project, ended_as=Lease.EndedAs.RETURNED)
    returned = _counts(returns.filter(item_id__in=ids))
    leads = _leads(project, question, ids)
    finals = adjudications.standing(ids)
    return [
        ItemLine(
            id=item.pk,
            external_id=item.external_id,
            batch_id=item.batch_id,
            batch_name=str(item.batch),
            beginning=item.beginning or "",
            created_at=item.created_at,
            answers=answers.get(item.pk, 0),
            returned=returned.get(item.pk, 0),
            leads=leads.get(item.pk, []),
            adjudicated=item.pk in finals,
            final=_final_words(project, question, finals.get(item.pk)),
        )
        for item in (known[pk] for pk in ids)
    ]


def _counts(rows: QuerySet[Any]) -> dict[uuid.UUID, int]:
    """The number of rows by item."""
    return dict(rows.order_by().values_list("item_id").annotate(n=Count("id")))


def _leads(
    project: Project, question: str, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Lead]]:
    scale = selectors.scales_of(project).get(question)
    if scale is None:
        return {}
    accuracy = selectors.accuracy_now(project.pk).get(question, PRIOR_ACCURACY)
    rows = Tally.objects.filter(item_id__in=ids, question=question)
    return {row.item_id: leads_of(row, scale, accuracy) for row in rows}


def _final_words(project: Project, question: str, final: Adjudication | None) -> list[str]:
    scale = selectors.scales_of(project).get(question)
    if scale is None or final is None:
        return []
    judged = zip(final.units, final.judged, strict=True)
    found = [scale.category(value) for unit, value in judged if parsed(unit)[0] == question]
    return [category.words for category in found if category]


def leads_of(tally: Tally, scale: Scale, accuracy: float) -> list[Lead]:
    """The lead on each facet of a tally, from its counted votes and `accuracy`, the annotators' estimated accuracy."""
    found = []
    for votes in tally.counted:
        result = consensus(votes, accuracy, [category.value for category in scale.categories])
        category = None if result.label is None else scale.category(result.label)
        words = category.words if category else ""
        found.append(Lead(result.label, words, result.probability, sum(votes)))
    return found
