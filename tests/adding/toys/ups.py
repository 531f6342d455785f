"""A toy dataset: one row an item, with the share of thumbs up of each question."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from projects.formats.errors import FormatError
from projects.formats.writing.protocol import (
    AskedForm,
    AskedQuestion,
    Column,
    Reader,
    Rows,
    counted_steps,
    offered_by,
)

NAME = "ups"
TITLE = "Thumbs up"
DESCRIPTION = "One row an item, with the share of thumbs that are up."
RULE = "One row for each item that three people gave a thumb."
TAGS: tuple[str, ...] = ("thumbs",)
LEFT_OUT = {"rare": "Items with fewer than three answers"}
WITH_ANSWERS = False
EXAMPLE = ""
SQL = Path(__file__).with_suffix(".sql")


def questions(form: AskedForm) -> tuple[AskedQuestion, ...]:
    return offered_by(NAME, form)


def _names(forms: Sequence[AskedForm]) -> list[str]:
    return list(dict.fromkeys(asked.name for form in forms for asked in questions(form)))


def columns(forms: Sequence[AskedForm]) -> tuple[Column, ...]:
    shares = (Column(name, "float64", "the share of thumbs up") for name in _names(forms))
    return (Column("external_id", "string", "the item's id"), *shares)


def reader(forms: Sequence[AskedForm]) -> Reader:
    places = {step: place for place, step in enumerate(counted_steps(questions, forms))}

    def read(block: bytes) -> list[dict[str, Any]]:
        return [_row(places, row) for row in msgspec.json.decode(block)]

    return read


def _row(places: Mapping[tuple[str, int], int], row: list[Any]) -> dict[str, Any]:
    counts = row[5]
    names = dict.fromkeys(name for name, _ in places)
    found = {name: (counts[places[name, 0]], counts[places[name, 1]]) for name in names}
    shares = {name: up / (down + up) for name, (down, up) in found.items()}
    return {"external_id": row[2], **shares}


def check(rows: Rows, before: int) -> None:
    for number, row in enumerate(cast(Sequence[Mapping[str, Any]], rows), before + 1):
        if not row["external_id"]:
            raise FormatError("bad_thumbs", "the item has no id", number)
