"""Recounting the tallies of items: their judgments by question, facet and category."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection

from projects.kinds import form as forms
from projects.kinds.protocol import Scale
from projects.kinds.units import parsed
from projects.review.services.contested import mark_contested
from projects.stats import consensus
from projects.work.services.annotations import form_questions
from rlhfhub.ground import locks

# If an answer was revised, the history holds its first version. Gold, repeats and calibration are not tallied.
_JUDGMENTS = """
    SELECT a.item_id, a.workspace_id, a.project_id, a.batch_id, a.form_id,
           a.state IN ('submitted', 'accepted') AND NOT a.set_aside,
           a.units, a.judged, COALESCE(h.units, a.units), COALESCE(h.judged, a.judged), l.shown
    FROM projects_work_annotation a JOIN projects_work_lease l ON l.id = a.lease_id
    LEFT JOIN projects_work_annotationhistory h ON h.annotation_id = a.id AND h.number = 1
    WHERE a.item_id = ANY(%s::uuid[]) AND a.purpose = 'data'
"""

_KEEP = """
    INSERT INTO projects_quality_tally (id, workspace_id, project_id, batch_id, item_id, question, facets, first,
        counted, answers, counted_answers, lead, votes, margin, decided, chose_first, updated_at)
    SELECT rlhfhub_uuid7(), t.*, clock_timestamp()
    FROM jsonb_to_recordset(%s::jsonb) AS t(workspace_id uuid, project_id uuid, batch_id uuid, item_id uuid,
        question text, facets text[], first smallint[], counted smallint[], answers smallint, counted_answers smallint,
        lead smallint, votes smallint, margin smallint, decided smallint, chose_first smallint)
    ON CONFLICT (item_id, question) DO UPDATE SET facets = EXCLUDED.facets, first = EXCLUDED.first,
        counted = EXCLUDED.counted, answers = EXCLUDED.answers, counted_answers = EXCLUDED.counted_answers,
        lead = EXCLUDED.lead, votes = EXCLUDED.votes, margin = EXCLUDED.margin, decided = EXCLUDED.decided,
        chose_first = EXCLUDED.chose_first, updated_at = EXCLUDED.updated_at
"""


@dataclass(slots=True)
class Count:
    """The count of one item's judgments on one question.

    `first` and `counted` map a unit to the number of judgments in each category. Of the first judgments on pairs,
    `decided` prefer one response, and `chose_first` of those the response that was shown first.
    """

    scale: Scale
    first: dict[str, list[int]] = field(default_factory=dict)
    counted: dict[str, list[int]] = field(default_factory=dict)
    answers: int = 0
    counted_answers: int = 0
    decided: int = 0
    chose_first: int = 0

    def add(
        self, at_first: Mapping[str, int], now: Mapping[str, int] | None, shown: Sequence[int]
    ) -> None:
        """Add one annotation.

        `at_first` are its first judgments by unit; `now` its present ones, None if it is not counted; `shown` the
        stored indices of the responses in the order that its lease showed.
        """
        self._put(self.first, at_first)
        self.answers += 1
        self._count_position(at_first, shown)
        if now is not None:
            self._put(self.counted, now)
            self.counted_answers += 1

    def _count_position(self, judged: Mapping[str, int], shown: Sequence[int]) -> None:
        for unit, value in judged.items():
            _, facet = parsed(unit)
            category = self.scale.category(value)
            if facet.shape == "pair" and category is not None and category.side:
                one, other = (shown.index(int(at)) for at in facet.at)
                self.decided += 1
                self.chose_first += (one < other) == (category.side < 0)

    def _put(self, table: dict[str, list[int]], judged: Mapping[str, int]) -> None:
        values = [category.value for category in self.scale.categories]
        for unit, value in judged.items():
            table.setdefault(unit, [0] * len(values))[values.index(value)] += 1

    def as_row(self) -> dict[str, Any]:
        """Return the counted columns of a Tally by name."""
        facets = sorted({*self.first, *self.counted})
        nothing = [0] * len(self.scale.categories)
        counted = [self.counted.get(facet, nothing) for facet in facets]
        standing = consensus.standing(np.array(counted, dtype=np.int64))
        lead = standing.lead if len(facets) == 1 else None
        return {
            "facets": facets,
            "first": [self.first.get(facet, nothing) for facet in facets],
            "counted": counted,
            "answers": self.answers,
            "counted_answers": self.counted_answers,
            "lead": None if lead is None else self.scale.categories[lead].value,
            "votes": standing.votes,
            "margin": standing.margin,
            "decided": self.decided,
            "chose_first": self.chose_first,
        }


def refresh(*, project_id: uuid.UUID | str, item_ids: Sequence[Any]) -> int:
    """Recount these items of a project. Workspace plane. Returns how many tallies were written."""
    with connection.cursor() as cursor:
        # If two workers recount one item, the second must see all that the first saw. The lock makes it wait before
        # its statement takes a snapshot.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, %s))",
            [str(project_id), locks.VOTES_OF_A_PROJECT],
        )
        cursor.execute(_JUDGMENTS, [list(item_ids)])
        rows = _counted(cursor.fetchall())
        if rows:
            cursor.execute(_KEEP, [json.dumps(rows, default=str)])
            mark_contested(contests=_contests(rows))
    return len(rows)


def _contests(rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, int]:
    """Return how much the counted answers to each item differ, in percent, on the question on which they differ most.

    It is 0 if all judgments are alike or there are fewer than two, and 100 if two values have the most.
    """
    found: dict[uuid.UUID, int] = {}
    for row in rows:
        votes, margin = row["votes"], row["margin"]
        contest = round(100 * (1 - margin / votes)) if votes > 1 else 0
        found[row["item_id"]] = max(contest, found.get(row["item_id"], 0))
    return found


def _counted(annotations: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    counts: dict[tuple[Any, str], Count] = {}
    owners: dict[Any, tuple[Any, ...]] = {}
    for (
        item,
        workspace,
        project,
        batch,
        form,
        counts_now,
        units,
        judged,
        first,
        first_judged,
        shown,
    ) in annotations:
        owners[item] = (workspace, project, batch)
        at_first, now = _by_question(first, first_judged), _by_question(units, judged)
        for question in {**at_first, **now}:
            count = counts.setdefault((item, question), Count(_scales(form)[question]))
            count.add(at_first.get(question, {}), now.get(question) if counts_now else None, shown)
    return [
        {
            "workspace_id": owners[item][0],
            "project_id": owners[item][1],
            "batch_id": owners[item][2],
            "item_id": item,
            "question": question,
            **count.as_row(),
        }
        for (item, question), count in counts.items()
    ]


def _by_question(units: Sequence[str], judged: Sequence[int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for unit, value in zip(units, judged, strict=True):
        found.setdefault(parsed(unit)[0], {})[unit] = value
    return found


def _scales(form_id: uuid.UUID) -> dict[str, Scale]:
    return forms.scales_of(form_questions(form_id))
