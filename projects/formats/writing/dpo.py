"""The dataset of preference pairs, in the conversational format with an explicit prompt that TRL and OpenRLHF read.

`prompt`, `chosen` and `rejected` are lists of messages; `metadata` is one JSON text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

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
    look_alike,
)
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows, offered_by
from .read_back import doubles
from .types import MESSAGES

NAME = "dpo"
TITLE = "Preference pairs (DPO)"
DESCRIPTION = "One pair for each item: the response that people prefer, and the other. For DPO and reward trainers."
RULE = (
    "One row for each item. A response is chosen if more counted annotations prefer it than prefer the other, and more "
    "than prefer neither; if a reviewer gave the item a final answer, that one decides, and the row's provenance is "
    "`adjudicated`. The votes are always those of annotations. If a form compares the responses more than once, its "
    "first such question counts. An item with an undecided annotation makes no row, even with a final answer, unless "
    "the export includes undecided ones."
)
TAGS = ("trl", "preference", "dpo", "rlhf")
LEFT_OUT = {
    "tied": "Items that most annotations, or the final answer, call a tie or both bad",
    "contested": "Items on which no answer leads alone",
    "unjudged": "Items whose annotations compare no responses",
}
WITH_ANSWERS = False
EXAMPLE = """To train with TRL:

```python
from trl import DPOConfig, DPOTrainer

trainer = DPOTrainer(
    model="path/or/name/of/a/model", args=DPOConfig(output_dir="out"), train_dataset=dataset
)
trainer.train()
```"""
_COLUMNS = (
    Column("prompt", MESSAGES, "the messages before the response"),
    Column("chosen", MESSAGES, "the response that annotators preferred, as messages"),
    Column("rejected", MESSAGES, "the other response, as messages"),
    Column(
        "metadata", "string", "where the row comes from and how it was judged, as one JSON text"
    ),
)


class Pair(Struct, forbid_unknown_fields=True, gc=False):
    """One row: the preferred and the other continuation of a prompt."""

    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]
    metadata: str


class _Row(Struct, array_like=True, gc=False):
    """A frozen row with its item, as `projects/exports/rules/rows.sql` sends it."""

    prompt: list[Message]
    responses: tuple[Response, Response]
    external_id: str
    metadata: Raw
    order: tuple[Literal[0, 1], Literal[0, 1]]
    votes: tuple[int, int, int]
    undecided: int
    adjudicated: Adjudicated | None


class _Metadata(Struct, gc=False):
    """The fields of a pair's `metadata`; `provenance` is whose answer says which response is chosen."""

    external_id: str
    chosen_model: str | None
    rejected_model: str | None
    provenance: Provenance
    votes_for: int
    votes_against: int
    votes_neither: int
    undecided: int
    item_metadata: Raw


_decode = msgspec.json.Decoder(list[_Row]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """The form's first question that compares the two responses; none if there is no such question."""
    return offered_by(NAME, form)[:1]


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """The columns, which are the same for all forms."""
    return _COLUMNS


def reader(forms: Sequence[AskedForm]) -> Reader:
    """The function that makes pairs of a block, the same for all forms."""
    return read


def read(block: bytes) -> list[Pair]:
    """The pairs of a block that the database sent."""
    return [_pair(row) for row in _decode(block)]


def _pair(row: _Row) -> Pair:
    first, second = row.order
    chosen, rejected = row.responses[first], row.responses[second]
    votes_for, votes_against, votes_neither = row.votes
    metadata = _Metadata(
        row.external_id,
        chosen.model,
        rejected.model,
        Provenance.ADJUDICATED if row.adjudicated else Provenance.ANNOTATORS,
        votes_for,
        votes_against,
        votes_neither,
        row.undecided,
        doubles(row.metadata),
    )
    return Pair(row.prompt, chosen.messages, rejected.messages, json_text(metadata))


def check(rows: Rows, before: int) -> None:
    """Refuse pairs that a trainer would silently accept and learn nothing from.

    Raises:
        FormatError: for responses that look the same, an empty prompt, or a response whose last message is blank.
    """
    for number, pair in enumerate(cast(Sequence[Pair], rows), before + 1):
        if not (pair.prompt and has_visible_end(pair.chosen) and has_visible_end(pair.rejected)):
            raise FormatError("bad_pair", "the prompt or a response is empty", number)
        if look_alike(pair.chosen, pair.rejected):
            raise FormatError("bad_pair", "both responses look the same to a reader", number)
