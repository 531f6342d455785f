"""A project's keyed items with their keys, and how many people have seen each. Workspace plane."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from projects.items.keys.selectors import ItemKeys, keys_of
from projects.items.models import Item, Key
from projects.kinds import form as forms
from projects.plan.models import Project
from projects.quality.gold.health import KeyHealth, health_of
from projects.work.models import Annotation, Lease, Slot
from rlhfhub.web.costly import remembered


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """A keyed item.

    `keys` is the number of right answers that count, `retired` that of the retired ones. `unanimous` names the
    questions whose keys may pass or fail somebody, `disputed` those on which people's keys differ. `exposures` is how
    many people have seen it: those who answered, hold or returned it. `health` says by question who hit the keys.
    """

    item: Item
    keys: int
    retired: int
    unanimous: list[str]
    disputed: list[str]
    exposures: int
    health: list["QuestionHealth"]

    @property
    def headline(self) -> KeyHealth | None:
        """The health on the first question that was answered; None before anybody answered."""
        return self.health[0].health if self.health else None


@dataclass(frozen=True, slots=True)
class QuestionHealth:
    """How the item's keys to one question do."""

    question: str
    health: KeyHealth


def keyed_items(project: Project, items: Sequence[Item]) -> list[KeyedItem]:
    """Return these items of the project's pool as its list of keyed items shows them, in their order."""
    ids = [item.pk for item in items]
    keys, seen = keys_of(project, ids), _exposures(project, ids)
    health = remembered(f"key-health:{project.pk}", lambda: health_of(project.pk))
    names = [question["name"] for question in project.form.questions] if project.form else []
    return [
        _keyed(
            item,
            keys.get(item.pk, ItemKeys()),
            seen[item.pk],
            [
                QuestionHealth(name, health[item.pk, name])
                for name in names
                if (item.pk, name) in health
            ],
        )
        for item in items
    ]


def _keyed(item: Item, keys: ItemKeys, exposures: int, health: list[QuestionHealth]) -> KeyedItem:
    return KeyedItem(
        item=item,
        keys=keys.count,
        retired=len(keys.retired),
        unanimous=sorted(keys.unanimous),
        disputed=sorted(keys.disputed),
        exposures=exposures,
        health=health,
    )


def _exposures(project: Project, ids: Sequence[uuid.UUID]) -> Counter[uuid.UUID]:
    leases = Lease.objects.filter(project=project, ended_as=Lease.EndedAs.RETURNED)
    rows: tuple[QuerySet[Annotation] | QuerySet[Slot] | QuerySet[Lease], ...] = (
        Annotation.objects.filter(item__in=ids),
        Slot.objects.filter(item__in=ids, state=Slot.State.LEASED),
        leases.filter(item__in=ids),
    )
    found: Counter[uuid.UUID] = Counter()
    for each in rows:
        found.update(dict(each.order_by().values_list("item_id").annotate(n=Count("id"))))
    return found


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One person's right answer in one line, in words; the first response is A."""

    key: Key
    words: str


def key_lines(project: Project, item: Item) -> list[KeyLine]:
    """Return all right answers to a keyed item, those that count first, by question."""
    questions = project.form.questions if project.form else []
    order = range(len(item.responses))
    rows = Key.objects.filter(item=item).select_related("created_by")
    found = [
        KeyLine(key, " ".join(forms.summary_of(questions, {key.question: key.answer}, order)))
        for key in rows.order_by("question", "pk")
    ]
    return sorted(found, key=lambda line: line.key.retired_at is not None)


@dataclass(frozen=True, slots=True)
class AskedQuestions:
    """A form's questions as the desk's fields show them: those under each response, and those asked once."""

    of_each: list[Mapping[str, Any]]
    once: list[Mapping[str, Any]]


def right_answer_questions(project: Project) -> AskedQuestions:
    """Return the form's questions; each may be left out of a right answer."""
    questions = forms.present(project.form.questions if project.form else [])
    asked = [{**question, "required": False} for question in questions]
    return AskedQuestions(
        of_each=[q for q in asked if q.get("of_each_response")],
        once=[q for q in asked if not q.get("of_each_response")],
    )
