"""Queries on keys: the right answers to keyed items, and on which questions they are unanimous. Workspace plane."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from projects.items.models import Item, Key
from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.plan.models import Project

# With 10 % wrong keys, one person's key fails good annotators; three who agree are hardly ever wrong together.
PEOPLE = 3


@dataclass(frozen=True, slots=True)
class ItemKeys:
    """The keys of one item that count, by question, and the retired ones.

    `unanimous` are the questions whose keys may pass or fail somebody, `disputed` those on which two people differ.
    """

    keys: dict[str, list[Key]] = field(default_factory=dict)
    retired: list[Key] = field(default_factory=list)
    unanimous: frozenset[str] = frozenset()
    disputed: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """The number of keys that count."""
        return sum(map(len, self.keys.values()))

    def hit(self, question: Question, answer: Mapping[str, Any]) -> bool | None:
        """Return whether an answer takes the side of a question's unanimous keys.

        It is None if the question has no such keys or is not answered, or if the two cannot be compared.
        """
        name = question["name"]
        if name not in self.unanimous or answer.get(name) is None:
            return None
        return forms.hit_of(question, answer[name], self.keys[name][0].answer)


def keys_of(project: Project, item_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ItemKeys]:
    """Return the keys of these items of the project's pool; items without any are left out.

    The project must have been read with its form.
    """
    rows = Key.objects.filter(project=project, item__in=item_ids).order_by("pk")
    by_item: dict[uuid.UUID, list[Key]] = defaultdict(list)
    for key in rows:
        by_item[key.item_id].append(key)
    questions = {q["name"]: q for q in project.form.questions} if project.form else {}
    return {item: _item_keys(questions, keys) for item, keys in by_item.items()}


def _item_keys(questions: dict[str, Question], rows: Sequence[Key]) -> ItemKeys:
    live: dict[str, list[Key]] = defaultdict(list)
    for key in rows:
        if key.retired_at is None:
            live[key.question].append(key)
    return ItemKeys(
        keys=dict(live),
        retired=[key for key in rows if key.retired_at is not None],
        unanimous=frozenset(
            name
            for name, keys in live.items()
            if name in questions and are_unanimous(questions[name], keys)
        ),
        disputed=frozenset(
            name
            for name, keys in live.items()
            if name in questions and not _all_agree(questions[name], keys)
        ),
    )


def are_unanimous(question: Question, keys: Sequence[Key]) -> bool:
    """Return whether three or more people gave keys on a question, and each key hits every other one."""
    return len(keys) >= PEOPLE and _all_agree(question, keys)


def _all_agree(question: Question, keys: Sequence[Key]) -> bool:
    pairs = permutations((key.answer for key in keys), 2)
    return all(forms.hit_of(question, one, other) for one, other in pairs)


def keyed_items(project: Project) -> QuerySet[Item]:
    """Return the project's keyed items: those of its pool that are no repeats."""
    rows: QuerySet[Item] = Item.every.filter(project=project, batch__is_pool=True, repeat_of=None)
    return rows


def with_people(project: Project) -> QuerySet[Any]:
    """Return the keyed items, each with the number of `people` who gave a right answer that counts."""
    keys = Key.objects.filter(item=OuterRef("pk"), retired_at=None).order_by().values("item")
    people = Subquery(keys.annotate(n=Count("by", distinct=True)).values("n"))
    rows: QuerySet[Any] = keyed_items(project).annotate(people=Coalesce(people, 0))
    return rows


def gold_items(project: Project) -> list[uuid.UUID]:
    """Return the keyed items that can be gold: those with a unanimous key on at least one question.

    The project must have been read with its form.
    """
    questions = {q["name"]: q for q in project.form.questions} if project.form else {}
    rows = Key.objects.filter(project=project, retired_at=None, question__in=questions)
    groups: dict[tuple[uuid.UUID, str], list[Key]] = defaultdict(list)
    for key in rows.order_by("item_id").only("item_id", "question", "answer"):
        groups[key.item_id, key.question].append(key)
    found = [item for (item, name), keys in groups.items() if are_unanimous(questions[name], keys)]
    return list(dict.fromkeys(found))
