"""Who gave which answer: the annotations of a project as arrays, for the figures that tallies cannot give."""

import uuid
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from django.db import connection

from projects.kinds import units as unit_texts
from projects.kinds.protocol import Facet, Scale
from projects.quality import screen
from projects.stats.ratings import Codes, Floats, Ratings, ratings

#: The figures rest on at most this many annotations of a project, the newest. This bounds a run's time and memory.
MOST = 500_000
_AT_ONCE = 5000
# If an answer was revised, the history holds its first version. Rows come in no order; sorting arrays is cheaper.
_ANNOTATIONS = """
    SELECT a.item_id::text, a.enrollment_id::text, a.guideline_version_id::text,
           a.state = 'accepted' AND NOT a.set_aside, a.seconds, extract(epoch FROM a.submitted_at)::float8,
           h.units, h.judged, a.units, a.judged, l.shown
    FROM (SELECT id, item_id, enrollment_id, guideline_version_id, state, set_aside, seconds, submitted_at, units,
                 judged, lease_id
          FROM projects_work_annotation WHERE project_id = %s AND purpose = 'data' ORDER BY id DESC LIMIT %s) a
    JOIN projects_work_lease l ON l.id = a.lease_id
    LEFT JOIN projects_work_annotationhistory h ON h.annotation_id = a.id AND h.number = 1
"""


class _Codes:
    """Gives each new value the next number, from 0 on."""

    def __init__(self) -> None:
        self.names: list[Any] = []
        self._codes: dict[Any, int] = {}

    def of(self, name: Any) -> int:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = len(self.names)
            self.names.append(name)
        return code


@dataclass(slots=True)
class _Columns:
    """Judgments as parallel columns; see Judgments."""

    unit: "array[int]" = field(default_factory=lambda: array("i"))
    annotator: "array[int]" = field(default_factory=lambda: array("i"))
    label: "array[int]" = field(default_factory=lambda: array("i"))
    version: "array[int]" = field(default_factory=lambda: array("i"))
    when: "array[float]" = field(default_factory=lambda: array("d"))
    first: "array[int]" = field(default_factory=lambda: array("b"))


@dataclass(frozen=True, eq=False)
class Judgments:
    """Judgments on one question, oldest first, one number each in all arrays.

    `data` are the judgments as ratings of units; `version` the code of the guideline version and `when` the time in
    seconds since 1970. `chose_first` is 1 if the response shown first is preferred, 0 if another, -1 if none.
    """

    data: Ratings
    version: Codes
    when: Floats
    chose_first: Codes


@dataclass(frozen=True, eq=False)
class Answered:
    """Answers with a first judgment on one question, oldest first, one number each in all arrays.

    Equal `looks` mean that two answers looked the same on the screen, whatever was behind them.
    """

    annotator: Codes
    accepted: Codes
    seconds: Floats
    looks: Codes


@dataclass(frozen=True, eq=False)
class Question:
    """What a project's annotators answered to one question; arrays hold codes, which these lists of ids resolve.

    `units` are (item, unit in text form). `first` are the first judgments, `accepted` those of accepted answers.
    `newest` is how many annotations of the project were read, if these are not all but the newest; else None.
    """

    scale: Scale
    units: list[tuple[str, str]]
    annotators: list[str]
    versions: list[str]
    first: Judgments
    accepted: Judgments
    answered: Answered
    newest: int | None

    @cached_property
    def items(self) -> tuple[list[str], Codes]:
        """The ids of the items, and for each unit the number of its item in them."""
        items = _Codes()
        of_unit = np.array([items.of(item) for item, _ in self.units], dtype=np.int64)
        return items.names, of_unit


def read(project_id: uuid.UUID, scales: Mapping[str, Scale], *, most: int) -> dict[str, Question]:
    """Read the newest `most` annotations of a project in one pass. Workspace plane.

    Returns: by name the questions of `scales` that have an answer.
    """
    builders = {name: _Builder(scale) for name, scale in scales.items()}
    count = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ANNOTATIONS, [project_id, most])
        while rows := cursor.fetchmany(_AT_ONCE):
            _add(builders, rows)
            count += len(rows)
    newest = most if count == most else None
    return {name: one.made(newest) for name, one in builders.items() if one.answer_annotator}


@dataclass(frozen=True, slots=True)
class _Said:
    """What an answer says on one question, without who said it of which item; parallel tuples, and its look."""

    units: tuple[str, ...]
    labels: tuple[int, ...]
    chose_first: tuple[int, ...]
    look: tuple[Any, ...]


