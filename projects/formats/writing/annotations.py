"""The dataset of all counted annotations, each with its annotator's pseudonym, guideline, form and order shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from .database_rows import Adjudicated, Response
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows
from .read_back import doubles
from .types import Type

NAME = "annotations"
TITLE = "Annotations, one by one"
DESCRIPTION = (
    "One row for each answer, with its annotator's pseudonym, the order in which the responses were shown, the time it "
    "took and the decision on it."
)
RULE = (
    "One row for each counted annotation, decided or not. Annotations that were rejected, returned to their annotator "
    "or set aside do not count. A reviewer's final answer to an item is no annotation and makes no row; the rows of "
    "the item say that there is one."
)
TAGS = ("annotations", "human-feedback", "rlhf")
LEFT_OUT: dict[str, str] = {}
WITH_ANSWERS = True
EXAMPLE = """`shown[p]` is the index in the item of the response that was shown at position p. Answers and judgments
refer to responses by their index in the item, whatever the order shown."""
_JUDGMENTS: Type = [{"unit": "string", "value": "int64"}]
_TEXTS: Type = [{"question": "string", "text": "string"}]
_COLUMNS = (
    Column("external_id", "string", "the item's id, as it was imported"),
    Column("batch", "int64", "the number of the item's batch"),
    Column(
        "models",
        ["string"],
        "the model that wrote each of the item's responses, in the item's order",
    ),
    Column("annotation", "string", "the annotation's id"),
    Column("annotator", "string", "a pseudonym, the same for one person in the whole project"),
    Column("guideline_version", "int64", "the guideline version that the annotator worked under"),
    Column("form_version", "int64", "the version of the form that was answered"),
    Column("shown", ["int64"], "the index of the response shown at each position"),
    Column("seconds", "float64", "active time spent on the answer and its revisions, in seconds"),
    Column("submitted_at", "string", "when the answer was submitted, in UTC"),
    Column("state", "string", "`accepted`, or `submitted` while it is undecided"),
    Column("decided_by", "string", "`person` or `clock`; null while it is undecided"),
    Column(
        "judgments", _JUDGMENTS, "each value on a question's scale, with the unit that it is about"
    ),
    Column("texts", _TEXTS, "the texts that the annotator wrote, such as the reason"),
    Column("answer", "string", "the whole answer, as one JSON text"),
    Column("adjudicated", "bool", "whether a reviewer gave a final answer to the item"),
    Column("metadata", "string", "the metadata imported with the item, as one JSON text"),
)


class AnnotationRow(Struct, gc=False):
    """One row; its fields are the columns, in their order."""

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
    adjudicated: bool
    metadata: str


class Answered(Struct, array_like=True, gc=False):
    """An annotation, as `projects/exports/rules/answers.sql` sends it."""

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
    """A frozen row with its item and its one annotation, as `projects/exports/rules/rows.sql` sends it."""

    prompt: Raw
    responses: list[Response]
    external_id: str
    metadata: Raw
    order: list[int]
    counts: list[int]
    undecided: int
    adjudicated: Adjudicated | None
    answers: tuple[Answered]


_decode = msgspec.json.Decoder(list[_Row]).decode
_decode_answer = msgspec.json.Decoder(dict[str, Any]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """All questions of the form."""
    return form.questions


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """The columns, which are the same for all forms."""
    return _COLUMNS


def reader(forms: Sequence[AskedForm]) -> Reader:
    """The function that makes rows of a block, the same for all forms."""
    return read


def read(block: bytes) -> list[AnnotationRow]:
    """The rows of a block that the database sent."""
    return [_annotation_row(row) for row in _decode(block)]


def _annotation_row(row: _Row) -> AnnotationRow:
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
        adjudicated=row.adjudicated is not None,
        metadata=bytes(doubles(row.metadata)).decode(),
    )


def _texts(answer: Raw) -> list[dict[str, str]]:
    found = _decode_answer(answer)
    return [
        {"question": name, "text": text} for name, text in found.items() if isinstance(text, str)
    ]


def check(rows: Rows, before: int) -> None:
    """Refuse nothing: every answer is exported as it was given."""
