"""What experts answer on the desk: which item comes next for whom, and how far the keyed items are. Workspace plane."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Concat

from projects.calibration.services.retiring import SHOWN
from projects.items.keys.selectors import PEOPLE, keyed_items, with_people
from projects.items.models import Batch, Item, Key
from projects.items.pools import KEYED
from projects.kinds import form as forms
from projects.overview.finding import Filters, Show, find
from projects.plan.models import Project
from projects.quality import selectors
from rlhfhub.tenancy import clock

SEARCHED = 500
"""The next item of a batch is chosen from so many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items somebody wants to answer: keyed ones that lack people's answers, those of a batch, or one alone.

    `show` narrows a batch to contested, tied or unanswered items.
    """

    batch: Batch | None = None
    show: Show = ""
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Of `items` keyed items, `certain` have three people's answers; this person answered `today` of them today."""

    items: int
    certain: int
    today: int


def next_item(project: Project, wanted: Wanted, by: str, skip: uuid.UUID | None) -> Item | None:
    """Return the item that comes next for the person called `by`: one that they have given no right answer to.

    Each person has an order of their own, so that experts do not all begin with the same items. The item `skip` comes
    last.
    """
    if wanted.item:
        return wanted.item
    rows = _of_batch(project, wanted, by) if wanted.batch else _keyed(project, by)
    is_skipped = Case(When(pk=skip, then=1), default=0, output_field=IntegerField())
    found: Item | None = rows.order_by(is_skipped, _drawn(by)).first()
    return found


def _drawn(by: str) -> Func:
    """The place of an item in the person's order."""
    seed = int.from_bytes(by.encode()[:7])
    hashed = Func(F("pk"), Value(seed), function="uuid_hash_extended")
    hashed.output_field = BigIntegerField()
    return hashed


def _keyed(project: Project, by: str) -> QuerySet[Item]:
    """Keyed items without the answers of three people, and without one of this person.

    Items that guidelines show are left out: annotators read their right answers.
    """
    shown = Key.objects.filter(item=OuterRef("pk"), retired_because__endswith=SHOWN)
    rows = with_people(project).filter(people__lt=PEOPLE)
    return rows.filter(~Exists(_given_by(by)), ~Exists(shown))


def _given_by(by: str) -> QuerySet[Key]:
    return Key.objects.filter(item=OuterRef("pk"), by=by, retired_at=None)


def _of_batch(project: Project, wanted: Wanted, by: str) -> QuerySet[Item]:
    """Items of the batch whose keyed copies have no answer of this person."""
    ids = _found(project, wanted, by)
    copy = Concat(Value(KEYED), OuterRef("external_id"))
    mine = Key.objects.filter(project=project, by=by, retired_at=None, item__external_id=copy)
    return Item.objects.filter(pk__in=ids).filter(~Exists(mine))


def _found(project: Project, wanted: Wanted, by: str) -> list[uuid.UUID]:
    assert wanted.batch
    if not wanted.show:
        rows = Item.objects.filter(batch=wanted.batch).order_by(_drawn(by))
        return list(rows.values_list("pk", flat=True)[:SEARCHED])
    question = selectors.headline(project)
    filters = Filters(show=wanted.show, question=question, batch=wanted.batch.pk)
    return find(project, filters, after="", size=SEARCHED).ids


def progress_of(project: Project, by: str) -> Progress:
    """Return how far the project's keyed items are, and what this person did since midnight UTC."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Key.objects.filter(project=project, by=by, created_at__gte=midnight)
    return Progress(
        items=keyed_items(project).count(),
        certain=with_people(project).filter(people__gte=PEOPLE).count(),
        today=mine.values("item").distinct().count(),
    )


@dataclass(frozen=True, slots=True)
class Judgment:
    """An expert's answer, taken apart: what becomes keys, and their reasons in words."""

    answer: Mapping[str, Any]
    note: str


def judgment_of(project: Project, answer: Mapping[str, Any]) -> Judgment:
    """Return which part of an answer becomes keys: questions with a scale, if the form has one, else all.

    Text that says why is the note of the keys, and has no right answer itself.
    """
    scales = selectors.scales_of(project)
    if not scales:
        return Judgment(answer, "")
    texts = [text for name, text in answer.items() if name not in scales and isinstance(text, str)]
    judged = {name: value for name, value in answer.items() if name in scales}
    return Judgment(judged, "\n".join(text.strip() for text in texts if text.strip()))


@dataclass(frozen=True, slots=True)
class DeskQuestions:
    """A form's questions by the place of their fields; `picker` is the one answered by choosing a response, if any."""

    every: Sequence[Mapping[str, Any]]

    @property
    def of_each(self) -> list[Mapping[str, Any]]:
        """The questions asked under each response."""
        return [question for question in self.every if question.get("of_each_response")]

    @property
    def once(self) -> list[Mapping[str, Any]]:
        """The questions asked once for the item."""
        return [question for question in self.every if not question.get("of_each_response")]

    @property
    def picker(self) -> Mapping[str, Any] | None:
        """The question that is answered by choosing a response."""
        return next((question for question in self.every if "picks_response" in question), None)


def asked_of(project: Project) -> DeskQuestions:
    """Return the form's questions as an expert is asked them: a reason is never required."""
    questions = project.form.questions if project.form else []
    return DeskQuestions(forms.present(forms.texts_optional(questions)))
