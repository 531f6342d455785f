"""Ratings of single responses, as HelpSteer and UltraFeedback have them: one row a response, one column of numbers for
each question that rates responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast

import msgspec
from msgspec import Raw, Struct

from projects.formats.errors import FormatError

from .database_rows import Message, Response, json_text, speaks
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows, counted_steps, offered_by
from .read_back import doubles
from .types import MESSAGES

NAME = "ratings"
TITLE = "Ratings of responses"
DESCRIPTION = (
    "One row a response, with the mean rating of each question. Reward models are trained on it."
)
RULE = (
    "One row for each response that was rated: the mean of its counted ratings, for each question. An item with an "
    "undecided annotation makes no row, unless undecided ones were asked for."
)
TAGS = ("reward-model", "ratings", "rlhf")
LEFT_OUT = {"unjudged": "Items whose annotations rate no response"}
WITH_ANSWERS = False
EXAMPLE = ""
_BEFORE = (
    Column("prompt", MESSAGES, "messages up to the answer"),
    Column("response", MESSAGES, "the answer that was rated, as messages"),
)
_BEHIND = (
    Column("metadata", "string", "one JSON text: where the row comes from and how it was judged"),
)
_TAKEN = frozenset(column.name for column in (*_BEFORE, *_BEHIND))


class _Row(Struct, array_like=True, gc=False):
    """A frozen row and its item, column by column."""

    prompt: list[Message]
    responses: list[Response]
    external_id: str
    metadata: Raw
    index: tuple[int]
    counts: list[int]
    undecided: int


class _About(Struct, gc=False):
    """A row's metadata; `counts` say of each question how many gave which value."""

    external_id: str
    response: int
    model: str | None
    counts: dict[str, dict[int, int]]
    undecided: int
    item_metadata: Raw


_decode = msgspec.json.Decoder(list[_Row]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """Every question that rates responses."""
    return offered_by(NAME, form)


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """A column of numbers for each question, named as it is."""
    titles = {asked.name: asked.title for form in forms for asked in questions(form)}
    rated = (
        Column(column, "float64", f"mean of the counted answers to “{titles[name]}”, null without")
        for name, column in _named(forms).items()
    )
    return (*_BEFORE, *rated, *_BEHIND)


def _named(forms: Sequence[AskedForm]) -> dict[str, str]:
    """The column of each question, by the question's name."""
    names = dict.fromkeys(asked.name for form in forms for asked in questions(form))
    found: dict[str, str] = {}
    for name in names:
        column = name
        while column in _TAKEN or (column != name and column in names):
            column += "_rating"
        found[name] = column
    return found


def reader(forms: Sequence[AskedForm]) -> Reader:
    """Rows with the columns of these forms."""
    # Of each question its column, and the places of its values in a row's counts.
    steps: dict[str, dict[int, int]] = {name: {} for name in _named(forms)}
    for index, (name, value) in enumerate(counted_steps(questions, forms)):
        steps[name][value] = index
    return partial(_read, steps=steps, named=_named(forms))


def _read(
    block: bytes, *, steps: Mapping[str, Mapping[int, int]], named: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [_rated(row, steps, named) for row in _decode(block)]


def _rated(
    row: _Row, steps: Mapping[str, Mapping[int, int]], named: Mapping[str, str]
) -> dict[str, Any]:
    response = row.responses[row.index[0]]
    counts = {
        name: {value: row.counts[at] for value, at in indexes.items()}
        for name, indexes in steps.items()
    }
    about = _About(
        row.external_id,
        row.index[0],
        response.model,
        counts,
        row.undecided,
        doubles(row.metadata),
    )
    means = {named[name]: _mean(found) for name, found in counts.items()}
    return {
        "prompt": row.prompt,
        "response": response.messages,
        **means,
        "metadata": json_text(about),
    }


def _mean(counts: Mapping[int, int]) -> float | None:
    given = sum(counts.values())
    return sum(value * count for value, count in counts.items()) / given if given else None


def check(rows: Rows, before: int) -> None:
    """An empty prompt or response is refused, and a row without any rating."""
    for number, row in enumerate(cast(Sequence[Mapping[str, Any]], rows), before + 1):
        if not (row["prompt"] and speaks(row["response"])):
            raise FormatError("bad_rating", "the prompt or the response is empty", number)
        if all(value is None for value in _numbers(row)):
            raise FormatError("bad_rating", "the response has no rating", number)


def _numbers(row: Mapping[str, Any]) -> Iterator[float | None]:
    return (value for name, value in row.items() if name not in _TAKEN)
