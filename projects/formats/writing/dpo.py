"""Preference pairs in the explicit conversational shape, which TRL, OpenRLHF and others read: `prompt`, `chosen` and
`rejected` are lists of messages; `metadata` is one JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import msgspec
from msgspec import Raw, Struct

from projects.formats.errors import FormatError

from .database_rows import Message, Response, json_text, look_alike, speaks
from .protocol import AskedForm, AskedQuestion, Column, Reader, Rows, offered_by
from .read_back import doubles
from .types import MESSAGES

NAME = "dpo"
TITLE = "Preference pairs (DPO)"
DESCRIPTION = "One pair an item: the response that people prefer, and the other. DPO and reward trainers read it."
RULE = (
    "One row an item: the response that more counted annotations prefer than prefer the other, and than prefer "
    "neither. Where a form compares the responses more than once, its first such question counts. An item with an "
    "undecided annotation makes no row, unless undecided ones were asked for."
)
TAGS = ("trl", "preference", "dpo", "rlhf")
LEFT_OUT = {
    "tied": "Items that most annotations call a tie, or both bad",
    "contested": "Items on which two answers lead together",
    "unjudged": "Items whose annotations compare no responses",
}
WITH_ANSWERS = False
EXAMPLE = """and then, with TRL:

```python
from trl import DPOConfig, DPOTrainer

trainer = DPOTrainer(
    model="path/or/name/of/a/model", args=DPOConfig(output_dir="out"), train_dataset=dataset
)
trainer.train()
```"""
_COLUMNS = (
    Column("prompt", MESSAGES, "messages up to the answer"),
    Column("chosen", MESSAGES, "the answer that annotators preferred, as messages"),
    Column("rejected", MESSAGES, "the other answer, as messages"),
    Column("metadata", "string", "one JSON text: where the row comes from and how it was judged"),
)


class Pair(Struct, forbid_unknown_fields=True, gc=False):
    """One preferred and one dispreferred continuation of a prompt."""

    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]
    metadata: str


class _Row(Struct, array_like=True, gc=False):
    """A frozen row and its item, column by column."""

    prompt: list[Message]
    responses: tuple[Response, Response]
    external_id: str
    metadata: Raw
    order: tuple[Literal[0, 1], Literal[0, 1]]
    votes: tuple[int, int, int]
    undecided: int


class _About(Struct, gc=False):
    """A pair's metadata."""

    external_id: str
    chosen_model: str | None
    rejected_model: str | None
    votes_for: int
    votes_against: int
    votes_neither: int
    undecided: int
    item_metadata: Raw


_decode = msgspec.json.Decoder(list[_Row]).decode


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    """The first question that compares the two responses."""
    return offered_by(NAME, form)[:1]


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    """The same whatever was asked."""
    return _COLUMNS


def reader(forms: Sequence[AskedForm]) -> Reader:
    """Pairs of frozen rows."""
    return read


def read(block: bytes) -> list[Pair]:
    """The pairs in a block of the database's."""
    return [_pair(row) for row in _decode(block)]


def _pair(row: _Row) -> Pair:
    first, second = row.order
    chosen, rejected = row.responses[first], row.responses[second]
    votes_for, votes_against, votes_neither = row.votes
    about = _About(
        row.external_id,
        chosen.model,
        rejected.model,
        votes_for,
        votes_against,
        votes_neither,
        row.undecided,
        doubles(row.metadata),
    )
    return Pair(row.prompt, chosen.messages, rejected.messages, json_text(about))


def check(rows: Rows, before: int) -> None:
    """What a trainer would run on in silence and learn nothing from is refused: answers that look the same, an empty
    list of messages, a blank last message."""
    for number, pair in enumerate(cast(Sequence[Pair], rows), before + 1):
        if not (pair.prompt and speaks(pair.chosen) and speaks(pair.rejected)):
            raise FormatError("bad_pair", "the prompt or an answer is empty", number)
        if look_alike(pair.chosen, pair.rejected):
            raise FormatError("bad_pair", "both answers are the same to whoever reads them", number)
