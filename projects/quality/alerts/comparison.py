"""Affected answers in words: beside what the others answered, and beside the right answer of a keyed item.

Workspace plane. A page of answers takes two statements, however many it has.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from projects.items.keys.selectors import ItemKeys, keys_of
from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.plan.models import Project
from projects.work.models import Annotation, Purpose
from projects.work.services.annotations import form_questions
from rlhfhub.tenancy.raw import unjson

#: The most characters of a text that are shown.
CHARACTERS = 600

# Few answers to an item differ, so one of each sort is read, and counted how many there are. A keyed item may have the
# answers of hundreds of people.
_OTHERS = """
    WITH sorts AS (
        SELECT mine.id AS mine_id, count(*) AS people, min(a.id::text)::uuid AS example
        FROM unnest(%s::uuid[], %s::uuid[]) AS mine(id, item_id)
        JOIN projects_work_annotation a ON a.item_id = mine.item_id AND a.id <> mine.id
        JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
        WHERE e.pseudonym <> ALL(%s) AND a.state IN ('submitted', 'accepted') AND NOT a.set_aside
        GROUP BY mine.id, a.form_id, a.units, a.judged)
    SELECT s.mine_id, s.people, a.form_id, a.answer
    FROM sorts s JOIN projects_work_annotation a ON a.id = s.example ORDER BY s.people DESC, s.example
"""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer in words, and how many people gave it."""

    words: str
    people: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What an annotator answered to one question, what the others did, and the right answer if it is known.

    `others` is empty for a text, and if nobody else answered. `right` are the right answers in words; people who made
    them may differ. `is_right` is None unless three or more people agree on it.
    """

    question: str
    title: str
    answer: str
    is_text: bool
    others: list[Given]
    right: list[str]
    is_right: bool | None


@dataclass(frozen=True, slots=True)
class ComparedAnswer:
    """An annotation, which was read with its item and lease, question by question."""

    annotation: Annotation
    questions: list[Compared]

    @property
    def is_data(self) -> bool:
        """Whether it is for the project's data."""
        return self.annotation.purpose == Purpose.DATA

    @property
    def is_keyed(self) -> bool:
        """Whether the item has a known right answer."""
        return self.annotation.purpose in _KEYED

    @property
    def judged(self) -> list[Compared]:
        """The questions that are not answered in text."""
        return [one for one in self.questions if not one.is_text]

    @property
    def texts(self) -> list[Compared]:
        """The questions that are answered in text."""
        return [one for one in self.questions if one.is_text]

    @property
    def shared(self) -> list[Compared]:
        """The questions that others have answered too."""
        return [one for one in self.questions if one.others]

    @property
    def keyed(self) -> list[Compared]:
        """The questions whose right answer is known."""
        return [one for one in self.questions if one.right]


_KEYED = {Purpose.GOLD, Purpose.CALIBRATION}


def compared(
    project: Project, rows: Sequence[Annotation], *, besides: Iterable[str]
) -> list[ComparedAnswer]:
    """Compare each answer with those of all other annotators, leaving out the pseudonyms in `besides`.

    The rows were read with their lease, and the project with its form.
    """
    others = _others(rows, [*besides])
    keyed = [row.item_id for row in rows if row.purpose in _KEYED]
    keys = keys_of(project, keyed) if keyed else {}
    return [
        ComparedAnswer(
            annotation=row,
            questions=[
                _question(row, question, others[row.pk], keys.get(row.item_id, ItemKeys()))
                for question in form_questions(row.form_id)
                if row.answer.get(question["name"]) is not None
            ],
        )
        for row in rows
    ]


def _question(
    row: Annotation, question: Question, others: Mapping[str, Counter[str]], keys: ItemKeys
) -> Compared:
    name, mine = question["name"], row.answer[question["name"]]
    known = keys.keys.get(name, [])
    is_right = forms.hit_of(question, mine, known[0].answer) if name in keys.unanimous else None
    responses = len(row.lease.shown)
    return Compared(
        question=name,
        title=question["title"],
        answer=_words(question, mine, responses),
        is_text=forms.asks_text([question]),
        others=[
            Given(words, people) for words, people in others.get(name, Counter()).most_common()
        ],
        right=list(dict.fromkeys(_words(question, key.answer, responses) for key in known)),
        is_right=is_right,
    )


def _words(question: Question, answer: object, responses: int) -> str:
    """Return an answer in words. Responses are named in the order of the item, as on all pages of members."""
    told = forms.titled_summary_of([question], {question["name"]: answer}, range(responses))
    words = told[0][1] if told else ""
    return words if len(words) <= CHARACTERS else f"{words[:CHARACTERS]}…"


def _others(
    rows: Sequence[Annotation], besides: Sequence[str]
) -> Mapping[uuid.UUID, dict[str, Counter[str]]]:
    """Return how many others gave each answer to the item of a row, by row and question; texts are left out."""
    responses = {row.pk: len(row.lease.shown) for row in rows}
    found: dict[uuid.UUID, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [list(responses), [row.item_id for row in rows], list(besides)])
        for row_id, people, form_id, answer in cursor.fetchall():
            stored, questions = unjson(answer), form_questions(form_id)
            judged = forms.scales_of(questions)
            for question in questions:
                name = question["name"]
                if name in judged and stored.get(name) is not None:
                    words = _words(question, stored[name], responses[row_id])
                    found[row_id][name][words] += people
    return found