def _add(builders: Mapping[str, "_Builder"], rows: Iterable[Sequence[Any]]) -> None:
    # Few answers differ, so each is taken apart once.
    @lru_cache(maxsize=50_000)
    def said_in(
        units: tuple[str, ...], judged: tuple[int, ...], shown: tuple[int, ...]
    ) -> list[tuple[_Builder, _Said]]:
        return [
            (builders[name], builders[name].said(judgments, shown))
            for name, judgments in _by_question(builders, units, judged).items()
        ]

    for item, enrollment, version, accepted, seconds, when, *judged, shown in rows:
        first_units, first_judged, units, now = (tuple(one) if one else () for one in judged)
        said = said_in(units, now, tuple(shown))
        is_revised = judged[0] is not None
        at_first = said_in(first_units, first_judged, tuple(shown)) if is_revised else said
        whose = (item, enrollment, version, when)
        for builder, one in at_first:
            builder.add_judgments(builder.first, whose, one)
            builder.add_answer(enrollment, when, accepted, seconds, one)
        if accepted:
            for builder, one in said:
                builder.add_judgments(builder.accepted, whose, one)


_Judgment = tuple[str, Facet, int]


def _by_question(
    builders: Mapping[str, "_Builder"], units: Sequence[str], judged: Sequence[int]
) -> dict[str, list[_Judgment]]:
    """Group judgments by question. Values that an earlier form allowed and the present scale lacks are left out."""
    found: dict[str, list[_Judgment]] = {}
    for unit, value in zip(units, judged, strict=True):
        name, facet = unit_texts.parsed(unit)
        if name in builders and builders[name].knows(value):
            found.setdefault(name, []).append((unit, facet, value))
    return found


_Whose = tuple[str, str, str, float]


class _Builder:
    """Collects the answers to one question in any order, and makes arrays of them, oldest first."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.units, self.annotators, self.versions, self.looks = (_Codes() for _ in range(4))
        self.first, self.accepted = _Columns(), _Columns()
        self.answer_annotator, self.answer_accepted = array("i"), array("b")
        self.answer_seconds, self.answer_looks = array("d"), array("i")
        self.answer_when = array("d")
        self._index = {category.value: at for at, category in enumerate(scale.categories)}
        self._sides = {category.value: category.side for category in scale.categories}

    def knows(self, value: int) -> bool:
        return value in self._index

    def said(self, judgments: Sequence[_Judgment], shown: Sequence[int]) -> _Said:
        seen = (
            screen.seen(facet, value, self._sides[value], shown) for _, facet, value in judgments
        )
        return _Said(
            units=tuple(unit for unit, _, _ in judgments),
            labels=tuple(self._index[value] for _, _, value in judgments),
            chose_first=tuple(
                self._chose_first(facet, value, shown) for _, facet, value in judgments
            ),
            look=tuple(sorted(seen, key=str)),
        )

    def add_answer(
        self, enrollment: str, when: float, accepted: bool, seconds: float, said: _Said
    ) -> None:
        self.answer_annotator.append(self.annotators.of(enrollment))
        self.answer_when.append(when)
        self.answer_accepted.append(accepted)
        self.answer_seconds.append(seconds)
        self.answer_looks.append(self.looks.of(said.look))

    def add_judgments(self, to: _Columns, whose: _Whose, said: _Said) -> None:
        item, enrollment, version, when = whose
        annotator, version_code = self.annotators.of(enrollment), self.versions.of(version)
        for unit, label, first in zip(said.units, said.labels, said.chose_first, strict=True):
            to.unit.append(self.units.of((item, unit)))
            to.annotator.append(annotator)
            to.label.append(label)
            to.version.append(version_code)
            to.when.append(when)
            to.first.append(first)

    def _chose_first(self, facet: Facet, value: int, shown: Sequence[int]) -> int:
        first = screen.chose_first(facet, self._sides[value], shown)
        return -1 if first is None else int(first)

    def made(self, newest: int | None) -> Question:
        when = np.array(self.answer_when, dtype=np.float64)
        order = np.argsort(when, kind="stable")
        return Question(
            scale=self.scale,
            units=self.units.names,
            annotators=self.annotators.names,
            versions=self.versions.names,
            first=self._judgments(self.first),
            accepted=self._judgments(self.accepted),
            answered=Answered(
                annotator=_codes(self.answer_annotator, order),
                accepted=_codes(self.answer_accepted, order),
                seconds=np.array(self.answer_seconds, dtype=np.float64)[order],
                looks=_codes(self.answer_looks, order),
            ),
            newest=newest,
        )

    def _judgments(self, columns: _Columns) -> Judgments:
        when = np.array(columns.when, dtype=np.float64)
        order = np.argsort(when, kind="stable")
        data = ratings(
            _codes(columns.unit, order),
            _codes(columns.annotator, order),
            _codes(columns.label, order),
            np.arange(len(self.scale.categories)),
        )
        return Judgments(
            data=data,
            version=_codes(columns.version, order),
            when=when[order],
            chose_first=_codes(columns.first, order),
        )


def _codes(column: "array[int]", order: Codes) -> Codes:
    return np.array(column, dtype=np.int64)[order]
