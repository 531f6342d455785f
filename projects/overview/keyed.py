"""A project's keyed items with their keys, and how many people have seen each. Workspace plane."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from projects.items.keys.selectors import PEOPLE, ItemKeys, keys_of
from projects.items.models import Item, Key
from projects.kinds import form as forms
from projects.plan.models import Project
from projects.quality.gold.health import KeyHealth
from projects.quality.gold.kept import KeptHealth, kept_health


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """A keyed item.

    `keys` is the number of right answers that count, `retired` that of the retired ones. `unanimous` names the
    questions whose keys may pass or fail somebody, `disputed` those on which people's keys differ. `exposures` is how
    many people have seen it: those who answered, hold or returned it, or let their time for it run out. `health` says
    by question who hit the keys, as of some time ago.
    """

    item: Item
    keys: int
    retired: int
    unanimous: list[str]
    disputed: list[str]
    exposures: int
    health: list[KeptHealth]

    @property
    def headline(self) -> KeyHealth | None:
        """The health on the first question that was answered; None before anybody answered."""
        return self.health[0].health if self.health else None


def keyed_items(project: Project, items: Sequence[Item]) -> list[KeyedItem]:
    """Return these items of the project's pool as its list of keyed items shows them, in their order."""
    ids = [item.pk for item in items]
    keys, seen, health = keys_of(project, ids), _exposures(project, ids), kept_health(ids)
    names = [question["name"] for question in project.form.questions] if project.form else []
    return [
        _keyed(
            item,
            keys.get(item.pk, ItemKeys()),
            seen[item.pk],
            [health[item.pk, name] for name in names if (item.pk, name) in health],
        )
        for item in items
    ]


def health_at(lines: Sequence[KeyedItem]) -> datetime | None:
    """Return of when the health is that these items show; None if they show none."""
    return max((each.at for line in lines for each in line.health), default=None)


def _keyed(item: Item, keys: ItemKeys, exposures: int, kept: list[KeptHealth]) -> KeyedItem:
    health = [each for each in kept if len(keys.keys.get(each.question, ())) >= PEOPLE]
    return KeyedItem(
        item=item,
        keys=keys.count,
        retired=len(keys.retired),
        unanimous=sorted(keys.unanimous),
        disputed=sorted(keys.disputed),
        exposures=exposures,
        health=health,
    )


# Each person once, who may have let the time run out and then answered.
_EXPOSURES = """
    SELECT item_id, count(DISTINCT person) FROM (
        SELECT item_id, annotator_id AS person FROM projects_work_annotation WHERE item_id = ANY(%(items)s)
        UNION ALL
        SELECT item_id, holder_id FROM projects_work_slot WHERE item_id = ANY(%(items)s) AND state = 'leased'
        UNION ALL
        SELECT item_id, annotator_id FROM projects_work_lease
        WHERE project_id = %(project)s AND item_id = ANY(%(items)s) AND ended_as IN ('returned', 'expired', 'revoked')
    ) seen GROUP BY item_id
"""


def _exposures(project: Project, ids: Sequence[uuid.UUID]) -> Counter[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_EXPOSURES, {"project": project.pk, "items": list(ids)})
        return Counter(dict(cursor.fetchall()))


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
