"""The final answers of items, as pages and REST show them. Workspace plane."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from projects.items.models import Item
from projects.kinds import form as forms
from projects.plan.models import Project
from projects.review.adjudication.models import Adjudication
from projects.work.models import Annotation, Lease, Purpose
from projects.work.services.annotations import form_questions
from rlhfhub.tenancy.models import User

NEWEST = 20


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """A final answer, or its withdrawal, which has no `summary`.

    `by` is the name of the member who gave it; empty if they have left the workspace. `summary` is one line for each
    answered question; it names responses by their order in the item (A is index 0).
    """

    number: int
    withdrawn: bool
    by: str
    note: str
    decided_at: datetime
    guideline_version: int
    summary: list[str]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An annotator's answer beside which the final one is given."""

    pseudonym: str
    state: str
    set_aside: bool
    summary: list[str]


@dataclass(frozen=True, slots=True)
class FinalAnswers:
    """An item's `NEWEST` final answers and withdrawals, newest first."""

    every: Sequence[FinalAnswer]

    @property
    def seen(self) -> int:
        """The number of the newest one; 0 if there is none."""
        return self.every[0].number if self.every else 0

    @property
    def standing(self) -> FinalAnswer | None:
        """The final answer that stands; None if there is none, or it was withdrawn."""
        return self.every[0] if self.every and not self.every[0].withdrawn else None

    @property
    def history(self) -> Sequence[FinalAnswer]:
        """What does not stand, newest first."""
        return self.every[1:] if self.standing else self.every


def of_item(item: Item) -> FinalAnswers:
    """Return the item's final answers."""
    rows = list(rows_of(Adjudication.objects.filter(item=item)).order_by("-number")[:NEWEST])
    names = _names({row.reviewer_id for row in rows})
    order = range(len(item.responses))
    return FinalAnswers([_shown(row, names.get(row.reviewer_id, ""), order) for row in rows])


def rows_of(rows: QuerySet[Adjudication]) -> QuerySet[Adjudication]:
    """Return these adjudications with the numbers of their guideline versions."""
    return rows.select_related("guideline_version").defer("guideline_version__text")


def of_project(project: Project) -> QuerySet[Adjudication]:
    """Return all final answers and withdrawals of a project's items."""
    return rows_of(Adjudication.objects.filter(project=project))


def standing(item_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Adjudication]:
    """Return the final answer that stands, by item; items without one are left out."""
    rows = Adjudication.objects.filter(item__in=list(item_ids))
    newest = rows.order_by("item", "-number").distinct("item")
    return {row.item_id: row for row in newest if not row.withdrawn}


def newest() -> QuerySet[Adjudication]:
    """Return the newest final answer or withdrawal of each item: the one that stands."""
    later = Adjudication.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    found: QuerySet[Adjudication] = Adjudication.objects.filter(~Exists(later))
    return found


def stands() -> Combinable:
    """Return an expression for rows that have an `item`: whether a final answer to it stands."""
    newest = Adjudication.objects.filter(item=OuterRef("item")).order_by("-number")
    given = ExpressionWrapper(Q(withdrawn=False), output_field=BooleanField())
    return Coalesce(Subquery(newest.annotate(given=given).values("given")[:1]), False)


def answers_of(item: Item) -> list[GivenAnswer]:
    """Return what annotators answered to the item for the project's data, oldest first."""
    rows = Annotation.objects.filter(item=item, purpose=Purpose.DATA)
    order = range(len(item.responses))
    return [
        GivenAnswer(
            pseudonym=row.enrollment.pseudonym,
            state=row.state,
            set_aside=row.set_aside,
            summary=forms.summary_of(form_questions(row.form_id), row.answer, order),
        )
        for row in rows.select_related("enrollment").order_by("pk")
    ]


def answered_by(person_id: uuid.UUID, item_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these items this person answered, or holds on their desk. They give no final answer to them."""
    own = Lease.objects.filter(item__in=item_ids, annotator_id=person_id)
    mine = own.filter(Q(ended_as=None) | Q(ended_as=Lease.EndedAs.SUBMITTED))
    return set(mine.values_list("item", flat=True))


def _shown(row: Adjudication, by: str, order: Sequence[int]) -> FinalAnswer:
    return FinalAnswer(
        number=row.number,
        withdrawn=row.withdrawn,
        by=by,
        note=row.note,
        decided_at=row.decided_at,
        guideline_version=row.guideline_version.number,
        summary=forms.summary_of(form_questions(row.form_id), row.answer, order),
    )


def _names(user_ids: set[Any]) -> dict[uuid.UUID, str]:
    """Return the names of those who are members still: this plane sees nobody else."""
    found = User.objects.filter(pk__in=user_ids) if user_ids else User.objects.none()
    return {user.pk: user.name.strip() or user.email for user in found}
