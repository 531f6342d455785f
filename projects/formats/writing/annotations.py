"""Every counted answer as it was given: by whom (a pseudonym), under which guideline and form, in which order shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from .database_rows import Response
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows
from .read_back import doubles
from .types import Type

NAME = "annotations"
TITLE = "Annotations, one by one"
DESCRIPTION = (
    "One row an answer, with its annotator's pseudonym, the order in which the responses were shown, the time it took "
    "and what was decided on it."
)
RULE = (
    "One row for each counted annotation, decided or not: whatever is neither rejected, nor returned to its annotator, "
    "nor set aside."
)
TAGS = ("annotations", "human-feedback", "rlhf")
LEFT_OUT: dict[str, str] = {}
WITH_ANSWERS = True
EXAMPLE = """`shown[p]` is the response at position p, by its place in the item; answers and judgments are about the
item's own order, whatever was shown."""
_JUDGMENTS: Type = [{"unit": "string", "value": "int64"}]
_TEXTS: Type = [{"question": "string", "text": "string"}]
_COLUMNS = (
    Column("external_id", "string", "the item's id, as it was imported"),
    Column("batch", "int64", "the number of the item's batch"),
    Column("models", ["string"], "what wrote each of the item's responses, in the item's order"),
    Column("annotation", "string", "the annotation's id"),
    Column("annotator", "string", "a pseudonym, the same for one person in all the project"),
    Column("guideline_version", "int64", "the guideline version it was given under"),
    Column("form_version", "int64", "the version of the form that was answered"),
    Column("shown", ["int64"], "the responses from the first position on, each by its place"),
    Column("seconds", "float64", "from the lease to the answer"),
    Column("submitted_at", "string", "when, in UTC"),
    Column("state", "string", "`accepted`, or `submitted` while it is undecided"),
    Column("decided_by", "string", "`person` or `clock`; null while it is undecided"),
    Column("judgments", _JUDGMENTS, "the values on the questions' scales, by what they are about"),
    Column("texts", _TEXTS, "what was written, such as the reason"),
    Column("answer", "string", "the whole answer, as one JSON text"),
    Column("metadata", "string", "what was imported with the item, as one JSON text"),
)


class AnnotationRow(Struct, gc=False):
    """One answer, in the columns' order."""

    external_id: str
    batch: int
    models: list[str | None]
    annotation: str
    annotator: str
    guideline_version: int
    form_version: int
    shown: list[int]
    seconds: float
    submitted_at: str
    state: str
    decided_by: str | None
    judgments: list[dict[str, Any]]
    texts: list[dict[str, str]]
    answer: str
    metadata: str


class Answered(Struct, array_like=True, gc=False):
    """An annotation, column by column."""

    id: str
    batch: int
    annotator: str
    guideline_version: int
    form_version: int
    shown: list[int]
    seconds: float
    submitted_at: str
    decided_by: str | None
    units: list[str]
    judged: list[int]
    answer: Raw


class _Row(Struct, array_like=True, gc=False):
    """A frozen row, its item and its one annotation, column by column."""

    prompt: Raw
    responses: list[Response]
    external_id: str
    metadata: Raw
    order: list[int]
    counts: list[int]
    undecided: int
    answers: tuple[Answered]


_decode = msgspec.json.Decoder(list[_Row]).decode
_decode_answer = msgspec.json.Decoder(dict[str, Any]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """All of them."""
    return form.questions


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """The same whatever was asked."""
    return _COLUMNS


def reader(forms: Sequence[AskedForm]) -> Reader:
    """Answers of frozen rows."""
    return read


def read(block: bytes) -> list[AnnotationRow]:
    """The answers in a block of the database's."""
    return [_given(row) for row in _decode(block)]


def _given(row: _Row) -> AnnotationRow:
    (given,) = row.answers
    answer = doubles(given.answer)
    judged = zip(given.units, given.judged, strict=True)
    return AnnotationRow(
        external_id=row.external_id,
        batch=given.batch,
        models=[response.model for response in row.responses],
        annotation=given.id,
        annotator=given.annotator,
        guideline_version=given.guideline_version,
        form_version=given.form_version,
        shown=given.shown,
        seconds=given.seconds,
        submitted_at=given.submitted_at,
        state="submitted" if row.undecided else "accepted",
        decided_by=None if row.undecided else given.decided_by,
        judgments=[{"unit": unit, "value": value} for unit, value in judged],
        texts=_texts(answer),
        answer=bytes(answer).decode(),
        metadata=bytes(doubles(row.metadata)).decode(),
    )


def _texts(answer: Raw) -> list[dict[str, str]]:
    found = _decode_answer(answer)
    return [
        {"question": name, "text": text} for name, text in found.items() if isinstance(text, str)
    ]


def check(rows: Rows, before: int) -> None:
    """Nothing is refused: what was answered is told."""
