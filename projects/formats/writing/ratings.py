"""The dataset of ratings of single responses, as in HelpSteer and UltraFeedback.

It has one row for each response and one column of numbers for each question that rates responses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

import msgspec
from msgspec import Raw, Struct

from projects.formats.errors import FormatError

from .database_rows import (
    Adjudicated,
    Message,
    Provenance,
    Response,
    has_visible_end,
    json_text,
)
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows, counted_steps, offered_by
from .read_back import doubles
from .types import MESSAGES

NAME = "ratings"
TITLE = "Ratings of responses"
DESCRIPTION = (
    "One row for each response, with the mean rating of each question. For training reward models."
)
RULE = (
    "One row for each response that was rated, with the mean of its counted ratings for each question. If a reviewer's "
    "final answer rates it, that rating stands in place of the mean, and the question's provenance is `adjudicated`. "
    "The counts are always those of annotations. An item with an undecided annotation makes no row, even with a final "
    "answer, unless the export includes undecided ones."
)
TAGS = ("reward-model", "ratings", "rlhf")
LEFT_OUT = {"unjudged": "Items whose annotations rate no response"}
WITH_ANSWERS = False
EXAMPLE = ""
_BEFORE = (
    Column("prompt", MESSAGES, "the messages before the response"),
    Column("response", MESSAGES, "the response that was rated, as messages"),
)
_AFTER = (
    Column(
        "metadata", "string", "where the row comes from and how it was judged, as one JSON text"
    ),
)
_TAKEN = frozenset(column.name for column in (*_BEFORE, *_AFTER))


class _Row(Struct, array_like=True, gc=False):
    """A frozen row with its item, as `projects/exports/rules/rows.sql` sends it."""

    prompt: list[Message]
    responses: list[Response]
    external_id: str
    metadata: Raw
    index: tuple[int]
    counts: list[int]
    undecided: int
    adjudicated: Adjudicated | None


class _Metadata(Struct, gc=False):
    """The fields of a row's `metadata`.

    By the question's name, `provenance` is whose rating the row has, and `counts` how many annotators gave each value.
    """

    external_id: str
    response: int
    model: str | None
    provenance: dict[str, Provenance]
    counts: dict[str, dict[int, int]]
    undecided: int
    item_metadata: Raw


_decode = msgspec.json.Decoder(list[_Row]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """Every question of the form that rates responses."""
    return offered_by(NAME, form)


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """The columns, with one of numbers for each question, named after it."""
    titles = {asked.name: asked.title for form in forms for asked in questions(form)}
    rated = (
        Column(
            column,
            "float64",
            f"mean of the counted answers to “{titles[name]}”, or the final one; null if none",
        )
        for name, column in _column_names(forms).items()
    )
    return (*_BEFORE, *rated, *_AFTER)


def _column_names(forms: Sequence[AskedForm]) -> dict[str, str]:
    """The name of each question's column, by the question's name. Names that other columns have get a suffix."""
    names = dict.fromkeys(asked.name for form in forms for asked in questions(form))
    found: dict[str, str] = {}
    for name in names:
        column = name
        while column in _TAKEN or (column != name and column in names):
            column += "_rating"
        found[name] = column
    return found


def reader(forms: Sequence[AskedForm]) -> Reader:
    """The function that makes rows of a block, with the columns of these forms."""
    # By the question's name: the place of each of its values in a row's counts.
    steps: dict[str, dict[int, int]] = {name: {} for name in _column_names(forms)}
    for index, (name, value) in enumerate(counted_steps(questions, forms)):
        steps[name][value] = index
    return partial(_read, steps=steps, named=_column_names(forms))


def _read(
    block: bytes, *, steps: Mapping[str, Mapping[int, int]], named: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [_rated(row, steps, named) for row in _decode(block)]


def _rated(
    row: _Row, steps: Mapping[str, Mapping[int, int]], named: Mapping[str, str]
) -> dict[str, Any]:
    response = row.responses[row.index[0]]
    final = _final(row)
    counts = {
        name: {value: row.counts[at] for value, at in indexes.items()}
        for name, indexes in steps.items()
    }
    metadata = _Metadata(
        row.external_id,
        row.index[0],
        response.model,
        {
            name: Provenance.ADJUDICATED if name in final else Provenance.ANNOTATORS
            for name in counts
        },
        counts,
        row.undecided,
        doubles(row.metadata),
    )
    ratings = {named[name]: final.get(name, _mean(found)) for name, found in counts.items()}
    return {
        "prompt": row.prompt,
        "response": response.messages,
        **ratings,
        "metadata": json_text(metadata),
    }


def _final(row: _Row) -> dict[str, float]:
    """The ratings that the item's final answer gives the row's response, by the question's name."""
    if row.adjudicated is None:
        return {}
    judged = zip(row.adjudicated.units, row.adjudicated.judged, strict=True)
    return {
        unit.rpartition("@")[0]: float(value)
        for unit, value in judged
        if unit.endswith(f"@{row.index[0]}")
    }


def _mean(counts: Mapping[int, int]) -> float | None:
    given = sum(counts.values())
    return sum(value * count for value, count in counts.items()) / given if given else None


def check(rows: Rows, before: int) -> None:
    """Refuse a row with an empty prompt or response, or without any rating. Raises FormatError."""
    for number, row in enumerate(cast(Sequence[Mapping[str, Any]], rows), before + 1):
        if not (row["prompt"] and has_visible_end(row["response"])):
            raise FormatError("bad_rating", "the prompt or the response is empty", number)
        if all(value is None for value in _numbers(row)):
            raise FormatError("bad_rating", "the response has no rating", number)


def _numbers(row: Mapping[str, Any]) -> Iterator[float | None]:
    return (value for name, value in row.items() if name not in _TAKEN)
