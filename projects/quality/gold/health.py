"""Which keyed items still measure annotators well: how often they were asked, and who hits their keys."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.db import connection

from projects.items.keys.selectors import PEOPLE
from projects.quality.gold.figures import Hits
from projects.stats.change_point import ChangePoint, change_point
from projects.stats.intervals import wilson_interval

GOOD_FROM = 0.7
"""An annotator is good if the interval of their hits on other keyed items lies above this share."""
MISSED_BELOW = 0.5
GOOD_AT_LEAST = 5
MOST_SEEN = 200
MOST_ANSWERS = 200_000
"""A project's health is judged by so many answers, the newest."""
JUMP_EVIDENCE, JUMP_LEAST, JUMP_ANSWERS = 10.0, 0.2, 10


@dataclass(frozen=True, slots=True)
class KeyHealth:
    """How a keyed item does on one question.

    `answers` is how many people answered it, `every` the hits of all of them, `good` those of good annotators. `jump`
    is where the share of hits changed most, if there are answers enough to say.
    """

    answers: int = 0
    every: Hits = field(default_factory=Hits)
    good: Hits = field(default_factory=Hits)
    jump: ChangePoint | None = None

    @property
    def fault(self) -> str:
        """Why the item should measure nobody any more, in a sentence; empty if it is sound."""
        high = self.good.high
        if self.good.judged >= GOOD_AT_LEAST and high is not None and high < MISSED_BELOW:
            return (
                f"Of {self.good.judged} good annotators, {self.good.hits} gave this answer. "
                "The key is probably wrong, or the item cannot be decided."
            )
        if self.jump and self.jump.evidence > JUMP_EVIDENCE and self._rise >= JUMP_LEAST:
            return (
                f"After {self.jump.after} answers the share of hits rose from {self.jump.before:.0%} to "
                f"{self.jump.later:.0%} at once. The answer has probably become known."
            )
        if self.answers > MOST_SEEN:
            return f"{self.answers} people have answered it. Its answer may have become known."
        return ""

    @property
    def _rise(self) -> float:
        return self.jump.later - self.jump.before if self.jump else 0.0


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """Somebody's answer to one question about a keyed item; `restored` is when a key of it was last restored."""

    item: uuid.UUID
    question: str
    enrollment: uuid.UUID
    hit: bool | None
    at: datetime
    restored: datetime | None


# Only keys that count now: whatever was judged by one that is retired says nothing. The newest answers, oldest first.
_ANSWERS = """
    SELECT * FROM (
        SELECT g.item_id, g.question, g.enrollment_id, g.hit, g.submitted_at, k.restored, g.id
        FROM projects_quality_goldanswer g
        JOIN (SELECT item_id, question, max(restored_at) AS restored FROM projects_items_key
              WHERE project_id = %(project)s AND retired_at IS NULL
              GROUP BY item_id, question HAVING count(*) >= %(people)s) k
          ON k.item_id = g.item_id AND k.question = g.question
        WHERE g.project_id = %(project)s ORDER BY g.submitted_at DESC, g.id DESC LIMIT %(most)s) newest
    ORDER BY submitted_at, id
"""
_Key = tuple[uuid.UUID, str]


def health_of(project_id: uuid.UUID) -> dict[_Key, KeyHealth]:
    """Return the health of a project's keyed items that were answered and whose keys count. Workspace plane.

    A person who restores a key overrules the evidence so far: only later answers count for its item.

    Returns: the health by (item, question).
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, {"project": project_id, "people": PEOPLE, "most": MOST_ANSWERS})
        rows = [JudgedAnswer(*row[:-1]) for row in cursor.fetchall()]
    return health_from(rows)


def health_from(rows: Sequence[JudgedAnswer]) -> dict[_Key, KeyHealth]:
    """Return the health that these answers, in order of time, show."""
    groups: dict[_Key, list[JudgedAnswer]] = defaultdict(list)
    for row in rows:
        if row.restored is None or row.at > row.restored:
            groups[row.item, row.question].append(row)
    people = _People(groups)
    return {key: _health(answers, people) for key, answers in groups.items()}


class _People:
    """Each annotator's hits on all keyed items but those that most people miss: these say little about anybody."""

    def __init__(self, groups: dict[_Key, list[JudgedAnswer]]) -> None:
        self._judged: Counter[tuple[uuid.UUID, str]] = Counter()
        self._hits: Counter[tuple[uuid.UUID, str]] = Counter()
        self._left_out = {key for key, answers in groups.items() if _is_missed(answers)}
        for key, answers in groups.items():
            for one in answers:
                if one.hit is not None and key not in self._left_out:
                    self._judged[one.enrollment, one.question] += 1
                    self._hits[one.enrollment, one.question] += one.hit

    def is_good(self, one: JudgedAnswer) -> bool:
        """Whether who gave the answer is good on other items."""
        who = one.enrollment, one.question
        counts = one.hit is not None and (one.item, one.question) not in self._left_out
        judged = self._judged[who] - counts
        return _low(self._hits[who] - (counts and bool(one.hit)), judged) > GOOD_FROM


def _is_missed(answers: Sequence[JudgedAnswer]) -> bool:
    found = _hits(answers)
    return found.high is not None and found.high < MISSED_BELOW


@lru_cache(maxsize=10_000)
def _low(hits: int, judged: int) -> float:
    ends = wilson_interval(hits, judged)
    return ends[0] if ends else 0.0


def _health(answers: Sequence[JudgedAnswer], people: _People) -> KeyHealth:
    judged = [one for one in answers if one.hit is not None]
    return KeyHealth(
        answers=len(answers),
        every=_hits(judged),
        good=_hits([one for one in judged if people.is_good(one)]),
        jump=change_point([float(bool(one.hit)) for one in judged], at_least=JUMP_ANSWERS),
    )


def _hits(answers: Sequence[JudgedAnswer]) -> Hits:
    judged = [one.hit for one in answers if one.hit is not None]
    return Hits(len(judged), sum(judged))
